// The masked sentences on which an analysis measures every model. They are drawn once and saved, so that curves of different
// trials and days are comparable. The file names the vocabulary of its token identifiers; other models are refused.

import Datasets
import Files
import Foundation
import JSON5
import Storage
import Tokenization
import Training
import Transformer

/// A fixed set of masked sentences.
package struct MaskSet: Sendable {
  /// The number of sentences in one pass of a model.
  static let batchSize = 32
  /// Batches of sequences with the tokens to predict.
  package let batches: [(sequences: PackedSequences, masked: MaskedTokens)]

  /// The number of tokens to predict.
  package var maskedCount: Int { batches.reduce(0) { $0 + $1.masked.indices.count } }
  /// The number of sentences.
  package var sentenceCount: Int { batches.reduce(0) { $0 + $1.sequences.sequenceCount } }

  /// Draws a mask set for a model (15 % of words: 80 % `[MASK]`, 10 % random, 10 % kept; of a causal model all that comes next)
  /// and saves it.
  ///
  /// - Parameters:
  ///   - path: the file, one JSON object on each line.
  ///   - model: the model whose vocabulary encodes the sentences.
  ///   - textPath: a text with one sentence on each line, such as a test set; nil for held-out sentences of the built-in language that the model knows.
  /// - Throws: `MaskSetError` if the model has the words of no built-in language; an error of a file.
  package static func create(_ path: String, for model: ModelFolder, textPath: String?) throws {
    let tokenizer = try ResourceReader().tokenizer(of: model)
    let task = try model.configuration.architecture.languageModelTask(tokenizer)
    let length = model.configuration.longestSequence
    let source: SentenceSource
    if let textPath {
      source = try SentenceSource(judgingBy: textPath, tokenizer: tokenizer, task: task, maximumLength: length)
    } else {
      guard let language = BuiltInLanguage.all.first(where: { Set($0.vocabulary).isSubset(of: tokenizer.vocabulary) })
      else {
        throw MaskSetError(
          "\(model.path) does not know the built-in language's words; give sentences with --text FILE, such as a test set "
            + "of the text it was pre-trained on, with one sentence on each line")
      }
      source = try SentenceSource(of: language, for: tokenizer, maximumLength: length)
    }
    let digest = try FileDigests().digest(ofFile: model.vocabularyPath)
    let textDigest = try textPath.map { try FileDigests().digest(ofFile: $0) }
    var writer = JSONWriter()
    writer.object(inline: true) { writer in
      writer.field("vocabulary_sha256", digest)
      writer.key("text")
      if let textPath { writer.value(String(textPath.split(separator: "/").last ?? "")) } else { writer.null() }
      writer.field("text_sha256", textDigest)
      if task is NextTokens { writer.field("predicts", Saved.nextTokens) }
    }
    let lines = source.heldOutBatches(task, size: batchSize).map(\.lines).joined()
    try WholeFile.write(writer.text + "\n" + lines, to: path)
  }

  /// Whether a saved mask set names the text's digest as its source. Mask sets of earlier versions name none.
  ///
  /// - Throws: `MaskSetError` for a file that is no mask set; an error of the text.
  package static func isDrawn(_ path: String, from textPath: String) throws -> Bool {
    try Saved(path).header["text_sha256"]?.stringValue == FileDigests().digest(ofFile: textPath)
  }

  /// The lines of a saved mask set.
  private struct Saved {
    let path: String
    let lines: [Substring]
    /// The object on the first line.
    let header: JSONNode
    let vocabularyDigest: String
    /// Whether it asks for the tokens that come next, and not for masked words.
    var predictsNext: Bool { header["predicts"]?.stringValue == Self.nextTokens }

    static let nextTokens = "next"

    /// Reads a file whose first line is that of a mask set.
    init(_ path: String) throws {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw MaskSetError("\(path): cannot read this mask set; name another file with --mask-set")
      }
      self.path = path
      lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
      guard let first = lines.first, first.contains("vocabulary_sha256"),
        case let header = try Self.node(first, path, 0), let digest = header["vocabulary_sha256"]?.stringValue
      else {
        throw MaskSetError(
          "\(path):1: expected an object with the key vocabulary_sha256, as a mask set begins; name another file with --mask-set"
        )
      }
      self.header = header
      vocabularyDigest = digest
    }

    /// The object on a line.
    func node(_ index: Int) throws -> JSONNode { try Self.node(lines[index], path, index) }

    private static func node(_ line: Substring, _ path: String, _ index: Int) throws -> JSONNode {
      try JSONReader.read(String(line), name: "\(path):\(index + 1)")
    }
  }

  /// A saved mask set for a model.
  ///
  /// - Throws: `MaskSetError` for a mask set of another vocabulary or a file that is no mask set.
  package init(contentsOf path: String, for model: ModelFolder) throws {
    let saved = try Saved(path)
    let digest = saved.vocabularyDigest
    let own = try FileDigests().digest(ofFile: model.vocabularyPath)
    guard digest == own else {
      throw MaskSetError(
        "\(path): this mask set is of another tokenizer: its vocabulary's SHA-256 begins with \(digest.prefix(12)), that of "
          + "\(model.vocabularyPath) with \(own.prefix(12)); name another file with --mask-set")
    }
    guard saved.predictsNext == (model.configuration.architecture.mask == .causal) else {
      let (asked, predicted) = saved.predictsNext ? ("next tokens", "masked words") : ("masked words", "next tokens")
      throw MaskSetError(
        "\(path): this mask set asks for \(asked), and \(model.path) predicts \(predicted); name another file with "
          + "--mask-set")
    }
    let size = model.configuration.vocabularySize
    var sentences: [(tokens: [Int32], positions: [Int], targets: [Int32])] = []
    for index in saved.lines.indices.dropFirst() {
      let line = try saved.node(index)
      func integers(_ key: String) throws -> [Int] {
        guard let values = line[key]?.elements?.map(\.intValue), values.allSatisfy({ $0 != nil }) else {
          throw MaskSetError("\(path):\(index + 1): expected a list of whole numbers under \(key)")
        }
        return values.compactMap(\.self)
      }
      let (tokens, positions, targets) = (try integers("input_ids"), try integers("places"), try integers("targets"))
      guard !tokens.isEmpty, tokens.count <= model.configuration.longestSequence, positions.count == targets.count,
        !positions.isEmpty, positions.allSatisfy(tokens.indices.contains),
        zip(positions, positions.dropFirst()).allSatisfy(<),
        (tokens + targets).allSatisfy((0..<size).contains)
      else {
        throw MaskSetError(
          "\(path):\(index + 1): the sentence does not fit the model \(model.path): it is longer than \(model.configuration.longestSequence) "
            + "tokens, a token is none of its \(size), or places and targets do not belong together; name another file with "
            + "--mask-set")
      }
      sentences.append((tokens.map { Int32($0) }, positions, targets.map { Int32($0) }))
    }
    guard !sentences.isEmpty else {
      throw MaskSetError("\(path): the mask set has no sentences; remove it to draw it again")
    }
    batches = stride(from: 0, to: sentences.count, by: Self.batchSize).map { start in
      var (tokens, positions, targets, offsets): ([Int32], [Int], [Int32], [Int]) = ([], [], [], [0])
      for sentence in sentences[start..<min(start + Self.batchSize, sentences.count)] {
        positions += sentence.positions.map { $0 + tokens.count }
        targets += sentence.targets
        tokens += sentence.tokens
        offsets.append(tokens.count)
      }
      return (
        PackedSequences(
          tokenIdentifiers: tokens, typeIdentifiers: [Int32](repeating: 0, count: tokens.count), offsets: offsets),
        MaskedTokens(indices: positions, targets: targets)
      )
    }
  }
}
