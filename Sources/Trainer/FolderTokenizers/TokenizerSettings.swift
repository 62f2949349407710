// The files beside a vocabulary that say how a tokenizer works, as Transformers 4.57 reads them, or 5.24 where 5 wrote them:
// tokenizer_config.json, special_tokens_map.json and added_tokens.json. Each key changes an encoding and is honoured or refused by
// name, or it is known to change none; a key that is not known is named in a note.

import JSON5
import ModelFiles
import Tokenization

/// How the files of a folder set up its tokenizer.
struct TokenizerSettings {
  let folder: String
  let tokenizerClass: TokenizerClass
  /// The stages of BERT's normalizer, which the other classes do not have.
  let normalization: BERTNormalization
  /// Whether words are what blanks separate, without BERT's basic tokenization.
  let splitsAtBlanks: Bool
  /// Whether byte-level texts begin with a space.
  let prependsSpace: Bool
  /// Which side texts are cut at; nil where the settings do not say.
  let cutsBeginnings: Bool?
  /// Whether encoders are told which text of a pair a token is of.
  let hasTypes: Bool
  /// Whether Transformers 5 wrote the settings, whose classes take less for granted.
  private let isOfTransformers5: Bool
  /// The texts of special tokens by their keys.
  let names: [String: String]
  /// What a user should be told, one sentence each.
  let notes: [String]
  private let configuration: ConfigurationFile?
  private let specialTokensMap: ConfigurationFile?
  private let addedTokens: ConfigurationFile?
  /// The file that messages about the folder's tokens name.
  let source: ConfigurationFile

  /// - Parameter modelType: The `model_type` of config.json, whose tokenizer the folder has if it does not say otherwise.
  init(of folder: String, modelType: String) throws {
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
    source = configuration ?? ConfigurationFile(standingFor: folder)
    tokenizerClass = try configuration.flatMap(Self.namedClass) ?? .of(modelType: modelType)
    let settings = configuration ?? source
    normalization = try Self.normalization(settings, tokenizerClass)
    splitsAtBlanks = try tokenizerClass.isBERT && !settings.flag("do_basic_tokenize", default: true)
    prependsSpace = try settings.flag("add_prefix_space", default: false)
    try settings.require(
      "truncation_side", ["left", "right"], isOptional: true, because: "only \"left\" and \"right\" are supported")
    cutsBeginnings = settings["truncation_side"]?.stringValue.map { $0 == "left" }
    try Self.refuseOthers(settings)
    isOfTransformers5 = settings["backend"] != nil
    // In Transformers 5 only BERT's classes have types if nothing says so.
    hasTypes =
      settings["model_input_names"]?.elements?.contains { $0.stringValue == "token_type_ids" }
      ?? (tokenizerClass.hasTypes && (tokenizerClass.isBERT || !isOfTransformers5))
    names = try Self.names(tokenizerClass, [specialTokensMap, configuration].compactMap(\.self))
    notes = configuration.map(Self.notes) ?? []
  }

  /// A file of the folder.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Whether texts are lower-cased, where the class leaves it to the settings.
  var lowercases: Bool { normalization.lowercases }

  /// A key of tokenizer_config.json that is true or false.
  func flag(_ key: String, default standard: Bool) throws -> Bool {
    try configuration?.flag(key, default: standard) ?? standard
  }

  /// The file whose keys say how texts become tokens.
  var configurationPath: String? { configuration?.path }

  /// The other files, from which tokens may be added.
  var tokenPaths: [String] { [specialTokensMap, addedTokens].compactMap { $0?.path } }

  // MARK: - Keys

  /// The class that the file names; one with code of its own, or that is not known, is refused.
  private static func namedClass(_ file: ConfigurationFile) throws -> TokenizerClass? {
    if file["auto_map"]?["AutoTokenizer"] != nil {
      throw file.error("auto_map", "names a tokenizer with code of its own; only those of Transformers are supported")
    }
    guard let value = file["tokenizer_class"] else { return nil }
    guard let known = value.stringValue.flatMap(TokenizerClass.named) else {
      let names = TokenizerClass.all.map(\.name).joined(separator: ", ")
      throw file.error(
        "tokenizer_class", "is \(value.summary); the supported ones are \(names), each with or without Fast behind it")
    }
    return known
  }

