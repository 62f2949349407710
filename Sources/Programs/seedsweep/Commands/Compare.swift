// `seedsweep compare`: which recipes are more stable than which, within a folder or across folders. Reads journals, writes
// comparisons.csv and nothing else.

import CommandLine
import Comparisons
import Files
import Foundation
import Reports
import Runs
import Storage
import Trials

/// Compares recipes.
struct CompareCommand: Command {
  static let reference = Flag("--reference", "VARIANT", "the variant to compare with", .text)
  static let output = Flag(
    "--output", "FILE.csv", "the table to write", .file(endingIn: ".csv"),
    unset: "comparisons.csv in DIR; needed for several folders")

  static let syntax = CommandSyntax(
    "compare", "which recipe is more stable, and how sure that is",
    details: """
      Compares the failure rates and the spread of recipes. In one folder every variant is compared with the sweep's
      compare.reference (by default its first) at the same grid values; in a sweep without variants every recipe is compared
      with the first. In several folders each recipe is compared with its counterpart in the first folder. Prints one sentence
      for each pair and writes comparisons.csv. Runs are judged as in DIR's tables; with another --failure-rule or --score and
      without --output these are made again first. The primary test is McNemar's where the seeds are the same and Boschloo's
      otherwise, adjusted by Holm over the pairs of a task.
      """,
    operands: [Operand(Operand.results.name, Operand.results.help, .some)],
    flags: [reference, output, Judgement.rule, Judgement.score])

  private let folders: [String]
  private let reference: String?
  private let output: String?
  private let judgement: Judgement

  init(_ given: Given) {
    folders = given.operands
    reference = given[Self.reference]
    output = given[Self.output]
    judgement = Judgement(given)
    given.refuseRepeated(folders)
    guard folders.count > 1 else { return }
    if output == nil {
      given.fail("--output FILE.csv is missing: the table of several folders belongs to none of them, so name its file")
    }
    if reference != nil {
      given.fail("--reference names a variant of one folder; with several the first folder is the reference")
    }
  }

  func perform(_ context: Context) throws -> ExitCode {
    let opened = try folders.map { path in
      let results = try ResultsFolder(path)
      results.reportDamage()
      return results
    }
    let path = output ?? RunFolder(folders[0]).comparisons
    let tables = try options(of: opened, output: path)
    let sources = try zip(folders, opened).map { path, results in
      ComparisonPairs.Source(
        path: path, plan: results.plan,
        rows: try RunTables.summary(of: results.plan, from: results.index, options: tables))
    }
    let pairs =
      sources.count > 1
      ? try ComparisonPairs.across(sources)
      : try ComparisonPairs.declared(sources[0].plan, sources[0].rows, reference: reference)
    let comparisons = Comparison.all(pairs, options: tables)
    Self.report(comparisons, rule: tables.rule)
    if pairs.contains(where: { $0.candidate.stop != nil || $0.reference.stop != nil }) {
      let isOfPairs = comparisons.contains { $0.evidence != nil }
      say(
        "Recipes could stop early (stop in the sweep), which these tests do not know of: they take the number of runs as\n"
          + "fixed. The intervals of rates that hold whenever one stops are stopped_low and stopped_high in summary.csv"
          + (isOfPairs ? ";\nthe e-values of comparisons hold whenever one stops." : ".")
      )
    }
    if let line = SweepPlan.arithmeticLine(of: opened.map(\.plan), named: folders) { say(line) }
    let missing = sources.reduce(0) { $0 + $1.rows.reduce(0) { $0 + $1.missingCount } }
    if missing > 0 { say("\(missing) trial\(missing == 1 ? " has" : "s have") no result yet.") }
    say(try write(comparisons, to: path, options: tables))
    return .success
  }

  /// Writes the table and returns a line about it. What a folder says can be read by those who may not write to it.
  private func write(_ comparisons: [Comparison], to path: String, options: TableOptions) throws -> String {
    do {
      try ComparisonsTable.write(comparisons, to: path, options: options)
      return "Table: \(path)"
    } catch let error as FileError where output == nil && error.isOfRights {
      return
        "No table is written, because \(folders[0]) cannot be written to: \(error.reason); --output FILE.csv names another file."
    }
  }

  /// How runs are judged: as in the folders' tables, which follow another judgement first if the table is one of theirs.
  private func options(of opened: [ResultsFolder], output: String) throws -> TableOptions {
    let files = [output, opened[0].folder.comparisons].map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    if opened.count == 1, files[0] == files[1] { return try judgement.adopted(by: opened[0]) }
    return try .common(of: opened, rule: judgement.rule, score: judgement.score)
  }

  /// Prints the sentences and what they rest upon.
  static func report(_ comparisons: [Comparison], rule: FailureRule) {
    for comparison in comparisons { say(comparison.sentence + "\n") }
    // A configuration has one row in each folder.
    var (rows, known): ([SummaryRow], [String: [SummaryRow]]) = ([], [:])
    for row in comparisons.flatMap({ [$0.pair.reference, $0.pair.candidate] })
    where !known[row.configurationIdentifier, default: []].contains(row) {
      known[row.configurationIdentifier, default: []].append(row)
      rows.append(row)
    }
    for sentence in NothingLearned.sentences(rows, rule: rule) { say(sentence + "\n") }
    say(
      "One primary test a pair, of failure rates; spread and everything else in the table is secondary. Comparisons beyond\n"
        + "the declared ones are exploratory.")
  }
}
