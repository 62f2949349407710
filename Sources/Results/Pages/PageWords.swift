// What a page says in sentences: the sweep, failure rates of recipes that are compared with none, and what a reader of the numbers
// would miss.

import Console
import Figures
import Foundation
import Host
import Reports
import Statistics
import Storage
import TrialTables
import Trials

/// Sentences of a page.
enum PageWords {
  /// A sweep in a sentence.
  static func sweep(_ source: PageFolder) -> String {
    let rows = source.recipes.map(\.row)
    let done = rows.reduce(0) { $0 + $1.count }
    let planned = done + rows.reduce(0) { $0 + $1.missingCount }
    let failed = rows.reduce(0) { $0 + $1.failedCount }
    var tasks: [String] = []
    for row in rows where !tasks.contains(row.task) { tasks.append(row.task) }
    let examples = rows.map(\.evaluationCount).max() ?? 0
    let metric = Set(rows.map(\.metric)).sorted().joined(separator: ", ").replacing("_", with: " ")
    let what =
      "\(counted(rows.count, "recipe")) on \(tasks.prefix(4).joined(separator: ", "))"
      + (tasks.count > 4 ? " and \(tasks.count - 4) more tasks" : "")
    let seeds =
      source.plan.map { plan in
        plan.seeds.allSatisfy(\.isTied)
          ? ", \(counted(plan.seeds.count, "seed")) each" : ", \(counted(plan.seeds.count, "set")) of seeds each"
      } ?? ""
    let scored =
      examples > 0 && tasks.count == 1 ? " (\(metric) on \(counted(examples, "dev example")))" : " (\(metric))"
    return "\(what)\(seeds)\(scored)\(model(source)): \(done) of \(counted(planned, "trial")) "
      + "\(done == 1 ? "has" : "have") a result, \(failed) failed."
  }

  /// The model, where all recipes have one.
  private static func model(_ source: PageFolder) -> String {
    guard let index = TrialColumns.configurationNames.firstIndex(of: "model") else { return "" }
    let models = Set(source.recipes.map { $0.row.hyperparameters[index] })
    guard models.count == 1, let model = models.first, !model.isEmpty else { return "" }
    return ", model \(model)"
  }

  /// That nothing but divergence counts as a failure; nil where more does.
  static func missingBaseline(_ source: PageFolder) -> String? {
    ConsoleTable.missingBaseline(source.options, source.recipes.map(\.row)).map {
      "No baseline was given, so a run that learned nothing counts as successful unless it diverged. With the score of a constant "
        + "classifier (\($0)) it counts as failed."
    }
  }

  /// How many pairs of recipes tell the two apart.
  static func pairs(_ decidedCount: Int, of count: Int) -> String {
    guard decidedCount > 0 else {
      return "In none of \(count) pairs is one recipe shown to be more stable than the other."
    }
    let otherCount = count - decidedCount
    let others = otherCount == 0 ? "" : "; the other \(otherCount) \(otherCount == 1 ? "does" : "do") not tell"
    return "In \(decidedCount) of \(count) pairs one recipe is more stable than the other\(others)."
  }

  /// That nothing was learned on a task.
  static func nothingLearned(_ source: PageFolder) -> [String] {
    NothingLearned.sentences(source.recipes.map(\.row), rule: source.options.rule)
  }

  /// How often each recipe failed.
  static func rates(_ recipes: [PageRecipe]) -> [String] {
    let prefix = ScoreFigures.prefixes(recipes)
    return recipes.filter { $0.row.count > 0 }.map { recipe in
      let counts =
        "\(prefix(recipe))\(recipe.name) failed in \(recipe.row.failedCount) of \(counted(recipe.row.count, "run"))"
      if let reason = missingRate(recipe) { return "\(counts); \(reason)." }
      let rate = recipe.numbers.text("failure_rate", digits: 2)
      let interval =
        "95 % interval \(recipe.numbers.text("failure_low", digits: 2)) to "
        + recipe.numbers.text("failure_high", digits: 2)
      guard let basis = estimate(recipe) else { return "\(counts): rate \(rate), \(interval)." }
      return recipe.numbers["failure_low"] == nil
        ? "\(counts) with a result. Its rate, \(rate), \(basis)."
        : "\(counts) with a result. Its rate, \(rate), \(interval) (Wilson's of two strata), \(basis)."
    }
  }

  /// Why a recipe has no failure rate although some of its runs have a result; nil where it has one.
  static func missingRate(_ recipe: PageRecipe) -> String? {
    guard recipe.row.count > 0 else { return nil }
    if recipe.row.isWaiting { return "there is no rate before stop.early has read every run" }
    return recipe.row.stoppedRuns?.rate.isNaN == true
      ? "there is no rate before some of the stopped runs have been finished" : nil
  }

  /// What the failure rate of a recipe rests on of which stop.early left runs without a result; nil for other recipes.
  static func estimate(_ recipe: PageRecipe) -> String? {
    recipe.row.stoppedRuns.map { runs in
      "is an estimate from \(counted(runs.endedCount, "run")) that went on and from the \(runs.finishedCount) of "
        + "\(counted(runs.stoppedCount, "stopped run")) that were finished"
    }
  }

  /// How many runs have no result; of imported ones nobody here knows whether they ever will.
  static func missing(_ recipes: [PageRecipe], asOf time: String) -> [String] {
    let imported = recipes.reduce(0) { $0 + ($1.row.rule == nil ? 0 : $1.row.missingCount) }
    let planned = recipes.reduce(0) { $0 + ($1.row.rule == nil ? $1.row.missingCount : 0) }
    var sentences: [String] = []
    if planned > 0 {
      sentences.append(
        "\(counted(planned, "trial")) \(planned == 1 ? "has" : "have") no result yet. What follows is as of \(time).")
    }
    if imported > 0 {
      sentences.append("\(counted(imported, "run")) \(imported == 1 ? "has" : "have") no result.")
    }
    return sentences
  }

  /// What the column `warnings` of summary.csv says, in words.
  static func warnings(_ recipes: [PageRecipe]) -> [String] {
    var recipesByWarning: [(warning: String, names: [String])] = []
    let prefix = ScoreFigures.prefixes(recipes)
    for recipe in recipes where recipe.row.count > 0 {
      let name = prefix(recipe) + recipe.name
      for warning in IntervalColumns.warnings(recipe.row, level: 0.95) {
        if let index = recipesByWarning.firstIndex(where: { $0.warning == warning }) {
          recipesByWarning[index].names.append(name)
        } else {
          recipesByWarning.append((warning, [name]))
        }
      }
    }
    return recipesByWarning.map { warning, names in
      let shown = names.prefix(4).joined(separator: "; ") + (names.count > 4 ? "; and \(names.count - 4) more" : "")
      return "\(meanings[warning] ?? warning) (\(warning)): \(shown)."
    }
  }

  private static let meanings = [
    "iqm_hides_failures": "The interquartile mean leaves out every failed run",
    "iqm_hides_successes": "The interquartile mean leaves out every successful run",
    "median_hides_failures": "The median is that of a successful run, although some failed",
    "median_hides_successes": "The median is that of a failed run, although some succeeded",
    "sd_successful_imprecise": "The standard deviation of the successful runs is hardly known",
    "one_run_no_spread": "One run has no spread",
    "runs_stopped_early":
      "Runs were stopped early and have no result: the rate is an estimate, and scores are those of the other runs",
    "unknown_tokens": "Many word pieces are unknown to the model's vocabulary",
  ]
}
