// The languages inside the program as values: their words, the examples of their tasks and the texts to pre-train on. A
// language is one entry of `BuiltInLanguage.all`.

import SeedStreams
import Tables
import Tasks
import Trials

/// One set of examples of a built-in task.
package struct BuiltInSet: Equatable, Sendable {
  /// The number of examples.
  package var count: Int
  /// What their classes differ by.
  package var difficulty: TaskDifficulty
  /// Which of the task's streams draws them: 0 the training examples', 1 the evaluation's, 2 the test examples', 3 those of further
  /// dev sets.
  fileprivate(set) var stream = 0
  /// The step of that stream, which tells further dev sets apart.
  fileprivate(set) var step: UInt32 = 0

  /// A set of examples.
  package init(count: Int, difficulty: TaskDifficulty) {
    self.count = count
    self.difficulty = difficulty
  }

  fileprivate init(_ count: Int, _ difficulty: TaskDifficulty, stream: Int) {
    self.init(count: count, difficulty: difficulty)
    self.stream = stream
  }

  /// The set as a further dev set of a name. The stream hangs on the name (32-bit FNV-1a) and not on which other sets there are.
  fileprivate func further(_ name: String) -> BuiltInSet {
    var set = self
    set.stream = 3
    set.step = name.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    return set
  }
}

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
  /// Further dev sets, which are scored once at the end.
  package var devSets: [FinalSet<BuiltInSet>] = []

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

  /// The texts of the sets in their order: training, evaluation, if there is one test, and further dev sets.
  ///
  /// - Parameter draw: Draws a set's texts, none that is in `seen`, and adds them there.
  /// - Returns: No text of the first three sets stands in another set. Further dev sets may share texts with each other, because
  ///   which of them there are changes none.
  func drawn(_ draw: (BuiltInSet, _ seen: inout Set<String>) -> [LabeledText]) -> [[LabeledText]] {
    let first =
      [
        BuiltInSet(trainCount, difficulty, stream: 0),
        BuiltInSet(devCount, devDifficulty ?? difficulty, stream: 1),
      ] + (testDifficulty.map { [BuiltInSet(devCount, $0, stream: 2)] } ?? [])
    var seen: Set<String> = []
    let texts = first.map { draw($0, &seen) }
    return texts
      + devSets.map { set in
        var seenByThis = seen
        return draw(set.content.further(set.name), &seenByThis)
      }
  }

  /// The names of the sets that are scored once, in their order.
  fileprivate var finalNames: [String] {
    (testDifficulty == nil ? [] : [TaskSpecification.testSetName]) + devSets.map(\.name)
  }

  /// Refuses counts that are too small for two classes or too large for a language.
  ///
  /// - Throws: `DataError`.
  func checkCounts() throws {
    let allowed = Self.allowedCounts
    let counts = [("training", trainCount), ("dev", devCount)] + devSets.map { ($0.name, $0.content.count) }
    for (name, count) in counts where !allowed.contains(count) {
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
  /// The sets of a task as `BuiltInExamples.drawn` returns them.
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
    data.finalSets = zip(examples.finalNames, sets.dropFirst(2)).map { FinalSet($0, $1) }
    return data
  }
}
