// Figures of ensembles.csv and best_of_n.csv: what averaging over runs and picking the best of them bring, over the number of runs. A
// panel for each task, and in it a curve with its band for each recipe.

import Figures
import Reports
import Storage
import Tables

/// Scores over the number of runs.
enum ChoiceFigures {
  /// The most recipes of a panel.
  private static let mostRecipes = 5
  /// The shapes that tell the recipes of a panel apart besides their colours.
  private static let shapes: [Shape] = [.dot, .square, .triangle, .ring, .cross]

  /// One recipe's curve.
  private struct Curve {
    var recipe: PageRecipe
    var middle: [FigurePoint]
    var low: [FigurePoint]
    var high: [FigurePoint]
    /// The curve of the second kind.
    var other: [FigurePoint]
  }

  /// What a figure is about.
  private struct Subject {
    var name: String
    var title: String
    var note: String
    /// The title of the axis of numbers of runs.
    var axis: String
    /// What the two kinds of curves and the band are.
    var middle: String
    var other: String
    var band: String
  }

  // MARK: - Ensembles

  /// The score of ensembles by their size; nil without ensembles.csv.
  static func ensembles(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read(
      source.folder.ensembles,
      ["configuration_id", "members", "combination", "size", "score", "score_low", "score_high"]
    ).filter { ["probabilities", "predictions"].contains($0["combination"]) }
    let byRecipe = Dictionary(grouping: rows) { $0["configuration_id"] ?? "" }
    let curves = source.recipes.compactMap { recipe -> Curve? in
      let own = byRecipe[recipe.row.configurationIdentifier] ?? []
      let random = own.filter { $0["members"] == "random" }
      return curve(
        of: recipe, random, x: "size", ("score", "score_low", "score_high"),
        other: points(own.filter { $0["members"] == "selected" }, "size", "score"))
    }
    return figure(
      Subject(
        name: "ensembles", title: "What the mean over several runs scores",
        note:
          "Scored on halves of the dev set that selected nobody; bands: the middle 95 % of sets of runs and of halves.",
        axis: "runs in the ensemble", middle: "any runs", other: "the best runs by the other half",
        band: "95 % of sets and halves"), curves)
  }

  // MARK: - The best of several runs

  /// The score to expect of the best of several runs; nil without best_of_n.csv.
  static func best(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read(
      source.folder.bestOfN,
      ["configuration_id", "n", "expected_best", "expected_best_low", "expected_best_high", "selected_b", "level"])
    let byRecipe = Dictionary(grouping: rows) { $0["configuration_id"] ?? "" }
    let curves = source.recipes.compactMap { recipe -> Curve? in
      let own = byRecipe[recipe.row.configurationIdentifier] ?? []
      return curve(
        of: recipe, own, x: "n", ("expected_best", "expected_best_low", "expected_best_high"),
        other: points(own, "n", "selected_b"))
    }
    let level = rows.compactMap { Double($0["level"] ?? "") }.first ?? 0.95
    let share = "\(Scale.shortNumber(100 * level)) %"
    return figure(
      Subject(
        name: "best-of-n", title: "What the best of several runs scores",
        note:
          "Bands hold the whole curve with a probability of at least \(share), whatever the distribution of scores.",
        axis: "runs of which the best is kept", middle: "best by the whole dev set",
        other: "best by one half, scored on the other", band: "\(share) band"), curves)
  }

  // MARK: - Drawing

  private static func points(_ rows: [[String: String]], _ x: String, _ y: String) -> [FigurePoint] {
    rows.map { FigurePoint(AnalysisFigures.numbers($0, x), AnalysisFigures.numbers($0, y)) }
      .filter { $0.x.isFinite && $0.y.isFinite }.sorted { $0.x < $1.x }
  }

  /// The curve of a recipe; nil for less than two points.
  private static func curve(
    of recipe: PageRecipe, _ rows: [[String: String]], x: String, _ names: (middle: String, low: String, high: String),
    other: [FigurePoint]
  ) -> Curve? {
    let middle = points(rows, x, names.middle)
    guard middle.count > 1 else { return nil }
    let (low, high) = (points(rows, x, names.low), points(rows, x, names.high))
    // A band has both bounds everywhere.
    let isBanded = low.count == middle.count && high.count == middle.count
    return Curve(recipe: recipe, middle: middle, low: isBanded ? low : [], high: isBanded ? high : [], other: other)
  }

