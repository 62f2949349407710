// What a cell of a paper's table may show: any number of summary.csv by its column's name, or an interval by the name of
// what it is about. Nothing is computed here that summary.csv does not hold.

import Reports
import Tables
import Trials

/// A statistic of a configuration as a table shows it.
package struct PaperStatistic: Equatable, Sendable {
  /// The column's name in summary.csv, or `X_interval` for `X_low` and `X_high`.
  package let name: String

  /// The columns of summary.csv that say how its numbers were made.
  private static let conventions: Set<String> = [
    "interval_method", "level", "ddof", "overall_interval_method", "resamples", "bootstrap_seed",
    "overall_intervals_reliable", "median_interval_method", "mean_successful_interval_method",
    "sd_successful_interval_method", "warnings",
  ]

  /// The numbers of summary.csv.
  static let columns: [String] = {
    let start = (SummaryTable.columns.firstIndex(of: "failure_rule") ?? 0) + 1
    return SummaryTable.columns[start...].filter { !conventions.contains($0) }
  }()

  /// Every name a statistic may have.
  package static let names: [String] =
    columns
    + columns.compactMap { $0.hasSuffix("_low") ? String($0.dropLast(4)) + "_interval" : nil }

  /// A statistic by its name; nil if there is none.
  package init?(_ name: String) {
    guard Self.names.contains(name) else { return nil }
    self.name = name
  }

  /// What an interval is about; nil for a number.
  var intervalStem: String? { name.hasSuffix("_interval") ? String(name.dropLast(9)) : nil }

  /// How a table's head and its caption call it.
  var title: String {
    switch name {
    case "n_failed": "failed"
    case "failure_interval": "failure rate's interval"
    case "clopper_pearson_interval": "failure rate's exact interval"
    case "iqm", "iqm_successful": name.replacing("iqm", with: "interquartile mean").replacing("_", with: " of ")
    default:
      if let stem = intervalStem { Self.title(ofColumn: stem) + "'s interval" } else { Self.title(ofColumn: name) }
    }
  }

  /// How a column's head calls it, where there is no room: `rate` is the failure rate, `ok` stands for the runs that did not fail.
  var head: String {
    let suffix = "_successful"
    if intervalStem != nil { return "interval" }
    if name == "failure_rate" { return "rate" }
    return name.hasSuffix(suffix) && !name.hasPrefix("n_") ? "ok \(name.dropLast(suffix.count))" : title
  }

  private static func title(ofColumn name: String) -> String {
    let suffix = "_successful"
    return name.hasSuffix(suffix)
      ? "\(name.dropLast(suffix.count)) of successful runs" : name.replacing("_", with: " ")
  }

  /// Which recipes of a task are told apart from the best by this statistic, if any are.
  var contest: Contest? {
    switch name {
    case "failure_rate", "n_failed": .failureRate
    case "mean": .mean
    default: nil
    }
  }
}

/// The row of a configuration in summary.csv by its columns' names.
struct SummaryFields {
  private let fields: [String: CSVField]

  /// The rows of some configurations.
  static func all(_ rows: [SummaryRow], options: TableOptions) -> [SummaryFields] {
    SummaryTable.rows(rows, options: options).map { row in
      SummaryFields(fields: Dictionary(uniqueKeysWithValues: zip(SummaryTable.columns, row)))
    }
  }

  /// A number as text; nil where the field is empty, no finite number or a text.
  func text(_ column: String, digits: Int) -> String? {
    switch fields[column] {
    case .integer(let value)?: String(value)
    case .number(let value)?: value.isFinite ? LaTeX.decimal(value, digits: digits) : nil
    default: nil
    }
  }
}
