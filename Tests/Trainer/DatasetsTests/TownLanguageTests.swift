// The town language against a parser written from its page, its counts, and the pinned text of its first sentences: results are
// comparable only while the generator does not change.

import SeedStreams
import Tasks
import Tokenization
import XCTest

@testable import Datasets

final class TownLanguageTests: XCTestCase {
  private func data(
    _ task: String, _ difficulty: TaskDifficulty = .distant, dev: TaskDifficulty? = nil, test: TaskDifficulty? = nil,
    trainCount: Int = 300, devCount: Int = 100, seed: UInt64 = 5
  ) throws -> TaskData {
    try BuiltInLanguage.generate(
      BuiltInExamples(
        XCTUnwrap(BuiltInTask(name: task)), difficulty, dev: dev, test: test, trainCount: trainCount,
        devCount: devCount, seed: seed))
  }

  func testAcceptabilityAgreesWithTheGrammar() throws {
    for difficulty in TaskDifficulty.allCases {
      let data = try data("town-acceptability", difficulty)
      for sentence in data.train + data.dev {
        XCTAssertEqual(
          sentence.target, .classIndex(TownParser.readings(sentence.text).isEmpty ? 0 : 1),
          "\(difficulty): \(sentence.text)")
      }
    }
  }

  func testEntailmentAgreesWithTheRules() throws {
    for difficulty in TaskDifficulty.allCases {
      let data = try data("town-entailment", difficulty)
      for pair in data.train + data.dev {
        let (premises, hypotheses) = (TownParser.readings(pair.text), TownParser.readings(pair.pair ?? ""))
        XCTAssertFalse(premises.isEmpty || hypotheses.isEmpty, "\(pair)")
        let follows = premises.contains { premise in
          hypotheses.contains { TownMeaning.follows($0, from: premise) }
        }
        XCTAssertEqual(pair.target, .classIndex(follows ? 0 : 1), "\(difficulty): \(pair.text) \(pair.pair ?? "")")
      }
    }
  }

  /// The rare pairs that come close: places, whose class is named by another word, and nouns of one meaning on both sides of a verb.
  func testWhatDoesNotFollowIsNotSaidOtherwise() {
    var drawing = TownDrawing(SeedStream(seed: 7, purpose: .synthesis, site: 9))
    let house = TownLexicon.noun("house", .location, .thing)
    for _ in 0..<2000 {
      var clause = TownClause(
        subject: TownPhrase(determiner: .definite, noun: house, number: .singular), number: .singular,
        verb: TownLexicon.verb("collapse", frame: TownLexicon.intransitivesOfSubject[.location]?.elements[0] ?? 0))
      drawing.replaceNoun(&clause)
      XCTAssertFalse(["house", "place"].contains(clause.subject?.noun.singular), "a house is a place")
    }
    func phrase(_ noun: String) -> TownPhrase {
      TownPhrase(determiner: .definite, noun: TownLexicon.noun(noun, .person, .either), number: .singular)
    }
    let verb = TownLexicon.frames[0].verbs.elements[0]
    var clause = TownClause(subject: phrase("doctor"), number: .singular, verb: verb)
    clause.object = .phrase(phrase("physician"))
    XCTAssertTrue(clause.isBetweenNounsOfOneMeaning, "the doctor follows the physician")
    clause.object = .phrase(phrase("lawyer"))
    XCTAssertFalse(clause.isBetweenNounsOfOneMeaning)
  }

  func testParaphrasesSayTheSame() throws {
    let data = try data("town-paraphrase")
    for pair in data.train {
      let (first, second) = (TownParser.readings(pair.text), TownParser.readings(pair.pair ?? ""))
      let areEqual = first.contains { one in second.contains { TownMeaning.areEqual(one, $0) } }
      XCTAssertEqual(pair.target, .classIndex(areEqual ? 1 : 0), "\(pair)")
      XCTAssertNotEqual(pair.text, pair.pair)
    }
    // 68 % of 300 and of 100, as in MRPC.
    XCTAssertEqual(data.train.count { $0.target == .classIndex(1) }, 204)
    XCTAssertEqual(data.dev.count { $0.target == .classIndex(1) }, 68)
  }

  func testSimilarityFallsWithEveryDifference() throws {
    for pair in try data("town-similarity").train {
      guard case .value(let value) = pair.target else { return XCTFail("no number") }
      let (first, second) = (TownParser.readings(pair.text), TownParser.readings(pair.pair ?? ""))
      let differences = first.flatMap { one in second.map { TownMeaning.differences(one, $0) } }
        .min { $0.count < $1.count }
      XCTAssertEqual(value == 5, try XCTUnwrap(differences, "\(pair)").isEmpty, "\(pair)")
      XCTAssertTrue(0...5 ~= value && (2 * value).rounded() == 2 * value, "\(value)")
    }
  }

