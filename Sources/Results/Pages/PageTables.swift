// The tables of a page: recipes in numbers, pairs of recipes, and trials.

import Comparisons
import Figures
import Foundation
import Reports
import Statistics
import Storage
import Trials

/// A table of a page as texts.
struct PageTable {
  var heads: [String]
  var rows: [[String]]
  /// The columns that hold words, by index, beside the first.
  var wordColumns: Set<Int> = []
  /// The columns that hold names, which may be long, beside the first.
  var nameColumns: Set<Int> = []

  /// The recipes of folders in numbers.
  static func recipes(_ recipes: [PageRecipe]) -> PageTable {
    let hasTasks = Set(recipes.map(\.row.task)).count > 1
    let hasMissing = recipes.contains { $0.row.missingCount > 0 }
    // Of imported runs nobody here knows whether a result is still to come.
    let missing = recipes.contains { $0.row.rule != nil && $0.row.missingCount > 0 } ? "no result" : "to come"
    let hasTest = recipes.contains { $0.numbers["mean_test"] != nil }
    var heads = ["recipe"] + (hasTasks ? ["task"] : []) + ["n"] + (hasMissing ? [missing] : [])
    heads += ["failed", "rate", "95 % interval", "mean", "sd", "median", "min", "max", "ok mean", "ok sd"]
    if hasTest { heads.append("test mean") }
    let devSets = SummaryTable.devSets(of: recipes.map(\.row))
    heads += devSets.map { "\($0) mean" }
    let rows = recipes.map { recipe in
      let (row, numbers) = (recipe.row, recipe.numbers)
      var texts = [recipe.name] + (hasTasks ? [row.task] : []) + ["\(row.count)"]
      if hasMissing { texts.append("\(row.missingCount)") }
      let interval =
        numbers["failure_low"] == nil
        ? "–" : "\(numbers.text("failure_low", digits: 2))–\(numbers.text("failure_high", digits: 2))"
      texts += ["\(row.failedCount)", numbers.text("failure_rate", digits: 2), interval]
      texts += ["mean", "sd", "median", "min", "max", "mean_successful", "sd_successful"].map { numbers.text($0) }
      if hasTest { texts.append(numbers.text("mean_test")) }
      texts += devSets.map { name in
        let values = row.devSets[name]?.values ?? []
        return PageText.number(values.isEmpty ? nil : Sample.mean(values))
      }
      return texts
    }
    return PageTable(heads: heads, rows: rows, wordColumns: hasTasks ? [1] : [])
  }

  /// The compared pairs.
  static func comparisons(_ comparisons: [Comparison]) -> PageTable {
    let hasTasks = Set(comparisons.map(\.pair.candidate.task)).count > 1
    let heads =
      ["recipe", "reference"] + (hasTasks ? ["task"] : [])
      + ["failed", "reference failed", "difference of rates", "95 % interval", "p", "after Holm", "test"]
    let rows = comparisons.map { comparison in
      let pair = comparison.pair
      func failed(_ row: SummaryRow) -> String { "\(row.failedCount)/\(row.count)" }
      let interval = comparison.differenceInterval
      return [pair.candidateName, pair.referenceName] + (hasTasks ? [pair.candidate.task] : []) + [
        failed(pair.candidate), failed(pair.reference), PageText.number(comparison.difference, digits: 2),
        "\(PageText.number(interval.low, digits: 2)) to \(PageText.number(interval.high, digits: 2))",
        PageText.pValue(comparison.primaryP), PageText.pValue(comparison.adjustedP), comparison.primaryTest.title,
      ]
    }
    return PageTable(heads: heads, rows: rows, wordColumns: hasTasks ? [2, 9] : [8], nameColumns: [1])
  }

  /// The most trials that a page lists.
  static let mostTrials = 10_000

  /// The most failed ones that it lists where there are more trials.
  static let mostFailed = mostTrials / 2

  /// The most columns that it has.
  static let mostColumns = 12

