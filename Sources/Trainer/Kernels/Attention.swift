// Scaled dot-product attention per sequence and head (Vaswani et al. 2017) on strided views of packed rows: nothing is
// padded or copied. Queries may be every token, or chosen tokens of each sequence alone.

/// The sizes of one attention, shared by its forward and backward pass.
package struct AttentionShape {
  /// Where each sequence begins, and at the end the number of tokens: (sequences + 1).
  package let offsets: UnsafePointer<Int>
  /// Sequences.
  package let sequenceCount: Int
  /// Heads.
  package let headCount: Int
  /// Columns of a head.
  package let headSize: Int
  /// Where each sequence begins among the query and context rows, and at the end their number: (sequences + 1). Nil
  /// where every token is a query.
  package let queryOffsets: UnsafePointer<Int>?

  /// The sizes.
  package init(
    offsets: UnsafePointer<Int>, sequenceCount: Int, headCount: Int, headSize: Int, queryOffsets: UnsafePointer<Int>?
  ) {
    self.offsets = offsets
    self.sequenceCount = sequenceCount
    self.headCount = headCount
    self.headSize = headSize
    self.queryOffsets = queryOffsets
  }

  /// Floats that hold every probability: for each sequence and head (queries, length) at `scoreStride(length)`.
  package var probabilityCount: Int {
    var count = 0
    forEachSequence { count = $0.firstProbability &+ headCount &* $0.headProbabilities }
    return count
  }

  /// Floats of one head of the longest sequence.
  package var largestHeadCount: Int {
    var count = 0
    forEachSequence { count = max(count, $0.headProbabilities) }
    return count
  }

  /// One sequence's rows and probabilities.
  struct Sequence {
    let firstToken: Int
    let length: Int
    let firstQuery: Int
    let queryCount: Int
    let firstProbability: Int
    var stride: Int { scoreStride(length) }
    var headProbabilities: Int { queryCount &* stride }
  }

  /// Runs `body` for every sequence, several at a time; the threads tell apart those.
  func forEachSequence(on team: ThreadTeam, _ body: (_ sequence: Sequence, _ thread: Int) -> Void) {
    var sequences: [Sequence] = []
    sequences.reserveCapacity(sequenceCount)
    forEachSequence { sequences.append($0) }
    sequences.withUnsafeBufferPointer { sequences in
      team.run(sequences.count) { index, thread in body(sequences[index], thread) }
    }
  }

  @inline(__always)
  func forEachSequence(_ body: (Sequence) -> Void) {
    var firstProbability = 0
    for index in 0..<sequenceCount {
      let firstToken = offsets[index]
      let length = offsets[index &+ 1] &- firstToken
      let firstQuery = queryOffsets?[index] ?? firstToken
      let sequence = Sequence(
        firstToken: firstToken, length: length, firstQuery: firstQuery,
        queryCount: queryOffsets.map { $0[index &+ 1] &- firstQuery } ?? length, firstProbability: firstProbability)
      body(sequence)
      firstProbability &+= headCount &* sequence.headProbabilities
    }
  }
}

/// Queries, keys and values (or their gradients) as columns of wider rows.
package struct AttentionOperands {
  /// Query rows, headCount * headSize wide.
  package let query: UnsafeMutablePointer<Float>
  /// Floats from one query row to the next.
  package let queryStride: Int
  /// Key rows, (tokens).
  package let key: UnsafeMutablePointer<Float>
  /// Value rows, (tokens).
  package let value: UnsafeMutablePointer<Float>
  /// Floats from one key or value row to the next.
  package let keyStride: Int

  /// The views.
  package init(
    query: UnsafeMutablePointer<Float>, queryStride: Int, key: UnsafeMutablePointer<Float>,
    value: UnsafeMutablePointer<Float>, keyStride: Int
  ) {
    self.query = query
    self.queryStride = queryStride
    self.key = key
    self.value = value
    self.keyStride = keyStride
  }
}