  func testCountsAndNoRepetition() throws {
    for task in ["town-acceptability", "town-entailment"] {
      let data = try data(task, .local, dev: .distant, test: .diagnostic)
      let test = try XCTUnwrap(data.test)
      XCTAssertEqual([data.train.count, data.dev.count, test.count], [300, 100, 100])
      let larger = task == "town-acceptability" ? 1 : 0
      for (set, count) in [(data.train, 156), (data.dev, 52), (test, 52)] {
        XCTAssertEqual(set.count { $0.target == .classIndex(larger) }, count, task)
      }
      XCTAssertEqual(Set((data.train + data.dev + test).map(\.text)).count, 500, task)
      // The training set does not depend on what it is judged by.
      XCTAssertEqual(try self.data(task, .local).train, data.train)
    }
  }

  /// No word is unknown, none is cut, and sentences are short.
  func testTheVocabularyCoversTheLanguage() throws {
    let vocabulary = BuiltInLanguage.town.vocabulary
    XCTAssertEqual(Set(vocabulary).count, vocabulary.count)
    XCTAssertTrue(1000...1500 ~= vocabulary.count, "\(vocabulary.count)")
    let tokenizer = try TextTokenizer(wordPieces: vocabulary, lowercases: true)
    var texts = BuiltInTask.all.filter { $0.language == "town" }.flatMap { task in
      (try? data(task.name, trainCount: 50, devCount: 4).train) ?? []
    }
    texts += TownTasks.texts(count: 200, seed: 1, site: 2, step: 0)
    texts += TownTasks.sentences(count: 200, seed: 1, site: 2, step: 0)
    for text in texts {
      for sentence in [text.text, text.pair].compactMap(\.self) {
        let words = sentence.split(separator: " ").map(String.init)
        XCTAssertEqual(tokenizer.tokenIdentifiers(of: sentence).map { vocabulary[Int($0)] }, words)
      }
      XCTAssertLessThanOrEqual(
        tokenizer.encode(text.text, pair: text.pair, maximumLength: 999).tokenIdentifiers.count, 64)
    }
  }

  func testSentencesWithoutLabelsAreAcceptable() {
    for text in TownTasks.sentences(count: 300, seed: 3, site: 2, step: 7) {
      XCTAssertFalse(TownParser.readings(text.text).isEmpty, text.text)
    }
  }

  /// The second sentence of a text has a pronoun, or a noun of the first, its synonym, that of its class or one of the class that
  /// the first names.
  func testTextsGoOn() {
    for text in TownTasks.texts(count: 300, seed: 3, site: 2, step: 7) {
      let (first, second) = (words(text.text), words(text.pair ?? ""))
      let named = Set(first.compactMap { ParsedWords.readNoun($0)?.0 })
      let known = named.union(named.compactMap { TownLexicon.nounSynonyms[$0] })
        .union(named.compactMap { ParsedWords.noun($0).map { $0.nounClass.word } })
      let again = second.compactMap { ParsedWords.readNoun($0)?.0 }.filter { noun in
        known.contains(noun) || ParsedWords.noun(noun).map { named.contains($0.nounClass.word) } ?? false
      }
      XCTAssertTrue(["he", "she", "it", "they"].contains(second[0]) || !again.isEmpty, "\(text)")
    }
  }

