// What makes tokens of a word. Each kind is one file: `WordPieceModel`, `BytePairModel`, `UnigramModel`; where the files of a
// model folder are read, one line names it (`FolderTokenizers`).

/// A vocabulary and the rule that cuts words into its tokens.
package protocol SubwordModel: Sendable {
  /// What people call the kind of model, such as "WordPiece".
  var name: String { get }
  /// The tokens; a token's identifier is its position. An empty text is no token.
  var vocabulary: [String] { get }
  /// The tokens, unused numbers apart: added tokens that are none of them begin with this number.
  var tokenCount: Int { get }
  /// The token that stands for text which the vocabulary lacks; nil where there is none.
  var unknown: Int32? { get }
  /// What decides tokens beside the vocabulary.
  var rules: String { get }
  /// Bytes that the model takes beside the vocabulary, about.
  var byteCount: Int { get }
  /// Whether it takes longer to make a word's tokens than to look them up among those of earlier words.
  var isSlow: Bool { get }

  /// Appends the tokens of a word.
  func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32])
}

extension SubwordModel {
  package var isSlow: Bool { true }
  package var tokenCount: Int { vocabulary.count }
}
