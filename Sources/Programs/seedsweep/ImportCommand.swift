// `seedsweep import`: the tables of runs that something else trained. Reads one tidy table or a folder of Trainer states;
// trains and journals nothing.

import CommandLine
import Datasets
import Digests
import Foundation
import Imports
import Reports
import Storage
import Tables

/// What `import` was asked to do.
struct ImportOptions: Equatable {
  var file: String
  var output: String
  /// Column names by what they hold, for a table.
  var columns: [ImportedRun.Column: String]
  /// How paths name runs, for a folder.
  var pattern: String?
  /// The key of the score, for a folder.
  var metricKey: String
  var baselines: [String: Double]
  var tolerance: Double
  var reference: String?
  var score: ScoreChoice

  /// The options of an `import` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    file = command.operands[0]
    output = reader.text("--output") ?? ""
    if output.isEmpty { reader.fail("--output: found an empty path, expected a folder") }
    columns = [:]
    for column in ImportedRun.Column.allCases { columns[column] = reader.text(column.flag) }
    pattern = reader.text("--path-pattern")
    metricKey = reader.text("--metric-key") ?? "eval_accuracy"
    tolerance = reader.number("--tolerance", atLeast: 0) ?? 1e-5
    reference = reader.text("--reference")
    score = ScoreChoice(rawValue: reader.choice("--score", ["final", "best"])) ?? .final
    if Self.isFolder(file) {
      if pattern?.contains("{seed}") != true {
        reader.fail("--path-pattern is missing or without {seed}: how do the paths below \(file) name a run?")
      }
      for column in ImportedRun.Column.allCases where columns[column] != nil {
        reader.fail("\(column.flag) is for a table, and \(file) is a folder")
      }
    } else {
      for column in [ImportedRun.Column.variant, .seed, .final] where columns[column] == nil {
        reader.fail("\(column.flag) NAME is missing, which a table needs")
      }
      for flag in ["--path-pattern", "--metric-key"] where reader.isGiven(flag) {
        reader.fail("\(flag) is for a folder, and \(file) is none")
      }
      if score == .best, columns[.best] == nil { reader.fail("--score best needs --best-column") }
    }
    if columns[.bestElsewhere] != nil, columns[.finalElsewhere] == nil {
      reader.fail("--best-b-column needs --final-b-column")
    }
    baselines = [:]
    for text in command.lists["--baseline", default: []] {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
        reader.fail("--baseline: found '\(text)', expected TASK=SCORE such as RTE=0.5271")
        continue
      }
      if baselines.updateValue(value, forKey: parts[0]) != nil {
        reader.fail("--baseline: '\(parts[0])' is given twice")
      }
    }
    try reader.finish()
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The states of a folder; nil for a table.
  var states: TrainerStates? {
    Self.isFolder(file) ? TrainerStates(folder: RunFolder(file).path, pattern: pattern ?? "", metric: metricKey) : nil
  }
}

extension ImportedRun.Column {
  /// The flag that names the column.
  var flag: String { "--\(rawValue)-column" }
}

/// Imports runs.
enum ImportCommand {
  /// Writes the tables of a file's runs, prints the summary and a sentence a pair.
  static func perform(_ options: ImportOptions) throws -> ExitCode {
    let imported: ImportedRuns
    let (rows, pairs): ([SummaryRow], [ComparedPair])
    do {
      imported = try ImportedRuns(
        try options.states?.runs() ?? runs(ofTable: options), baselines: options.baselines,
        tolerance: options.tolerance)
      rows = imported.summary(score: options.score)
      pairs = try imported.pairs(of: rows, reference: options.reference)
    } catch let error as ImportError { throw refusal(error.description) } catch let error as DataError {
      throw refusal(error.description)
    }
    for remark in imported.remarks { complain("seedsweep import: \(remark)") }
    let tables = TableOptions(score: options.score)
    let folder = RunFolder(options.output)
    try ImportedTables.create(folder)
    let comparisons = Comparison.all(pairs, options: tables)
    try ImportedTables.write(
      imported, rows, comparisons, from: try source(options), to: folder, options: tables)
    put(ConsoleTable.text(rows, options: tables), to: STDOUT_FILENO)
    say("")
    if !comparisons.isEmpty {
      CompareCommand.report(comparisons)
      say("")
    }
    say("Tables: \(folder.path)/summary.csv, trials.csv, comparisons.csv")
    return .success
  }

  /// The rows of a table as runs.
  private static func runs(ofTable options: ImportOptions) throws -> [ImportedRun] {
    let columns = ImportedRun.Column.allCases.filter { options.columns[$0] != nil }
    let table = try TextTable(
      path: options.file, format: try TableFormat(path: options.file),
      columns: columns.compactMap { options.columns[$0] })
    return try ImportedRun.runs(
      rows: table.rows.map { row in
        ("\(options.file):\(row.line)", Dictionary(uniqueKeysWithValues: zip(columns, row.fields)))
      }, columnNames: options.columns)
  }

  private static func refusal(_ text: String) -> Refusal {
    Refusal(text.split(separator: "\n").map { "seedsweep import: \($0)" }.joined(separator: "\n"))
  }

  private static func source(_ options: ImportOptions) throws -> ImportSource {
    var settings = ImportedRun.Column.allCases.compactMap { column in
      options.columns[column].map { (name: String(column.flag.dropFirst(2)), value: $0) }
    }
    if let states = options.states {
      settings += [(name: "path-pattern", value: states.pattern), (name: "metric-key", value: states.metric)]
    }
    for (task, value) in options.baselines.sorted(by: { $0.key < $1.key }) {
      settings.append((name: "baseline \(task)", value: "\(value)"))
    }
    settings.append((name: "tolerance", value: "\(options.tolerance)"))
    settings.append((name: "score", value: options.score.rawValue))
    return ImportSource(
      path: options.file, digest: try options.states?.digest() ?? SHA256.hex(ofFile: options.file),
      settings: settings)
  }
}
