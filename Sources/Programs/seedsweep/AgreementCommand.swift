// `seedsweep agreement`: whether the runs of a recipe answer alike, from the predictions that its trials kept. Reads the
// journal and the predictions, writes agreement.csv and nothing else.

import CommandLine
import Reports
import Runs

/// Compares the predictions of a recipe's runs.
enum AgreementCommand {
  /// Writes agreement.csv and prints a sentence a recipe.
  static func perform(_ path: String, _ options: TableOptions) throws -> ExitCode {
    let results = try ResultsFolder(path, command: "agreement")
    results.reportDamage()
    let recipes = try RecipeAgreement.all(
      results.plan, from: results.index, folder: results.folder, options: options)
    try RecipeAgreement.write(recipes, to: results.folder.agreement)
    for recipe in recipes { say(recipe.sentence) }
    say("Table: \(results.folder.agreement)")
    return .success
  }
}
