// tokenizer.json, the file of the tokenizers library, in the parts that the families read here use; anything else is refused by
// name. A new normalizer, splitter or post-processor is an entry of a table.

import Foundation
import JSON5
import ModelFiles
import Tokenization

/// A tokenizer.json.
struct BackendFile {
  let file: ConfigurationFile

  /// Its parts.
  ///
  /// - Parameter changes: what the folder's settings say about BERT's normalizer and about a space before texts.
  /// - Throws: `ModelFileError` naming the component; `VocabularyError`.
  func backend(_ changes: BackendChanges) throws -> TokenizerBackend {
    let known = [
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
      "model",
    ]
    if let other = file.members.first(where: { $0.value.content != .null && !known.contains($0.key) }) {
      throw file.error(other.key, "is not a key of a tokenizer.json that this program knows")
    }
    func component(_ key: String) throws -> Component? { try file[key].map { try Component($0, at: key, of: file) } }
    guard let model = try component("model") else {
      throw file.error("model", "is missing; a tokenizer.json holds a model with its vocabulary")
    }
    let added = try (file["added_tokens"]?.elements ?? []).enumerated().map {
      try NamedToken($1, file, "added_tokens[\($0)]", given: $1["id"]?.intValue)
    }
    try checkNormalizer(changes, normalizesTokens: added.contains { $0.token.isNormalized })
    let steps = try component("normalizer").map { try Self.steps($0, changes) } ?? []
    let splitters = try component("pre_tokenizer").map { try Self.splitters($0, changes) } ?? []
    let post = try component("post_processor").map { try $0.choose(Self.frames)($0) } ?? .empty
    try checkSizes(steps, splitters, post)
    return TokenizerBackend(
      normalizer: steps, splitters: splitters,
      model: try ModelReaders.model(model, isByteLevel: splitters.last is ByteLevelSplitter), frame: { _ in post },
      added: added, cutsBeginnings: file["truncation"]?["direction"]?.stringValue == "Left")
  }

  /// Refuses tokens that were normalized in another way than Transformers then normalizes texts.
  private func checkNormalizer(_ changes: BackendChanges, normalizesTokens: Bool) throws {
    guard normalizesTokens, let wanted = changes.normalization?.lowercases,
      let flag = file["normalizer"]?["lowercase"]?.booleanValue, flag != wanted
    else { return }
    throw file.error("normalizer.lowercase", "is \(flag), and do_lower_case of tokenizer_config.json is \(wanted)")
  }

  /// Refuses what no real tokenizer has: files whose texts would grow without measure.
  private func checkSizes(_ steps: [any NormalizationStep], _ splitters: [any Splitter], _ frame: Frame) throws {
    let growth = steps.reduce(1.0) { $0 * ((($1 as? Replacement)?.growth ?? 1)) }
    guard steps.count <= 32, growth <= 64, steps.count(where: { $0 is CharacterMap }) <= 1 else {
      throw file.error(
        "normalizer", "has \(steps.count) steps that make a text \(growth) times as long; at most 64 is supported")
    }
    guard splitters.count <= 8 else {
      throw file.error("pre_tokenizer", "has \(splitters.count) steps; at most 8 are supported")
    }
    let count = frame.tokenCount(isPair: true) + frame.tokenCount(isPair: false)
    guard count <= 16 else {
      throw file.error("post_processor", "puts \(count) tokens around texts and pairs; at most 16 are supported")
    }
  }

  // MARK: - Normalizers

  private static func steps(_ component: Component, _ changes: BackendChanges) throws -> [any NormalizationStep] {
    if let bert = changes.normalization, try component.text("type") == "BertNormalizer" {
      try component.allow(bertKeys)
      var changed = bert
      changed.cleans = try component.flag("clean_text", default: true)
      return changed.steps
    }
    return try steps(component)
  }

  private static func steps(_ component: Component) throws -> [any NormalizationStep] {
    try component.choose(normalizers)(component)
  }

  private static let bertKeys = ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"]

