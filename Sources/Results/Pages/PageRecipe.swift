// One recipe as a page shows it: its name, its row of summary.csv, and its trials.

import Figures
import Foundation
import Host
import Reports
import Tables
import Trials

/// One recipe of a page.
struct PageRecipe: Sendable {
  /// Its runs as statistics see them.
  var row: SummaryRow
  /// What it is called.
  var name: String
  /// What recipes that differ in grid values only have in common, and those values; empty where it has none.
  var group: (label: String, values: String) = ("", "")
  /// Its colour.
  var ink: Ink
  /// Its trials that the journal has an end of, in plan order.
  var runs: [PageRun]
  /// Its numbers.
  let numbers: SummaryNumbers
  /// The loss of a constant classifier, if it is known.
  var chanceLoss: Double?
  /// Whether its runs are scored at their best evaluation.
  let isBest: Bool

  init(row: SummaryRow, name: String, ink: Ink, runs: [PageRun], options: TableOptions, chanceLoss: Double? = nil) {
    self.row = row
    self.name = name
    self.ink = ink
    self.runs = runs
    self.chanceLoss = chanceLoss
    isBest = options.score == .best
    numbers = SummaryNumbers(row, options)
  }

  /// The trials with a result.
  var results: [PageRun] { runs.filter(\.status.isResult) }

  /// "14 of 25 failed".
  var failedCount: String { row.count == 0 ? "no results" : "\(row.failedCount) of \(row.count) failed" }
}

extension PlannedConfiguration {
  /// The grid's values, each with the last part of its key where that tells it from the others.
  var shortValues: String {
    let names = axisValues.map { String($0.key.split(separator: ".").last ?? "") }
    let areUnique = Set(names).count == names.count
    return zip(names, axisValues).map { "\(areUnique ? $0 : $1.key)=\($1.text)" }.joined(separator: ", ")
  }
}

/// Numbers of a row of summary.csv that take no resampling, by the names of their columns.
struct SummaryNumbers: Sendable {
  private static let names: Set<String> = [
    "failure_rate", "failure_low", "failure_high", "mean", "sd", "median", "min", "max", "q25", "q75",
    "constant_score", "mean_successful", "sd_successful", "mean_test", "stopped_low", "stopped_high",
  ]
  private static let columns = SummaryTable.columns.filter { names.contains($0.name) }

  private let values: [String: Double]

  init(_ row: SummaryRow, _ options: TableOptions) {
    let measures = SummaryMeasures(row, options: options)
    var values: [String: Double] = [:]
    for column in Self.columns {
      if case .number(let value) = column.value(measures), value.isFinite { values[column.name] = value }
    }
    self.values = values
  }

  /// The number of a column; nil where there is none.
  subscript(name: String) -> Double? { values[name] }

  /// The number of a column as a page shows it.
  func text(_ name: String, digits: Int = 3) -> String { PageText.number(values[name], digits: digits) }
}

/// Numbers in words.
enum PageText {
  /// A number with digits after the point; a dash for none.
  static func number(_ value: Double?, digits: Int = 3) -> String {
    guard let value, value.isFinite else { return "–" }
    return decimal(value, digits: digits)
  }

  /// A p-value.
  static func pValue(_ value: Double) -> String {
    value.isNaN ? "–" : value < 0.001 ? String(format: "%.1e", value) : number(value)
  }
}
