// `seedsweep pick`: what keeping the best of n runs brings, for every n and at equal cost. Reads the journal, writes best_of_n.csv and
// nothing else.

import CommandLine
import Reports
import SeedEffects

/// Tells what picking the best run brings.
struct PickCommand: Command {
  static let syntax = CommandSyntax(
    "pick", "what keeping the best of several runs brings",
    details: """
      Computes for every recipe and every n the expected score of the best of n runs, with a band, what remains of it if one
      half of the dev set chooses and the other measures, and the steps that n runs take. Compares the recipes of a task
      at equal cost: for the same number of steps, or of training examples where batch sizes differ. Recipes with other
      models, lengths, data, precision or frozen layers are not compared, because their steps do not cost the same. Writes
      best_of_n.csv. A run that diverged counts with the constant classifier's score.
      """,
    operands: [.results], flags: [VariantChoice.flag, Judgement.rule, Judgement.score])

  private let path: String
  private let choice: VariantChoice
  private let judgement: Judgement

  init(_ given: Given) {
    path = given.operands[0]
    choice = VariantChoice(given)
    judgement = Judgement(given)
  }

  func perform(_ context: Context) throws -> ExitCode {
    let results = try ResultsFolder(path)
    results.reportDamage()
    try choice.check(results.plan)
    let options = try judgement.adopted(by: results)
    let rows = try RunTables.summary(of: results.plan, from: results.index, options: options)
    let recipes = BestOfRuns.all(results.plan, rows, options: options).filter { choice.contains($0.row.variant) }
    guard recipes.contains(where: \.isComputed) else { throw Refusal(problems: recipes.map(\.sentence)) }
    for recipe in recipes { say(recipe.sentence) }
    for sentence in BestOfRuns.budgetSentences(recipes) { say(sentence) }
    try BestOfRuns.write(recipes, to: results.folder.bestOfN)
    say("Table: \(results.folder.bestOfN)")
    return .success
  }
}
