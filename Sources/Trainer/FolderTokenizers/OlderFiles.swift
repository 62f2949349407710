// The tokenizers that Transformers makes of the files before tokenizer.json: vocab.txt, vocab.json with merges.txt, and
// SentencePiece models.

import Files
import Foundation
import JSON5
import ModelFiles
import Tokenization

/// How a class lays out the pieces of a SentencePiece model as its vocabulary.
enum SentencePieceLayout {
  case albert
  case xlmRoberta
  case camembert
}

extension TokenizerBackend {
  /// The tokenizer of a class's own files.
  ///
  /// - Parameter limit: The rows of the word embeddings.
  /// - Throws: `ModelFileError`, `VocabularyError`.
  static func older(_ settings: TokenizerSettings, limit: Int) throws -> TokenizerBackend {
    switch settings.tokenizerClass.older {
    case .wordPieces: try wordPieces(settings, limit)
    case .bytePairs(let isRoberta): try bytePairs(settings, isRoberta: isRoberta)
    case .sentencePieces(let name, let layout): try sentencePieces(settings, settings.path(name), layout)
    case .none: throw ModelFileError(path: settings.folder, reason: "there is no tokenizer.json in this folder")
    }
  }

  private static func wordPieces(_ settings: TokenizerSettings, _ limit: Int) throws -> TokenizerBackend {
    let path = settings.path("vocab.txt")
    let vocabulary = try TextTokenizer.tokens(of: Data(try ModelFile.contents(of: path)), source: path)
    guard (1...limit).contains(vocabulary.count) else {
      throw ModelFileError(
        path: path,
        reason:
          "it has \(vocabulary.count) tokens, one a line; 1 to \(limit), the vocab_size of config.json, are allowed")
    }
    let names = settings.names
    return TokenizerBackend(
      normalizer: settings.splitsAtBlanks ? [] : settings.normalization.steps,
      splitters: [settings.splitsAtBlanks ? BlankSplitter(asPython: true) : BERTSplitter()],
      // A token that stands on two lines is one token: the numbers of added tokens go on from there, as in Transformers.
      model: try WordPieceModel(
        vocabulary: vocabulary, tokenCount: Set(vocabulary.map { Array($0.utf8) }).count, source: path),
      frame: { .bert(classification: try $0(names["cls_token"] ?? ""), separator: try $0(names["sep_token"] ?? "")) })
  }

  private static func bytePairs(_ settings: TokenizerSettings, isRoberta: Bool) throws -> TokenizerBackend {
    let vocabulary = try ConfigurationFile(settings.path("vocab.json"))
    let names = settings.names
    let addsBeginning = try settings.flag("add_bos_token", default: false)
    return TokenizerBackend(
      normalizer: [], splitters: [ByteLevelSplitter(prepends: settings.prependsSpace)],
      model: try BytePairModel(
        vocabulary: ModelReaders.vocabulary(vocabulary.root, vocabulary, "the file"),
        merges: merges(settings.path("merges.txt")), unknown: nil, fusesUnknown: false,
        source: settings.path("merges.txt")),
      frame: { number in
        if isRoberta {
          return .roberta(
            classification: try number(names["cls_token"] ?? ""), separator: try number(names["sep_token"] ?? ""))
        }
        guard addsBeginning else { return .empty }
        let single: [Frame.Part] = [.token(try number(names["bos_token"] ?? ""), type: 0), .first(type: 0)]
        return Frame(single: single, pair: single + [.second(type: 1)])
      })
  }