  /// The trials; of more than `mostTrials` the failed ones and those with the highest and lowest scores.
  static func trials(_ recipes: [PageRecipe]) -> (table: PageTable, isPart: Bool) {
    var listed = recipes.flatMap { recipe in recipe.runs.map { (recipe: recipe, run: $0) } }
    let isPart = listed.count > mostTrials
    if isPart {
      let failed = listed.filter { $0.run.hasFailed || !$0.run.status.isResult }.prefix(mostFailed)
      let others = listed.filter { !$0.run.hasFailed && $0.run.status.isResult }.sorted { $0.run.score < $1.run.score }
      listed = Array(failed) + others.prefix(100) + others.dropFirst(100).suffix(100)
    }
    let runs = listed.map(\.run)
    let hasTasks = Set(recipes.map(\.row.task)).count > 1
    // None is empty in every row.
    var columns: [(head: String, text: ((recipe: PageRecipe, run: PageRun)) -> String)] = [
      ("recipe", { $0.recipe.name })
    ]
    if hasTasks { columns.append(("task", { $0.recipe.row.task })) }
    columns += [
      ("seed", { $0.run.seed }), ("outcome", { $0.run.fate }),
      ("score", { $0.run.status.isResult ? PageText.score($0.run.final) : "" }),
    ]
    if runs.contains(where: { $0.best.value != nil }) {
      columns.append(("best", { PageText.score($0.run.best.value) }))
    }
    if runs.contains(where: { $0.best.step != nil }) {
      columns.append(("at step", { $0.run.best.step.map(String.init) ?? "" }))
    }
    if runs.contains(where: { $0.test != nil }) { columns.append(("test", { PageText.score($0.run.test) })) }
    if runs.contains(where: { $0.trainLoss != nil }) {
      columns.append(("training loss", { PageText.score($0.run.trainLoss) }))
    }
    if runs.contains(where: { $0.stepCount != nil }) {
      columns.append(("steps", { $0.run.stepCount.map(String.init) ?? "" }))
    }
    if runs.contains(where: { $0.timing != nil }) {
      columns.append(("seconds", { PageText.seconds($0.run.timing?.seconds) }))
    }
    if Set(runs.compactMap { $0.timing?.host }).count > 1 {
      columns.append(("host", { $0.run.timing?.host ?? "" }))
    }
    columns.append(("trial", { $0.run.identifier }))
    if columns.count > mostColumns { columns.removeAll { $0.head == "steps" } }
    return (
      PageTable(
        heads: columns.map(\.head), rows: listed.map { entry in columns.map { $0.text(entry) } },
        wordColumns: Set(columns.indices.filter { ["task", "outcome", "host", "trial"].contains(columns[$0].head) })),
      isPart
    )
  }

  /// The class that the style knows a column by; nil for numbers, and for the first, which is known by its position.
  private func styleClass(_ column: Int) -> String? {
    nameColumns.contains(column) ? "n" : wordColumns.contains(column) ? "w" : nil
  }

  /// Writes the table.
  func write(to markup: inout Markup, identifier: String? = nil) {
    var attributes: [(StaticString, String)] = []
    if let identifier { attributes = [("id", identifier)] }
    markup.open("table", attributes)
    markup.open("thead")
    markup.open("tr")
    for (index, head) in heads.enumerated() {
      var attributes: [(StaticString, String)] = [("scope", "col")]
      if let name = styleClass(index) { attributes.append(("class", name)) }
      markup.element("th", attributes, head)
    }
    markup.close()
    markup.close()
    markup.open("tbody")
    for row in rows {
      markup.newLine()
      markup.open("tr")
      for (index, text) in row.enumerated() {
        if let name = styleClass(index) {
          markup.element("td", [("class", name)], text)
        } else {
          markup.element("td", text)
        }
      }
      markup.close()
    }
    markup.close()
    markup.close()
    markup.newLine()
  }
}

extension PageText {
  /// A score of a run: nothing where it has none.
  static func score(_ value: Double?) -> String {
    guard let value else { return "" }
    return value.isFinite ? String(format: value.magnitude < 10 ? "%.4f" : "%.6g", value) : "nan"
  }

  /// Seconds.
  static func seconds(_ value: Double?) -> String {
    value.map { String(format: $0 < 10 ? "%.2f" : $0 < 100 ? "%.1f" : "%.0f", $0) } ?? ""
  }
}
