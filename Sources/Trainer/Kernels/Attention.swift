// Scaled dot-product attention per sequence and head (Vaswani et al. 2017) on strided views of packed rows: nothing is
// padded or copied. Queries may be every token, or chosen tokens of each sequence alone.

import Architectures
import Arithmetics
import CAttention

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
  package var queryOffsets: UnsafePointer<Int>? { chosen?.offsets }
  /// The tokens that are queries; nil where every token is one.
  package let chosen: ChosenTokens?
  /// The keys that a query attends to.
  package let mask: AttentionMask

  /// The sizes of the attention of packed tokens.
  package init(
    _ tokens: PackedTokens, headCount: Int, headSize: Int, chosen: ChosenTokens? = nil, mask: AttentionMask = .all
  ) {
    offsets = tokens.offsets
    sequenceCount = tokens.sequenceCount
    self.headCount = headCount
    self.headSize = headSize
    self.chosen = chosen
    self.mask = mask
  }

  /// The position in its sequence of a query of that sequence.
  @inline(__always)
  func position(of query: Int, in sequence: Sequence) -> Int {
    guard let chosen else { return query }
    return chosen.tokens[sequence.firstQuery &+ query] &- sequence.firstToken
  }

  /// Floats that hold every probability: for each sequence and head (queries, length) at `scoreStride(length)`.
  package var probabilityCount: Int {
    var count = 0
    forEachSequence { count = $0.firstProbability &+ headCount &* $0.headProbabilities }
    return count
  }

  /// Floats of the heads that are worked on at a time, of the sequence where they are most.
  package var scratchCount: Int {
    var count = 0
    forEachSequence {
      count = max(count, cattention_group($0.queryCount, headCount) &* $0.headProbabilities)
    }
    return count
  }

  /// One sequence's tokens, its queries among the query rows, and where its probabilities begin.
  struct Sequence {
    let index: Int
    let firstToken: Int
    let length: Int
    let firstQuery: Int
    let queryCount: Int
    let firstProbability: Int
    var tokens: Range<Int> { firstToken..<firstToken &+ length }
    var queries: Range<Int> { firstQuery..<firstQuery &+ queryCount }
    var headProbabilities: Int { queryCount &* scoreStride(length) }

    /// A head's scores, (queries, length), in a buffer of `headProbabilities` floats.
    func scores(at start: UnsafeMutablePointer<Float>) -> Rows {
      Rows(start, count: queryCount, columns: length, stride: scoreStride(length))
    }
  }

  /// A head's columns of queries, keys, values and contexts.
  @inline(__always)
  func columns(of head: Int) -> Range<Int> { head &* headSize..<(head &+ 1) &* headSize }

  /// Runs `body` for every sequence, several at a time; `thread` tells apart those that run at the same time.
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
        index: index, firstToken: firstToken, length: length, firstQuery: firstQuery,
        queryCount: queryOffsets.map { $0[index &+ 1] &- firstQuery } ?? length, firstProbability: firstProbability)
      body(sequence)
      firstProbability &+= headCount &* sequence.headProbabilities
    }
  }
}

/// Queries, keys and values, or their gradients, which may be columns of wider rows.
package struct AttentionOperands {
  /// (queries, heads * head size).
  package let query: Rows
  /// (tokens, heads * head size).
  package let key: Rows
  /// (tokens, heads * head size).
  package let value: Rows

  /// The views.
  package init(query: Rows, key: Rows, value: Rows) {
    self.query = query
    self.key = key
    self.value = value
  }

  /// One head's columns of one sequence's rows.
  @inline(__always)
  func head(_ columns: Range<Int>, of sequence: AttentionShape.Sequence) -> AttentionOperands {
    AttentionOperands(
      query: query[rows: sequence.queries][columns: columns], key: key[rows: sequence.tokens][columns: columns],
      value: value[rows: sequence.tokens][columns: columns])
  }
}

/// What an attention keeps for its backward pass, and its memory for one head at a time.
package struct AttentionBuffers {
  /// (probabilityCount): for each sequence and head (queries, length) of the softmax before dropout.
  package let probabilities: UnsafeMutablePointer<Float>
  /// (threads, scratchCount).
  package let scratch: UnsafeMutablePointer<Float>
  /// (threads, scratchCount): the backward pass's probabilities after dropout.
  package let droppedScratch: UnsafeMutablePointer<Float>

  /// The three buffers.
  package init(
    probabilities: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    droppedScratch: UnsafeMutablePointer<Float>
  ) {
    self.probabilities = probabilities
    self.scratch = scratch
    self.droppedScratch = droppedScratch
  }
}

/// context = dropout(softmax(query key^T / sqrt(head size) + bias)) value over the keys that the mask leaves: (queries,
/// heads * head size).
package func attentionForward(
  _ shape: AttentionShape, _ operands: AttentionOperands, _ buffers: AttentionBuffers, bias: AttentionBias? = nil,
  dropout: DropoutMask?, into context: Rows, by products: Products = Products()
) {
  let scratchSize = shape.scratchCount
  shape.forEachSequence(on: products.team) { sequence, thread in
    let scratch = buffers.scratch + thread &* scratchSize
    switch products.arithmetic {
    case .openblas:
      shape.forward(
        sequence, operands, probabilities: buffers.probabilities, bias: bias, dropout: dropout, into: context,
        scratch: scratch)
    case .portable:
      shape.forwardPortably(
        sequence, operands, probabilities: buffers.probabilities, bias: bias, dropout: dropout, into: context,
        scratch: scratch)
    }
  }
}

