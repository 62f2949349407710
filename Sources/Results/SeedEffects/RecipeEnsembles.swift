// What the runs of a recipe answer together, for every number of members, from their kept predictions. The answers are joined in
// `ClassPool` and `NumberPool`; the table is in `EnsembleTable`.

import Ensembles
import Foundation
import Host
import Reports
import Statistics
import Storage
import TrialTables
import Trials

/// The ensembles of one recipe's runs.
package struct RecipeEnsembles: Sendable {
  /// How ensembles are drawn.
  package struct Draws: Sendable {
    package var count: Int
    package var seed: UInt64

    package init(count: Int, seed: UInt64) {
      self.count = count
      self.seed = seed
    }
  }

  /// Runs with a result that are no members, by the reason.
  struct LeftOut: Equatable, Sendable {
    /// They diverged, and so have no predictions.
    var divergedCount = 0
    /// Their predictions were not kept.
    var unkeptCount = 0
    /// Their predictions were kept and are gone.
    var missingCount = 0
    /// Their predictions are not those of the journal, or are of other examples than the first run's.
    var damagedCount = 0

    var count: Int { divergedCount + unkeptCount + missingCount + damagedCount }

    /// The numbers in words; nothing for none.
    var words: String {
      [
        (divergedCount, "diverged"), (unkeptCount, "without kept predictions"),
        (missingCount, "whose predictions are gone"), (damagedCount, "whose predictions are not those of the journal"),
      ].filter { $0.0 > 0 }.map { "\($0) \($1)" }.joined(separator: ", ")
    }
  }

  let configuration: PlannedConfiguration
  let draws: Draws
  private(set) var leftOut = LeftOut()
  /// Why there are no numbers.
  private(set) var obstacle: String?
  private(set) var memberCount = 0
  private(set) var exampleCount = 0
  /// Whether the runs predict numbers.
  private(set) var isRegression = false
  private(set) var curves: EnsembleCurves?

  /// Whether there are numbers.
  package var isComputed: Bool { curves != nil }

  /// The ensembles of the chosen recipes of a plan, spread over the cores.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func all(
    _ plan: SweepPlan, from index: JournalIndex, folder: RunFolder, choice: VariantChoice = VariantChoice([]),
    draws: Draws
  ) throws -> [RecipeEnsembles] {
    // Only read from: every record by its own system call.
    nonisolated(unsafe) let index = index
    let progress = try SequentialProgress(plan, from: index)
    let chosen = plan.configurations.indices.filter { choice.contains(plan.configurations[$0].variant) }
    let results = chosen.concurrentMap { recipeIndex in
      Result { () throws -> RecipeEnsembles in
        let trialIndices = recipeIndex * plan.seeds.count..<(recipeIndex + 1) * plan.seeds.count
        let answers = try trialIndices.filter { progress?.counts($0) ?? true }.map {
          try KeptAnswers(of: plan.trials[$0].identifier, from: index, folder: folder, keepsLabels: true)
        }
        return RecipeEnsembles(plan.configurations[recipeIndex], answers, draws: draws)
      }
    }
    return try results.map { try $0.get() }
  }

  private init(
    _ configuration: PlannedConfiguration, _ answers: [KeptAnswers], draws: Draws
  ) {
    self.configuration = configuration
    self.draws = draws
    let (files, confusions) = members(among: answers)
    memberCount = files.count
    guard files.count > 1 else {
      obstacle = reason(resultCount: files.count + leftOut.count)
      return
    }
    exampleCount = files[0].exampleCount
    isRegression = files[0].classCount < 2
    let metric = configuration.configuration.task.reportedMetric
    if isRegression {
      let labels = files[0].labels.compactMap(Double.init)
      guard labels.count == exampleCount else {
        obstacle = "the labels of the predictions are no numbers"
        return
      }
      let pool = NumberPool(labels: labels, predictions: files.map(\.logits)) {
        Correlation.value(of: metric, labels: $0, predictions: $1)
      }
      curves = EnsembleCurves(pool, drawCount: draws.count, seed: draws.seed)
    } else {
      guard let labels = Self.labels(of: files) else {
        obstacle = "no run predicts some of the classes, so that nobody knows which logits are theirs"
        return
      }
      let isReversed = Self.isReversed(files, labels: labels, confusions)
      let pool = ClassPool(labels: labels, classCount: files[0].classCount, logits: files.map(\.logits)) {
        (isReversed ? $0.reversed : $0).value(of: metric)
      }
      curves = EnsembleCurves(pool, drawCount: draws.count, seed: draws.seed)
    }
  }

  /// The predictions that can be joined, with the confusion of the evaluation that made each. The others are counted.
  private mutating func members(among answers: [KeptAnswers]) -> (files: [PredictionFile], confusions: [[[Int]]]) {
    var files: [PredictionFile] = []
    var confusions: [[[Int]]] = []
    for answers in answers {
      guard let outcome = answers.outcome else { continue }
      switch answers.file {
      case nil where outcome.status == .diverged: leftOut.divergedCount += 1
      case nil: leftOut.unkeptCount += 1
      case .failure(.missing): leftOut.missingCount += 1
      case .success(let file)
      where files.isEmpty || file.indices == files[0].indices && file.classCount == files[0].classCount:
        files.append(file)
        confusions.append(outcome.evaluations.last?.confusion ?? [])
      case .success, .failure(.damaged): leftOut.damagedCount += 1
      }
    }
    return (files, confusions)
  }

  /// Whether the runs kept a head that has two classes in another order than the task: then their journal counts the examples
  /// the other way round than the logits do, and a score is meant as the journal counts.
  static func isReversed(_ files: [PredictionFile], labels: [Int], _ confusions: [[[Int]]]) -> Bool {
    zip(files, confusions).contains { file, confusion in
      guard file.classCount == 2 else { return false }
      let matrix = ConfusionMatrix(labels: labels, predictions: file.predictions, classCount: 2)
      return confusion != matrix.counts && confusion == matrix.reversed.counts
    }
  }

  /// Why less than two members are no ensemble.
  private func reason(resultCount: Int) -> String {
    if resultCount < 2 { return "fewer than two runs have a result" }
    let advice =
      leftOut.unkeptCount > 0 ? "; a sweep with record.predictions: \"final\", which is the default, keeps them" : ""
    return "fewer than two runs have predictions (\(leftOut.words))" + advice
  }

  /// The class of each example, by the names under which the runs predict them; nil where a name stands for no class for certain.
  private static func labels(of files: [PredictionFile]) -> [Int]? {
    var classes: [String: Int] = [:]
    for file in files { for (index, name) in file.classNames { classes[name] = index } }
    let unknownNames = Set(files[0].labels).subtracting(classes.keys)
    let unknownClasses = Set(0..<files[0].classCount).subtracting(classes.values)
    if let name = unknownNames.first {
      // One name and one class are left over: they belong together.
      guard unknownNames.count == 1, unknownClasses.count == 1, let index = unknownClasses.first else { return nil }
      classes[name] = index
    }
    return files[0].labels.compactMap { classes[$0] }
  }
}
