// Which configuration stands in which cell of a paper's table: rows by some keys, columns by others, one configuration a
// cell. What a cell says is decided elsewhere.

import Reports
import TrialTables
import Trials

/// Something configurations differ by: their task, their variant or a hyperparameter.
package struct PaperKey: Equatable, Sendable {
  /// `task`, `variant` or a hyperparameter's column in summary.csv.
  package let name: String

  /// Every name a key may have.
  package static let names = ["task", "variant"] + TrialColumns.configurationNames

  /// A key by its column's name, or by its path in sweep files; nil if there is none.
  package init?(_ text: String) {
    let name = Self.names.contains(text) ? text : ConfigurationSchema.key(at: text)?.column ?? ""
    guard Self.names.contains(name) else { return nil }
    self.name = name
  }

  /// The keys that tell recipes apart: the task, the variant and what else varies within those; the variant at least.
  package static func telling(_ rows: [SummaryRow]) -> [PaperKey] {
    let groups = Dictionary(grouping: rows) { [$0.task, $0.variant] }.values
    let own = TrialColumns.configurationNames.indices.filter { index in
      groups.contains { group in
        Set(group.map { index < $0.hyperparameters.count ? $0.hyperparameters[index] : "" }).count > 1
      }
    }
    let tasks = Set(rows.map(\.task)).count > 1 ? ["task"] : []
    let variants = Set(rows.map(\.variant)).count > 1 || own.isEmpty ? ["variant"] : []
    return (tasks + variants + own.map { TrialColumns.configurationNames[$0] }).compactMap { PaperKey($0) }
  }

  /// What a configuration has there, as tables show it.
  func value(of row: SummaryRow) -> String {
    switch name {
    case "task": return row.task
    case "variant": return row.label
    default:
      guard let index = TrialColumns.configurationNames.firstIndex(of: name), index < row.hyperparameters.count
      else { return "" }
      return row.hyperparameters[index]
    }
  }

  /// What tells configurations apart: of the variant its key, since two may have one label.
  func identity(of row: SummaryRow) -> String { name == "variant" ? row.variant : value(of: row) }

  /// How a table's head calls it.
  var title: String { name == "variant" ? "recipe" : name.replacing("_", with: " ") }
}

/// The rows and columns of a table and the configuration in each cell.
struct PaperLayout {
  /// The labels of rows and columns, one for each of their keys.
  let rowLabels: [[String]]
  let columnLabels: [[String]]
  /// The index of a configuration in the summary, nil for an empty cell: (rows, columns).
  let cells: [[Int?]]

  /// Lays configurations out; rows with one value of the first key stand together.
  ///
  /// - Throws: `PaperError` if two configurations share a cell or a key means nothing to any of them.
  init(_ rows: [SummaryRow], rowKeys: [PaperKey], columnKeys: [PaperKey]) throws {
    for key in rowKeys + columnKeys where rows.allSatisfy({ key.value(of: $0).isEmpty }) {
      throw PaperError(description: "no recipe here has a \(key.name); \(Self.varying(rows))")
    }
    var rowPlaces: [[String]: Int] = [:]
    var columnPlaces: [[String]: Int] = [:]
    var (rowLabels, columnLabels): ([[String]], [[String]]) = ([], [])
    var placed: [[Int]: Int] = [:]
    for (index, row) in rows.enumerated() {
      let rowPlace = Self.index(row, rowKeys, &rowPlaces, &rowLabels)
      let columnPlace = Self.index(row, columnKeys, &columnPlaces, &columnLabels)
      if let other = placed.updateValue(index, forKey: [rowPlace, columnPlace]) {
        throw PaperError(
          description: "\(rows[other].task) \(rows[other].label) and \(row.task) \(row.label) would share a cell; "
            + "\(Self.varying([rows[other], row])), so add that to --rows or --columns")
      }
    }
    var groups: [String: Int] = [:]
    for (identity, row) in rowPlaces { groups[identity[0]] = min(row, groups[identity[0]] ?? row) }
    let order = rowPlaces.sorted { (groups[$0.key[0]] ?? 0, $0.value) < (groups[$1.key[0]] ?? 0, $1.value) }.map(
      \.value)
    self.rowLabels = order.map { rowLabels[$0] }
    self.columnLabels = columnLabels
    cells = order.map { row in columnLabels.indices.map { placed[[row, $0]] } }
  }

  private static func index(
    _ row: SummaryRow, _ keys: [PaperKey], _ indices: inout [[String]: Int], _ labels: inout [[String]]
  ) -> Int {
    let identity = keys.map { $0.identity(of: row) }
    if let index = indices[identity] { return index }
    indices[identity] = labels.count
    labels.append(keys.map { $0.value(of: row) })
    return labels.count - 1
  }

  /// The keys in which configurations differ, for messages.
  private static func varying(_ rows: [SummaryRow]) -> String {
    let names = PaperKey.names.filter { name in
      Set(rows.map { PaperKey(name)?.identity(of: $0) ?? "" }).count > 1
    }
    return names.isEmpty ? "they differ in nothing" : "they differ in \(names.joined(separator: ", "))"
  }
}
