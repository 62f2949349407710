// ensembles.csv: what the runs of a recipe answer together, for every number of members, from their kept predictions. One row for each
// recipe, kind of members, way of joining them and size. The answers are joined in `EnsemblePool`.

import Foundation
import Host
import Reports
import Statistics
import Storage
import Tables
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

  let configuration: PlannedConfiguration
  let draws: Draws
  /// Runs with a result whose predictions were not kept, are gone or are not those of the journal.
  private(set) var leftOutCount = 0
  /// Why there are no numbers.
  private(set) var obstacle: String?
  private(set) var memberCount = 0
  private(set) var exampleCount = 0
  fileprivate var curves: EnsembleCurves?

  /// The ensembles of every recipe of a plan, spread over the cores.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func all(
    _ plan: SweepPlan, from index: JournalIndex, folder: RunFolder, draws: Draws
  ) throws -> [RecipeEnsembles] {
    // Only read from: every record by its own system call.
    nonisolated(unsafe) let index = index
    let progress = try SequentialProgress(plan, from: index)
    let results = Array(plan.configurations.indices).concurrentMap { recipeIndex in
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
    let withResult = answers.filter { $0.outcome != nil }
    var files: [PredictionFile] = []
    for answers in withResult {
      guard case .success(let file) = answers.file,
        files.isEmpty || file.indices == files[0].indices && file.classCount == files[0].classCount
      else { continue }
      files.append(file)
    }
    leftOutCount = withResult.count - files.count
    memberCount = files.count
    obstacle = Self.obstacle(withResult, files)
    guard obstacle == nil else { return }
    exampleCount = files[0].exampleCount
    guard let labels = Self.labels(of: files) else {
      obstacle = "no run predicts some of the classes, so that nobody knows which logits are theirs"
      return
    }
    let metric = configuration.configuration.task.reportedMetric
    curves = EnsembleCurves(
      EnsemblePool(labels: labels, classCount: files[0].classCount, logits: files.map(\.logits)),
      drawCount: draws.count, seed: draws.seed
    ) { $0.value(of: metric) }
  }

  private static func obstacle(_ answers: [KeptAnswers], _ files: [PredictionFile]) -> String? {
    if files.count < 2 {
      let isKept = answers.contains { $0.file != nil }
      return answers.count < 2
        ? "fewer than two runs have a result"
        : "fewer than two runs have predictions"
          + (isKept ? " that are those of the journal" : "; record.predictions: \"final\" keeps them")
    }
    return files[0].classCount < 2 ? "the predictions are numbers, no classes" : nil
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

extension RecipeEnsembles {
  /// A row: a recipe, and ensembles of one kind and size unless nothing was computed.
  package struct Row: Sendable {
    var recipe: RecipeEnsembles
    var members = EnsembleCurves.Members.random
    var rule = EnsembleRule.logits
    var size = 0
    /// Nil where nothing was computed.
    var point: EnsembleCurves.Point?
  }

  /// The columns in order.
  package static let columns: [Column<Row>] = names + measures + conventions

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "ensembles.csv",
    "One row for each recipe, kind of members, way of joining them and size: the score of what the recipe's runs answer together "
      + "on the dev set. Written by `ensemble`.", columns)

  private static let names: [Column<Row>] = [
    Column("configuration_id", "The configuration's identifier.", role: .key) {
      .text($0.recipe.configuration.identifier)
    },
    Column("variant", "The variant's key in the sweep file.", role: .key) { .text($0.recipe.configuration.variant) },
    Column("task", "The task's name.", role: .key) { .text($0.recipe.configuration.configuration.taskName) },
    Column("metric", "The metric that scores the task.", role: .key) {
      .text($0.recipe.configuration.configuration.metricName)
    },
    Column(
      "members",
      "Who the members are: runs drawn at `random`, or the `selected` runs with the best scores on the half of the examples that "
        + "does not score the ensemble.", role: .key
    ) { .text($0.point == nil ? "" : $0.members.rawValue) },
    Column(
      "combination",
      "How their answers are joined: the mean of `logits`, the mean of `probabilities`, or the most `votes`.",
      role: .key
    ) { .text($0.point == nil ? "" : $0.rule.rawValue) },
    Column("size", "The number of members.", role: .key) { .integer($0.point == nil ? nil : $0.size) },
  ]

  private static let measures: [Column<Row>] = [
    Column("n_runs", "The runs that may be members.") { .integer($0.recipe.memberCount) },
    Column("n_without_predictions", "The recipe's runs with a result whose predictions cannot be joined.") {
      .integer($0.recipe.leftOutCount)
    },
    Column("n_examples", "The dev examples, one half of which scores an ensemble.") {
      .integer($0.point == nil ? nil : $0.recipe.exampleCount)
    },
    number("score", "The score of the ensemble, in the mean over the draws.") { Sample.mean($0.scores) },
    number("score_low", "The lower bound of the middle of the draws' scores.", role: .lowerBound(of: "score")) {
      Sample.quantile($0.scores, at: 0.025)
    },
    number("score_high", "The upper bound of the middle of the draws' scores.", role: .upperBound(of: "score")) {
      Sample.quantile($0.scores, at: 0.975)
    },
    number(
      "gain", "That score less the mean score of the single runs on the same examples, in the mean over the draws."
    ) {
      Sample.mean($0.gains)
    },
    number("gain_low", "The lower bound of the middle of the draws' gains.", role: .lowerBound(of: "gain")) {
      Sample.quantile($0.gains, at: 0.025)
    },
    number("gain_high", "The upper bound of the middle of the draws' gains.", role: .upperBound(of: "gain")) {
      Sample.quantile($0.gains, at: 0.975)
    },
    number(
      "disagreement", "The share of examples that two members answer differently, in the mean over pairs and draws."
    ) {
      Sample.mean($0.disagreements)
    },
  ]

  private static let conventions: [Column<Row>] = [
    Column("draws", "The draws of members and of halves of the examples.", role: .convention) {
      .integer($0.point == nil ? nil : $0.recipe.draws.count)
    },
    Column("draw_seed", "The seed of the draws.", role: .convention) {
      .text($0.point == nil ? nil : String($0.recipe.draws.seed))
    },
    Column("level", "The share of the draws that lies between the bounds.", role: .convention) {
      .number($0.point == nil ? nil : 0.95)
    },
    Column("not_computed", "Why there are no numbers; empty where there are.") { .text($0.recipe.obstacle) },
  ]

  private static func number(
    _ name: String, _ documentation: String, role: ColumnRole = .number,
    _ value: @escaping @Sendable (EnsembleCurves.Point) -> Double
  ) -> Column<Row> {
    Column(ColumnFacts(name: name, role: role, conventions: [], documentation: documentation)) { row in
      row.point.map { .finite(value($0)) } ?? .missing
    }
  }

  /// Writes ensembles.csv.
  ///
  /// - Throws: `FileError`.
  package static func write(_ recipes: [RecipeEnsembles], to path: String) throws {
    try columns.write(recipes.lazy.flatMap(\.rows), to: path)
  }

  private var rows: [Row] {
    guard let curves else { return [Row(recipe: self)] }
    return EnsembleCurves.Members.allCases.flatMap { members in
      EnsembleRule.allCases.flatMap { rule in
        (1...memberCount).map { size in
          Row(recipe: self, members: members, rule: rule, size: size, point: curves.point(members, rule, size: size))
        }
      }
    }
  }

  /// What ensembles bring, in words.
  package var sentence: String {
    let start = "\(configuration.configuration.taskName): \(configuration.recipeName): "
    guard let curves else { return start + "not computed: \(obstacle ?? "")." }
    func gain(_ members: EnsembleCurves.Members, _ size: Int) -> Double {
      Sample.mean(curves.point(members, .probabilities, size: size).gains)
    }
    let all = curves.point(.random, .probabilities, size: memberCount)
    let sizes = [2, 5, 10].filter { $0 < memberCount }
    let parts = sizes.map { String(format: "%d %+.4f", $0, gain(.random, $0)) }
    let selected = sizes.map { String(format: "%d %+.4f", $0, gain(.selected, $0)) }
    let few =
      parts.isEmpty
      ? "" : "; of random ones \(parts.joined(separator: ", ")); of the best \(selected.joined(separator: ", "))"
    return start
      + String(
        // All single runs on the halves that score, which a draw of some of them would only approximate.
        format: "single runs score %.4f; the mean probability of all %d gains %+.4f",
        Sample.mean(all.scores) - Sample.mean(all.gains), memberCount, Sample.mean(all.gains)) + few
      + String(format: "; two runs disagree on %.1f %% of the examples.", 100 * Sample.mean(all.disagreements))
      + (leftOutCount == 0 ? "" : " \(leftOutCount) without predictions.")
  }
}