  private static let normalizers: [String: @Sendable (Component) throws -> [any NormalizationStep]] = [
    "Sequence": { component in
      try component.allow(["normalizers"])
      return try component.components("normalizers").flatMap(steps)
    },
    "BertNormalizer": { component in
      try component.allow(bertKeys)
      let lowercases = try component.flag("lowercase", default: true)
      var normalization = BERTNormalization(
        lowercases: lowercases, stripsAccents: try component.flag("strip_accents", default: lowercases))
      normalization.cleans = try component.flag("clean_text", default: true)
      normalization.spacesIdeographs = try component.flag("handle_chinese_chars", default: true)
      return normalization.steps
    },
    "Lowercase": { component in
      try component.allow([])
      return [Lowercase()]
    },
    "StripAccents": { component in
      try component.allow([])
      return [AccentStrip()]
    },
    "Strip": { component in
      try component.allow(["strip_left", "strip_right"])
      return [
        SpaceStrip(
          left: try component.flag("strip_left", default: true), right: try component.flag("strip_right", default: true)
        )
      ]
    },
    "Replace": replacement,
    "Precompiled": { component in
      try component.allow(["precompiled_charsmap"])
      guard let text = try component.text("precompiled_charsmap") else { return [] }
      guard let bytes = Data(base64Encoded: text) else {
        throw component.error("precompiled_charsmap", "is not in base 64")
      }
      return [try CharacterMap([UInt8](bytes), source: component.file.path)]
    },
    "NFC": form, "NFD": form, "NFKC": form, "NFKD": form,
  ]

  @Sendable
  private static func form(_ component: Component) throws -> [any NormalizationStep] {
    try component.allow([])
    return [try component.text("type").flatMap(UnicodeForm.init)].compactMap(\.self)
  }

  @Sendable
  private static func replacement(_ component: Component) throws -> [any NormalizationStep] {
    try component.allow(["pattern", "content"])
    let content = try component.text("content") ?? ""
    guard let pattern = try component.component("pattern") else {
      throw component.error("pattern", "is missing")
    }
    if let text = try pattern.text("String"), !text.isEmpty { return [Replacement(text, by: content)] }
    guard let expression = try pattern.text("Regex"), expression == " {2,}" else {
      throw component.error(
        "pattern",
        "is \(pattern["Regex"]?.summary ?? pattern.node.summary); a String or the Regex \" {2,}\" is supported")
    }
    return [SpaceCollapse(to: content)]
  }

  // MARK: - Splitters

  private static func splitters(_ component: Component, _ changes: BackendChanges) throws -> [any Splitter] {
    if try component.text("type") == "ByteLevel" { return [try byteLevel(component, prepends: changes.prependsSpace)] }
    return try splitters(component)
  }

  private static func splitters(_ component: Component) throws -> [any Splitter] {
    try component.choose(splitters)(component)
  }

  private static let splitters: [String: @Sendable (Component) throws -> [any Splitter]] = [
    "Sequence": { component in
      try component.allow(["pretokenizers"])
      return try component.components("pretokenizers").flatMap { try splitters($0) }
    },
    "BertPreTokenizer": { component in
      try component.allow([])
      return [BERTSplitter()]
    },
    "WhitespaceSplit": { component in
      try component.allow([])
      return [BlankSplitter()]
    },
    "ByteLevel": { [try byteLevel($0, prepends: try $0.flag("add_prefix_space", default: true))] },
    "Metaspace": metaspace,
  ]

  private static func byteLevel(_ component: Component, prepends: Bool) throws -> ByteLevelSplitter {
    try component.allow(["add_prefix_space", "trim_offsets", "use_regex"])
    return ByteLevelSplitter(prepends: prepends, splits: try component.flag("use_regex", default: true))
  }

  @Sendable
  private static func metaspace(_ component: Component) throws -> [any Splitter] {
    try component.allow(["replacement", "add_prefix_space", "str_rep", "prepend_scheme", "split"])
    try component.require("prepend_scheme", ["always", "never"])
    let scheme = try component.text("prepend_scheme")
    let prepends = try component.flag("add_prefix_space", default: scheme != "never") && scheme != "never"
    let sign = Array((try component.text("replacement") ?? "\u{2581}").unicodeScalars)
    guard sign.count == 1 else { throw component.error("replacement", "has \(sign.count) letters; one is allowed") }
    return [
      MetaspaceSplitter(sign: sign[0], prepends: prepends, splits: try component.flag("split", default: true))
    ]
  }

  // MARK: - Post-processors