  private static func normalization(_ file: ConfigurationFile, _ tokenizerClass: TokenizerClass) throws
    -> BERTNormalization
  {
    let lowercases = try file.flag("do_lower_case", default: true)
    guard tokenizerClass.isBERT else { return BERTNormalization(lowercases: lowercases) }
    if try !file.flag("clean_text", default: true) {
      throw file.error("clean_text", "is false; only true is supported")
    }
    var normalization = BERTNormalization(
      lowercases: lowercases, stripsAccents: try file.flag("strip_accents", default: lowercases))
    normalization.spacesIdeographs = try file.flag("tokenize_chinese_chars", default: true)
    return normalization
  }

  private static func refuseOthers(_ file: ConfigurationFile) throws {
    try file.refuse("split_special_tokens", because: "only false is supported")
    try file.require("wordpieces_prefix", ["##"], isOptional: true, because: "only \"##\" is supported")
    if let words = file["never_split"]?.elements?.compactMap(\.stringValue), !usual.isSuperset(of: words) {
      throw file.error("never_split", "keeps words whole; only null or BERT's special tokens are supported")
    }
  }

  static let usual = Set(TextTokenizer.bertNames)

  /// The keys of single special tokens, in Transformers' order.
  private static let keys = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// Keys with lists of special tokens beside those; the second may be an object of them by name.
  private static let listsOfTokens = ["additional_special_tokens", "extra_special_tokens"]

  /// The texts of the special tokens; the first file counts.
  private static func names(_ tokenizerClass: TokenizerClass, _ files: [ConfigurationFile]) throws -> [String: String] {
    var names = tokenizerClass.special
    for file in files.reversed() {
      for key in keys {
        guard let value = file[key] else { continue }
        guard let text = value.stringValue ?? value["content"]?.stringValue else {
          throw file.error(key, "is \(value.summary); a string or an object with content is allowed")
        }
        names[key] = text
      }
    }
    return names
  }

  /// Refuses other texts for BERT's own special tokens, which only a tokenizer.json may have.
  func checkSpecialTokens() throws {
    for file in [configuration, specialTokensMap].compactMap(\.self) {
      for (key, text) in tokenizerClass.special {
        guard let value = file[key] else { continue }
        let content = value.stringValue ?? value["content"]?.stringValue
        guard content == text else {
          throw file.error(key, "is \(content.map(JSONWriter.quoted) ?? value.summary); only \"\(text)\" is supported")
        }
      }
    }
  }

  /// Keys that change nothing about how a text becomes tokens: padding, lengths that every call gives, decoding, other names.
  private static let harmless: Set<String> = [
    "add_eos_token", "backend", "chat_template", "clean_up_tokenization_spaces", "device_map", "errors", "from_slow",
    "is_fast", "is_local", "legacy", "local_files_only", "max_len", "max_length",
    "max_model_input_sizes",
    "model_max_length", "model_type", "name_or_path", "pad_to_multiple_of", "pad_token_id", "pad_token_type_id",
    "padding",
    "padding_side", "processor_class", "remove_space", "return_tensors", "sp_model_kwargs", "special_tokens_map_file",
    "stride", "tokenizer_file",
    "transformers_version", "trim_offsets", "truncation", "truncation_strategy", "use_auth_token", "use_fast",
    "verbose",
    "vocab_file", "vocab_size",
  ]
  private static let honoured =
    Set(
      [
        "added_tokens_decoder", "auto_map", "clean_text", "do_basic_tokenize", "do_lower_case", "model_input_names",
        "never_split", "split_special_tokens", "strip_accents", "tokenize_chinese_chars", "tokenizer_class",
        "truncation_side", "wordpieces_prefix", "add_prefix_space", "add_bos_token", "keep_accents",
      ] + keys + listsOfTokens)

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
}

// MARK: - Added tokens

extension TokenizerSettings {
  /// The tokens that are looked for in texts, those of `backend` first. One that the model lacks has the next number, as in
  /// Transformers; of one text the first says where it is looked for, and the last what stands beside it.
  func addedTokens(_ backend: TokenizerBackend, _ identifiers: [[UInt8]: Int32]) throws -> [AddedToken] {
    let special = try specialTokens()
    let specialNames = Set(special.map { Array($0.token.content.utf8) })
    var found: [AddedToken] = []
    var indexes: [[UInt8]: Int] = [:]
    var next = backend.model.tokenCount
    let added = special.filter { !isLeftOut($0.token, identifiers) }
    for named in try backend.added + decoderTokens() + olderTokens(specialNames) + added {
      let text = Array(named.token.content.utf8)
      if text.isEmpty { continue }
      if let index = indexes[text] {
        guard named.saysFlags else { continue }
        found[index].isSingleWord = named.token.isSingleWord
        found[index].takesSpaceBefore = named.token.takesSpaceBefore
        found[index].takesSpaceAfter = named.token.takesSpaceAfter
        continue
      }
      var token = named.token
      token.isSpecial = specialNames.contains(text)
      token.identifier = try identifier(of: named, known: identifiers[text], &next)
      indexes[text] = found.count
      found.append(token)
    }
    return found
  }

