// How the tokenizer of a folder is put together: tokenizer.json where there is one, as in Transformers, and the files before it
// where there is none. A folder whose older files say the same is known by those, whether or not it has a tokenizer.json.

import Foundation
import JSON5
import ModelFiles
import Tokenization

/// Reads the tokenizer of a folder.
struct FolderReader {
  private let folder: String
  private let limit: Int
  private let settings: TokenizerSettings
  /// tokenizer.json, if the folder has it.
  private let backend: ConfigurationFile?
  private let hasOlderFiles: Bool

  init(_ folder: String, modelType: String, limit: Int) throws {
    self.folder = folder
    self.limit = limit
    settings = try TokenizerSettings(of: folder, modelType: modelType)
    let path = folder + "/tokenizer.json"
    backend = ModelFile.exists(path) ? try ConfigurationFile(path) : nil
    let names = settings.tokenizerClass.olderNames
    hasOlderFiles = !names.isEmpty && names.allSatisfy { ModelFile.exists("\(folder)/\($0)") }
  }

  func read() throws -> TokenizerReading {
    guard let backend else { return try older(with: []).reading(with: []) }
    let read = try BackendFile(file: backend).backend(changes)
    let newer = try parts(read, backend.path)
    try check(newer, backend.path)
    guard hasOlderFiles else { return reading(newer, backend.path) }
    do {
      // Transformers adds the tokens of both to BERT's.
      let older = try older(with: settings.tokenizerClass.isBERT ? read.added : [])
      if older.parts.isSame(as: newer) { return older.reading(with: [backend.path]) }
      return reading(
        newer, backend.path, note: "\(backend.path) and \(olderNames) make other tokens; the former counts.")
    } catch let error where error is ModelFileError || error is VocabularyError {
      return reading(newer, backend.path, note: "\(backend.path) counts; beside it \(error)")
    }
  }

  private var olderNames: String { settings.tokenizerClass.olderNames.joined(separator: ", ") }

  /// What Transformers changes about a tokenizer.json after reading it.
  private var changes: BackendChanges {
    BackendChanges(
      normalization: settings.tokenizerClass.isBERT ? settings.normalization : nil,
      prependsSpace: settings.prependsSpace)
  }

  // MARK: - Parts

  /// The parts of a tokenizer with the tokens that the settings add.
  private func parts(_ backend: TokenizerBackend, _ path: String) throws -> TokenizerParts {
    var identifiers = backend.model.vocabulary.identifiersOfTokens
    var added = try settings.addedTokens(backend, identifiers)
    for token in added { identifiers[Array(token.content.utf8)] = token.identifier }
    let (normalizer, splitter) = (Normalizer(backend.normalizer), SplitterSequence(backend.splitters))
    try Self.check(added, normalizer, path)
    if Self.losesSpace(backend, normalizer, added) {
      for index in added.indices { (added[index].takesSpaceBefore, added[index].takesSpaceAfter) = (false, false) }
    }
    var frame = try backend.frame { name in
      if let number = identifiers[Array(name.utf8)] { return number }
      throw VocabularyError(
        description: "\(path): no \(name.isEmpty ? "token" : name) among its tokens to stand around texts")
    }
    if !settings.hasTypes { frame = frame.withoutTypes }
    frame.cutsBeginnings = settings.cutsBeginnings ?? backend.cutsBeginnings
    let mask = settings.names["mask_token"]
    return TokenizerParts(
      normalizer: normalizer, splitter: splitter, model: backend.model, frame: frame, added: added,
      special: SpecialTokens(
        maskName: mask ?? "mask_token", mask: mask.flatMap { identifiers[Array($0.utf8)] },
        identifiers: try settings.specialIdentifiers { identifiers[Array($0.utf8)] }))
  }

  /// Whether the white space that tokens take beside them changes nothing: words between blanks lose it, unless the normalizer makes
  /// something else of it first, or it belongs to a token.
  private static func losesSpace(
    _ backend: TokenizerBackend, _ normalizer: Normalizer, _ added: [AddedToken]
  ) -> Bool {
    guard backend.splitters.first is BERTSplitter || backend.splitters.first is BlankSplitter else { return false }
    func isSpace(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isWhitespace == true }
    let texts = added.map(\.content.unicodeScalars)
    guard !texts.contains(where: { isSpace($0.first) || isSpace($0.last) }) else { return false }
    let normalized = normalizer.normalized("x\t\n\r \u{A0}\u{2009}\u{3000}  x")
    return String(decoding: normalized, as: UTF8.self).unicodeScalars.allSatisfy { $0 == "x" || isSpace($0) }
  }

  /// Refuses a token that is looked for in normalized texts although nothing of it is left there: the tokenizers library finds it
  /// between all letters.
  private static func check(_ added: [AddedToken], _ normalizer: Normalizer, _ path: String) throws {
    for token in added where token.isNormalized && normalizer.normalized(token.content).isEmpty {
      throw ModelFileError(
        path: path,
        reason:
          "the normalizer leaves nothing of the added token \(token.identifier), \(JSONWriter.quoted(token.content)), so that the "
          + "tokenizers library cuts texts into single letters; set normalized to false for this token, or remove it")
    }
  }

