// `seedsweep table`: tables and numbers for a paper, in LaTeX. Reads a folder of results, writes the files asked for and nothing
// else. The marks in those files hold the flags that make them again, which `check` reads.

import CommandLine
import Files
import Foundation
import Papers
import Reports
import Runs

/// Makes tables and macros for papers.
struct TableCommand: Command {
  static let rows = Flag(
    "--rows", "KEY[,KEY]", "what the table's rows differ by; of several keys the first makes groups of rows", keys,
    unset: "all that tells recipes apart")
  static let columns = Flag("--columns", "KEY[,KEY]", "what its columns differ by; without it, a row is a recipe", keys)
  static let cells = Flag(
    "--cells", "STAT[,STAT]", "what a cell shows",
    .list(
      of: "statistic", among: PaperStatistic.names,
      source: "'seedsweep columns summary.csv' lists the numbers, and X_interval is the interval of X_low and X_high"
    ) { PaperStatistic($0) },
    unset: PaperStatistic.usual.map(\.name).joined(separator: ","))
  static let output = Flag(
    "--output", "FILE.tex", "the table's file", .file(endingIn: ".tex"),
    unset: "print it; no table where only --macros or --score-matrix is asked for")
  static let macros = Flag(
    "--macros", "FILE.tex", "also write macros of every number and a paragraph for the methods section",
    .file(endingIn: ".tex"))
  static let scoreMatrix = Flag(
    "--score-matrix", "FILE.csv",
    "also write the scores for rliable: a row for each recipe and seeds, a column for each task",
    .file(endingIn: ".csv"))
  static let prefix = Flag(
    "--prefix", "LETTERS", "letters before every macro's name, for a paper of several folders",
    ValueReader("expected letters only, as LaTeX's names of macros have them") { text in
      text.allSatisfy { $0.isASCII && $0.isLetter } ? text : nil
    }, default: "")
  static let digits = Flag("--digits", "N", "the decimals of numbers", .count(atLeast: 0, atMost: 15), default: 3)
  static let caption = Flag(
    "--caption", "short|long", "about four lines, with the rest in the methods paragraph of --macros, or everything",
    .choice, default: CaptionLength.short)
  static let wide = Flag("--wide", "span both columns of a two-column page (table*)")

  private static let keys = ValueReader.list(
    of: "key", among: PaperKey.names, source: "'seedsweep columns summary.csv' lists them among all columns"
  ) { PaperKey($0) }

  static let syntax = CommandSyntax(
    "table", "a paper's table and macros of every number, in LaTeX",
    details: """
      Makes a LaTeX table (booktabs, siunitx) of a folder of results, also of an imported one: each row is a recipe, or with
      --columns each cell. --macros adds a macro for every number of summary.csv. KEY is task, variant or a hyperparameter's
      column. STAT is a number's column in summary.csv, or X_interval for its columns X_low and X_high. A long caption names n,
      ddof, intervals, tests and power. In each task the best failure rate or mean is bold, and with it all that do not differ
      significantly (adjusted by Holm). A macro's name is made of task, variant, grid values and column, with digits spelled out:
      \\RteDefaultWarmupZeroPointOneFailureRate.
      """,
    operands: [.results],
    flags: [
      rows, columns, cells, output, macros, scoreMatrix, prefix, digits, wide, caption, Judgement.rule, Judgement.score,
    ])

  private let folder: String
  /// Whether a table is asked for, not only macros or scores.
  private let makesTable: Bool
  private let rowKeys: [PaperKey]?
  private let columnKeys: [PaperKey]
  private let statistics: [PaperStatistic]
  private let isWide: Bool
  private let caption: CaptionLength
  private let output: String?
  private let macros: String?
  private let scores: String?
  private let prefix: String
  private let digits: Int
  private let score: ScoreChoice?
  private let rule: FailureRule?

