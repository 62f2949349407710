// `seedsweep ensemble`: what the runs of a recipe answer together, from the predictions that its trials kept. Reads the journal and
// the predictions, writes ensembles.csv and nothing else.

import CommandLine
import Reports
import SeedEffects

/// Joins the predictions of a recipe's runs.
struct EnsembleCommand: Command {
  static let syntax = CommandSyntax(
    "ensemble", "what several runs of a recipe score together",
    details: """
      Joins the predictions that runs of a recipe kept of the dev set (record.predictions: "final"): by the mean of logits, the
      mean of probabilities and the most votes, or for regression by the mean. It does so for every number of runs, with any
      runs and with those of the best scores. Each draw cuts the examples into halves: one half selects the runs, the other
      scores them together. If a number of runs can be chosen in at most 200 ways, all of them are used. Writes ensembles.csv.
      """,
    operands: [.results], flags: [VariantChoice.flag, draws, seed])

  private static let draws = Flag(
    "--draws", "N", "how often halves and runs are drawn for each recipe", .count(atMost: 10_000), default: 200)
  private static let seed = Flag("--seed", "N", "the seed of the draws", .seed, default: 1)

  private let path: String
  private let choice: VariantChoice
  private let drawn: RecipeEnsembles.Draws

  init(_ given: Given) {
    path = given.operands[0]
    choice = VariantChoice(given)
    drawn = RecipeEnsembles.Draws(count: given[Self.draws], seed: given[Self.seed])
  }

  func perform(_ context: Context) throws -> ExitCode {
    let results = try ResultsFolder(path)
    try results.requireOwnTrainer(for: "ensemble", "the predictions of every trial")
    results.reportDamage()
    try choice.check(results.plan)
    let recipes = try RecipeEnsembles.all(
      results.plan, from: results.index, folder: results.folder, choice: choice, draws: drawn)
    guard recipes.contains(where: \.isComputed) else { throw Refusal(problems: recipes.map(\.sentence)) }
    for recipe in recipes { say(recipe.sentence) }
    try RecipeEnsembles.write(recipes, to: results.folder.ensembles)
    say("Table: \(results.folder.ensembles)")
    return .success
  }
}
