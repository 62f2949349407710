// The files beside a vocabulary that say how BERT's tokenizer works, as Transformers 4.57 reads them: tokenizer_config.json,
// special_tokens_map.json, added_tokens.json and tokenizer.json. Each key changes an encoding and is honoured or refused by name,
// or it is known to change none; a key that is not known is named in a note.

import JSON5
import Tokenization

/// How the files of a folder set up its tokenizer.
struct TokenizerSettings {
  let folder: String
  /// Whether text is lower-cased.
  let lowercases: Bool
  /// What a user should be told, one sentence each.
  let notes: [String]
  private let configuration: ConfigurationFile?
  private let specialTokensMap: ConfigurationFile?
  private let addedTokens: ConfigurationFile?
  private let backend: ConfigurationFile?

  init(of folder: String) throws {
    func file(_ name: String) throws -> ConfigurationFile? {
      let path = "\(folder)/\(name)"
      return ModelFile.exists(path) ? try ConfigurationFile(path) : nil
    }
    self.folder = folder
    configuration = try file("tokenizer_config.json")
    // Transformers reads the older files only where the newer key is missing.
    let isNew = configuration?["added_tokens_decoder"] != nil
    specialTokensMap = isNew ? nil : try file("special_tokens_map.json")
    addedTokens = isNew ? nil : try file("added_tokens.json")
    backend = try file("tokenizer.json")
    lowercases = try configuration.map(Self.lowercases) ?? true
    notes = configuration.map(Self.notes) ?? []
    for file in [configuration, specialTokensMap].compactMap(\.self) { try Self.checkSpecialTokens(file) }
    if let backend { try Self.check(backend) }
  }

  /// The file whose keys say how texts become tokens.
  var configurationPath: String? { configuration?.path }

  /// The other files, from which tokens may be added.
  var tokenPaths: [String] { [specialTokensMap, addedTokens, backend].compactMap { $0?.path } }

  // MARK: - Keys

  /// Whether the tokenizer lower-cases; any but BERT's own is refused.
  private static func lowercases(_ file: ConfigurationFile) throws -> Bool {
    try file.require(
      "tokenizer_class", ["BertTokenizer", "BertTokenizerFast"], isOptional: true,
      because: "only BertTokenizer and BertTokenizerFast are supported")
    let lowercases = try file.flag("do_lower_case", default: true)
    guard try file.flag("strip_accents", default: lowercases) == lowercases else {
      throw file.error(
        "strip_accents", "is \(!lowercases); only null or do_lower_case's value, \(lowercases), is supported")
    }
    for key in ["tokenize_chinese_chars", "do_basic_tokenize", "clean_text"] where try !file.flag(key, default: true) {
      throw file.error(key, "is false; only true is supported")
    }
    try file.refuse("split_special_tokens", because: "only false is supported")
    try file.require("truncation_side", ["right"], isOptional: true, because: "only \"right\" is supported")
    try file.require("wordpieces_prefix", ["##"], isOptional: true, because: "only \"##\" is supported")
    if let names = file["model_input_names"]?.elements, !names.contains(where: { $0.stringValue == "token_type_ids" }) {
      throw file.error("model_input_names", "lacks \"token_type_ids\"; only tokenizers with them are supported")
    }
    if file["auto_map"]?["AutoTokenizer"] != nil {
      throw file.error("auto_map", "names a tokenizer with code of its own; only BertTokenizer is supported")
    }
    if let words = file["never_split"]?.elements?.compactMap(\.stringValue), !usual.isSuperset(of: words) {
      throw file.error("never_split", "keeps words whole; only null or BERT's special tokens are supported")
    }
    return lowercases
  }

  /// BERT's own special tokens, each with the key that names it.
  private static let usualTokens = [
    ("unk_token", "[UNK]"), ("sep_token", "[SEP]"), ("pad_token", "[PAD]"), ("cls_token", "[CLS]"),
    ("mask_token", "[MASK]"),
  ]
  static let usual = Set(usualTokens.map(\.1))

  /// Keys with lists of special tokens beside BERT's own; the second may be an object of them by name.
  private static let listsOfTokens = ["additional_special_tokens", "extra_special_tokens"]

  /// Refuses other texts for BERT's own special tokens.
  private static func checkSpecialTokens(_ file: ConfigurationFile) throws {
    for (key, text) in usualTokens {
      guard let value = file[key] else { continue }
      let content = value.stringValue ?? value["content"]?.stringValue
      guard content == text else {
        throw file.error(key, "is \(content.map(JSONWriter.quoted) ?? value.summary); only \"\(text)\" is supported")
      }
    }
  }

