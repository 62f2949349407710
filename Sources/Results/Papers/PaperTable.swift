// A table of a paper: booktabs rules, siunitx columns, a caption that says what its numbers are, and in comments the command
// and the digest of the results that it was made from, so that `seedsweep check` can tell when it is stale.

import Reports
import Tables
import Trials

/// What a table shows and how.
package struct PaperTableStyle: Equatable, Sendable {
  /// What its rows differ by; of several keys the first makes groups of rows.
  package var rowKeys: [PaperKey]
  /// What its columns differ by; nothing where a row is a recipe.
  package var columnKeys: [PaperKey]
  /// What a cell shows.
  package var statistics: [PaperStatistic]
  /// The decimals of numbers.
  package var digits: Int
  /// Whether it spans both columns of a page.
  package var isWide: Bool
  /// How much the caption says.
  package var caption: CaptionLength

  package init(
    rowKeys: [PaperKey], columnKeys: [PaperKey], statistics: [PaperStatistic], digits: Int, isWide: Bool = false,
    caption: CaptionLength = .long
  ) {
    self.rowKeys = rowKeys
    self.columnKeys = columnKeys
    self.statistics = statistics
    self.digits = digits
    self.isWide = isWide
    self.caption = caption
  }
}

/// A table as LaTeX.
package struct PaperTable {
  private let source: PaperSource
  private let style: PaperTableStyle
  private let layout: PaperLayout
  private let fields: [SummaryFields]
  /// The multiple comparisons with the best: one a contest and task.
  private let contests: [(contest: Contest, tasks: [BestRecipes])]

  /// Lays a table out and makes its comparisons.
  ///
  /// - Throws: `PaperError` if two recipes would share a cell, or a key or a further set means nothing here.
  package init(_ source: PaperSource, style: PaperTableStyle) throws {
    let devSets = SummaryTable.devSets(of: source.rows)
    if let statistic = style.statistics.first(where: { $0.devSet.map { !devSets.contains($0) } ?? false }) {
      throw PaperError(
        description: "\(statistic.name): no recipe here has a score on such a further set (task.dev_sets)"
          + (devSets.isEmpty ? "" : "; there are \(devSets.joined(separator: ", "))"))
    }
    self.source = source
    self.style = style
    layout = try PaperLayout(source.rows, rowKeys: style.rowKeys, columnKeys: style.columnKeys)
    fields = SummaryFields.all(source.rows, options: source.options)
    let tasks = source.rows.map(\.task).uniqued().map { task in
      source.rows.indices.filter { source.rows[$0].task == task }
    }
    contests = [Contest.failureRate, .mean].filter { contest in style.statistics.contains { $0.contest == contest } }
      .map { contest in
        (contest, tasks.map { BestRecipes(contest, source.rows, at: $0, options: source.options) })
      }
  }

  /// The table environment between its marks, ending in a line end.
  ///
  /// - Parameter command: The flags of `seedsweep table` that make it again.
  package func text(command: String) -> String {
    let digest = source.shortDigest
    let lines =
      source.header(command) + [
        "% Needs \\usepackage{booktabs} and \\usepackage{siunitx}.", "\\begin{\(environment)}",
        "  \\centering\\\(style.isWide ? "small" : "footnotesize")\\setlength{\\tabcolsep}{\(style.isWide ? 4 : 3)pt}",
        // A caption above a table wants its space below.
        "  \\setlength{\\abovecaptionskip}{0pt}\\setlength{\\belowcaptionskip}{6pt}",
        "  \\providecommand{\\seedsweepresults}{}\\renewcommand{\\seedsweepresults}{\(digest)}",
        "  \\caption{\(caption) Results: \\texttt{\\seedsweepresults}.}", "  \\label{tab:\(label)}",
        "  \\begin{tabular}{@{}\(preamble)@{}}", "    \\toprule",
      ] + head + ["    \\midrule"] + layout.cells.indices.flatMap(lines)
      + ["    \\bottomrule", "  \\end{tabular}", "\\end{\(environment)}", PaperText.end]
    return lines.map { $0 + "\n" }.joined()
  }

  private var environment: String { style.isWide ? "table*" : "table" }

  private var caption: String {
    let contests = contests.map { contest, tasks in
      (style.statistics.filter { $0.contest == contest }.map(\.title), contest, tasks)
    }
    let caption = PaperCaption(source: source)
    return switch style.caption {
    case .short: caption.short(style.statistics, contests: contests)
    case .long: caption.text(style.statistics, contests: contests)
    }
  }

  /// The folder and the keys, in letters, digits and dashes.
  private var label: String {
    ([source.name] + (style.rowKeys + style.columnKeys).map(\.name)).map { word in
      String(word.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }.joined(separator: "-")
  }

  /// The keys whose values stand before the cells of a row; of several, the first has lines of its own.
  private var stubKeys: ArraySlice<PaperKey> { style.rowKeys.dropFirst(style.rowKeys.count > 1 ? 1 : 0) }

  private var preamble: String {
    let stub = String(repeating: "l", count: stubKeys.count)
    let columns = layout.columnLabels.indices.flatMap { column in
      style.statistics.map { statistic in
        guard !statistic.isInterval else { return "c" }
        let texts = layout.cells.compactMap { $0[column].flatMap { number($0, statistic) } }
        let parts = texts.map { $0.split(separator: ".", omittingEmptySubsequences: false) }
        let whole = parts.map { $0[0].filter(\.isNumber).count }.max() ?? 1
        let decimals = parts.map { $0.count > 1 ? $0[1].prefix { $0.isNumber }.count : 0 }.max() ?? 0
        let sign = texts.contains { $0.hasPrefix("-") } ? "-" : ""
        return "S[table-format=\(sign)\(whole).\(decimals),detect-weight,mode=text]"
      }
    }
    return stub + columns.joined()
  }

  /// The names of columns, and below them of statistics where there are several.
  private var head: [String] {
    let stub = stubKeys.map { LaTeX.escaped($0.title) }
    let names = layout.columnLabels.map { label in zip(style.columnKeys, label).map(named).joined(separator: ", ") }
    let width = style.statistics.count
    let statistics = names.flatMap { _ in style.statistics.map { "{\(LaTeX.escaped($0.head))}" } }
    let lower = "    " + (stub + statistics).joined(separator: " & ") + " \\\\"
    if style.columnKeys.isEmpty { return [lower] }
    guard width > 1 else { return ["    " + (stub + names.map { "{\($0)}" }).joined(separator: " & ") + " \\\\"] }
    let upper = stub.map { _ in "" } + names.map { "\\multicolumn{\(width)}{c}{\($0)}" }
    let rules = names.indices.map { index in
      let first = stub.count + 1 + index * width
      return "\\cmidrule(lr){\(first)-\(first + width - 1)}"
    }
    return ["    " + upper.joined(separator: " & ") + " \\\\", "    " + rules.joined(separator: " "), lower]
  }

  /// A key's value, with the key's name where that does not go without saying.
  private func named(_ key: PaperKey, _ text: String) -> String {
    LaTeX.escaped(["task", "variant"].contains(key.name) ? text : "\(key.title) \(text)")
  }

  /// One row, below the name of its group where it is the first there; a label that the row above has as well is not repeated.
  private func lines(_ row: Int) -> [String] {
    let labels = layout.rowLabels[row]
    let above = row > 0 ? layout.rowLabels[row - 1] : []
    var own = labels.indices.dropFirst(labels.count - stubKeys.count).map { index in
      let isShared = index + 1 < labels.count && above.prefix(index + 1) == labels.prefix(index + 1)
      return isShared ? "" : LaTeX.escaped(labels[index])
    }
    // The line above ends in a command that would take "[...]" or "*" for an argument of its own.
    if let first = own.first, let character = first.first(where: { $0 != " " }), "[*".contains(character) {
      own[0] = "{\(first)}"
    }
    let cells = layout.cells[row].flatMap { index in style.statistics.map { cell(index, $0) } }
    let line = "    " + (own + cells).joined(separator: " & ") + " \\\\"
    guard labels.count > own.count, above.first != labels[0] else { return [line] }
    let group = "\\multicolumn{\(own.count + cells.count)}{@{}l}{\\emph{\(named(style.rowKeys[0], labels[0]))}} \\\\"
    return (row > 0 ? ["    \\addlinespace"] : []) + ["    " + group, line]
  }

  private func cell(_ index: Int?, _ statistic: PaperStatistic) -> String {
    guard let index else { return "{}" }
    if case .interval(let low, let high) = statistic.source {
      guard let low = fields[index].text(low, digits: style.digits),
        let high = fields[index].text(high, digits: style.digits)
      else { return "{--}" }
      return "{[\(low), \(high)]}"
    }
    guard let text = number(index, statistic) else { return "{--}" }
    let isBold = contests.contains { contest, tasks in
      contest == statistic.contest && tasks.contains { $0.indices.contains(index) }
    }
    return isBold ? "\\bfseries \(text)" : text
  }

  private func number(_ index: Int, _ statistic: PaperStatistic) -> String? {
    guard case .number(let column) = statistic.source else { return nil }
    return fields[index].text(column, digits: style.digits)
  }
}