  /// Refuses a tokenizer with tokens that the word embeddings lack, and adds what is to be said of one with fewer.
  private func check(_ parts: TokenizerParts, _ path: String) throws {
    let count = tokenCount(parts)
    for case .token(let number, _) in parts.frame.single + parts.frame.pair where number >= count {
      throw ModelFileError(path: path, reason: "the token \(number) stands around texts, and there are \(count) tokens")
    }
    guard (1...limit).contains(count) else {
      throw ModelFileError(
        path: path, reason: "it has \(count) tokens; 1 to \(limit), the vocab_size of config.json, are allowed")
    }
  }

  private func tokenCount(_ parts: TokenizerParts) -> Int {
    max(parts.model.vocabulary.count, parts.added.map { Int($0.identifier) + 1 }.max() ?? 0)
  }

  private func countNotes(_ parts: TokenizerParts, _ path: String) -> [String] {
    let count = tokenCount(parts)
    let own = parts.model.vocabulary.count
    guard count < limit else { return [] }
    let more = count > own ? " and \(count - own) added ones" : ""
    return ["\(path) has \(own) tokens\(more) for the \(limit) of vocab_size."]
  }

  // MARK: - Readings

  /// What the files before tokenizer.json say.
  private struct Older {
    var parts: TokenizerParts
    var files: TokenizerFiles
    var paths: [String]
    var tokenPaths: [String]
    var notes: [String]

    /// The reading; `more` are files from which tokens may be added.
    func reading(with more: [String]) -> TokenizerReading {
      TokenizerReading(
        files: files, paths: paths, tokenPaths: tokenPaths.isEmpty ? [] : tokenPaths + more, notes: notes)
    }
  }

  private func older(with added: [NamedToken]) throws -> Older {
    let names = settings.tokenizerClass.olderNames
    let vocabularyPath = settings.path(names.first ?? "tokenizer.json")
    var backend = try TokenizerBackend.older(settings, limit: limit)
    if settings.tokenizerClass.isBERT { try settings.checkSpecialTokens() }
    backend.added = added + backend.added
    let parts = try parts(backend, vocabularyPath)
    try check(parts, vocabularyPath)
    let notes = settings.notes + countNotes(parts, vocabularyPath)
    let configuration = [settings.configurationPath].compactMap(\.self)
    let paths = names.map(settings.path) + configuration
    if isPlain {
      let unusual = parts.added.filter { token in
        !(TokenizerSettings.usual.contains(token.content) && Int(token.identifier) < parts.model.vocabulary.count
          && !token.isNormalized && !token.isSingleWord && !token.takesSpaceBefore && !token.takesSpaceAfter)
      }
      return Older(
        parts: parts,
        files: TokenizerFiles(
          .wordPiece(lowercases: settings.lowercases, added: unusual), vocabularyPath: vocabularyPath),
        paths: paths, tokenPaths: unusual.isEmpty ? [] : settings.tokenPaths, notes: notes)
    }
    return Older(
      parts: parts, files: files(parts, vocabularyPath, paths + settings.tokenPaths),
      paths: paths + settings.tokenPaths,
      tokenPaths: [], notes: notes)
  }

  /// Whether the files before tokenizer.json are those of BERT's own tokenizer, cased or uncased.
  private var isPlain: Bool {
    settings.tokenizerClass.isBERT && settings.normalization.isUsual && !settings.splitsAtBlanks && settings.hasTypes
      && settings.cutsBeginnings != true
  }

  /// What tokenizer.json says.
  private func reading(_ parts: TokenizerParts, _ path: String, note: String? = nil) -> TokenizerReading {
    let paths = [path] + [settings.configurationPath].compactMap(\.self) + settings.tokenPaths
    return TokenizerReading(
      files: files(parts, path, paths), paths: paths, tokenPaths: [],
      notes: settings.notes + [note].compactMap(\.self) + countNotes(parts, path))
  }

  private func files(_ parts: TokenizerParts, _ vocabularyPath: String, _ paths: [String]) -> TokenizerFiles {
    let tokenizer = TextTokenizer(parts)
    let padding = settings.names["pad_token"].flatMap { name in tokenizer.vocabulary.firstIndex(of: name) }
    return TokenizerFiles(
      .folder(FolderTokenizer(tokenizer, paths: paths, padding: padding.map(Int32.init))),
      vocabularyPath: vocabularyPath)
  }
}

extension TokenizerParts {
  /// Whether two tokenizers encode every text alike.
  fileprivate func isSame(as other: TokenizerParts) -> Bool {
    let (own, others) = (TextTokenizer(self), TextTokenizer(other))
    return own.rules == others.rules && Self.lastOnes(own.vocabulary) == Self.lastOnes(others.vocabulary)
  }

  /// The tokens of a vocabulary; of a token that a vocab.txt holds twice the last counts.
  private static func lastOnes(_ vocabulary: [String]) -> [[UInt8]] {
    var seen: Set<[UInt8]> = []
    return vocabulary.reversed().map { token in
      let bytes = Array(token.utf8)
      return seen.insert(bytes).inserted ? bytes : []
    }
  }
}