  private static let frames: [String: @Sendable (Component) throws -> Frame] = [
    "BertProcessing": { component in
      try component.allow(["sep", "cls"])
      return .bert(classification: try token(component, "cls"), separator: try token(component, "sep"))
    },
    "RobertaProcessing": { component in
      try component.allow(["sep", "cls", "trim_offsets", "add_prefix_space"])
      return .roberta(classification: try token(component, "cls"), separator: try token(component, "sep"))
    },
    "ByteLevel": { component in
      try component.allow(["add_prefix_space", "trim_offsets", "use_regex"])
      return .empty
    },
    "TemplateProcessing": TemplateReader.frame,
    "Sequence": { component in
      try component.allow(["processors"])
      // Byte-level ones only move offsets.
      let others = try component.components("processors").filter { try $0.text("type") != "ByteLevel" }
      guard others.count <= 1 else {
        throw component.error("processors", "has \(others.count) that add tokens; one is supported")
      }
      return try others.first.map { try $0.choose(frames)($0) } ?? .empty
    },
  ]

  /// The number in a pair of a token's text and its number.
  private static func token(_ component: Component, _ name: String) throws -> Int32 {
    guard let pair = component[name]?.elements, pair.count == 2, let number = pair[1].intValue,
      let identifier = Int32(exactly: number), identifier >= 0
    else {
      throw component.error(name, "is \(component[name]?.summary ?? "missing"); a token and its number are allowed")
    }
    return identifier
  }
}

/// What a folder's settings change about its tokenizer.json, as Transformers does it.
struct BackendChanges {
  /// The stages of BERT's normalizer; nil where the settings leave them alone.
  var normalization: BERTNormalization?
  /// Whether byte-level texts begin with a space.
  var prependsSpace: Bool
}

/// The templates of what stands around texts.
private enum TemplateReader {
  @Sendable
  static func frame(_ component: Component) throws -> Frame {
    try component.allow(["single", "pair", "special_tokens"])
    var identifiers: [String: [Int32]] = [:]
    for member in component["special_tokens"]?.members ?? [] {
      let numbers = member.value["ids"]?.elements?.map { $0.intValue.flatMap { Int32(exactly: $0) } ?? -1 } ?? []
      guard numbers.allSatisfy({ $0 >= 0 }) else {
        throw component.error("special_tokens", "gives \(JSONWriter.quoted(member.key)) no list of numbers")
      }
      identifiers[member.key] = numbers
    }
    let single = try parts(component, "single", identifiers)
    let pair = try parts(component, "pair", identifiers)
    func count(_ parts: [Frame.Part], _ isWanted: (Frame.Part) -> Bool) -> Int { parts.count(where: isWanted) }
    func isFirst(_ part: Frame.Part) -> Bool { if case .first = part { true } else { false } }
    func isSecond(_ part: Frame.Part) -> Bool { if case .second = part { true } else { false } }
    guard count(single, isFirst) == 1, count(single, isSecond) == 0, count(pair, isFirst) == 1,
      count(pair, isSecond) == 1
    else { throw component.error("single", "and pair must hold each text once") }
    return Frame(single: single, pair: pair)
  }

  private static func parts(
    _ component: Component, _ name: String, _ identifiers: [String: [Int32]]
  ) throws -> [Frame.Part] {
    var parts: [Frame.Part] = []
    for piece in try component.components(name) {
      try piece.allow(["SpecialToken", "Sequence"])
      if let token = try piece.component("SpecialToken") {
        let text = try token.text("id") ?? ""
        guard let numbers = identifiers[text] else {
          throw piece.error("SpecialToken", "is \(JSONWriter.quoted(text)), which special_tokens does not list")
        }
        let type = try self.type(token)
        parts += numbers.map { .token($0, type: type) }
      } else if let sequence = try piece.component("Sequence") {
        try sequence.require("id", ["A", "B"])
        let type = try self.type(sequence)
        parts.append(try sequence.text("id") == "B" ? .second(type: type) : .first(type: type))
      } else {
        throw component.error(name, "has \(piece.node.summary); SpecialToken or Sequence is supported")
      }
    }
    return parts
  }

  private static func type(_ component: Component) throws -> Int32 {
    let number = try component.number("type_id") ?? 0
    guard number <= 1 else { throw component.error("type_id", "is \(number); 0 and 1 are supported") }
    return Int32(number)
  }
}
