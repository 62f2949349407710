// The built-in language against a recognizer written from its grammar, its counts, and the pinned text of its first
// sentences: results are comparable only while the generator does not change.

import Tasks
import Tokenization
import XCTest

@testable import Datasets

final class SyntheticLanguageTests: XCTestCase {
  private static func generate(
    _ difficulty: TaskDifficulty, form: SyntheticLanguage.Form = .sentence, trainCount: Int, devCount: Int, seed: UInt64
  ) throws -> TaskData {
    let task = try XCTUnwrap(BuiltInTask(name: form == .pair ? "synthetic-pairs" : "synthetic"))
    return try BuiltInLanguage.generate(
      BuiltInExamples(task, difficulty, trainCount: trainCount, devCount: devCount, seed: seed))
  }

  func testLabelsAgreeWithTheGrammar() throws {
    for difficulty in TaskDifficulty.allCases {
      let data = try Self.generate(difficulty, trainCount: 3000, devCount: 1000, seed: 5)
      for sentence in data.train + data.dev {
        XCTAssertEqual(
          sentence.target, .classIndex(Recognizer.accepts(sentence.text) ? 1 : 0), "\(difficulty): \(sentence.text)")
      }
    }
  }

  func testCountsAndNoRepetition() throws {
    for difficulty in TaskDifficulty.allCases {
      let data = try Self.generate(difficulty, trainCount: 2000, devCount: 501, seed: 1)
      XCTAssertEqual(data.train.count, 2000)
      XCTAssertEqual(data.dev.count, 501)
      XCTAssertEqual(data.train.filter { $0.target == .classIndex(1) }.count, 1040)
      XCTAssertEqual(data.dev.filter { $0.target == .classIndex(1) }.count, 261)
      XCTAssertEqual(Set((data.train + data.dev).map(\.text)).count, 2501)
      XCTAssertEqual(data.labelNames, ["unacceptable", "acceptable"])
    }
  }

  /// No word is unknown, none is cut, and sentences are short.
  func testTheVocabularyCoversTheLanguage() throws {
    let vocabulary = SyntheticLanguage.vocabulary
    XCTAssertEqual(Set(vocabulary).count, vocabulary.count)
    XCTAssertEqual(Array(vocabulary.prefix(5)), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    XCTAssertTrue(100...200 ~= vocabulary.count, "\(vocabulary.count)")
    let tokenizer = try TextTokenizer(wordPieces: vocabulary, lowercases: true)
    let data = try Self.generate(.distant, trainCount: 2000, devCount: 500, seed: 2)
    for sentence in data.train + data.dev {
      let words = sentence.text.split(separator: " ")
      XCTAssertEqual(tokenizer.tokenIdentifiers(of: sentence.text).map { vocabulary[Int($0)] }, words.map(String.init))
      XCTAssertTrue(3...15 ~= words.count, sentence.text)
    }
  }

  /// The grammar's structures are as frequent in one class as in the other: only the corruption tells them apart.
  func testStructureTellsNothing() throws {
    let data = try Self.generate(.distant, trainCount: 20_000, devCount: 4, seed: 3)
    for word in ["that", "near", "every"] {
      let shares = [0, 1].map { label in
        let sentences = data.train.filter { $0.target == .classIndex(label) }
        return Double(sentences.filter { $0.text.split(separator: " ").contains(Substring(word)) }.count)
          / Double(sentences.count)
      }
      // Two shares of about 10,000 sentences each differ by less than 4 standard errors, .028 at most, but for the few
      // determiners that a corruption takes away or changes.
      XCTAssertEqual(shares[0], shares[1], accuracy: 0.028, word)
    }
  }

  /// The acceptable sentence of a pair is where its class says, the other is one corruption away, and no pair comes twice.
  func testPairs() throws {
    for difficulty in TaskDifficulty.allCases {
      let data = try Self.generate(difficulty, form: .pair, trainCount: 2000, devCount: 501, seed: 1)
      XCTAssertEqual(data.labelNames, ["first", "second"])
      XCTAssertEqual(data.train.filter { $0.target == .classIndex(1) }.count, 1040)
      XCTAssertEqual(data.dev.filter { $0.target == .classIndex(1) }.count, 261)
      var seen: Set<String> = []
      for pair in data.train + data.dev {
        let texts = [pair.text, try XCTUnwrap(pair.pair)]
        let place = pair.target == .classIndex(1) ? 1 : 0
        XCTAssertEqual(texts.map(Recognizer.accepts), [place == 0, place == 1], "\(texts)")
        XCTAssertTrue(seen.insert(texts[place]).inserted, texts[place])
        let words = texts.map { $0.split(separator: " ").sorted() }
        let changes = words[0].difference(from: words[1]).count
        XCTAssertLessThanOrEqual(changes, 2, "\(texts)")
      }
    }
    let alone = try Self.generate(.local, trainCount: 2000, devCount: 4, seed: 1).train.map(\.text)
    let pairs = try Self.generate(.local, form: .pair, trainCount: 2000, devCount: 4, seed: 1).train
    XCTAssertNotEqual(Array(alone.prefix(3)), pairs.prefix(3).map(\.text), "the two tasks have streams of their own")
  }

  func testImpossibleCounts() {
    for (train, dev, expected) in [
      (3, 10, "synthetic task: 3 training sentences; allowed: 4 to 100000"),
      (10, 100_001, "synthetic task: 100001 dev sentences; allowed: 4 to 100000"),
    ] {
      XCTAssertThrowsError(try Self.generate(.order, trainCount: train, devCount: dev, seed: 1)) {
        XCTAssertEqual("\($0)", expected)
      }
    }
  }

  func testPinnedSentences() throws {
    let expected: [TaskDifficulty: [String]] = [
      .order: [
        "the dog sleeps here .",
        "* this cat above farmer likes many rivers .",
        "a new child behind my small dog helps these children .",
        "* big a teacher runs well .",
        "this dog sees the girl .",
        "the river above some tall dogs knows these horses .",
      ],
      .local: [
        "this cat above this farmer likes many rivers .",
        "* the small doctor that sees the dog sees these teacher .",
        "a big teacher runs well .",
        "* a birds near a red child like the teachers .",
        "a new dog sleeps slowly .",
        "every boy likes the birds .",
      ],
      .distant: [
        "this cat above this farmer likes many rivers .",
        "* my friend draws this quiet kings .",
        "the child sleeps here .",
        "* my teacher that helps my tree sees garden .",
        "these teachers like my small girl .",
        "every farmer near these dogs sleeps .",
      ],
    ]
    for (difficulty, sentences) in expected {
      let data = try Self.generate(difficulty, trainCount: 2000, devCount: 500, seed: 1)
      let found = (data.train.prefix(4) + data.dev.suffix(2)).map { text in
        text.target == .classIndex(1) ? text.text : "* " + text.text
      }
      XCTAssertEqual(found, sentences, "\(difficulty)")
    }
  }

  func testTheTaskReaderNamesTheTask() throws {
    let data = try TaskReader.load(
      TaskDescription(
        name: "grammar",
        source: .builtIn(BuiltInExamples(BuiltInTask.all[0], .local, trainCount: 40, devCount: 8, seed: 9)),
        subset: .init(size: 10, seed: 1)))
    XCTAssertEqual(data.name, "grammar")
    XCTAssertEqual(data.train.count, 10)
    XCTAssertEqual(data.dev.count, 8)
    XCTAssertEqual(data.files, [])
  }
}

/// Decides whether a sentence is in the grammar, by trying every reading; shares only the word lists with the generator.
private struct Recognizer {
  private typealias Number = GrammaticalNumber
  private let words: [String]