extension AttentionShape {
  /// `attentionForward` of one sequence, by products of OpenBLAS for each head.
  fileprivate func forward(
    _ sequence: Sequence, _ operands: AttentionOperands, probabilities: UnsafeMutablePointer<Float>,
    bias: AttentionBias?, dropout: DropoutMask?, into context: Rows, scratch: UnsafeMutablePointer<Float>
  ) {
    let scale = 1 / Float(headSize).squareRoot()
    let dropped = sequence.scores(at: scratch)
    for head in 0..<headCount {
      let columns = columns(of: head)
      let firstMark = sequence.firstProbability &+ head &* sequence.headProbabilities
      let scores = sequence.scores(at: probabilities + firstMark)
      let operands = operands.head(columns, of: sequence)
      multiply(operands.query, by: operands.key, .transposed, into: scores, alpha: scale)
      sequence.adjust(scores, head: head, self, bias)
      softmaxForward(scores, dropout: dropout, firstMark: firstMark, dropped: dropped)
      multiply(
        dropout == nil ? scores : dropped, by: operands.value,
        into: context[rows: sequence.queries][columns: columns])
    }
  }
}

/// The gradient of `attentionForward`: from that of the context, (queries, heads * head size), overwrites those of
/// queries, keys and values, and adds to the bias's if given.
package func attentionBackward(
  _ shape: AttentionShape, _ operands: AttentionOperands, _ buffers: AttentionBuffers, dropout: DropoutMask?,
  contextGradient: Rows, into gradients: AttentionOperands, biasGradient: AttentionBias,
  by products: Products = Products()
) {
  // Sequences run at the same time, so each adds to a table of its own; those are added first to last.
  let (count, columns) = (biasGradient.table.count, biasGradient.table.columns)
  withUnsafeTemporaryAllocation(of: Float.self, capacity: shape.sequenceCount &* count &* columns) { partial in
    partial.initialize(repeating: 0)
    guard let start = partial.baseAddress else { return }
    let tables = Rows(start, count: shape.sequenceCount &* count, columns: columns)
    attentionBackward(
      shape, operands, buffers, dropout: dropout, contextGradient: contextGradient, into: gradients,
      biasGradients: tables, by: products)
    for row in 0..<tables.count { add(tables[row], to: biasGradient.table[row % count], count: columns) }
  }
}

/// The same without a bias.
package func attentionBackward(
  _ shape: AttentionShape, _ operands: AttentionOperands, _ buffers: AttentionBuffers, dropout: DropoutMask?,
  contextGradient: Rows, into gradients: AttentionOperands, by products: Products = Products()
) {
  attentionBackward(
    shape, operands, buffers, dropout: dropout, contextGradient: contextGradient, into: gradients,
    biasGradients: nil, by: products)
}

/// The same with a table of bias gradients for every sequence, (sequences * heads, distances), if there are any.
private func attentionBackward(
  _ shape: AttentionShape, _ operands: AttentionOperands, _ buffers: AttentionBuffers, dropout: DropoutMask?,
  contextGradient: Rows, into gradients: AttentionOperands, biasGradients: Rows?, by products: Products
) {
  let scratchSize = shape.scratchCount
  shape.forEachSequence(on: products.team) { sequence, thread in
    let table = sequence.index &* shape.headCount..<(sequence.index &+ 1) &* shape.headCount
    let biasGradient = biasGradients.map { AttentionBias($0[rows: table]) }
    let (scratch, droppedScratch) = (
      buffers.scratch + thread &* scratchSize, buffers.droppedScratch + thread &* scratchSize
    )
    switch products.arithmetic {
    case .openblas:
      shape.backward(
        sequence, operands, probabilities: buffers.probabilities, dropout: dropout, contextGradient: contextGradient,
        into: gradients, biasGradient: biasGradient, scratch: scratch, droppedScratch: droppedScratch)
    case .portable:
      shape.backwardPortably(
        sequence, operands, probabilities: buffers.probabilities, dropout: dropout, contextGradient: contextGradient,
        into: gradients, biasGradient: biasGradient, scratch: scratch, droppedScratch: droppedScratch)
    }
  }
}

extension AttentionShape {
  /// `attentionBackward` of one sequence, by products of OpenBLAS for each head.
  fileprivate func backward(
    _ sequence: Sequence, _ operands: AttentionOperands, probabilities: UnsafeMutablePointer<Float>,
    dropout: DropoutMask?, contextGradient: Rows, into gradients: AttentionOperands, biasGradient: AttentionBias?,
    scratch: UnsafeMutablePointer<Float>, droppedScratch: UnsafeMutablePointer<Float>
  ) {
    let scale = 1 / Float(headSize).squareRoot()
    let (scoreGradient, dropped) = (sequence.scores(at: scratch), sequence.scores(at: droppedScratch))
    for head in 0..<headCount {
      let columns = columns(of: head)
      let firstMark = sequence.firstProbability &+ head &* sequence.headProbabilities
      let shares = sequence.scores(at: probabilities + firstMark)
      let context = contextGradient[rows: sequence.queries][columns: columns]
      let (operands, gradients) = (operands.head(columns, of: sequence), gradients.head(columns, of: sequence))
      multiply(context, by: operands.value, .transposed, into: scoreGradient)
      softmaxBackward(
        scoreGradient, probabilities: shares, dropout: dropout, firstMark: firstMark, dropped: dropped)
      multiply(dropout == nil ? shares : dropped, .transposed, by: context, into: gradients.value)
      if let biasGradient { sequence.addBiasGradient(scoreGradient, head: head, self, to: biasGradient) }
      multiply(scoreGradient, by: operands.key, into: gradients.query, alpha: scale)
      multiply(scoreGradient, .transposed, by: operands.query, into: gradients.key, alpha: scale)
    }
  }
}
