// A figure of agreement.csv: how often two runs of a recipe answer an example differently.

import Figures
import Reports
import Storage

/// How alike runs answer.
enum AgreementFigures {
  /// What pairs of runs are called.
  private static let names = [
    ("all", "any two runs"), ("successful", "two successful runs"),
    ("failed_successful", "a failed and a successful run"),
    ("failed", "two failed runs"),
  ]

  /// The disagreement of each recipe's pairs of runs; nil without agreement.csv.
  static func agreement(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read(
      source.folder.agreement, ["configuration_id", "pairs", "n_pairs", "disagreement", "mean_accuracy"])
    let byRecipe = Dictionary(grouping: rows) { $0["configuration_id"] ?? "" }
    var (lines, marks, sentences) = ([FigureRow](), [Mark](), [String]())
    let prefix = ScoreFigures.prefixes(source.recipes)
    for recipe in source.recipes {
      let own = byRecipe[recipe.row.configurationIdentifier] ?? []
      let pairs = names.compactMap { key, title -> (title: String, value: Double)? in
        guard let row = own.first(where: { $0["pairs"] == key }) else { return nil }
        let value = AnalysisFigures.numbers(row, "disagreement")
        return value.isFinite ? ("\(title), \(row["n_pairs"] ?? "") pairs", value) : nil
      }
      guard !pairs.isEmpty, lines.count < ScoreFigures.mostRecipes else { continue }
      let name = prefix(recipe) + recipe.name
      lines.append(FigureRow(name, isHeading: true))
      for pair in pairs {
        marks.append(.points([FigurePoint(pair.value, Double(lines.count))], .dot, recipe.ink, size: 3.8))
        lines.append(FigureRow(pair.title, note: PageText.number(pair.value)))
      }
      sentences.append(
        "\(name): " + pairs.map { "\($0.title) \(PageText.number($0.value))" }.joined(separator: "; ") + ".")
    }
    guard !lines.isEmpty else { return nil }
    let most = marks.compactMap { if case .points(let points, _, _, _) = $0 { points[0].x } else { nil } }.max() ?? 0
    return Figure(
      name: "agreement", title: "How often two runs answer differently",
      description: sentences.joined(separator: " "),
      panels: [
        Panel(
          x: Axis("share of dev examples with different answers", Scale(from: 0, to: max(0.05, 1.04 * most))),
          y: .rows(lines, strip: 10), marks: marks)
      ])
  }
}
