// Embedding tables: rows gathered forward, gradients scattered backward in token order, so sums have one order.

/// The word, position and token type tables, or their gradients, each (entries, columns).
package struct EmbeddingTables {
  /// Word embeddings.
  package let words: UnsafeMutablePointer<Float>
  /// Position embeddings.
  package let positions: UnsafeMutablePointer<Float>
  /// Token type embeddings.
  package let types: UnsafeMutablePointer<Float>

  /// The three tables.
  package init(
    words: UnsafeMutablePointer<Float>, positions: UnsafeMutablePointer<Float>, types: UnsafeMutablePointer<Float>
  ) {
    self.words = words
    self.positions = positions
    self.types = types
  }
}

/// The tokens of a packed batch, as buffers of the caller.
package struct PackedTokens {
  /// Word table rows, (tokens).
  package let words: UnsafePointer<Int32>
  /// Type table rows, (tokens).
  package let types: UnsafePointer<Int32>
  /// Where each sequence begins, and at the end the number of tokens: (sequences + 1).
  package let offsets: UnsafePointer<Int>
  /// Sequences.
  package let sequenceCount: Int

  /// The buffers; the caller has checked that every index lies in its table.
  package init(
    words: UnsafePointer<Int32>, types: UnsafePointer<Int32>, offsets: UnsafePointer<Int>, sequenceCount: Int
  ) {
    self.words = words
    self.types = types
    self.offsets = offsets
    self.sequenceCount = sequenceCount
  }

  /// Tokens of all sequences.
  package var tokenCount: Int { offsets[sequenceCount] }
}

/// output = words + types + positions of each token: (tokens, columns). Positions count from 0 in every sequence.
package func embeddingForward(
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
package func embeddingBackward(
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
package struct ChosenTokens {
  /// The tokens' places in the batch, ascending, (count).
  package let tokens: UnsafePointer<Int>
  /// Where each sequence's begin among them, and at the end their number: (sequences + 1).
  package let offsets: UnsafePointer<Int>
  /// Chosen tokens.
  package let count: Int

  /// The buffers; the caller has checked that they agree with the batch.
  package init(tokens: UnsafePointer<Int>, offsets: UnsafePointer<Int>, count: Int) {
    self.tokens = tokens
    self.offsets = offsets
    self.count = count
  }
}

/// output = the rows of chosen tokens: (tokens, columns) to (chosen, columns).
package func gatherRows(
  _ values: UnsafePointer<Float>, of chosen: ChosenTokens, output: UnsafeMutablePointer<Float>, columns: Int
) {
  for row in 0..<chosen.count {
    (output + row &* columns).update(from: values + chosen.tokens[row] &* columns, count: columns)
  }
}

/// The gradient of `gatherRows`: adds (chosen, columns) to the chosen rows of (tokens, columns).
package func scatterRows(
  _ gradient: UnsafePointer<Float>, of chosen: ChosenTokens, inputGradient: UnsafeMutablePointer<Float>, columns: Int
) {
  for row in 0..<chosen.count {
    add(gradient + row &* columns, to: inputGradient + chosen.tokens[row] &* columns, count: columns)
  }
}
