// Sentences without labels to pre-train on: those of a language inside the program, drawn anew for every step, or the lines of
// a text file in an order of their own each epoch. With a question about two sentences they come in pairs. Which sentences a step reads is a function of the seed and the step alone.

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
  /// example, but for a line before a blank one.
  ///
  /// - Throws: `DataError` if the file cannot be read, is not UTF-8 or has fewer than 20 sentences.
  package init(
    contentsOf path: String, pairs: SentencePairs? = nil, tokenizer: any Tokenizer, task: any LanguageModelTask,
    maximumLength: Int
  ) throws {
    let sentences = try Self.sentences(path, pairs, tokenizer, task, maximumLength: maximumLength)
    guard sentences.count >= Self.heldOutStride else {
      let noun = sentences.count == 1 ? "sentence" : "sentences"
      throw DataError(
        "\(path): \(sentences.count) \(noun), one on each line; at least \(Self.heldOutStride) are needed, as one in "
          + "\(Self.heldOutStride) is held out")
    }
    func encoded(heldOut: Bool) -> EncodedSet {
      let chosen = sentences.enumerated().filter {
        ($0.offset % Self.heldOutStride == Self.heldOutStride - 1) == heldOut
      }
      return EncodedSet(chosen.map(\.element), tokenizer: tokenizer, maximumLength: maximumLength)
    }
    heldOut = encoded(heldOut: true)
    lines = encoded(heldOut: false)
    language = nil
    self.pairs = pairs
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  /// The lines of a text, all of them held out: nothing is trained on them.
  ///
  /// - Throws: `DataError` if the file cannot be read, is not UTF-8 or has no sentence.
  package init(
    judgingBy path: String, tokenizer: any Tokenizer, task: any LanguageModelTask, maximumLength: Int
  ) throws {
    let sentences = try Self.sentences(path, nil, tokenizer, task, maximumLength: maximumLength)
    guard !sentences.isEmpty else { throw DataError("\(path): no line has a word of the vocabulary") }
    heldOut = EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength)
    (lines, language, pairs) = (nil, nil, nil)
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  private static func sentences(
    _ path: String, _ pairs: SentencePairs?, _ tokenizer: any Tokenizer, _ task: any LanguageModelTask,
    maximumLength: Int
  ) throws -> [LabeledText] {
    let data = try InputFile.contents(of: path, operation: "read the text")
    guard String(validating: data, as: UTF8.self) != nil else {
      throw DataError("\(path): not valid UTF-8; save the file as UTF-8")
    }
    let lines = TextLines.lines(of: data).map { String(decoding: $0, as: UTF8.self) }
    func hasWords(_ line: String) -> Bool {
      task.applies(to: tokenizer.encode(line, maximumLength: maximumLength).tokenIdentifiers)
    }
    guard let pairs else { return lines.filter(hasWords).map { LabeledText(text: $0, target: .classIndex(0)) } }
    let texts = zip(lines, lines.dropFirst()).filter { hasWords($0) && hasWords($1) }
      .map { LabeledText(text: $0, pair: $1, target: .classIndex(0)) }
    var stream = SeedStream(seed: heldOutSeed, purpose: .languageModelMask, site: 3)
    let strangers = stream.permutation(texts.count)
    return zip(texts, strangers).map { pairs.example($0, stranger: texts[$1].pair, &stream) }
  }

  /// The sentences of a step, which counts from 0.
  package func batch(step: Int, size: Int, seed: UInt64) -> PackedBatch {
    if let language {
      let sentences = Self.sentences(of: language, pairs, count: size, seed: seed, site: 2, step: UInt32(step))
      return EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength).batch(0..<size)
    }
    guard let lines else { preconditionFailure("a text that is only judged by is not trained on") }
    let stepsPerEpoch = (lines.count + size - 1) / size
    let order = DataOrder(count: lines.count, seed: seed).order(ofEpoch: step / stepsPerEpoch)
    let start = step % stepsPerEpoch * size
    return lines.batch(order[start..<min(start + size, order.count)])
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