  /// Whether a special token of BERT's, which no other key describes, stays out of a vocabulary that lacks it: no text needs it, and
  /// it would take a row of the word embeddings.
  private func isLeftOut(_ token: AddedToken, _ identifiers: [[UInt8]: Int32]) -> Bool {
    tokenizerClass.isBERT && Self.usual.contains(token.content) && identifiers[Array(token.content.utf8)] == nil
      && !token.isNormalized && !token.isSingleWord
  }

  private func identifier(of named: NamedToken, known: Int32?, _ next: inout Int) throws -> Int32 {
    let identifier = known.map(Int.init) ?? next
    if let given = named.given, given != identifier {
      throw named.error(
        "gives \(JSONWriter.quoted(named.token.content)) the number \(given), but "
          + (known == nil
            ? "after the tokens before it the next number is \(next)" : "the vocabulary has it at \(identifier)"))
    }
    if known == nil { next += 1 }
    guard let number = Int32(exactly: identifier) else { throw named.error("has too many tokens") }
    return number
  }

  /// The numbers of the tokens that stand for no text.
  func specialIdentifiers(_ number: (String) -> Int32?) throws -> Set<Int32> {
    Set(try specialTokens().compactMap { number($0.token.content) })
  }

  /// The tokens of `added_tokens_decoder`.
  private func decoderTokens() throws -> [NamedToken] {
    guard let configuration, let decoder = configuration["added_tokens_decoder"] else { return [] }
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
    return try entries.sorted { $0.0 < $1.0 }.map {
      try NamedToken($0.1, configuration, "added_tokens_decoder", given: $0.0)
    }
  }

  /// The tokens of added_tokens.json.
  private func olderTokens(_ specialNames: Set<[UInt8]>) throws -> [NamedToken] {
    guard let addedTokens else { return [] }
    let entries = addedTokens.members.map { ($0.key, $0.value.intValue) }
    return try entries.sorted { $0.1 ?? .max < $1.1 ?? .max }.map { content, index in
      guard let index else { throw addedTokens.error(JSONWriter.quoted(content), "has no whole number as its value") }
      let isSpecial = specialNames.contains(Array(content.utf8))
      return NamedToken(
        AddedToken(content, identifier: 0, isNormalized: !isSpecial, isSpecial: isSpecial), given: index, addedTokens,
        "the file")
    }
  }

  /// The special tokens, in Transformers' order.
  private func specialTokens() throws -> [NamedToken] {
    var all: [NamedToken] = []
    for key in Self.keys + Self.listsOfTokens {
      let isList = Self.listsOfTokens.contains(key)
      let files = isList ? [configuration, specialTokensMap] : [specialTokensMap ?? configuration, configuration]
      let named = files.compactMap { file in file.flatMap { file in file[key].map { (file, $0) } } }
      for (file, value) in isList ? named : Array(named.prefix(1)) {
        let nodes = isList ? value.elements ?? value.members?.map(\.value) ?? [value] : [value]
        for node in nodes { all.append(try specialToken(node, file, key)) }
      }
      if named.isEmpty { all += standardTokens(key) }
    }
    return all
  }

  /// What the class takes for a key that no file has.
  private func standardTokens(_ key: String) -> [NamedToken] {
    if key == Self.listsOfTokens[0] {
      return tokenizerClass.additional.map { NamedToken(AddedToken($0, identifier: 0), source, key) }
    }
    return tokenizerClass.special[key].map { [named($0, source, key)] } ?? []
  }

  /// A special token: its text, or an object with flags.
  private func specialToken(_ node: JSONNode, _ file: ConfigurationFile, _ key: String) throws -> NamedToken {
    if let content = node.stringValue { return named(content, file, key) }
    return try NamedToken(node, file, key, given: nil)
  }

  /// A special token by its text; the classes say more of masks.
  private func named(_ content: String, _ file: ConfigurationFile, _ key: String) -> NamedToken {
    var named = NamedToken(AddedToken(content, identifier: 0), file, key)
    if key == "mask_token", !isOfTransformers5, let mask = tokenizerClass.mask {
      named.token.takesSpaceBefore = mask.takesSpaceBefore
      named.token.isNormalized = mask.isNormalized
      named.saysFlags = true
    }
    return named
  }
}
