// Embedding tables: rows gathered forward, gradients scattered backward in token order, so sums have one order.

/// The word, position and token type tables, or their gradients, each (entries, columns).
public struct EmbeddingTables {
  /// Word embeddings.
  public let words: UnsafeMutablePointer<Float>
  /// Position embeddings.
  public let positions: UnsafeMutablePointer<Float>
  /// Token type embeddings.
  public let types: UnsafeMutablePointer<Float>

  /// The three tables.
  public init(
    words: UnsafeMutablePointer<Float>, positions: UnsafeMutablePointer<Float>, types: UnsafeMutablePointer<Float>
  ) {
    self.words = words
    self.positions = positions
    self.types = types
  }
}

/// The tokens of a packed batch, as buffers of the caller.
public struct PackedTokens {
  /// Word table rows, (tokens).
  public let words: UnsafePointer<Int32>
  /// Type table rows, (tokens).
  public let types: UnsafePointer<Int32>
  /// Where each sequence begins, and at the end the number of tokens: (sequences + 1).
  public let offsets: UnsafePointer<Int>
  /// Sequences.
  public let sequenceCount: Int

  /// The buffers; the caller has checked that every index lies in its table.
  public init(
    words: UnsafePointer<Int32>, types: UnsafePointer<Int32>, offsets: UnsafePointer<Int>, sequenceCount: Int
  ) {
    self.words = words
    self.types = types
    self.offsets = offsets
    self.sequenceCount = sequenceCount
  }

  /// Tokens of all sequences.
  public var tokenCount: Int { offsets[sequenceCount] }
}

/// output = words + types + positions of each token: (tokens, columns). Positions count from 0 in every sequence.
public func embeddingForward(
  _ tokens: PackedTokens, tables: EmbeddingTables, output: UnsafeMutablePointer<Float>, columns: Int
) {
  for sequence in 0..<tokens.sequenceCount {
    let start = tokens.offsets[sequence]
    for token in start..<tokens.offsets[sequence &+ 1] {
      let word = tables.words + Int(tokens.words[token]) &* columns
      let type = tables.types + Int(tokens.types[token]) &* columns
      let position = tables.positions + (token &- start) &* columns
      let row = output + token &* columns
      forEachGroup(of: columns) { index, lanes in
        let sum = word.lanes(index, lanes) + type.lanes(index, lanes) + position.lanes(index, lanes)
        row.store(sum, index, lanes)
      }
    }
  }
}

/// The gradient of `embeddingForward`: adds each token's row of `gradient`, (tokens, columns), to its three rows of the
/// tables' gradients.
public func embeddingBackward(
  _ tokens: PackedTokens, gradient: UnsafePointer<Float>, tableGradients: EmbeddingTables, columns: Int
) {
  for sequence in 0..<tokens.sequenceCount {
    let start = tokens.offsets[sequence]
    for token in start..<tokens.offsets[sequence &+ 1] {
      let row = gradient + token &* columns
      add(row, to: tableGradients.words + Int(tokens.words[token]) &* columns, count: columns)
      add(row, to: tableGradients.types + Int(tokens.types[token]) &* columns, count: columns)
      add(row, to: tableGradients.positions + (token &- start) &* columns, count: columns)
    }
  }
}

/// Chosen tokens of a packed batch, sequence by sequence, as buffers of the caller.
public struct ChosenTokens {
  /// The tokens' places in the batch, ascending, (count).
  public let tokens: UnsafePointer<Int>
  /// Where each sequence's begin among them, and at the end their number: (sequences + 1).
  public let offsets: UnsafePointer<Int>
  /// Chosen tokens.
  public let count: Int

  /// The buffers; the caller has checked that they agree with the batch.
  public init(tokens: UnsafePointer<Int>, offsets: UnsafePointer<Int>, count: Int) {
    self.tokens = tokens
    self.offsets = offsets
    self.count = count
  }
}

/// output = the rows of chosen tokens: (tokens, columns) to (chosen, columns).
public func gatherRows(
  _ values: UnsafePointer<Float>, of chosen: ChosenTokens, output: UnsafeMutablePointer<Float>, columns: Int
) {
  for row in 0..<chosen.count {
    (output + row &* columns).update(from: values + chosen.tokens[row] &* columns, count: columns)
  }
}

/// The gradient of `gatherRows`: adds (chosen, columns) to the chosen rows of (tokens, columns).
public func scatterRows(
  _ gradient: UnsafePointer<Float>, of chosen: ChosenTokens, inputGradient: UnsafeMutablePointer<Float>, columns: Int
) {
  for row in 0..<chosen.count {
    add(gradient + row &* columns, to: inputGradient + chosen.tokens[row] &* columns, count: columns)
  }
}
