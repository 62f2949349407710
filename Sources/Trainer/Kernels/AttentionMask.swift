// Which tokens a query attends to, and what is added to its scores by distance. Both change a head's scores between the
// product of queries and keys and the softmax.

import Architectures

extension AttentionMask {
  /// The keys of a query at a position of a sequence of `length` tokens; its own is always among them.
  @inline(__always)
  func keys(of position: Int, length: Int) -> Range<Int> {
    switch self {
    case .all: 0..<length
    case .causal: 0..<position &+ 1
    case .local(let reach): max(0, position &- reach)..<min(length, position &+ reach &+ 1)
    }
  }
}

/// What is added to the scores of a query and a key by their distance, a number a head and distance (Raffel et al. 2020),
/// or the gradients of it.
package struct AttentionBias {
  /// (heads, 2 reach + 1): of a key `reach` tokens or more before the query first, of one `reach` or more behind it last.
  package let table: Rows

  /// A table; its columns must be odd in number.
  package init(_ table: Rows) {
    precondition(table.columns % 2 == 1, "a bias of \(table.columns) distances has no middle")
    self.table = table
  }

  /// The column of the distance from a query to a key.
  @inline(__always)
  func column(query: Int, key: Int) -> Int {
    let reach = table.columns / 2
    return min(max(key &- query, -reach), reach) &+ reach
  }
}

extension AttentionShape.Sequence {
  /// Adds a head's bias to its scores, (queries, length), and takes away those that the mask excludes.
  @inline(__always)
  func adjust(_ scores: Rows, head: Int, _ shape: AttentionShape, _ bias: AttentionBias?) {
    guard bias != nil || shape.mask != .all else { return }
    for query in 0..<queryCount {
      let (row, position) = (scores[query], shape.position(of: query, in: self))
      if let bias {
        let values = bias.table[head]
        for key in 0..<length { row[key] += values[bias.column(query: position, key: key)] }
      }
      let keys = shape.mask.keys(of: position, length: length)
      for key in 0..<keys.lowerBound { row[key] = -.infinity }
      for key in keys.upperBound..<length { row[key] = -.infinity }
    }
  }

  /// Adds the gradient of a head's scores, (queries, length), which is zero where the mask excludes, to the bias's.
  @inline(__always)
  func addBiasGradient(_ scoreGradient: Rows, head: Int, _ shape: AttentionShape, to bias: AttentionBias) {
    let sums = bias.table[head]
    for query in 0..<queryCount {
      let (row, position) = (scoreGradient[query], shape.position(of: query, in: self))
      for key in 0..<length { sums[bias.column(query: position, key: key)] += row[key] }
    }
  }
}
