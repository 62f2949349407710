// `seedsweep import`: the tables of runs that something else trained. Reads one tidy table or a folder of Trainer states;
// trains and journals nothing.

import CommandLine
import Foundation
import Imports
import Reports
import Runs
import Storage

/// Imports runs.
struct ImportCommand: Command {
  static let output = Flag(required: "--output", "DIR", "the folder of tables, created if missing", .folder)
  static let baseline = Flag(
    "--baseline", "TASK=SCORE", "the constant classifier's score on a task; once for every task",
    eachOf: ValueReader("expected TASK=SCORE such as RTE=0.5271") { TaskBaseline($0) }, required: true)
  static let pathPattern = Flag(
    "--path-pattern", "PATTERN", "how a folder's paths name runs, such as {task}/{variant}/seed-{seed}", .text)
  static let metricKey = Flag(
    "--metric-key", "NAME", "the score in a folder's log_history", .text, default: "eval_accuracy")
  static let tolerance = Flag(
    "--tolerance", "X", "by how much a rounded score may exceed the baseline and still count as failed",
    .number(atLeast: 0), default: 1e-5)
  static let reference = Flag(
    "--reference", "VARIANT", "the recipe to compare with", .text, unset: "the first")
  static let score = Flag(
    "--score", "final|best", "the score that is reported and judged", .choice, default: TableOptions().score)

  private static func column(_ column: ImportedRun.Column, _ help: String, unset: String? = nil) -> Flag<String?> {
    Flag("--\(column.rawValue)-column", "NAME", help, .text, unset: unset)
  }

  /// The flag that names each column of a table.
  static let columns: [(column: ImportedRun.Column, flag: Flag<String?>)] = ImportedRun.Column.allCases.map {
    switch $0 {
    case .task: ($0, column($0, "the column of the task", unset: "one task, called task"))
    case .variant: ($0, column($0, "the column of the recipe; a table needs it"))
    case .seed: ($0, column($0, "the column of the seed, a whole number; a table needs it"))
    case .metric: ($0, column($0, "the column of the metric's name", unset: "score"))
    case .final: ($0, column($0, "the column of the score at the end of training; a table needs it"))
    case .best: ($0, column($0, "the column of the best score during training"))
    case .finalElsewhere: ($0, column($0, "the column of the final model's score on other examples"))
    case .bestElsewhere: ($0, column($0, "the column of the best checkpoint's score on those"))
    }
  }

  private static func flags(_ chosen: ImportedRun.Column...) -> [any FlagDeclaration] {
    chosen.flatMap { column in columns.filter { $0.column == column }.map(\.flag) }
  }

  static let syntax = CommandSyntax(
    "import", "the same tables and comparisons for runs that something else trained",
    details: """
      Reads a table with one row for each run (.csv, .tsv or .jsonl), or the trainer_state.json files of Hugging Face's Trainer
      below a folder, and writes trials.csv, summary.csv and comparisons.csv. A run failed if its final score is not above the
      baseline of its task, which is the score of a constant classifier. Scores that choose checkpoints are half A of what the
      tables report; scores of the same models on other examples are half B.
      """,
    operands: [Operand("FILE", "the table, its columns named in its first line; or the folder")],
    flags: [output] + flags(.variant, .seed, .final) + [baseline]
      + flags(.task, .metric, .best, .finalElsewhere, .bestElsewhere)
      + [pathPattern, metricKey, tolerance, reference, score])

  private let request: ImportRequest
  private let output: String
  private let reference: String?
  private let score: ScoreChoice

  init(_ given: Given) {
    output = given[Self.output]
    reference = given[Self.reference]
    score = given[Self.score]
    let names = Self.columns.compactMap { column, flag in given[flag].map { (column, $0) } }
    var request = ImportRequest(path: given.operands[0], columns: Dictionary(uniqueKeysWithValues: names))
    request.pattern = given[Self.pathPattern]
    request.metricKey = given[Self.metricKey]
    request.tolerance = given[Self.tolerance]
    request.score = score
    for baseline in given[Self.baseline]
    where request.baselines.updateValue(baseline.score, forKey: baseline.task) != nil {
      given.fail("--baseline: '\(baseline.task)' is given twice")
    }
    self.request = request
    request.isFolder ? Self.checkFolder(request, given) : Self.checkTable(request, given)
    if request.columns[.bestElsewhere] != nil, request.columns[.finalElsewhere] == nil {
      given.fail("--best-b-column needs --final-b-column")
    }
  }

  private static func checkFolder(_ request: ImportRequest, _ given: Given) {
    if request.pattern?.contains("{seed}") != true {
      given.fail(
        "--path-pattern is missing or without {seed}: name the parts of the paths below \(request.path), such as "
          + "{task}/{variant}/seed-{seed}")
    }
    for (_, flag) in columns where given.isGiven(flag) {
      given.fail("\(flag.name) is for a table, and \(request.path) is a folder")
    }
  }

  private static func checkTable(_ request: ImportRequest, _ given: Given) {
    for (column, flag) in columns where [.variant, .seed, .final].contains(column) && !given.isGiven(flag) {
      given.fail("\(flag.name) NAME is missing, which a table needs")
    }
    if given.isGiven(pathPattern) { given.fail("\(pathPattern.name) is for a folder, and \(request.path) is none") }
    if given.isGiven(metricKey) { given.fail("\(metricKey.name) is for a folder, and \(request.path) is none") }
    if request.score == .best, request.columns[.best] == nil { given.fail("--score best needs --best-column") }
  }

  func perform(_ context: Context) throws -> ExitCode {
    let imported = try request.runs()
    let rows = imported.summary(score: score)
    let pairs = try imported.pairs(of: rows, reference: reference)
    for remark in imported.remarks { context.complain(remark) }
    let tables = TableOptions(score: score)
    let folder = RunFolder(output)
    try ImportedTables.create(folder)
    let comparisons = Comparison.all(pairs, options: tables)
    try ImportedTables.write(imported, rows, comparisons, from: try request.source(), to: folder, options: tables)
    put(ConsoleTable.text(rows, options: tables), to: STDOUT_FILENO)
    say("")
    if !comparisons.isEmpty {
      CompareCommand.report(comparisons, rule: tables.rule)
      say("")
    }
    say("Tables: \(folder.path)/summary.csv, trials.csv, comparisons.csv")
    return .success
  }
}
