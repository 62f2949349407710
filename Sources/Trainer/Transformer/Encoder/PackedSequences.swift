// A batch without padding: the sequences' tokens one after another, and where each begins. Nothing here tokenizes.

/// A batch of token sequences laid end to end.
package struct PackedSequences: Sendable {
  /// Vocabulary indices, (tokens).
  package let tokenIdentifiers: [Int32]
  /// Token types (0 first text, 1 second), (tokens).
  package let typeIdentifiers: [Int32]
  /// Where each sequence begins, and at the end the number of tokens: (sequences + 1), strictly increasing from 0.
  package let offsets: [Int]

  /// A batch; the three arrays must agree, and no sequence may be empty.
  package init(tokenIdentifiers: [Int32], typeIdentifiers: [Int32], offsets: [Int]) {
    precondition(
      typeIdentifiers.count == tokenIdentifiers.count,
      "\(tokenIdentifiers.count) token identifiers but \(typeIdentifiers.count) type identifiers")
    precondition(
      offsets.first == 0 && offsets.last == tokenIdentifiers.count,
      "offsets must run from 0 to the \(tokenIdentifiers.count) tokens, not from \(offsets.first ?? -1) to \(offsets.last ?? -1)"
    )
    for (start, end) in zip(offsets, offsets.dropFirst()) {
      precondition(start < end, "a sequence that begins at token \(start) and ends at \(end) holds nothing")
    }
    self.tokenIdentifiers = tokenIdentifiers
    self.typeIdentifiers = typeIdentifiers
    self.offsets = offsets
  }

  /// The last token of each sequence that is not `padding`, or its first where all are: as Hugging Face's heads find it, which
  /// know padding by its identifier alone.
  func lastTokens(but padding: Int32?) -> [Int] {
    zip(offsets, offsets.dropFirst()).map { start, end in
      guard let padding else { return end - 1 }
      return (start..<end).last { tokenIdentifiers[$0] != padding } ?? start
    }
  }

  package var sequenceCount: Int { offsets.count - 1 }
  package var tokenCount: Int { tokenIdentifiers.count }
}
