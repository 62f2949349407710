// The languages inside the program as values: their words, the examples of their tasks and the texts to pre-train on. A
// language is one entry of `BuiltInLanguage.all`.

import SeedStreams
import Tables
import Tasks
import Trials

/// What decides the examples of a built-in task.
package struct BuiltInExamples: Equatable, Sendable {
  /// The task.
  package var task: BuiltInTask
  /// What the classes of the training examples differ by.
  package var difficulty: TaskDifficulty
  /// The same of the evaluation examples; nil for that of the training examples.
  package var devDifficulty: TaskDifficulty?
  /// The same of the test examples, as many as the evaluation's; nil for none.
  package var testDifficulty: TaskDifficulty?
  /// The number of training examples.
  package var trainCount: Int
  /// The number of evaluation examples.
  package var devCount: Int
  /// The seed of all of them.
  package var seed: UInt64

  /// Examples of a task.
  package init(
    _ task: BuiltInTask, _ difficulty: TaskDifficulty = .order, dev: TaskDifficulty? = nil, test: TaskDifficulty? = nil,
    trainCount: Int, devCount: Int, seed: UInt64
  ) {
    self.task = task
    self.difficulty = difficulty
    devDifficulty = dev
    testDifficulty = test
    self.trainCount = trainCount
    self.devCount = devCount
    self.seed = seed
  }

  /// How many examples a set may have.
  static let allowedCounts = 4...100_000

  /// The sets in their order: training, evaluation and, if there is one, test.
  var sets: [(count: Int, difficulty: TaskDifficulty)] {
    [(trainCount, difficulty), (devCount, devDifficulty ?? difficulty)]
      + (testDifficulty.map { [(devCount, $0)] } ?? [])
  }

  /// Refuses counts that are too small for two classes or too large for a language.
  ///
  /// - Throws: `DataError`.
  func checkCounts() throws {
    let allowed = Self.allowedCounts
    for (name, count) in [("training", trainCount), ("dev", devCount)] where !allowed.contains(count) {
      throw DataError(
        "\(task.language) task: \(count) \(name) sentences; allowed: \(allowed.lowerBound) to \(allowed.upperBound)")
    }
  }
}

/// A language inside the program.
package struct BuiltInLanguage: Sendable {
  /// Texts of a language without labels: how many, by which seed, site and step.
  package typealias Texts = @Sendable (_ count: Int, _ seed: UInt64, _ site: UInt32, _ step: UInt32) -> [LabeledText]

  /// Its name, which its tasks have as `BuiltInTask.language`.
  package let name: String
  /// The WordPiece vocabulary of a model for it: the special tokens and every word, in identifier order.
  package let vocabulary: [String]
  /// The sets of a task in the order of `BuiltInExamples.sets`; no text of one stands in another.
  let sets: @Sendable (BuiltInExamples) -> [[LabeledText]]
  /// Acceptable sentences as the language's frequencies give them, repetitions included.
  let sentences: Texts
  /// Two sentences of one text as the text and its pair; nil where the language has only single sentences.
  let pairs: Texts?
  /// What a reader who knows the grammar loses on masked words; nil for a batch or a language of which it is not known.
  package let idealLosses: @Sendable (PredictedBatch) -> [Double]?

  /// Every language.
  package static let all = [synthetic, town]

  /// The language of a name.
  ///
  /// - Throws: `DataError` for a name that none has.
  package static func named(_ name: String) throws -> BuiltInLanguage {
    if let language = all.first(where: { $0.name == name }) { return language }
    let names = all.map(\.name).joined(separator: ", ")
    throw DataError("there is no language \"\(name)\" inside the program; the languages are \(names)")
  }

  /// The language of single sentences with 135 tokens.
  package static let synthetic = BuiltInLanguage(
    name: "synthetic", vocabulary: SyntheticLanguage.vocabulary, sets: SyntheticLanguage.sets,
    sentences: SyntheticLanguage.sentences, pairs: nil, idealLosses: SyntheticLanguage.idealLosses)

  /// The language with more than 1,000 words, and with texts of two sentences.
  package static let town = BuiltInLanguage(
    name: "town", vocabulary: TownTasks.vocabulary, sets: TownTasks.sets, sentences: TownTasks.sentences,
    pairs: TownTasks.texts, idealLosses: { _ in nil })

  /// A task's examples.
  ///
  /// - Throws: `DataError` if a count is too small for two classes or too large for the language.
  package static func generate(_ examples: BuiltInExamples) throws -> TaskData {
    try examples.checkCounts()
    let sets = try named(examples.task.language).sets(examples)
    var data = TaskData(
      name: examples.task.name, labelNames: examples.task.labelNames, train: sets[0], dev: sets[1])
    if sets.count > 2 { data.finalSets = [FinalSet(TaskSpecification.testSetName, sets[2])] }
    return data
  }
}
