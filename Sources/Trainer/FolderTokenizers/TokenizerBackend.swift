// What a tokenizer is made of before the folder's settings add their tokens: read from a tokenizer.json (`BackendFile`) or from
// the files that stand in its place (`OlderFiles`).

import JSON5
import ModelFiles
import Tokenization

/// The parts that a file of a tokenizer, or several, describe.
struct TokenizerBackend {
  /// Where numbers of tokens are looked up by their texts.
  typealias Lookup = (String) throws -> Int32

  var normalizer: [any NormalizationStep]
  var splitters: [any Splitter]
  var model: any SubwordModel
  /// What stands around texts, once added tokens have their numbers.
  var frame: (Lookup) throws -> Frame
  /// Tokens that are added, in order.
  var added: [NamedToken] = []
  /// Whether texts lose tokens at their beginning where nothing else says so.
  var cutsBeginnings = false
}

/// A token that a file names, before it has its identifier.
struct NamedToken {
  var token: AddedToken
  /// The identifier that the file gives; nil where it gives none.
  var given: Int?
  var file: ConfigurationFile
  var key: String
  /// Whether it says what may stand beside it, rather than its text alone.
  var saysFlags = false

  func error(_ reason: String) -> ModelFileError { file.error(key, reason) }

  /// A token as Transformers writes it; `normalized` is true where the object does not say, unless the token is special.
  init(_ node: JSONNode, _ file: ConfigurationFile, _ key: String, given: Int?) throws {
    guard let content = node["content"]?.stringValue else {
      throw file.error(key, "has \(node.summary); an object with content and flags is allowed")
    }
    let isSpecial = node["special"]?.booleanValue ?? false
    func flag(_ name: String) -> Bool? { node[name]?.booleanValue }
    var token = AddedToken(
      content, identifier: 0, isSingleWord: flag("single_word") ?? false,
      isNormalized: flag("normalized") ?? !isSpecial,
      isSpecial: isSpecial)
    token.takesSpaceBefore = flag("lstrip") ?? false
    token.takesSpaceAfter = flag("rstrip") ?? false
    self.init(token, given: given, file, key)
    saysFlags = true
  }

  init(_ token: AddedToken, given: Int? = nil, _ file: ConfigurationFile, _ key: String) {
    self.token = token
    self.given = given
    self.file = file
    self.key = key
  }
}