  /// Keys that change nothing about how a text becomes tokens: padding, lengths that every call gives, decoding, other names.
  private static let harmless: Set<String> = [
    "add_prefix_space", "backend", "chat_template", "clean_up_tokenization_spaces", "device_map", "errors", "from_slow",
    "is_fast", "is_local", "keep_accents", "legacy", "local_files_only", "max_len", "max_length",
    "max_model_input_sizes",
    "model_max_length", "model_type", "name_or_path", "pad_to_multiple_of", "pad_token_id", "pad_token_type_id",
    "padding",
    "padding_side", "processor_class", "return_tensors", "special_tokens_map_file", "stride", "tokenizer_file",
    "transformers_version", "trim_offsets", "truncation", "truncation_strategy", "use_auth_token", "use_fast",
    "verbose",
    "vocab_file", "vocab_size",
  ]
  private static let honoured =
    Set(
      [
        "added_tokens_decoder", "auto_map", "clean_text", "do_basic_tokenize", "do_lower_case", "model_input_names",
        "never_split", "split_special_tokens", "strip_accents", "tokenize_chinese_chars", "tokenizer_class",
        "truncation_side", "wordpieces_prefix",
        "bos_token", "eos_token",
      ] + usualTokens.map(\.0) + listsOfTokens)

  private static func notes(_ file: ConfigurationFile) -> [String] {
    let unknown = file.members.filter { $0.value.content != .null }.map(\.key).filter {
      !harmless.contains($0) && !honoured.contains($0)
    }
    guard !unknown.isEmpty else { return [] }
    let names = unknown.sorted().map(JSONWriter.quoted).joined(separator: ", ")
    return [
      "\(file.path): \(names) \(unknown.count == 1 ? "is not a key" : "are not keys") that this program knows; ignored."
    ]
  }

  /// Refuses a tokenizer.json that makes other tokens than BERT's WordPiece; Transformers would use it.
  private static func check(_ file: ConfigurationFile) throws {
    func require(_ part: String, _ key: String, _ allowed: JSONNode.Content) throws {
      guard let value = file[part]?[key], value.content != .null, value.content != allowed else { return }
      let range = SourceRange(source: 0, start: 0, end: 0)
      throw file.error(
        "\(part).\(key)",
        "is \(value.summary); only \(JSONNode(allowed, at: range).summary) is supported beside a vocab.txt")
    }
    func count(_ magnitude: UInt64) -> JSONNode.Content {
      .integer(JSONInteger(isNegative: false, magnitude: magnitude))
    }
    try require("model", "type", .string("WordPiece"))
    try require("model", "unk_token", .string("[UNK]"))
    try require("model", "continuing_subword_prefix", .string("##"))
    try require("model", "max_input_chars_per_word", count(100))
    try require("normalizer", "type", .string("BertNormalizer"))
    try require("normalizer", "clean_text", .boolean(true))
    try require("pre_tokenizer", "type", .string("BertPreTokenizer"))
  }
}

// MARK: - Added tokens

extension TokenizerSettings {
  /// A token that a file names, before it has its identifier.
  private struct Named {
    var token: AddedToken
    /// The identifier that the file gives; nil where it gives none.
    var given: Int?
    var file: ConfigurationFile
    var key: String

    func error(_ reason: String) -> ModelFileError { file.error(key, reason) }
  }

  /// The tokens that change an encoding: those that are not looked for as BERT's own special tokens are. One that the
  /// vocabulary lacks has the next identifier, as in Transformers.
  func addedTokens(_ vocabulary: [String]) throws -> [AddedToken] {
    let named = try named()
    guard !named.isEmpty else { return [] }
    var identifiers: [[UInt8]: Int] = [:]
    for (index, token) in vocabulary.enumerated() { identifiers[Array(token.utf8)] = index }
    try backend.map { try check($0, has: identifiers, normalizes: named.contains { $0.token.isNormalized }) }
    var next = vocabulary.count
    return try named.compactMap { named in
      var token = named.token
      let text = JSONWriter.quoted(token.content)
      let known = identifiers[Array(token.content.utf8)]
      let identifier = known ?? next
      if let given = named.given, given != identifier {
        throw named.error(
          "gives \(text) the number \(given), but "
            + (known == nil
              ? "after the tokens before it the next number is \(next)" : "vocab.txt has it at \(identifier)"))
      }
      if known == nil { next += 1 }
      guard let number = Int32(exactly: identifier) else { throw named.error("has too many tokens") }
      token.identifier = number
      let isUsual = Self.usual.contains(token.content) && known != nil && !token.isNormalized && !token.isSingleWord
      return isUsual ? nil : token
    }
  }

