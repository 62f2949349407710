// Sentences without labels to pre-train on: those of a language inside the program, drawn anew for every step, or the lines of
// a text file in an order of their own each epoch. With a question about two sentences they come in pairs. Which sentences a step
// reads is a function of the seed and the step alone.

import Files
import Foundation
import SeedStreams
import Tables
import Tokenization

/// What a language model is pre-trained on and judged by.
package struct SentenceSource: Sendable {
  /// The held-out sentences, the same for every seed.
  package let heldOut: EncodedSet
  /// The sentences to train on; nil where each step draws its own.
  private let lines: EncodedSet?
  /// The order of the epoch that the last step was in; nil before the first.
  private(set) var lastOrder: (seed: UInt64, epoch: Int, indices: [Int])?
  /// What each step draws from; nil for a text.
  private let language: BuiltInLanguage?
  /// What is asked about two sentences; nil for single ones.
  private let pairs: SentencePairs?
  private let tokenizer: any Tokenizer
  private let maximumLength: Int

  /// The held-out sentences of a language inside the program.
  static let heldOutCount = 1000
  /// One line in `heldOutStride` of a text is held out.
  static let heldOutStride = 20
  private static let heldOutSeed: UInt64 = 2020

  /// A language's acceptable sentences, or its texts of two.
  ///
  /// - Throws: `DataError` for pairs of a language that has only single sentences.
  package init(
    of language: BuiltInLanguage, pairs: SentencePairs? = nil, for tokenizer: any Tokenizer, maximumLength: Int
  ) throws {
    if pairs != nil && language.pairs == nil {
      throw DataError("the language \"\(language.name)\" has no texts of two sentences; take another one or no pairs")
    }
    self.language = language
    self.pairs = pairs
    let sentences = Self.sentences(
      of: language, pairs, count: Self.heldOutCount, seed: Self.heldOutSeed, site: 3, step: 0)
    heldOut = EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength)
    lines = nil
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  /// Sentences or pairs, repetitions included.
  private static func sentences(
    of language: BuiltInLanguage, _ pairs: SentencePairs?, count: Int, seed: UInt64, site: UInt32, step: UInt32
  ) -> [LabeledText] {
    guard let pairs, let texts = language.pairs else { return language.sentences(count, seed, site, step) }
    var stream = SeedStream(seed: seed, purpose: .languageModelMask, site: site, step: step)
    return pairs.examples(of: texts(count + 1, seed, site, step), &stream)
  }

  /// The lines of a text, one sentence each; blank lines and lines without a word of the vocabulary are passed over, and
  /// every twentieth of the others is held out. With a question about two sentences, each line and the one behind it are an
  /// example, but for a line before a blank one, and examples that share a line with a held-out one are not trained on.
  ///
  /// - Throws: `DataError` if the file cannot be read, is not UTF-8 or has too few sentences or pairs.
  package init(
    contentsOf path: String, pairs: SentencePairs? = nil, tokenizer: any Tokenizer, task: any LanguageModelTask,
    maximumLength: Int
  ) throws {
    let lines = try Self.lines(of: path)
    let hasWords = lines.map { task.applies(to: tokenizer.encode($0, maximumLength: maximumLength).tokenIdentifiers) }
    let starts = lines.indices.filter { hasWords[$0] && (pairs == nil || $0 + 1 < lines.count && hasWords[$0 + 1]) }
    try Self.check(starts.count, path, pairs)
    let heldOutStarts = starts.enumerated().filter { $0.offset % Self.heldOutStride == Self.heldOutStride - 1 }
      .map(\.element)
    let heldOutLines = Set(heldOutStarts.flatMap { pairs == nil ? [$0] : [$0, $0 + 1] })
    let trained = starts.filter { !heldOutLines.contains($0) && (pairs == nil || !heldOutLines.contains($0 + 1)) }
    var stream = SeedStream(seed: Self.heldOutSeed, purpose: .languageModelMask, site: 3)
    func encoded(_ starts: [Int]) -> EncodedSet {
      let texts = starts.map {
        LabeledText(text: lines[$0], pair: pairs == nil ? nil : lines[$0 + 1], target: .classIndex(0))
      }
      return EncodedSet(
        pairs?.shuffledExamples(of: texts, &stream) ?? texts, tokenizer: tokenizer, maximumLength: maximumLength)
    }
    heldOut = encoded(heldOutStarts)
    self.lines = encoded(trained)
    language = nil
    self.pairs = pairs
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  /// Refuses a text of which too little would be held out.
  private static func check(_ count: Int, _ path: String, _ pairs: SentencePairs?) throws {
    switch pairs {
    case nil where count < heldOutStride:
      throw DataError(
        "\(path): \(count) \(count == 1 ? "sentence" : "sentences"), one on each line; at least \(heldOutStride) are needed, as "
          + "one in \(heldOutStride) is held out")
    case .some where count < 2 * heldOutStride:
      throw DataError(
        "\(path): \(count) \(count == 1 ? "pair" : "pairs") of a line and the next; at least \(2 * heldOutStride) are needed, as "
          + "one in \(heldOutStride) is held out, and another one gives its second sentence")
    default: break
    }
  }

  /// The lines of a text, all of them held out: nothing is trained on them.
  ///
  /// - Throws: `DataError` if the file cannot be read, is not UTF-8 or has no sentence.
  package init(
    judgingBy path: String, tokenizer: any Tokenizer, task: any LanguageModelTask, maximumLength: Int
  ) throws {
    let sentences = try Self.lines(of: path).filter {
      task.applies(to: tokenizer.encode($0, maximumLength: maximumLength).tokenIdentifiers)
    }.map { LabeledText(text: $0, target: .classIndex(0)) }
    guard !sentences.isEmpty else { throw DataError("\(path): no line has a word of the vocabulary") }
    heldOut = EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength)
    (lines, language, pairs) = (nil, nil, nil)
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  private static func lines(of path: String) throws -> [String] {
    let data = try InputFile.contents(of: path, operation: "read the text")
    guard String(validating: data, as: UTF8.self) != nil else {
      throw DataError("\(path): not valid UTF-8; save the file as UTF-8")
    }
    return TextLines.lines(of: data).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The sentences of a step, which counts from 0. The steps of an epoch share its order, which is kept for the next step.
  package mutating func batch(step: Int, size: Int, seed: UInt64) -> PackedBatch {
    if let language {
      let sentences = Self.sentences(of: language, pairs, count: size, seed: seed, site: 2, step: UInt32(step))
      return EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength).batch(0..<size)
    }
    guard let lines else { preconditionFailure("a text that is only judged by is not trained on") }
    let stepsPerEpoch = (lines.count + size - 1) / size
    let order = order(ofEpoch: step / stepsPerEpoch, count: lines.count, seed: seed)
    let start = step % stepsPerEpoch * size
    return lines.batch(order[start..<min(start + size, order.count)])
  }

  private mutating func order(ofEpoch epoch: Int, count: Int, seed: UInt64) -> [Int] {
    if let lastOrder, lastOrder.seed == seed, lastOrder.epoch == epoch { return lastOrder.indices }
    let indices = DataOrder(count: count, seed: seed).order(ofEpoch: epoch)
    lastOrder = (seed, epoch, indices)
    return indices
  }

  /// Bytes that the sentences take.
  package var byteCount: Int { heldOut.byteCount + (lines?.byteCount ?? 0) }

  /// The tokens of the longest sentences that a step of `size` sentences may read. Sentences that each step draws anew are
  /// taken to be as long as the longest held out.
  package func longestLengths(size: Int) -> [Int] {
    guard let lines else { return Array(repeating: heldOut.lengths.max() ?? 0, count: size) }
    return Array(lines.lengths.sorted(by: >).prefix(size))
  }

  /// The held-out sentences with the one fixed set of tokens to predict, in batches of `size` sentences.
  package func heldOutBatches(_ task: any LanguageModelTask, size: Int) -> [PredictedBatch] {
    var stream = SeedStream(seed: Self.heldOutSeed, purpose: .languageModelMask, site: 1)
    return stride(from: 0, to: heldOut.count, by: size).map { start in
      task.predictions(in: heldOut.batch(start..<min(start + size, heldOut.count)), &stream)
    }
  }
}

extension SyntheticLanguage {
  /// Acceptable sentences as the language's frequencies give them, repetitions included.
  @Sendable
  static func sentences(count: Int, seed: UInt64, site: UInt32, step: UInt32) -> [LabeledText] {
    var stream = SeedStream(seed: seed, purpose: .synthesis, site: site, step: step)
    return (0..<count).map { _ in LabeledText(text: Sentence.drawn(&stream).text, target: .classIndex(1)) }
  }
}