  private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  func testPinnedSentences() throws {
    let expected: [(String, TaskDifficulty, Target, String, String?)] = [
      ("town-acceptability", .local, .classIndex(1), "this apple that does not vanish did not ever spoil .", nil),
      ("town-acceptability", .local, .classIndex(0), "no beautiful kings opposite our trees cook any teachers .", nil),
      ("town-acceptability", .distant, .classIndex(1), "her trucks passed themselves quietly .", nil),
      ("town-acceptability", .distant, .classIndex(0), "befriended our men this dog that the wizard leashed .", nil),
      (
        "town-acceptability", .diagnostic, .classIndex(1),
        "every queen that some pigs adore waters some pretty trees quickly .", nil
      ),
      (
        "town-acceptability", .diagnostic, .classIndex(0), "my old plumber that my parrots chase thanked themselves .",
        nil
      ),
      (
        "town-entailment", .distant, .classIndex(0), "the lazy nurse enters the garden .",
        "the nurse enters the garden ."
      ),
      (
        "town-entailment", .distant, .classIndex(1), "every tourist cooked several carrots .",
        "every person cooked several carrots ."
      ),
      (
        "town-entailment", .diagnostic, .classIndex(0), "every person enters the garden .",
        "every nurse enters the garden ."
      ),
      (
        "town-entailment", .diagnostic, .classIndex(1), "the truck that my car reaches rattled upstairs .",
        "my car rattled ."
      ),
      (
        "town-paraphrase", .order, .classIndex(1), "this daughter translated some novels today .",
        "some novels were translated by this daughter today ."
      ),
      (
        "town-paraphrase", .order, .classIndex(1),
        "the new painter that irons my hats that his singer does not inspect leashed three horses .",
        "three horses were leashed by the new painter that irons my hats that his singer does not inspect ."
      ),
      (
        "town-similarity", .order, .value(2.5),
        "a queen that some kings do not fear patched the coat that our teacher examines .",
        "the shirt that our teacher examines was folded by a queen that some kings do not fear ."
      ),
      (
        "town-similarity", .order, .value(5.0), "our big carpenters that do not rest published some big books .",
        "our big carpenters that do not rest published some large books ."
      ),
    ]
    for (task, all) in Dictionary(grouping: expected, by: { "\($0.0) \($0.1)" }) {
      let (name, difficulty) = (all[0].0, all[0].1)
      let found = try data(name, difficulty, trainCount: 40, devCount: 4, seed: 1).train.prefix(2)
      XCTAssertEqual(
        Array(found), all.map { LabeledText(text: $0.3, pair: $0.4, target: $0.2) }, task)
    }
    let texts = TownTasks.texts(count: 3, seed: 1, site: 2, step: 0).map { "\($0.text) \($0.pair ?? "")" }
    XCTAssertEqual(
      texts,
      [
        "a singer that yawned leashes the lion often . a singer leashes the lion .",
        "the small workers behind our small plate transplant my pine . the small workers behind our small plate transplant my pine .",
        "some small aunts renovate our small houses . the houses collapse carefully .",
      ])
  }

  func testLabelNoiseIsWrongLabelsInTheTrainingSetAlone() throws {
    func data(_ share: Double, _ seed: UInt64 = 1) throws -> TaskData {
      let examples = BuiltInExamples(
        try XCTUnwrap(BuiltInTask(name: "town-acceptability")), trainCount: 200, devCount: 40, seed: 1)
      return try TaskReader.load(
        TaskDescription(
          name: "noisy", source: .builtIn(examples), labelNoise: share > 0 ? LabelNoise(share: share, seed: seed) : nil)
      )
    }
    let (plain, noisy) = (try data(0), try data(0.2))
    XCTAssertEqual(noisy.train.map(\.text), plain.train.map(\.text))
    XCTAssertEqual(noisy.dev, plain.dev)
    XCTAssertEqual(zip(noisy.train, plain.train).count { $0.target != $1.target }, 40)
    XCTAssertEqual(try data(0.2).train, noisy.train)
    XCTAssertNotEqual(try data(0.2, 2).train, noisy.train)
    var numbers = (0..<9).map { LabeledText(text: "\($0)", target: .value(Double($0))) }
    try LabelNoise(share: 0.5, seed: 1).apply(to: &numbers, of: "it", classCount: 0)
    XCTAssertEqual(numbers.enumerated().count { $1.target != .value(Double($0)) }, 5)
    var three = (0..<300).map { LabeledText(text: "\($0)", target: .classIndex($0 % 3)) }
    try LabelNoise(share: 0.99, seed: 1).apply(to: &three, of: "it", classCount: 3)
    XCTAssertEqual(three.enumerated().count { $1.target != .classIndex($0 % 3) }, 297)
    XCTAssertTrue(three.allSatisfy { [0, 1, 2].map(Target.classIndex).contains($0.target) })
  }

  /// A single number is replaced by that of a text that was not chosen, and noise that changes nothing is refused.
  func testLabelNoiseChangesALabelOrIsRefused() throws {
    for seed in UInt64(1)...20 {
      var numbers = (0..<5).map { LabeledText(text: "\($0)", target: .value(Double($0))) }
      try LabelNoise(share: 0.2, seed: seed).apply(to: &numbers, of: "it", classCount: 0)
      XCTAssertEqual(numbers.enumerated().count { $1.target != .value(Double($0)) }, 1)
    }
    func refusal(_ share: Double, count: Int) -> String {
      var texts = (0..<count).map { LabeledText(text: "\($0)", target: .value(Double($0))) }
      var message = ""
      XCTAssertThrowsError(try LabelNoise(share: share, seed: 1).apply(to: &texts, of: "a.csv", classCount: 0)) {
        message = "\($0)"
      }
      return message
    }
    XCTAssertEqual(
      refusal(0.01, count: 40),
      "a.csv: task.label_noise is 0.01 of 40 training texts, which is less than half a text, so that no label would be replaced; "
        + "raise it or remove it")
    XCTAssertEqual(
      refusal(0.9, count: 1),
      "a.csv: task.label_noise gives a text the number of another one, and there is one training text alone; remove this "
        + "key")
  }
}