  private static func figure(_ subject: Subject, _ curves: [Curve]) -> Figure? {
    guard !curves.isEmpty else { return nil }
    let tasks = curves.map(\.recipe.row.task).uniqued()
    let groups = tasks.map { task in (task: task, curves: curves.filter { $0.recipe.row.task == task }) }
    let panels = groups.map { group in
      panel(subject, Array(group.curves.prefix(mostRecipes)), title: groups.count > 1 ? group.task : "")
    }
    let shown = groups.flatMap { $0.curves.prefix(mostRecipes) }
    let leftOutCount = curves.count - shown.count
    let prefix = ScoreFigures.prefixes(shown.map(\.recipe))
    let sentences = shown.map { curve in
      let ends = [curve.middle[0], curve.middle[curve.middle.count - 1]]
      return "\(prefix(curve.recipe))\(curve.recipe.name): "
        + ends.map { "\(PageText.number($0.y)) for \(PageText.number($0.x, digits: 0))" }.joined(separator: ", ")
        + (curve.other.last.map {
          "; \(subject.other): \(PageText.number($0.y)) for \(PageText.number($0.x, digits: 0))"
        } ?? "") + "."
    }
    return Figure(
      name: subject.name, title: subject.title, description: sentences.joined(separator: " "),
      note: subject.note + (leftOutCount > 0 ? " The table has \(leftOutCount) more recipes." : ""), panels: panels,
      legend: legend(subject, groups.map { Array($0.curves.prefix(mostRecipes)) }))
  }

  private static func panel(_ subject: Subject, _ curves: [Curve], title: String) -> Panel {
    let all = curves.flatMap { $0.middle + $0.low + $0.high + $0.other }
    let inks = inks(curves)
    var marks: [Mark] = []
    for (curve, ink) in zip(curves, inks) where !curve.low.isEmpty {
      marks.append(.band(low: curve.low, high: curve.high, ink))
    }
    for (index, (curve, ink)) in zip(curves, inks).enumerated() {
      marks.append(.line(curve.other, ink, .dashed, width: 1.2, name: "\(curve.recipe.name), \(subject.other)"))
      marks.append(.line(curve.middle, ink, .solid, width: 1.4, name: "\(curve.recipe.name), \(subject.middle)"))
      marks.append(.points(curve.middle, shapes[index], ink, size: 2.2))
    }
    let most = all.map(\.x).max() ?? 1
    return Panel(
      title, x: Axis(subject.axis, Scale(from: 1 - 0.03 * (most - 1), to: most + 0.03 * (most - 1))),
      y: .axis(
        Axis("dev \(curves[0].recipe.row.metric.replacing("_", with: " "))", Scale(covering: all.map(\.y))), height: 130
      ),
      marks: marks)
  }

  /// The recipes' own colours where they differ, or else one after another.
  private static func inks(_ curves: [Curve]) -> [Ink] {
    let own = curves.map(\.recipe.ink)
    let areUnique = own.indices.allSatisfy { !own[..<$0].contains(own[$0]) }
    return areUnique ? own : own.indices.map { .series($0) }
  }

  /// The recipes by the shape of their points, each name once, and the kinds of lines.
  private static func legend(_ subject: Subject, _ groups: [[Curve]]) -> [LegendEntry] {
    var entries: [LegendEntry] = []
    for curves in groups {
      for (index, (curve, ink)) in zip(curves, inks(curves)).enumerated()
      where !entries.contains(where: { $0.label == curve.recipe.name }) {
        entries.append(LegendEntry(curve.recipe.name, .point(shapes[index], ink)))
      }
    }
    let curves = groups.flatMap { $0 }
    entries.append(LegendEntry(subject.middle, .line(.text, .solid)))
    if curves.contains(where: { !$0.other.isEmpty }) {
      entries.append(LegendEntry(subject.other, .line(.text, .dashed)))
    }
    if curves.contains(where: { !$0.low.isEmpty }) { entries.append(LegendEntry(subject.band, .band(.faint))) }
    return entries
  }
}