  /// The merges of a file: one on each line but the first, and but a last line that does not end. One that is given again counts
  /// where it is given first.
  private static func merges(_ path: String) throws -> [(String, String)] {
    let bytes = try ModelFile.contents(of: path)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw ModelFileError(path: path, reason: "this is not valid UTF-8")
    }
    let ends = bytes.last == TextLines.lineFeed || bytes.last == TextLines.carriageReturn
    let lines = TextLines.lines(of: bytes).dropLast(ends ? 0 : 1)
    var merges: [(String, String)] = []
    var seen: Set<[UInt8]> = []
    for (index, line) in lines.enumerated().dropFirst() {
      let parts = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 2 else {
        throw ModelFileError(
          path: path,
          reason: "line \(index + 1) has \(parts.count) tokens; a merge is two tokens with a space between them")
      }
      if seen.insert(Array(line)).inserted { merges.append((parts[0], parts[1])) }
    }
    return merges
  }

  // MARK: - SentencePiece

  private static func sentencePieces(
    _ settings: TokenizerSettings, _ path: String, _ layout: SentencePieceLayout
  ) throws -> TokenizerBackend {
    let file = try SentencePieceFile(path)
    let (pieces, unknown) = scored(file, layout)
    let isAlbert = layout == .albert
    return TokenizerBackend(
      normalizer: try isAlbert ? albertSteps(settings, file, path) : standardSteps(file, path),
      splitters: [MetaspaceSplitter()],
      model: try UnigramModel(
        vocabulary: pieces.map(\.text), scores: pieces.map(\.score), unknown: Int32(clamping: unknown),
        fallsBack: false,
        source: path),
      frame: { number in
        if isAlbert { return .bert(classification: try number("[CLS]"), separator: try number("[SEP]")) }
        return .roberta(classification: try number("<s>"), separator: try number("</s>"))
      },
      added: file.pieces.filter { $0.kind != .other && !$0.text.isEmpty }.map { piece in
        NamedToken(
          AddedToken(piece.text, identifier: 0, isSpecial: piece.kind == .control), settings.source, "its pieces")
      })
  }

  private typealias ScoredPiece = (text: String, score: Double)

  /// The vocabulary of a class, and its unknown token.
  private static func scored(
    _ file: SentencePieceFile, _ layout: SentencePieceLayout
  ) -> (pieces: [ScoredPiece], unknown: Int) {
    let own: [ScoredPiece] = file.pieces.map { ($0.text, Double($0.score)) }
    switch layout {
    case .albert:
      // Numbers with a comma behind them are not to be one piece.
      return (own.map { ($0.text, endsInNumberAndComma($0.text) ? $0.score - 100 : $0.score) }, file.unknown)
    case .xlmRoberta:
      return (named(["<s>", "<pad>", "</s>", "<unk>"]) + own.dropFirst(3) + named(["<mask>"]), 3)
    case .camembert:
      let start = named(["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>"]) + [("<unk>NOTUSED", -100)]
      return (start + own.dropFirst() + named(["<mask>"]), 3)
    }
  }

  private static func named(_ texts: [String]) -> [ScoredPiece] { texts.map { ($0, 0) } }

  private static func endsInNumberAndComma(_ piece: String) -> Bool {
    let scalars = Array(piece.unicodeScalars)
    guard scalars.count >= 2, scalars[scalars.count - 1] == "," else { return false }
    switch scalars[scalars.count - 2].properties.numericType {
    case .decimal, .digit: return true
    default: return false
    }
  }

  private static func characterMap(_ file: SentencePieceFile, _ path: String) throws -> [any NormalizationStep] {
    file.characterMap.isEmpty ? [] : [try CharacterMap(file.characterMap, source: path)]
  }

  private static func standardSteps(_ file: SentencePieceFile, _ path: String) throws -> [any NormalizationStep] {
    try characterMap(file, path) + [SpaceStrip(left: false, right: true), SpaceCollapse(to: "\u{2581}")]
  }

  private static func albertSteps(
    _ settings: TokenizerSettings, _ file: SentencePieceFile, _ path: String
  ) throws -> [any NormalizationStep] {
    var steps: [any NormalizationStep] = [Replacement("``", by: "\""), Replacement("''", by: "\"")]
    if !(try settings.flag("keep_accents", default: false)) {
      steps += [UnicodeForm.compatiblyDecomposed, AccentStrip()] as [any NormalizationStep]
    }
    if settings.lowercases { steps.append(Lowercase()) }
    return steps + (try characterMap(file, path)) + [SpaceCollapse(to: " ")]
  }
}
