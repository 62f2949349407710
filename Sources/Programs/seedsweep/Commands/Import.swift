// `seedsweep import`: the tables of runs that something else trained. Reads one tidy table or a folder of Trainer states;
// trains and journals nothing.

import CommandLine
import Comparisons
import Console
import Foundation
import Imports
import JSON5
import Pages
import Reports
import Runs
import Storage
import Tables

/// Imports runs.
struct ImportCommand: Command {
  static let output = Flag(required: "--output", "DIR", "the folder of tables, created if missing", .folder)
  static let baseline = Flag(
    "--baseline", "TASK=SCORE",
    "a constant classifier's score on a task, once for each task; without it only diverged runs fail",
    eachOf: ValueReader("expected TASK=SCORE such as RTE=0.5271") { TaskBaseline($0) })
  static let variantColumn = Flag(
    "--variant-column", "NAME[,NAME]", "the column of the recipe, or several; without it there is one recipe",
    eachOf: ValueReader<String>.text)
  static let hyperparameter = Flag(
    "--hyperparameter", "KEY=NAME",
    "the column of a hyperparameter that has an unusual name, such as learning_rate=peak",
    eachOf: ValueReader("expected KEY=NAME such as learning_rate=peak, KEY a column of trials.csv") {
      HyperparameterColumn($0)
    })
  static let pathPattern = Flag(
    "--path-pattern", "PATTERN",
    "how a folder's paths name runs, such as {task}/{variant}/seed-{seed}; {any} is other text", .text)
  static let metricKey = Flag(
    "--metric-key", "NAME", "the score in a folder's log_history", .text, default: "eval_accuracy")
  static let lowerIsBetter = Flag("--lower-is-better", "a lower score is better, as for a loss or an error rate")
  static let higherIsBetter = Flag(
    "--higher-is-better", "a higher score is better, although it is named like a loss")
  static let countUnfinished = Flag(
    "--count-unfinished", "runs that ended before their last step count with their last score")
  static let skipAfterTraining = Flag(
    "--skip-after-training", "a folder's evaluations after training do not count, such as those of a test set")
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

  /// The flag that names each column of a table; the recipe has one of its own, which may name several.
  static let columns: [(column: ImportedRun.Column, flag: Flag<String?>)] = ImportedRun.Column.allCases.compactMap {
    switch $0 {
    case .variant: nil
    case .task: ($0, column($0, "the column of the task", unset: "one task, called task"))
    case .seed: ($0, column($0, "the column of the seed, a whole number; a table needs it"))
    case .metric: ($0, column($0, "the column of the metric's name", unset: "score"))
    case .final: ($0, column($0, "the column of the score at the end of training; a table needs it"))
    case .best: ($0, column($0, "the column of the best score during training"))
    case .finalElsewhere: ($0, column($0, "the column of the final model's score on other examples"))
    case .bestElsewhere: ($0, column($0, "the column of the best checkpoint's score on other examples"))
    case .state: ($0, column($0, "the column that says how a run ended", unset: "a column State or status that does"))
    }
  }

  private static func flags(_ chosen: ImportedRun.Column...) -> [any FlagDeclaration] {
    chosen.flatMap { column in columns.filter { $0.column == column }.map(\.flag) }
  }

