// What a cell of a paper's table may show: any number of summary.csv by its column's name, or an interval by the name of
// what it is about. Nothing is computed here that summary.csv does not hold.

import Reports
import Tables

/// A statistic of a configuration as a table shows it.
package struct PaperStatistic: Equatable, Sendable {
  /// A column of summary.csv.
  typealias SummaryColumn = SummaryTable.SummaryColumn

  /// What a cell reads.
  enum Source: Sendable {
    /// A number's column.
    case number(SummaryColumn)
    /// The columns of an interval's bounds.
    case interval(low: SummaryColumn, high: SummaryColumn)
  }

  /// The column's name in summary.csv, or `X_interval` for `X_low` and `X_high`.
  package let name: String
  let source: Source
  /// The further set that it is about; nil for a statistic that every sweep has.
  private(set) var devSet: String?

  /// The numbers of summary.csv, bounds of intervals among them.
  static let columns: [SummaryColumn] = SummaryTable.columns.filter { column in
    switch column.facts.role {
    case .key, .convention: false
    case .number, .lowerBound, .upperBound: true
    }
  }

  /// The columns of the further sets on which runs of some configurations have scores.
  static func devSetColumns(of rows: [SummaryRow]) -> [SummaryColumn] {
    ExtraColumns(devSets: SummaryTable.devSets(of: rows)).summaryNames.compactMap {
      SummaryTable.devSetColumn(named: $0)?.column
    }
  }

  /// Every statistic.
  private static let all: [PaperStatistic] =
    columns.map { PaperStatistic(name: $0.name, source: .number($0)) }
    + columns.compactMap { low in
      guard case .lowerBound(let name) = low.facts.role,
        let high = columns.first(where: { $0.facts.role == .upperBound(of: name) })
      else { return nil }
      return PaperStatistic(name: name + "_interval", source: .interval(low: low, high: high))
    }

  /// What a cell shows where nothing is asked for.
  package static let usual = ["n", "failure_rate", "failure_interval", "mean", "sd_successful"].compactMap {
    PaperStatistic($0)
  }

  /// Every name a statistic may have.
  package static let names: [String] = all.map(\.name)

  private init(name: String, source: Source) {
    self.name = name
    self.source = source
  }

  /// A statistic by its name; nil if there is none.
  package init?(_ name: String) {
    if let statistic = Self.all.first(where: { $0.name == name }) {
      self = statistic
      return
    }
    guard let (column, devSet) = SummaryTable.devSetColumn(named: name) else { return nil }
    self.init(name: name, source: .number(column))
    self.devSet = devSet
  }

  /// Whether it is an interval.
  var isInterval: Bool {
    switch source {
    case .number: false
    case .interval: true
    }
  }

  /// What the column says of itself, or of an interval the lower bound's.
  var facts: ColumnFacts {
    switch source {
    case .number(let column): column.facts
    case .interval(let low, _): low.facts
    }
  }

  /// Whether it shows this column of summary.csv.
  func shows(_ column: SummaryColumn) -> Bool {
    switch source {
    case .number(let own): own.name == column.name
    case .interval: false
    }
  }

  /// Whether it shows the interval of this column of summary.csv.
  func showsInterval(of column: SummaryColumn) -> Bool { isInterval && facts.role == .lowerBound(of: column.name) }

  /// Whether it is a standard deviation or the interval of one.
  var isDeviation: Bool { facts.conventions.contains(.sampleDeviation) }

  /// What an interval is about, or what a number is, in words.
  var subject: String {
    switch (source, facts.role) {
    case (.interval, .lowerBound(let name)): facts.title ?? Self.title(name)
    case (.number, .number): facts.title ?? Self.title(name)
    default: Self.title(name)
    }
  }

  /// How a table's head and its caption call it.
  var title: String {
    guard isInterval else { return subject }
    // "failure rate, exact" is "failure rate's exact interval".
    let words = subject.split(separator: ", ", maxSplits: 1)
    return "\(words[0])'s " + words.dropFirst().map { $0 + " " }.joined() + "interval"
  }

  /// How a column's head calls it, where there is no room.
  var head: String { isInterval ? "interval" : facts.head ?? title }

  private static func title(_ name: String) -> String {
    let suffix = "_successful"
    return name.hasSuffix(suffix)
      ? "\(name.dropLast(suffix.count)) of successful runs" : name.replacing("_", with: " ")
  }

  /// Which recipes of a task are told apart from the best by this statistic, if any are.
  var contest: Contest? {
    if shows(SummaryTable.failureRate) || shows(SummaryTable.failedCount) { return .failureRate }
    return shows(SummaryTable.mean) ? .mean : nil
  }

  /// Whether both are the same statistic.
  package static func == (left: PaperStatistic, right: PaperStatistic) -> Bool { left.name == right.name }
}

/// The row of a configuration in summary.csv.
struct SummaryFields {
  private let fields: [String: CSVField]

  /// The rows of some configurations.
  static func all(_ rows: [SummaryRow], options: TableOptions) -> [SummaryFields] {
    let extra = ExtraColumns(devSets: SummaryTable.devSets(of: rows))
    let names = SummaryTable.columns.names() + extra.summaryNames
    return SummaryTable.rows(rows, options: options, extra: extra).map { row in
      SummaryFields(fields: Dictionary(uniqueKeysWithValues: zip(names, row)))
    }
  }

  /// A number as text; nil where the field is empty, no finite number or a text.
  func text(_ column: SummaryTable.SummaryColumn, digits: Int) -> String? {
    switch fields[column.name] {
    case .integer(let value)?: String(value)
    case .number(let value)?: value.isFinite ? LaTeX.decimal(value, digits: digits) : nil
    default: nil
    }
  }
}
