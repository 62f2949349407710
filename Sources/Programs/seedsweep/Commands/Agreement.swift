// `seedsweep agreement`: whether the runs of a recipe give the same answers, from the predictions that its trials kept. Reads
// the journal and the predictions, writes agreement.csv and nothing else.

import CommandLine
import Reports
import SeedEffects

/// Compares the predictions of a recipe's runs.
struct AgreementCommand: Command {
  static let syntax = CommandSyntax(
    "agreement", "how far the predictions of a recipe's runs agree",
    details: """
      Compares the predictions that trials kept of the dev set (record.predictions: "final") over the runs of each recipe:
      pairwise disagreement, Fleiss' kappa, Jensen-Shannon divergence and the variance of being right about an example, over
      all pairs of runs, pairs of successful runs, pairs of failed runs and pairs of one of each. Writes agreement.csv.
      """,
    operands: [.results], flags: [Judgement.rule, Judgement.score])

  private let path: String
  private let judgement: Judgement

  init(_ given: Given) {
    path = given.operands[0]
    judgement = Judgement(given)
  }

  func perform(_ context: Context) throws -> ExitCode {
    let results = try ResultsFolder(path)
    try results.requireOwnTrainer(for: "agreement", "the predictions of every trial")
    results.reportDamage()
    let options = try judgement.adopted(by: results)
    let recipes = try RecipeAgreement.all(results.plan, from: results.index, folder: results.folder, options: options)
    guard recipes.contains(where: \.isComputed) else { throw Refusal(problems: recipes.map(\.sentence)) }
    for recipe in recipes { say(recipe.sentence) }
    try RecipeAgreement.write(recipes, to: results.folder.agreement)
    say("Table: \(results.folder.agreement)")
    return .success
  }
}