  static func accepts(_ sentence: String) -> Bool {
    let recognizer = Recognizer(words: sentence.split(separator: " ").map(String.init))
    return [Number.singular, .plural].contains { number in
      recognizer.subject(number, 0).contains { verb in
        recognizer.predicate(number, verb).contains { end in
          end == recognizer.words.count - 1 && recognizer.words[end] == "."
        }
      }
    }
  }

  private func word(_ place: Int) -> String { place < words.count ? words[place] : "" }

  /// Each function returns the places after every way to read its phrase from a place.
  private func subject(_ number: Number, _ place: Int) -> [Int] {
    phrase(number, place).flatMap { after -> [Int] in
      var ends = [after] + prepositionPhrase(after)
      if word(after) == "that" {
        for inner in [Number.singular, .plural] {
          ends += phrase(inner, after + 1).flatMap { verb(Lexicon.transitives, inner, $0) }
        }
        ends += verb(Lexicon.transitives, number, after + 1).flatMap(anyPhrase)
      }
      return ends
    }
  }

  private func predicate(_ number: Number, _ place: Int) -> [Int] {
    let transitive = verb(Lexicon.transitives, number, place).flatMap(anyPhrase)
    let intransitive = verb(Lexicon.intransitives, number, place).flatMap { after in
      [after] + prepositionPhrase(after) + (Lexicon.adverbs.contains(word(after)) ? [after + 1] : [])
    }
    return transitive + intransitive
  }

  private func prepositionPhrase(_ place: Int) -> [Int] {
    Lexicon.prepositions.contains(word(place)) ? anyPhrase(place + 1) : []
  }

  private func anyPhrase(_ place: Int) -> [Int] {
    phrase(.singular, place) + phrase(.plural, place)
  }

  private func phrase(_ number: Number, _ place: Int) -> [Int] {
    let marked = number == .singular ? Lexicon.singularDeterminers : Lexicon.pluralDeterminers
    guard (Lexicon.unmarkedDeterminers + marked).contains(word(place)) else { return [] }
    let noun = Lexicon.adjectives.contains(word(place + 1)) ? place + 2 : place + 1
    return Lexicon.nouns.contains { (number == .singular ? $0.0 : $0.1) == word(noun) } ? [noun + 1] : []
  }

  private func verb(_ stems: [String], _ number: Number, _ place: Int) -> [Int] {
    stems.contains { $0 + (number == .singular ? "s" : "") == word(place) } ? [place + 1] : []
  }
}