  /// Refuses a tokenizer.json whose vocabulary is another than vocab.txt's, or which normalizes added tokens in another way
  /// than Transformers then normalizes texts.
  private func check(_ file: ConfigurationFile, has identifiers: [[UInt8]: Int], normalizes: Bool) throws {
    if normalizes, let flag = file["normalizer"]?["lowercase"]?.booleanValue, flag != lowercases {
      throw file.error(
        "normalizer.lowercase", "is \(flag), and do_lower_case of tokenizer_config.json is \(lowercases)")
    }
    guard let members = file["model"]?["vocab"]?.members else { return }
    for member in members where identifiers[Array(member.key.utf8)] != member.value.intValue {
      throw file.error(
        "model.vocab",
        "gives \(JSONWriter.quoted(member.key)) the number \(member.value.summary), and vocab.txt does not")
    }
  }

  /// Every token that the files name, in the order in which Transformers adds them; of one text the first.
  private func named() throws -> [Named] {
    var all: [Named] = []
    if let backend {
      for (index, node) in (backend["added_tokens"]?.elements ?? []).enumerated() {
        all.append(try Self.token(node, backend, "added_tokens[\(index)]", given: node["id"]?.intValue))
      }
    }
    if let configuration, let decoder = configuration["added_tokens_decoder"] {
      guard let members = decoder.members else {
        throw configuration.error("added_tokens_decoder", "is \(decoder.summary); an object is allowed")
      }
      let entries = try members.map { member in
        guard let index = Int(member.key) else {
          throw configuration.error(
            "added_tokens_decoder", "has the key \(JSONWriter.quoted(member.key)); its keys must be numbers")
        }
        return (index, member.value)
      }
      for (index, node) in entries.sorted(by: { $0.0 < $1.0 }) {
        all.append(try Self.token(node, configuration, "added_tokens_decoder", given: index))
      }
    }
    let special = try specialTokens()
    let specialNames = Self.usual.union(special.map(\.token.content))
    if let addedTokens {
      let entries = addedTokens.members.map { ($0.key, $0.value.intValue) }
      for (content, index) in entries.sorted(by: { $0.1 ?? .max < $1.1 ?? .max }) {
        guard let index else { throw addedTokens.error(JSONWriter.quoted(content), "has no whole number as its value") }
        let isSpecial = Self.usual.contains(content) || specialNames.contains(content)
        all.append(
          Named(
            token: AddedToken(content, identifier: 0, isNormalized: !isSpecial, isSpecial: isSpecial), given: index,
            file: addedTokens, key: "the file"))
      }
    }
    var seen: Set<[UInt8]> = []
    return (all + special).filter { !$0.token.content.isEmpty && seen.insert(Array($0.token.content.utf8)).inserted }
      .map { named in
        // Transformers counts as special what a key of special tokens names, whatever the token says of itself.
        var named = named
        named.token.isSpecial = specialNames.contains(named.token.content)
        return named
      }
  }

  /// The special tokens beside BERT's own, and BERT's own where an object says how they are looked for.
  private func specialTokens() throws -> [Named] {
    var all: [Named] = []
    for key in ["bos_token", "eos_token"] + Self.usualTokens.map(\.0) + Self.listsOfTokens {
      let isList = Self.listsOfTokens.contains(key)
      let files = isList ? [configuration, specialTokensMap] : [specialTokensMap ?? configuration, configuration]
      let named = files.compactMap { file in file.flatMap { file in file[key].map { (file, $0) } } }
      for (file, value) in isList ? named : Array(named.prefix(1)) {
        let nodes = isList ? value.elements ?? value.members?.map(\.value) ?? [value] : [value]
        for node in nodes { all.append(try Self.specialToken(node, file, key)) }
      }
    }
    return all.filter { !Self.usual.contains($0.token.content) || $0.token.isNormalized || $0.token.isSingleWord }
  }

  /// A special token: its text, or an object with flags.
  private static func specialToken(_ node: JSONNode, _ file: ConfigurationFile, _ key: String) throws -> Named {
    if let content = node.stringValue {
      return Named(token: AddedToken(content, identifier: 0), file: file, key: key)
    }
    var named = try token(node, file, key, given: nil)
    named.token.isSpecial = true
    return named
  }

  /// A token as Transformers writes it; `normalized` is true where the object does not say, unless the token is special.
  private static func token(_ node: JSONNode, _ file: ConfigurationFile, _ key: String, given: Int?) throws -> Named {
    guard let content = node["content"]?.stringValue else {
      throw file.error(key, "has \(node.summary); an object with content and flags is allowed")
    }
    let isSpecial = node["special"]?.booleanValue ?? false
    return Named(
      token: AddedToken(
        content, identifier: 0, isSingleWord: node["single_word"]?.booleanValue ?? false,
        isNormalized: node["normalized"]?.booleanValue ?? !isSpecial, isSpecial: isSpecial),
      given: given, file: file, key: key)
  }
}