/// context = dropout(softmax(query key^T / sqrt(head size))) value, (queries, heads * head size). `probabilities`,
/// (probabilityCount), keeps the softmax before dropout for the backward pass; `scratch` is (threads, largestHeadCount).
package func attentionForward(
  _ shape: AttentionShape, _ operands: AttentionOperands, dropout: DropoutMask?,
  probabilities: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
  context: UnsafeMutablePointer<Float>, on team: ThreadTeam = .alone
) {
  let size = shape.headSize
  let width = shape.headCount &* size
  let scale = 1 / Float(size).squareRoot()
  let scratchSize = shape.largestHeadCount
  shape.forEachSequence(on: team) { sequence, thread in
    let scratch = scratch + thread &* scratchSize
    for head in 0..<shape.headCount {
      let firstMark = sequence.firstProbability &+ head &* sequence.headProbabilities
      let scores = probabilities + firstMark
      let query = operands.query + (sequence.firstQuery &* operands.queryStride &+ head &* size)
      let firstKey = sequence.firstToken &* operands.keyStride &+ head &* size
      multiply(
        query, stride: operands.queryStride, by: operands.key + firstKey, .transposed, stride: operands.keyStride,
        into: scores, stride: sequence.stride, m: sequence.queryCount, n: sequence.length, k: size, alpha: scale)
      softmaxForward(
        scores, dropout: dropout, firstMark: firstMark, dropped: scratch, rows: sequence.queryCount,
        length: sequence.length)
      multiply(
        dropout == nil ? scores : scratch, stride: sequence.stride, by: operands.value + firstKey,
        stride: operands.keyStride, into: context + (sequence.firstQuery &* width &+ head &* size), stride: width,
        m: sequence.queryCount, n: size, k: sequence.length)
    }
  }
}

/// The gradient of `attentionForward`: from that of the context, (queries, heads * head size), overwrites those of
/// queries, keys and values. `scratch` and `droppedScratch` are (threads, largestHeadCount) each.
package func attentionBackward(
  _ shape: AttentionShape, _ operands: AttentionOperands, dropout: DropoutMask?,
  probabilities: UnsafePointer<Float>, contextGradient: UnsafePointer<Float>, gradients: AttentionOperands,
  scratch: UnsafeMutablePointer<Float>, droppedScratch: UnsafeMutablePointer<Float>, on team: ThreadTeam = .alone
) {
  let size = shape.headSize
  let width = shape.headCount &* size
  let scale = 1 / Float(size).squareRoot()
  let scratchSize = shape.largestHeadCount
  shape.forEachSequence(on: team) { sequence, thread in
    let scratch = scratch + thread &* scratchSize
    let droppedScratch = droppedScratch + thread &* scratchSize
    let (length, queryCount, stride) = (sequence.length, sequence.queryCount, sequence.stride)
    for head in 0..<shape.headCount {
      let firstMark = sequence.firstProbability &+ head &* sequence.headProbabilities
      let shares = probabilities + firstMark
      let context = contextGradient + (sequence.firstQuery &* width &+ head &* size)
      let firstQuery = sequence.firstQuery &* operands.queryStride &+ head &* size
      let firstKey = sequence.firstToken &* operands.keyStride &+ head &* size
      if let dropout { applyMask(dropout, firstMark, shares, droppedScratch, count: queryCount &* stride) }
      multiply(
        dropout == nil ? shares : UnsafePointer(droppedScratch), .transposed, stride: stride, by: context,
        stride: width, into: gradients.value + firstKey, stride: gradients.keyStride, m: length, n: size, k: queryCount)
      multiply(
        context, stride: width, by: operands.value + firstKey, .transposed, stride: operands.keyStride, into: scratch,
        stride: stride, m: queryCount, n: length, k: size)
      softmaxBackward(
        scratch, probabilities: shares, dropout: dropout, firstMark: firstMark, rows: queryCount, length: length)
      multiply(
        scratch, stride: stride, by: operands.key + firstKey, stride: operands.keyStride,
        into: gradients.query + firstQuery, stride: gradients.queryStride, m: queryCount, n: size, k: length,
        alpha: scale)
      multiply(
        scratch, .transposed, stride: stride, by: operands.query + firstQuery, stride: operands.queryStride,
        into: gradients.key + firstKey, stride: gradients.keyStride, m: length, n: size, k: queryCount, alpha: scale)
    }
  }
}
