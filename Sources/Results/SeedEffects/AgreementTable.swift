// agreement.csv: how much the final predictions of a recipe's runs differ, one row for each group of pairs: all pairs of runs, two
// successful ones, a failed with a successful one, two failed ones. The formulas are in `Votes` and `JensenShannon`.

import Foundation
import Host
import Reports
import Statistics
import Storage
import Tables
import Trials

/// How alike the runs of one recipe answer.
package struct RecipeAgreement: Sendable {
  /// Runs of one kind.
  struct Group {
    fileprivate var votes: Votes
    /// The probabilities of the first runs of the kind in plan order.
    fileprivate var probabilities: [ClassProbabilities] = []
    /// Whether these are right on each example, (runs, examples).
    fileprivate var correct: [[Bool]] = []
    /// The same of those runs of the kind that are among the first of both kinds.
    fileprivate var correctOfFirst: [[Bool]] = []
  }

  /// The runs of a recipe by kind.
  struct Groups {
    fileprivate var successful: Group
    fileprivate var failed: Group

    /// No runs yet.
    init(exampleCount: Int, classCount: Int) {
      let empty = Group(votes: Votes(exampleCount: exampleCount, classCount: classCount))
      (successful, failed) = (empty, empty)
    }

    /// Whether the first runs of both kinds are right on each example, (runs, examples), the successful ones first: as many of either
    /// kind as there are among the first `largestFirstCount` runs in plan order, so that the share of failed ones is that of a sample.
    var correctOfFirst: [[Bool]] { successful.correctOfFirst + failed.correctOfFirst }

    /// Adds the next run in plan order.
    mutating func add(_ file: PredictionFile, isFailed: Bool) {
      let count = successful.votes.modelCount + failed.votes.modelCount
      let isAmongFirst = count < RecipeAgreement.largestFirstCount
      if isFailed {
        failed.add(file, isAmongFirst: isAmongFirst)
      } else {
        successful.add(file, isAmongFirst: isAmongFirst)
      }
    }
  }

  /// One group of pairs.
  struct Pairs: Sendable {
    var name: String
    var runCount: Int
    var pairCount: Int
    var disagreement: Double
    var kappa = Double.nan
    var divergence: Double
    var divergencePairCount: Int
    var pointVariance = Double.nan
    var accuracyVariance = Double.nan
    var accuracy: Double
    var accuracyInterval = ConfidenceInterval.undefined
    var accuracyVarianceP = Double.nan
  }

  /// The runs of each kind whose probabilities are compared pair by pair, and which are resampled for intervals and rearranged for the
  /// p-value: that many, the first in plan order. Everything else goes over all runs.
  static let largestDivergenceCount = 100
  /// The runs that are resampled and rearranged where the kinds are taken together: that many, the first in plan order.
  static let largestFirstCount = 2 * largestDivergenceCount

  /// The runs whose predictions are in memory at a time.
  private static let blockSize = 512

  let configuration: PlannedConfiguration
  let metric: String
  let options: TableOptions
  private(set) var exampleCount = 0
  private(set) var classCount = 0
  /// Runs with a result whose predictions were not kept.
  private(set) var unkeptCount = 0
  /// Those of them that diverged, which leave none.
  private(set) var divergedCount = 0
  /// Runs whose predictions were kept and are gone.
  private(set) var missingCount = 0
  /// Runs whose predictions are not those of the journal.
  private(set) var damagedCount = 0
  /// Runs with a result that cannot be compared.
  fileprivate var leftOutCount: Int { unkeptCount + missingCount + damagedCount }
  private(set) var pairs: [Pairs] = []
  /// Whether there are numbers.
  package var isComputed: Bool { !pairs.isEmpty }
  /// What its runs answered; nil where nothing was computed.
  private var answers: RecipeAnswers?
  /// How it compares with its reference, the first one of several.
  private(set) var difference: AgreementDifference?
  private(set) var obstacle: String?
  /// The standard deviation of the scores of the runs.
  private(set) var scoreDeviation = Double.nan

  /// The agreement of every recipe of a plan, spread over the cores.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func all(
    _ plan: SweepPlan, from index: JournalIndex, folder: RunFolder, options: TableOptions
  ) throws -> [RecipeAgreement] {
    // Only read from: every record by its own system call.
    nonisolated(unsafe) let index = index
    let progress = try SequentialProgress(plan, from: index)
    let results = Array(plan.configurations.indices).concurrentMap { trialIndex in
      Result { try RecipeAgreement(plan, trialIndex, progress, from: index, folder: folder, options: options) }
    }
    var recipes = try results.map { try $0.get() }
    for pair in ComparisonPairs.indices(plan) where recipes[pair.candidate].difference == nil {
      guard let own = recipes[pair.candidate].answers, let other = recipes[pair.reference].answers else { continue }
      let name = recipes[pair.reference].configuration.recipeName
      recipes[pair.candidate].difference = AgreementDifference(own, less: other, name: name)
    }
    return recipes
  }

  private init(
    _ plan: SweepPlan, _ trialIndex: Int, _ progress: SequentialProgress?, from index: JournalIndex, folder: RunFolder,
    options: TableOptions
  ) throws {
    // Only read from, as above.
    nonisolated(unsafe) let index = index
    configuration = plan.configurations[trialIndex]
    metric = configuration.configuration.metricName
    self.options = options
    var groups: Groups?
    var firstIndices: [UInt8] = []
    var scores: [Double] = []
    let trialIndices = trialIndex * plan.seeds.count..<(trialIndex + 1) * plan.seeds.count
    let trials = trialIndices.filter { progress?.counts($0) ?? true }.map { plan.trials[$0] }
    for start in stride(from: 0, to: trials.count, by: Self.blockSize) {
      // Files are read on all cores and counted in plan order.
      let answers = trials[start..<min(start + Self.blockSize, trials.count)].map { $0 }.concurrentMap { trial in
        Result { try KeptAnswers(of: trial.identifier, from: index, folder: folder) }
      }
      for answer in answers {
        let answer = try answer.get()
        guard let outcome = answer.outcome else { continue }
        let file: PredictionFile
        switch answer.file {
        case nil:
          unkeptCount += 1
          if outcome.status == .diverged { divergedCount += 1 }
          continue
        case .failure(.missing):
          missingCount += 1
          continue
        case .success(let kept) where groups == nil || kept.indices == firstIndices && kept.classCount == classCount:
          file = kept
        case .success, .failure(.damaged):
          damagedCount += 1
          continue
        }
        if groups == nil {
          (exampleCount, classCount, firstIndices) = (file.exampleCount, file.classCount, file.indices)
          groups = Groups(exampleCount: exampleCount, classCount: classCount)
        }
        scores.append(outcome.value(options.score))
        if classCount < 2 { continue }
        groups?.add(file, isFailed: options.rule.failure(of: outcome, score: options.score) != nil)
      }
    }
    scoreDeviation = Sample.standardDeviation(scores, ddof: 1)
    guard let groups, scores.count > 1 else {
      obstacle = lackOfRuns
      return
    }
    if classCount < 2 {
      obstacle = "the predictions are numbers, no classes"
    } else {
      pairs = Self.pairs(groups)
      answers = RecipeAnswers(correct: groups.correctOfFirst, indices: firstIndices, accuracy: pairs[0].accuracy)
    }
  }

  /// Why there are fewer than two runs to compare.
  private var lackOfRuns: String {
    if leftOutCount == 0 { return "fewer than two runs have a result" }
    let start = "fewer than two runs have predictions"
    if missingCount + damagedCount > 0 { return start + " that are those of the journal" }
    return start
      + (divergedCount < unkeptCount
        ? "; record.predictions: \"final\" keeps them" : ", and runs that diverged leave none")
  }

  /// All pairs of runs, and then those of each kind.
  static func pairs(_ runs: Groups) -> [Pairs] {
    let (successful, failed) = (runs.successful, runs.failed)
    var both = successful.votes
    both.add(failed.votes)
    let groups = [
      within("successful", successful), across("failed_successful", failed, successful), within("failed", failed),
    ]
    // The mean over all pairs is that of the groups' means, each counted with its pairs.
    let counted = groups.filter { $0.pairCount > 0 }
    var all = Pairs(
      name: "all", runCount: both.modelCount, pairCount: both.pairCount, disagreement: both.disagreement,
      divergence: counted.reduce(0) { $0 + Double($1.pairCount) * $1.divergence } / Double(both.pairCount),
      divergencePairCount: counted.reduce(0) { $0 + $1.divergencePairCount }, accuracy: Sample.mean(both.accuracies))
    all.measure(both, runs.correctOfFirst)
    return [all] + groups
  }

  private static func within(_ name: String, _ group: Group) -> Pairs {
    let votes = group.votes
    let count = group.probabilities.count
    var pairs = Pairs(
      name: name, runCount: votes.modelCount, pairCount: votes.pairCount, disagreement: votes.disagreement,
      divergence: JensenShannon.mean(group.probabilities, exampleCount: votes.exampleCount),
      divergencePairCount: count * (count - 1) / 2, accuracy: Sample.mean(votes.accuracies))
    pairs.measure(votes, group.correct)
    return pairs
  }

  private static func across(_ name: String, _ one: Group, _ other: Group) -> Pairs {
    Pairs(
      name: name, runCount: one.votes.modelCount + other.votes.modelCount,
      pairCount: one.votes.modelCount * other.votes.modelCount, disagreement: one.votes.disagreement(with: other.votes),
      divergence: JensenShannon.mean(
        one.probabilities, other.probabilities, exampleCount: one.votes.exampleCount),
      divergencePairCount: one.probabilities.count * other.probabilities.count,
      accuracy: Sample.mean(one.votes.accuracies + other.votes.accuracies))
  }
}

