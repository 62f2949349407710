// `seedsweep table`: tables and numbers for a paper, in LaTeX. Reads a folder of results, writes the files asked for and nothing
// else.

import CommandLine
import Files
import Foundation
import JSON5
import Papers
import Reports
import Trials

/// What `table` was asked to make.
struct PaperOptions: Equatable {
  var folder: String
  /// Nil where only macros are asked for.
  var style: PaperTableStyle?
  var output: String?
  var macros: String?
  var scores: String?
  var prefix: String
  var digits: Int
  var score: ScoreChoice?
  var rule: FailureRule?

  /// The options of a `table` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    folder = command.operands[0]
    output = reader.fileName("--output", endingIn: ".tex")
    macros = reader.fileName("--macros", endingIn: ".tex")
    scores = reader.fileName("--score-matrix", endingIn: ".csv")
    digits = reader.count("--digits", atLeast: 0, atMost: 15) ?? 3
    prefix = reader.text("--prefix") ?? ""
    if !prefix.allSatisfy({ $0.isASCII && $0.isLetter }) {
      reader.fail("--prefix: found '\(prefix)', expected letters only, as LaTeX's names of macros have them")
    }
    let tables = reader.tableOptions()
    score = reader.isGiven("--score") ? tables.score : nil
    rule = reader.isGiven("--failure-rule") ? tables.rule : nil
    let parts = ["--rows", "--cells"]
    let missing = parts.filter { !reader.isGiven($0) }
    if missing.count == parts.count, macros != nil || scores != nil, output == nil {
      style = nil
    } else {
      for flag in missing { reader.fail("\(flag) is missing: a table needs \(parts.joined(separator: " and "))") }
      style = PaperTableStyle(
        rowKeys: reader.list("--rows", kind: "key", of: PaperKey.names) { PaperKey($0) },
        columnKeys: reader.list("--columns", kind: "key", of: PaperKey.names) { PaperKey($0) },
        statistics: reader.list("--cells", kind: "statistic", of: PaperStatistic.names) { PaperStatistic($0) },
        digits: digits, isWide: reader.isGiven("--wide"))
      for key in style?.columnKeys ?? [] where style?.rowKeys.contains(key) == true {
        reader.fail("--columns: the key '\(key.name)' is one of --rows already")
      }
    }
    try reader.finish()
  }

  /// The flags that judge and round, as the marks of both texts repeat them.
  private var common: [String] {
    (digits == 3 ? [] : ["--digits", "\(digits)"]) + (score.map { ["--score", $0.rawValue] } ?? [])
      + (rule.map { ["--failure-rule", $0.name] } ?? [])
  }

  /// The flags that make the table again.
  func tableWords(_ style: PaperTableStyle) -> String {
    let lists = [
      ("--rows", style.rowKeys.map(\.name)), ("--columns", style.columnKeys.map(\.name)),
      ("--cells", style.statistics.map(\.name)),
    ]
    let layout = lists.flatMap { flag, names in names.isEmpty ? [] : [flag, names.joined(separator: ",")] }
    return (layout + (style.isWide ? ["--wide"] : []) + common).joined(separator: " ")
  }

  /// The flags that make the macros again.
  var macroWords: String {
    (["--macros", "numbers.tex"] + (prefix.isEmpty ? [] : ["--prefix", prefix]) + common).joined(separator: " ")
  }
}

extension OptionReader {
  /// A flag's values between commas, each of which a function knows.
  fileprivate mutating func list<Value: Equatable>(
    _ flag: String, kind: String, of allowed: [String], _ value: (String) -> Value?
  ) -> [Value] {
    guard let text = text(flag) else { return [] }
    var values: [Value] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard let value = value(word) else {
        fail(
          "\(flag): unknown \(kind) '\(word)'\(Suggestion.hint(for: word, among: allowed)) "
            + "Allowed are \(allowed.joined(separator: ", ")).")
        continue
      }
      if values.contains(value) { fail("\(flag): the \(kind) '\(word)' is given twice") }
      values.append(value)
    }
    return values
  }
}

/// Makes tables and macros for papers.
enum TableCommand {
  /// Writes the table and the macros, or prints the table.
  static func perform(_ options: PaperOptions) throws -> ExitCode {
    let source = try PaperFolder.open(
      options.folder, score: options.score, rule: options.rule, command: "table")
    let table = try options.style.map { try self.table(options, $0, of: source) }
    if let macros = options.macros {
      try WholeFile.write(Self.macros(options, of: source), to: macros)
      say("Macros: \(macros)")
    }
    if let scores = options.scores {
      do { try ScoreMatrix.write(source, to: scores) } catch let error as PaperError {
        throw Refusal("seedsweep table: \(error)")
      }
      say("Scores: \(scores)")
    }
    if let table, let output = options.output {
      try WholeFile.write(table, to: output)
      say("Table: \(output)")
    } else if let table {
      put(table, to: STDOUT_FILENO)
    }
    return .success
  }

  /// The text of a table.
  static func table(_ options: PaperOptions, _ style: PaperTableStyle, of source: PaperSource) throws -> String {
    do { return try PaperTable(source, style: style).text(command: options.tableWords(style)) } catch let error
      as PaperError
    { throw Refusal("seedsweep table: \(error)") }
  }

  /// The text of macros.
  static func macros(_ options: PaperOptions, of source: PaperSource) -> String {
    PaperMacros(source, digits: options.digits, prefix: options.prefix).text(command: options.macroWords)
  }
}
