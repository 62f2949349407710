// A text or a pair of texts as an encoder reads it. No padding and no attention mask: a batch is packed.

/// The token identifiers of a text or a pair with what stands around it (`Frame`), and their type identifiers.
package struct Encoding: Equatable, Sendable {
  /// The tokens' positions in the vocabulary, special tokens included.
  package var tokenIdentifiers: [Int32]
  /// Which text of a pair each token belongs to where the encoder tells them apart, one a token.
  package var typeIdentifiers: [Int32]
  /// The tokens that were cut off.
  package var cutCount = 0

  /// An encoding from its two lists, which must be of one length.
  package init(tokenIdentifiers: [Int32], typeIdentifiers: [Int32]) {
    precondition(tokenIdentifiers.count == typeIdentifiers.count, "every token needs a type")
    self.tokenIdentifiers = tokenIdentifiers
    self.typeIdentifiers = typeIdentifiers
  }
}
