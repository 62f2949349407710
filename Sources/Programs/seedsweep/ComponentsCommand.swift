// `seedsweep components`: what initialization and data order each contribute to the spread, for sweeps that cross their
// seeds. Reads the journal, writes seed_components.csv and nothing else.

import CommandLine
import Reports
import Runs

/// Decomposes the spread over crossed seeds.
enum ComponentsCommand {
  /// Writes seed_components.csv and prints a sentence a recipe.
  static func perform(_ path: String, _ options: TableOptions) throws -> ExitCode {
    let results = try ResultsFolder(path, command: "components")
    results.reportDamage()
    let rows = try RunTables.summary(of: results.plan, from: results.index, options: options)
    guard let components = SeedComponents.all(results.plan, rows, options: options) else {
      throw Refusal(
        "seedsweep components: the seeds of \(path) do not cross initialization and order, each pair once; a sweep with "
          + "seeds: { init: [1, 2, 3], order: [1, 2, 3], design: \"crossed\" } does")
    }
    try SeedComponents.write(components, to: results.folder.seedComponents)
    for component in components { say(component.sentence) }
    say(
      "\nPrimary: the permutation test of the range of means. The analysis of variance of the best seed against the worst,\n"
        + "in the columns that begin with invalid_, is no valid test: the seeds were chosen by what it compares, and on\n"
        + "pure noise of 25 by 25 it finds p < .05 nine times in ten.")
    say("Table: \(results.folder.seedComponents)")
    return .success
  }
}
