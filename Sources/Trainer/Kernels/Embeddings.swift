// Embedding tables: rows gathered forward, gradients scattered backward in token order, so sums have one order.

/// The word, position and token type tables, or their gradients.
package struct EmbeddingTables {
  /// (words, hidden).
  package let words: Rows
  /// (positions, hidden), from the one that a sequence's first token has.
  package let positions: Rows
  /// (types, hidden); nil where tokens have no types.
  package let types: Rows?

  /// The three tables.
  package init(words: Rows, positions: Rows, types: Rows?) {
    self.words = words
    self.positions = positions
    self.types = types
  }
}

/// The tokens of a packed batch, as buffers of the caller.
package struct PackedTokens {
  /// Indices of rows of the word table, (tokens).
  package let words: UnsafePointer<Int32>
  /// Indices of rows of the type table, (tokens).
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

/// output = words + types, if there are any, + positions of each token: (tokens, hidden). Positions count from 0 in every sequence.
package func embeddingForward(_ tokens: PackedTokens, tables: EmbeddingTables, into output: Rows) {
  let columns = output.columns
  for sequence in 0..<tokens.sequenceCount {
    let start = tokens.offsets[sequence]
    for token in start..<tokens.offsets[sequence &+ 1] {
      let word = tables.words[Int(tokens.words[token])]
      let position = tables.positions[token &- start]
      let row = output[token]
      if let type = tables.types?[Int(tokens.types[token])] {
        forEachGroup(of: columns) { index, lanes in
          let sum = word.lanes(index, lanes) + type.lanes(index, lanes) + position.lanes(index, lanes)
          row.store(sum, index, lanes)
        }
      } else {
        forEachGroup(of: columns) { index, lanes in
          row.store(word.lanes(index, lanes) + position.lanes(index, lanes), index, lanes)
        }
      }
    }
  }
}

/// The gradient of `embeddingForward`: adds each token's row of `gradient`, (tokens, hidden), to its rows of the tables'
/// gradients.
package func embeddingBackward(_ tokens: PackedTokens, gradient: Rows, tableGradients: EmbeddingTables) {
  let columns = gradient.columns
  for sequence in 0..<tokens.sequenceCount {
    let start = tokens.offsets[sequence]
    for token in start..<tokens.offsets[sequence &+ 1] {
      let row = gradient[token]
      add(row, to: tableGradients.words[Int(tokens.words[token])], count: columns)
      if let types = tableGradients.types { add(row, to: types[Int(tokens.types[token])], count: columns) }
      add(row, to: tableGradients.positions[token &- start], count: columns)
    }
  }
}

/// Chosen tokens of a packed batch, sequence by sequence, as buffers of the caller.
package struct ChosenTokens {
  /// The tokens' indices in the batch, ascending, (count).
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
package func gatherForward(_ values: Rows, of chosen: ChosenTokens, into output: Rows) {
  for row in 0..<chosen.count { output[row].update(from: values[chosen.tokens[row]], count: output.columns) }
}

/// The gradient of `gatherForward`: adds (chosen, columns) to the chosen rows of (tokens, columns).
package func gatherBackward(_ gradient: Rows, of chosen: ChosenTokens, into inputGradient: Rows) {
  for row in 0..<chosen.count {
    add(gradient[row], to: inputGradient[chosen.tokens[row]], count: gradient.columns)
  }
}