extension RecipeAgreement.Pairs {
  /// Measures what goes over the runs. Of many runs the interval has the width of that of the first ones, which is wider than all of
  /// them would make it, and lies about the accuracy of all.
  ///
  /// - Parameter correct: Whether the first runs are right on each example, (runs, examples).
  fileprivate mutating func measure(_ votes: Votes, _ correct: [[Bool]]) {
    (kappa, pointVariance, accuracyVariance) = (votes.fleissKappa, votes.pointVariance, votes.accuracyVariance)
    guard correct.count > 1 else { return }
    accuracyVarianceP = DevSetSpread.permutationP(correct)
    let scores = DrawScores(correct: correct)
    accuracyInterval = MultiBootstrap().interval([scores]).moved(by: accuracy - scores.mean)
  }
}

extension RecipeAgreement.Group {
  fileprivate mutating func add(_ file: PredictionFile, isAmongFirst: Bool) {
    votes.add(file.predictions, areCorrect: file.areCorrect)
    if isAmongFirst { correctOfFirst.append(file.areCorrect) }
    if probabilities.count < RecipeAgreement.largestDivergenceCount {
      probabilities.append(ClassProbabilities(logits: file.logits, classCount: file.classCount))
      correct.append(file.areCorrect)
    }
  }
}

extension RecipeAgreement {
  /// A row: a recipe, and one group of pairs of its runs unless nothing was computed.
  package struct Row: Sendable {
    var recipe: RecipeAgreement
    var pairs: Pairs?
    /// In the row of all pairs: how the recipe compares with its reference.
    var difference: AgreementDifference?
  }