  static let syntax = CommandSyntax(
    "import", "the same tables and comparisons for runs that something else trained",
    details: """
      Reads a table with one row for each run (.csv, .tsv or .jsonl; exports of wandb, Optuna and Ray Tune among them), or the
      trainer_state.json files of Hugging Face's Trainer below a folder, and writes trials.csv, summary.csv, comparisons.csv and,
      of a Trainer's folder, curves.csv. A run failed if its final score is no better than the baseline of its task, which is
      the score of a constant classifier. Runs that crashed, were stopped or are under way have no result: they are named and
      counted in n_missing. In the tables half A has the scores by which checkpoints were chosen, and half B the scores of the
      same models on other examples (--final-b-column, --best-b-column).
      """,
    operands: [Operand("FILE", "the table, whose first line names the columns, or the folder")],
    flags: [output, variantColumn] + flags(.seed, .final) + [baseline]
      + flags(.task, .metric, .best, .finalElsewhere, .bestElsewhere, .state)
      + [
        hyperparameter, pathPattern, metricKey, lowerIsBetter, higherIsBetter, countUnfinished, skipAfterTraining,
        tolerance, reference, score,
      ])

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
    request.recipeColumns = given[Self.variantColumn]
    request.hyperparameters = given[Self.hyperparameter]
    request.countsUnfinished = given[Self.countUnfinished]
    request.skipsAfterTraining = given[Self.skipAfterTraining]
    if given[Self.lowerIsBetter] || given[Self.higherIsBetter] { request.lowerIsBetter = given[Self.lowerIsBetter] }
    if given[Self.lowerIsBetter] && given[Self.higherIsBetter] {
      given.fail("--lower-is-better and --higher-is-better exclude each other; give one of them")
    }
    for baseline in given[Self.baseline]
    where request.baselines.updateValue(baseline.score, forKey: baseline.task) != nil {
      given.fail("--baseline: '\(baseline.task)' is given twice")
    }
    let hyperparameters = request.hyperparameters.map(\.name)
    for (index, name) in hyperparameters.enumerated() where hyperparameters[..<index].contains(name) {
      given.fail("--hyperparameter: '\(name)' is given twice")
    }
    self.request = request
    guard FileManager.default.fileExists(atPath: request.path) else {
      given.fail("\(request.path): there is no such file or folder")
      return
    }
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
    let names = [variantColumn.name, hyperparameter.name] + columns.map(\.flag.name)
    for name in names where given.texts[name] != nil {
      given.fail("\(name) is for a table, and \(request.path) is a folder")
    }
  }

  /// The names of a table's columns in a sentence; nil where its first line does not give them.
  private static func columnNames(of path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path), let format = try? TableFormat(path: path),
      let beginning = try? file.read(upToCount: 65_536),
      let names = try? TextTable.header(of: beginning, path: path, format: format), names.count > 1
    else { return nil }
    return "the columns of \(path) are \(Suggestion.list(names, most: 24))"
  }

  private static func checkTable(_ request: ImportRequest, _ given: Given) {
    // With a pattern a folder was meant, and no column is missing.
    let missing = columns.filter { column, flag in
      [.seed, .final].contains(column) && !given.isGiven(flag) && !given.isGiven(pathPattern)
    }
    for (_, flag) in missing { given.fail("\(flag.name) NAME is missing, which a table needs") }
    if !missing.isEmpty, let names = columnNames(of: request.path) { given.fail(names) }
    if given.isGiven(pathPattern) { given.fail("\(pathPattern.name) is for a folder, and \(request.path) is none") }
    for (name, isGiven) in [
      (metricKey.name, given.isGiven(metricKey)), (skipAfterTraining.name, given[skipAfterTraining]),
    ] where isGiven {
      given.fail("\(name) is for a folder, and \(request.path) is none")
    }
    if request.score == .best, request.columns[.best] == nil { given.fail("--score best needs --best-column") }
  }

  func perform(_ context: Context) throws -> ExitCode {
    let (imported, source) = try request.read()
    let rows = imported.summary(score: score)
    let pairs = try imported.pairs(of: rows, reference: reference)
    for remark in try imported.remarks + imported.referenceRemarks(reference) { context.complain(remark) }
    let tables = TableOptions(score: score)
    let folder = RunFolder(output)
    try ImportedTables.create(folder)
    let comparisons = Comparison.all(pairs, options: tables)
    try ImportedTables.write(imported, rows, comparisons, from: source, to: folder, options: tables)
    if let notice = ReportFile.attempt(output, comparisons: comparisons) { context.complain(notice) }
    put(ConsoleTable.text(rows, options: tables), to: STDOUT_FILENO)
    say("")
    if !comparisons.isEmpty {
      CompareCommand.report(comparisons, rule: tables.rule)
      say("")
    }
    say(imported.account)
    let curves = imported.hasCurves ? "curves.csv, " : ""
    say("Tables: \(folder.path)/summary.csv, trials.csv, \(curves)comparisons.csv; to look at: report.html")
    return .success
  }
}
