// A text or a pair of texts as a BERT encoder reads it. No padding and no attention mask: a batch is packed.

/// The token identifiers of `[CLS] text [SEP]` or `[CLS] text [SEP] pair [SEP]` with their type identifiers.
package struct Encoding: Equatable, Sendable {
  /// The tokens' positions in the vocabulary, special tokens included.
  package var tokenIdentifiers: [Int32]
  /// 0 up to and including the first `[SEP]`, 1 after it, one a token.
  package var typeIdentifiers: [Int32]

  /// An encoding from its two lists, which must be of one length.
  package init(tokenIdentifiers: [Int32], typeIdentifiers: [Int32]) {
    precondition(tokenIdentifiers.count == typeIdentifiers.count, "every token needs a type")
    self.tokenIdentifiers = tokenIdentifiers
    self.typeIdentifiers = typeIdentifiers
  }
}
