// The models of a tokenizer.json, one entry a kind.

import JSON5
import ModelFiles
import Tokenization

/// Readers of models.
enum ModelReaders {
  /// A model and the vocabulary that its object holds.
  private typealias Reader = @Sendable (Component) throws -> any SubwordModel

  private static let all: [String: Reader] = ["WordPiece": wordPiece, "BPE": bytePairs, "Unigram": unigram]

  /// The model of an object.
  ///
  /// - Parameter isByteLevel: whether words come as bytes.
  /// - Throws: `ModelFileError`; `VocabularyError`.
  static func model(_ component: Component, isByteLevel: Bool) throws -> any SubwordModel {
    // The oldest files do not name the type of a model.
    let isNamed = component["type"] != nil
    let model = try isNamed ? component.choose(all)(component) : unnamed(component)
    if model is BytePairModel != isByteLevel {
      throw component.error(
        "type",
        isByteLevel
          ? "is not BPE, and the pre_tokenizer is ByteLevel; only BPE is supported behind it"
          : "is BPE, and the last pre_tokenizer is not ByteLevel; BPE is supported behind that one only")
    }
    return model
  }

  private static func unnamed(_ component: Component) throws -> any SubwordModel {
    if component["merges"] != nil { return try bytePairs(component) }
    if component["vocab"]?.elements != nil { return try unigram(component) }
    if component["continuing_subword_prefix"] != nil { return try wordPiece(component) }
    return try component.choose(all)(component)
  }

  @Sendable
  private static func wordPiece(_ component: Component) throws -> any SubwordModel {
    try component.allow(["unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"])
    try component.require("continuing_subword_prefix", ["##"])
    return try WordPieceModel(
      vocabulary: vocabulary(component["vocab"], component.file, "\(component.key).vocab"),
      tokenCount: component["vocab"]?.members?.count,
      unknownName: try component.text("unk_token") ?? "[UNK]",
      longestWord: try component.number("max_input_chars_per_word") ?? 100, source: component.file.path)
  }

  @Sendable
  private static func bytePairs(_ component: Component) throws -> any SubwordModel {
    try component.allow([
      "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
      "ignore_merges", "vocab", "merges",
    ])
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] { try component.require(name, [""]) }
    for name in ["byte_fallback", "ignore_merges"] where try component.flag(name, default: false) {
      throw component.error(name, "is true; only false is supported")
    }
    if let dropout = component["dropout"], dropout.doubleValue != 0 {
      throw component.error("dropout", "is \(dropout.summary); only null is supported")
    }
    let vocabulary = try vocabulary(component["vocab"], component.file, "\(component.key).vocab")
    guard let nodes = component["merges"]?.elements else {
      throw component.error("merges", "is \(component["merges"]?.summary ?? "missing"); a list is allowed")
    }
    let merges = try nodes.enumerated().map { index, node in
      let parts = node.elements?.compactMap(\.stringValue) ?? node.stringValue.map { Self.parts(of: $0) } ?? []
      guard parts.count == 2 else {
        throw component.error("merges[\(index)]", "is \(node.summary); two tokens are allowed")
      }
      return (parts[0], parts[1])
    }
    let unknownName = try component.text("unk_token")
    let unknown = try unknownName.map { name in
      guard let index = vocabulary.firstIndex(of: name) else {
        throw component.error("unk_token", "is \(JSONWriter.quoted(name)), which the vocabulary lacks")
      }
      return Int32(index)
    }
    return try BytePairModel(
      vocabulary: vocabulary, merges: merges, unknown: unknown,
      fusesUnknown: try component.flag("fuse_unk", default: false), source: component.file.path)
  }

  /// The two tokens of a merge that is written as a text.
  private static func parts(of merge: String) -> [String] {
    merge.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  }

  @Sendable
  private static func unigram(_ component: Component) throws -> any SubwordModel {
    try component.allow(["unk_id", "vocab", "byte_fallback"])
    guard let nodes = component["vocab"]?.elements else {
      throw component.error(
        "vocab", "is \(component["vocab"]?.summary ?? "missing"); a list of tokens and scores is allowed")
    }
    guard let unknown = try component.number("unk_id").flatMap({ Int32(exactly: $0) }) else {
      throw component.error("unk_id", "is missing; a tokenizer with unigrams needs an unknown token")
    }
    var vocabulary: [String] = []
    var scores: [Double] = []
    vocabulary.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() {
      guard let pair = node.elements, pair.count == 2, let text = pair[0].stringValue, let score = pair[1].doubleValue,
        score.isFinite
      else {
        throw component.error("vocab[\(index)]", "is \(node.summary); a token and its score are allowed")
      }
      vocabulary.append(text)
      scores.append(score)
    }
    return try UnigramModel(
      vocabulary: vocabulary, scores: scores, unknown: unknown,
      fallsBack: try component.flag("byte_fallback", default: false), source: component.file.path)
  }

  /// The tokens of an object of numbers by tokens, in the order of the numbers; unused numbers are empty.
  ///
  /// - Throws: `ModelFileError` for anything else, and where most numbers are unused.
  static func vocabulary(_ node: JSONNode?, _ file: ConfigurationFile, _ key: String) throws -> [String] {
    guard let members = node?.members, !members.isEmpty else {
      throw file.error(key, "is \(node?.summary ?? "missing"); an object of numbers by tokens is allowed")
    }
    let numbers = try members.map { member in
      guard let number = member.value.intValue, number >= 0, number < Int(Int32.max) else {
        throw file.error(key, "gives \(JSONWriter.quoted(member.key)) the number \(member.value.summary)")
      }
      return number
    }
    let count = (numbers.max() ?? 0) + 1
    guard count <= 2 * members.count + 1000 else {
      throw file.error(key, "has \(members.count) tokens with numbers up to \(count - 1); most numbers are not used")
    }
    var vocabulary = [String](repeating: "", count: count)
    for (number, member) in zip(numbers, members) {
      guard vocabulary[number].isEmpty else {
        throw file.error(key, "gives the number \(number) twice")
      }
      vocabulary[number] = member.key
    }
    return vocabulary
  }
}