  init(_ given: Given) {
    folder = given.operands[0]
    output = given[Self.output]
    macros = given[Self.macros]
    scores = given[Self.scoreMatrix]
    digits = given[Self.digits]
    prefix = given[Self.prefix]
    score = given[Judgement.score]
    rule = given[Judgement.rule]
    makesTable =
      given.isGiven(Self.rows) || given.isGiven(Self.columns) || given.isGiven(Self.cells) || output != nil
      || macros == nil && scores == nil
    rowKeys = given[Self.rows]
    columnKeys = given[Self.columns] ?? []
    statistics = given[Self.cells] ?? PaperStatistic.usual
    isWide = given[Self.wide]
    caption = given[Self.caption]
    if !makesTable {
      let flags: [any FlagDeclaration] = [Self.wide, Self.caption]
      for flag in flags where given.isGiven(flag) {
        given.fail(
          "\(flag.name) belongs to the table, which is not asked for: add --output FILE.tex, or leave out \(flag.name)")
      }
    }
    if macros == nil, given.isGiven(Self.prefix) {
      given.fail("--prefix belongs to the names of macros: add --macros FILE.tex, or leave out --prefix")
    }
    for key in columnKeys where rowKeys?.contains(key) ?? false {
      given.fail("--columns: the key '\(key.name)' is one of --rows already")
    }
  }

  /// What the table shows and how; without --rows its rows differ by all that tells recipes apart.
  private func style(of source: PaperSource) -> PaperTableStyle? {
    guard makesTable else { return nil }
    let telling = PaperKey.telling(source.rows).filter { !columnKeys.contains($0) }
    let rows = rowKeys ?? (telling.isEmpty ? [PaperKey("task")].compactMap { $0 } : telling)
    return PaperTableStyle(
      rowKeys: rows, columnKeys: columnKeys, statistics: statistics, digits: digits, isWide: isWide, caption: caption)
  }

  func perform(_ context: Context) throws -> ExitCode {
    let source = try source()
    let table = try style(of: source).map { try self.table($0, of: source) }
    if let macros {
      try WholeFile.write(macroText(of: source), to: macros)
      say("Macros: \(macros)")
    }
    if let scores {
      try ScoreMatrix.write(source, to: scores)
      say("Scores: \(scores)")
    }
    if let table, let output {
      try WholeFile.write(table, to: output)
      say("Table: \(output)")
    } else if let table {
      put(table, to: STDOUT_FILENO)
    }
    return .success
  }

  /// The folder as a paper cites it.
  private func source() throws -> PaperSource { try PaperFolder.open(folder, score: score, rule: rule) }

  /// The text of the table or the macros, made anew under the name that its folder had.
  func remade(named name: String) throws -> String {
    var source = try source()
    source.name = name
    return try style(of: source).map { try table($0, of: source) } ?? macroText(of: source)
  }

  private func table(_ style: PaperTableStyle, of source: PaperSource) throws -> String {
    try PaperTable(source, style: style).text(command: tableWords(style))
  }

  private func macroText(of source: PaperSource) -> String {
    PaperMacros(source, digits: digits, prefix: prefix).text(command: macroWords)
  }

  /// The flags that judge and round, as the marks of both texts repeat them.
  private var commonWords: [String] {
    (digits == Self.digits.defaultValue ? [] : [Self.digits.name, "\(digits)"])
      + (score.map { [Judgement.score.name, $0.rawValue] } ?? [])
      + (rule.map { [Judgement.rule.name, $0.name] } ?? [])
  }

  /// The flags that make the table again.
  private func tableWords(_ style: PaperTableStyle) -> String {
    let lists = [
      (Self.rows.name, style.rowKeys.map(\.name)), (Self.columns.name, style.columnKeys.map(\.name)),
      (Self.cells.name, style.statistics.map(\.name)),
    ]
    let layout = lists.flatMap { flag, names in names.isEmpty ? [] : [flag, names.joined(separator: ",")] }
    let words = layout + (style.isWide ? [Self.wide.name] : []) + commonWords
    return (words + [Self.caption.name, style.caption.rawValue]).joined(separator: " ")
  }

  /// The flags that make the macros again.
  private var macroWords: String {
    let prefixWords = prefix.isEmpty ? [] : [Self.prefix.name, prefix]
    return ([Self.macros.name, "numbers.tex"] + prefixWords + commonWords).joined(separator: " ")
  }
}
