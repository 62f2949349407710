// `seedsweep compare`: which recipes are more stable than which, within a folder or across folders. Reads journals, writes
// comparisons.csv and nothing else.

import CommandLine
import Foundation
import Reports
import Runs
import Storage
import Trials

/// What `compare` was asked to do.
struct CompareOptions: Equatable {
  var folders: [String]
  var reference: String?
  var output: String?
  var tables: TableOptions

  /// The options of a `compare` command.
  init(_ command: ParsedCommand) throws {
    folders = command.operands
    var reader = OptionReader(command)
    reference = reader.text("--reference")
    output = reader.fileName("--output", endingIn: ".csv")
    tables = reader.tableOptions()
    if folders.count > 1 {
      if output == nil { reader.fail("--output FILE.csv is missing: which folder's table is it, with several?") }
      if reference != nil {
        reader.fail("--reference names a variant of one folder; with several the first folder is the reference")
      }
    }
    try reader.finish()
  }
}

/// Compares recipes.
enum CompareCommand {
  /// Writes comparisons.csv and prints a sentence for every declared pair.
  static func perform(_ options: CompareOptions) throws -> ExitCode {
    let sources = try options.folders.map { path in
      let results = try ResultsFolder(path, command: "compare")
      results.reportDamage()
      return ComparisonPairs.Source(
        path: path, plan: results.plan,
        rows: try RunTables.summary(of: results.plan, from: results.index, options: options.tables))
    }
    let pairs: [ComparedPair]
    do {
      pairs =
        sources.count > 1
        ? try ComparisonPairs.across(sources)
        : try ComparisonPairs.declared(sources[0].plan, sources[0].rows, reference: options.reference)
    } catch let error as ComparisonError { throw Refusal("seedsweep compare: \(error)") }
    let path = options.output ?? RunFolder(options.folders[0]).comparisons
    let comparisons = Comparison.all(pairs, options: options.tables)
    try ComparisonsTable.write(comparisons, to: path, options: options.tables)
    report(comparisons)
    if pairs.contains(where: { $0.candidate.stop != nil || $0.reference.stop != nil }) {
      say(
        "Recipes could stop early (stop in the sweep), which these tests do not know of: they take the number of runs as\n"
          + "fixed. The intervals of rates that hold whenever one stops are stopped_low and stopped_high in summary.csv."
      )
    }
    let missing = sources.reduce(0) { $0 + $1.rows.reduce(0) { $0 + $1.missingCount } }
    if missing > 0 { say("\(missing) trial\(missing == 1 ? " has" : "s have") no result yet.") }
    say("Table: \(path)")
    return .success
  }

  /// Prints the sentences and what they rest upon.
  static func report(_ comparisons: [Comparison]) {
    for comparison in comparisons { say(comparison.sentence + "\n") }
    say(
      "One primary test a pair, of failure rates; spread and everything else in the table is secondary. Comparisons beyond\n"
        + "the declared ones are exploratory.")
  }
}
