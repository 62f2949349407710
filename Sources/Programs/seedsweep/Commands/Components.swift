// `seedsweep components`: what initialization and data order each contribute to the spread, for sweeps that cross their
// seeds. Reads the journal, writes seed_components.csv and nothing else.

import CommandLine
import Reports
import SeedEffects

/// Decomposes the spread over crossed seeds.
struct ComponentsCommand: Command {
  static let syntax = CommandSyntax(
    "components", "how much of the spread comes from initialization, data order and dropout, where seeds are crossed",
    details: """
      For a sweep with crossed seeds: splits the spread of every recipe into the parts that come from the seeds of
      initialization, of the data order, of dropout (where it is crossed too) and from the rest, with an interval and a
      permutation test for each. Writes seed_components.csv. A run that diverged counts with the constant classifier's score.
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
    results.reportDamage()
    let options = try judgement.adopted(by: results)
    let rows = try RunTables.summary(of: results.plan, from: results.index, options: options)
    guard let components = SeedComponents.all(results.plan, rows, options: options) else {
      throw Refusal(
        "the seeds of \(path) do not cross initialization and order, each pair once; a sweep with "
          + "seeds: { init: [1, 2, 3], order: [1, 2, 3], design: \"crossed\" } does")
    }
    for component in components { say(component.sentence) }
    say(
      "\nPrimary: the permutation test of the range of means. The analysis of variance of the best seed against the worst,\n"
        + "in the columns that begin with invalid_, is no valid test: the seeds were chosen by what it compares, and on\n"
        + "pure noise of 25 by 25 it finds p < .05 nine times in ten.")
    try SeedComponents.write(components, to: results.folder.seedComponents)
    say("Table: \(results.folder.seedComponents)")
    return .success
  }
}