  /// The columns in order.
  package static let columns: [Column<Row>] = names + counts + measures + AgreementDifference.columns

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "agreement.csv",
    "One row for each recipe and group of pairs of its runs: how much their final predictions on the dev set differ. Written by "
      + "`agreement`.", columns)

  private static let names: [Column<Row>] = [
    Column("configuration_id", "The configuration's identifier.", role: .key) {
      .text($0.recipe.configuration.identifier)
    },
    Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.recipe.configuration.variant) },
    Column("task", "The task's name.", role: .key) { .text($0.recipe.configuration.configuration.taskName) },
    Column("metric", "The metric that scores the task.", role: .key) { .text($0.recipe.metric) },
    Column("failure_rule", "What counts as a failed run.", role: .key) { .text($0.recipe.options.rule.name) },
    Column(
      "pairs", "The group: `all` pairs of runs, two `successful` ones, `failed_successful`, or two `failed` ones.",
      role: .key
    ) { .text($0.pairs?.name ?? "all") },
  ]

  private static let counts: [Column<Row>] = [
    Column("n_runs", "The runs of the group.") { .integer($0.pairs?.runCount) },
    Column("n_pairs", "The pairs of runs of the group.") { .integer($0.pairs?.pairCount) },
    Column("n_without_predictions", "The recipe's runs with a result whose predictions cannot be compared.") {
      .integer($0.recipe.leftOutCount)
    },
    Column("n_examples", "The dev examples.") { .integer($0.pairs == nil ? nil : $0.recipe.exampleCount) },
    Column("n_classes", "The classes.") { .integer($0.pairs == nil ? nil : $0.recipe.classCount) },
  ]

  private static let measures: [Column<Row>] = [
    measure("mean_accuracy", "The mean accuracy of all runs of the group.") { $0.accuracy },
    measure("disagreement", "The share of examples that two runs answer differently, averaged over the pairs.") {
      $0.disagreement
    },
    measure("fleiss_kappa", "Fleiss' kappa of the group's predictions: agreement beyond chance.") { $0.kappa },
    measure(
      "jensen_shannon_nats",
      "The Jensen-Shannon divergence of two runs' class probabilities, averaged over examples and pairs.",
      .unit("nats")
    ) { $0.divergence },
    Column("n_jensen_shannon_pairs", "The pairs over which that divergence is averaged.") {
      .integer($0.pairs?.divergencePairCount)
    },
    measure(
      "per_point_variance", "The variance over runs of whether an example is answered right, averaged over examples.",
      .sampleDeviation
    ) { $0.pointVariance },
    measure("accuracy_variance", "The variance over runs of the accuracy.", .sampleDeviation) { $0.accuracyVariance },
    Column("ddof", "What is taken from n in the divisor of the row's variances.", role: .convention) {
      .integer($0.pairs == nil ? nil : 1)
    },
    Column("not_computed", "Why there are no numbers; empty where there are.") { .text($0.recipe.obstacle) },
    Column(
      "score", "The evaluation that scores a run and judges whether it failed: `final` or `best`.", role: .key
    ) { .text($0.recipe.options.score.rawValue) },
    Column(
      "mean_accuracy_low",
      "The lower bound of the interval of `mean_accuracy`, over other seeds and other examples; of more than 100 runs of a group, 200 where "
        + "`pairs` is `all`, those are resampled that come first, and the interval is moved so that it lies about `mean_accuracy`.",
      role: .lowerBound(of: "mean_accuracy"), multiBootstrap
    ) { $0.pairs.map { .finite($0.accuracyInterval.low) } ?? .missing },
    Column(
      "mean_accuracy_high", "The upper bound, likewise.", role: .upperBound(of: "mean_accuracy"), multiBootstrap
    ) { $0.pairs.map { .finite($0.accuracyInterval.high) } ?? .missing },
    Column(
      "chance_variance", "What independent errors of the runs alone would make of `accuracy_variance`.",
      .note("per_point_variance / n_examples")
    ) { row in row.pairs.map { .finite($0.pointVariance / Double(row.recipe.exampleCount)) } ?? .missing },
    measure(
      "accuracy_variance_p",
      "The p-value that the runs err independently: random arrangements of each example's right answers over the runs; of more than 100 "
        + "runs of a group, 200 where `pairs` is `all`, over those that come first."
    ) { $0.accuracyVarianceP },
  ]

  /// How the interval of the mean accuracy is made.
  static let multiBootstrap = Convention.interval("multi-bootstrap (Sellam et al. 2022), 1000 resamples, 95 %")

  private static func measure(
    _ name: String, _ documentation: String, _ convention: Convention? = nil,
    _ value: @escaping @Sendable (Pairs) -> Double
  ) -> Column<Row> {
    Column(
      ColumnFacts(
        name: name, role: .number, conventions: [convention].compactMap { $0 }, documentation: documentation)
    ) { row in row.pairs.map { .finite(value($0)) } ?? .missing }
  }

  /// Writes agreement.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ recipes: [RecipeAgreement], to path: String) throws {
    try columns.write(recipes.lazy.flatMap(\.rows), to: path)
  }

  private var rows: [Row] {
    guard obstacle == nil else { return [Row(recipe: self)] }
    return pairs.enumerated().map { Row(recipe: self, pairs: $1, difference: $0 == 0 ? difference : nil) }
  }

  /// How alike the runs answer, in words.
  package var sentence: String {
    let start = "\(configuration.configuration.taskName): \(configuration.recipeName): "
    guard obstacle == nil, let all = pairs.first else {
      return start + "not computed: \(obstacle ?? "")." + remarks
    }
    let parts = pairs.dropFirst().filter { $0.pairCount > 0 }.map { group in
      let title = group.name == "failed_successful" ? "a failed and a successful run" : "two \(group.name) runs"
      return String(format: "%@ %.1f %%", title, 100 * group.disagreement)
    }
    let text = String(
      format: "two of %d runs disagree on %.1f %% of %d examples", all.runCount, 100 * all.disagreement, exampleCount)
    let kappa = all.kappa.isNaN ? "Fleiss' kappa undefined" : String(format: "Fleiss' kappa %.3f", all.kappa)
    let rest = String(
      format: "%@, Jensen-Shannon divergence %.4f nats, per-point variance %.4f; sd of the score %.4f", kappa,
      all.divergence, all.pointVariance, scoreDeviation)
    let comparison = difference.map { " " + $0.sentence(of: configuration.recipeName) + "." } ?? ""
    return start + text + (parts.count > 1 ? " (\(parts.joined(separator: ", ")))" : "") + ": \(rest)." + comparison
      + remarks
  }

  /// What keeps runs out of the comparison.
  private var remarks: String {
    func remark(_ count: Int, _ one: String, _ several: String) -> String {
      count == 0 ? "" : " \(count) \(count == 1 ? one : several)."
    }
    return remark(obstacle == nil ? unkeptCount : 0, "run has no predictions", "runs have no predictions")
      + remark(missingCount, "run's predictions are missing", "runs' predictions are missing")
      + remark(
        damagedCount, "run's predictions are damaged; 'seedsweep verify' names the file",
        "runs' predictions are damaged; 'seedsweep verify' names the files")
  }
}
