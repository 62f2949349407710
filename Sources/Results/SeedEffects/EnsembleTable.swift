// ensembles.csv: one row for each recipe, kind of members, way of joining them and size; and the same in a sentence. The numbers are
// made in `RecipeEnsembles`.

import Ensembles
import Foundation
import Host
import Statistics
import Tables
import Trials

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
      "Who the members are: any runs (`random`), or the `selected` runs with the best scores on the half of the examples that does "
        + "not score the ensemble.", role: .key
    ) { .text($0.point == nil ? "" : $0.members.rawValue) },
    Column(
      "combination",
      "How their answers are joined: the mean of `logits`, the mean of `probabilities`, or the most `votes`; for regression the "
        + "mean of the `predictions`.", role: .key
    ) { .text($0.point == nil ? "" : $0.rule.rawValue) },
    Column("size", "The number of members.", role: .key) { .integer($0.point == nil ? nil : $0.size) },
  ]

  private static let measures: [Column<Row>] = [
    Column("n_runs", "The runs that may be members.") { .integer($0.recipe.memberCount) },
    Column("n_without_predictions", "The recipe's runs with a result whose predictions cannot be joined.") {
      .integer($0.recipe.leftOut.count)
    },
    Column("n_examples", "The dev examples, one half of which scores an ensemble.") {
      .integer($0.point == nil ? nil : $0.recipe.exampleCount)
    },
    number("score", "The score of the ensemble, in the mean over sets of members and draws of halves.") {
      $0.score.mean
    },
    number(
      "score_low", "The lower bound of the middle of the scores of those sets and draws.",
      role: .lowerBound(of: "score")
    ) { $0.score.low },
    number("score_high", "The upper bound of that middle.", role: .upperBound(of: "score")) { $0.score.high },
    number(
      "gain",
      "That score less the mean score of the single runs on the same examples; 0 for any single run, in the mean."
    ) { $0.gain.mean },
    number("gain_low", "The lower bound of the middle of the gains.", role: .lowerBound(of: "gain")) { $0.gain.low },
    number("gain_high", "The upper bound of the middle of the gains.", role: .upperBound(of: "gain")) { $0.gain.high },
    number(
      "disagreement",
      "The share of examples that two members answer differently, in the mean over pairs, sets and draws; for regression the root "
        + "of the mean squared difference of their predictions."
    ) { $0.disagreement },
  ]

  private static let conventions: [Column<Row>] = [
    Column(
      "all_sets",
      "Whether every set of members of that size was scored with every draw of halves, not one random set with each.",
      role: .convention
    ) { row in row.point.map { .flag($0.hasAllSets) } ?? .missing },
    Column("draws", "The draws of halves of the examples.", role: .convention) {
      .integer($0.point == nil ? nil : $0.recipe.draws.count)
    },
    Column("draw_seed", "The seed of the draws.", role: .convention) {
      .text($0.point == nil ? nil : String($0.recipe.draws.seed))
    },
    Column("level", "The share of the sets and draws that lies between the bounds.", role: .convention) {
      .number($0.point == nil ? nil : EnsembleCurves.Middle.level)
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
      curves.rules.flatMap { rule in
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
    let (rule, what) =
      isRegression ? (EnsembleRule.predictions, "mean prediction") : (.probabilities, "mean probability")
    func gain(_ members: EnsembleCurves.Members, _ size: Int) -> Double {
      curves.point(members, rule, size: size).gain.mean
    }
    let all = curves.point(.random, rule, size: memberCount)
    let sizes = [2, 5, 10].filter { $0 < memberCount }
    let parts = sizes.map { String(format: "%d %+.4f", $0, gain(.random, $0)) }
    let selected = sizes.map { String(format: "%d %+.4f", $0, gain(.selected, $0)) }
    let few =
      parts.isEmpty
      ? "" : "; of random ones \(parts.joined(separator: ", ")); of the best \(selected.joined(separator: ", "))"
    let difference =
      isRegression
      ? String(format: "; the predictions of two runs differ by %.4f (root mean square).", all.disagreement)
      : String(format: "; two runs disagree on %.1f %% of the examples.", 100 * all.disagreement)
    return start
      + String(
        format: "single runs score %.4f; the %@ of all %d gains %+.4f",
        curves.point(.random, rule, size: 1).score.mean, what, memberCount, all.gain.mean) + few + difference
      + (leftOut.count == 0 ? "" : " \(counted(leftOut.count, "run")) left out: \(leftOut.words).")
  }
}
