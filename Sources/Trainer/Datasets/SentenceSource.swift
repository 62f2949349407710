// Sentences without labels to pre-train on: the built-in language's, drawn anew for every step, or the lines of a text
// file in an order of their own each epoch. Which sentences a step reads is a function of the seed and the step alone.

import Files
import Foundation
import SeedStreams
import Tables
import Tokenization

/// What a language model is pre-trained on and judged by.
package struct SentenceSource: Sendable {
  /// The held-out sentences, the same for every seed.
  package let heldOut: EncodedSet
  /// The sentences to train on; nil where each step draws its own from the built-in language.
  private let lines: EncodedSet?
  private let tokenizer: any Tokenizer
  private let maximumLength: Int

  /// The held-out sentences of the built-in language.
  static let heldOutCount = 1000
  /// One line in `heldOutStride` of a text is held out.
  static let heldOutStride = 20
  private static let heldOutSeed: UInt64 = 2020

  /// The built-in language's acceptable sentences.
  package init(syntheticFor tokenizer: any Tokenizer, maximumLength: Int) {
    let sentences = SyntheticLanguage.sentences(count: Self.heldOutCount, seed: Self.heldOutSeed, site: 3, step: 0)
    heldOut = EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength)
    lines = nil
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  /// The lines of a text, one sentence each; blank lines and lines without a word of the vocabulary are passed over, and
  /// every twentieth of the others is held out.
  ///
  /// - Throws: `DataError` if the file cannot be read, is not UTF-8 or has fewer than 20 sentences.
  package init(
    contentsOf path: String, tokenizer: any Tokenizer, task: any LanguageModelTask, maximumLength: Int
  ) throws {
    let sentences = try Self.sentences(path, tokenizer, task, maximumLength: maximumLength)
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
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  /// The lines of a text, all of them held out: nothing is trained on them.
  ///
  /// - Throws: `DataError` if the file cannot be read, is not UTF-8 or has no sentence.
  package init(
    judgingBy path: String, tokenizer: any Tokenizer, task: any LanguageModelTask, maximumLength: Int
  ) throws {
    let sentences = try Self.sentences(path, tokenizer, task, maximumLength: maximumLength)
    guard !sentences.isEmpty else { throw DataError("\(path): no line has a word of the vocabulary") }
    heldOut = EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength)
    lines = nil
    self.tokenizer = tokenizer
    self.maximumLength = maximumLength
  }

  private static func sentences(
    _ path: String, _ tokenizer: any Tokenizer, _ task: any LanguageModelTask, maximumLength: Int
  ) throws -> [LabeledText] {
    let data = try InputFile.contents(of: path, operation: "read the text")
    guard String(validating: data, as: UTF8.self) != nil else {
      throw DataError("\(path): not valid UTF-8; save the file as UTF-8")
    }
    return TextLines.lines(of: data).map { String(decoding: $0, as: UTF8.self) }.filter { line in
      task.applies(to: tokenizer.encode(line, maximumLength: maximumLength).tokenIdentifiers)
    }.map { LabeledText(text: $0, target: .classIndex(0)) }
  }

  /// The sentences of a step, which counts from 0.
  package func batch(step: Int, size: Int, seed: UInt64) -> PackedBatch {
    guard let lines else {
      let sentences = SyntheticLanguage.sentences(count: size, seed: seed, site: 2, step: UInt32(step))
      return EncodedSet(sentences, tokenizer: tokenizer, maximumLength: maximumLength).batch(0..<size)
    }
    let stepsPerEpoch = (lines.count + size - 1) / size
    let order = DataOrder(count: lines.count, seed: seed).order(ofEpoch: step / stepsPerEpoch)
    let start = step % stepsPerEpoch * size
    return lines.batch(order[start..<min(start + size, order.count)])
  }

  /// Bytes that the sentences take.
  package var byteCount: Int { heldOut.byteCount + (lines?.byteCount ?? 0) }

  /// The tokens of the longest sentences that a step of `size` sentences may read. Sentences of the built-in language, which
  /// each step draws anew, are taken to be as long as the longest held out.
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
  static func sentences(count: Int, seed: UInt64, site: UInt32, step: UInt32) -> [LabeledText] {
    var stream = SeedStream(seed: seed, purpose: .synthesis, site: site, step: step)
    return (0..<count).map { _ in LabeledText(text: Sentence.drawn(&stream).text, target: .classIndex(1)) }
  }
}
