// What every tokenizer offers: text in, token identifiers out, with the special tokens that an encoder expects. Which
// tokenizer a model folder has is decided where folders are read (`FolderTokenizers`).

import Digests

/// Why a vocabulary cannot be used.
package struct VocabularyError: Error, CustomStringConvertible, Equatable, Sendable {
  /// What was wrong, where, what was found and what is allowed.
  package let description: String

  package init(description: String) { self.description = description }
}

/// A tokenizer, equal to Hugging Face's of its kind.
package protocol Tokenizer: Sendable {
  /// The tokens; a token's identifier is its position.
  var vocabulary: [String] { get }
  /// The tokens that stand for no text.
  var special: SpecialTokens { get }
  /// The token that stands for text which the vocabulary lacks; nil where it lacks none.
  var unknown: Int32? { get }
  /// What decides encodings beside the vocabulary.
  var rules: String { get }
  /// Bytes that the vocabulary and what is built from it take, about.
  var byteCount: Int { get }
  /// What stands around a text, and around a pair.
  var frame: Frame { get }

  /// The encoding of a text, or of a pair of texts, cut to at most `maximumLength` tokens with the special ones, for which
  /// `maximumLength` must leave room.
  func encode(_ text: String, pair: String?, maximumLength: Int) -> Encoding
}

extension Tokenizer {
  /// Tokens of the vocabulary.
  package var vocabularySize: Int { vocabulary.count }

  /// What the vocabulary calls the token that stands for text which it lacks.
  package var unknownName: String? { unknown.map { vocabulary[Int($0)] } }

  /// A digest of vocabulary and rules: two tokenizers with the same one encode every text alike.
  package var fingerprint: String { SHA256.hex(of: "\(rules)\n" + vocabulary.joined(separator: "\n")) }

  /// The encoding of a text, cut to at most `maximumLength` tokens with the special ones.
  package func encode(_ text: String, maximumLength: Int) -> Encoding {
    encode(text, pair: nil, maximumLength: maximumLength)
  }
}

extension [String] {
  /// The identifiers of the tokens of a vocabulary by their bytes, as Swift takes texts for equal that are other tokens; of equal
  /// ones the last counts, and an empty text is none.
  package var identifiersOfTokens: [[UInt8]: Int32] {
    var identifiers: [[UInt8]: Int32] = [:]
    identifiers.reserveCapacity(count)
    for (index, token) in enumerated() where !token.isEmpty { identifiers[[UInt8](token.utf8)] = Int32(index) }
    return identifiers
  }
}

/// The identifiers of the tokens that stand for no text.
package struct SpecialTokens: Equatable, Sendable {
  /// What the token that masked words become is called.
  package let maskName: String
  /// That token; nil where the vocabulary lacks it.
  package let mask: Int32?
  /// All of them, that one included.
  package let identifiers: Set<Int32>

  /// The special tokens of a vocabulary.
  package init(maskName: String, mask: Int32?, identifiers: Set<Int32>) {
    self.maskName = maskName
    self.mask = mask
    self.identifiers = identifiers
  }
}
