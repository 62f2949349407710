// Figures of training: a recipe's training loss, dev score and, where it was recorded, gradient norm over the steps, a thin line
// for each trial. Of many trials quantile bands are drawn, and the first ones as lines; failed or successful ones that are too few for
// a band are lines as well.

import Figures
import Foundation
import Reports
import Statistics

/// Curves over training.
enum CurveFigures {
  /// The most recipes that have a figure.
  static let mostRecipes = 24
  /// The most trials of a recipe that all have a line.
  static let mostLines = 200
  /// The most trials of a page that all have one, so that a page of ten thousand trials stays small.
  static let mostLinesInAll = 1500
  /// The trials that have a line where there are more.
  static let drawnLines = 20
  /// The fewest values that a band is drawn of.
  private static let leastOfBand = 5

  /// What a panel is of.
  private struct Quantity {
    var title: String
    var curve: (PageRun) -> PageCurve
    var scale: Scale
    var rule: Double?
    var height = 96.0
  }

  /// A figure for each recipe whose trials have curves.
  static func figures(_ recipes: [PageRecipe]) -> [Figure] {
    let shown = Array(recipes.filter { recipe in recipe.results.contains { hasCurve($0) } }.prefix(mostRecipes))
    let areMany = shown.reduce(0) { $0 + $1.results.count } > mostLinesInAll
    let peers = Dictionary(grouping: shown) { [$0.row.task, $0.row.metric] }.mapValues { Scales($0) }
    let prefix = ScoreFigures.prefixes(shown)
    return shown.enumerated().compactMap { index, recipe in
      peers[[recipe.row.task, recipe.row.metric]].map { scales in
        let isBanded = recipe.results.count > (areMany ? drawnLines : mostLines)
        return figure(
          recipe, scales, title: prefix(recipe), name: "learning-\(index + 1)",
          isBanded ? Selection(manyOf: recipe.results) : Selection(allOf: recipe.results))
      }
    }
  }

  /// Which trials of a recipe are drawn as lines and which as bands.
  private struct Selection {
    /// The trials that have a line.
    var lines: [PageRun]
    /// The successful and the failed trials that are in a band; empty where there is none.
    var successfulBand: [PageRun] = []
    var failedBand: [PageRun] = []
    /// How they are drawn where they are not all lines; empty where they are.
    var note = ""

    var isBanded: Bool { !note.isEmpty }

    /// A line for each trial.
    init(allOf runs: [PageRun]) { lines = runs }

    /// Bands, lines of the first trials, and lines of the successful or failed ones that are too few for a band.
    init(manyOf runs: [PageRun]) {
      let first = runs.prefix(drawnLines)
      var drawn = Array(repeating: true, count: first.count) + Array(repeating: false, count: runs.count - first.count)
      var others = ""
      for (name, isFailed) in [("successful", false), ("failed", true)] {
        let indices = runs.indices.filter { runs[$0].hasFailed == isFailed }
        if indices.count(where: { hasCurve(runs[$0]) }) >= leastOfBand {
          if isFailed { failedBand = indices.map { runs[$0] } } else { successfulBand = indices.map { runs[$0] } }
        } else if !indices.isEmpty {
          let few = indices.prefix(drawnLines)
          for index in few { drawn[index] = true }
          others += few.count < indices.count ? ", and the first \(few.count) \(name) ones" : ", and every \(name) one"
        }
      }
      lines = zip(runs, drawn).filter(\.1).map(\.0)
      let all = others.isEmpty ? "them" : "\(runs.count) runs"
      let seeds = SeedList.summary(of: first.map(\.seed))
      let lineText = "lines: the first \(first.count) of \(all), seeds \(seeds)\(others)."
      let bandCount = successfulBand.count + failedBand.count
      let kind = others.isEmpty ? "" : failedBand.isEmpty ? " successful" : " failed"
      note =
        bandCount == 0
        ? "Drawn as \(lineText)" : "Bands: the middle 80 % of \(bandCount)\(kind) runs, and their median; \(lineText)"
    }
  }

  /// The scales that all recipes of a task share; nil for what none recorded.
  private struct Scales {
    var steps: Scale
    var loss: Scale?
    var score: Scale?
    var norm: Scale?

    init(_ recipes: [PageRecipe]) {
      // A single record is no curve; the figure of scores has it.
      func values(_ curve: (PageRun) -> PageCurve) -> [Double] {
        let curves = recipes.flatMap { $0.results.map { curve($0).finite } }
        return curves.contains { $0.count > 1 } ? curves.flatMap { $0.map(\.y) } : []
      }
      let ends = recipes.flatMap { $0.results.flatMap { [$0.loss.points.last?.x, $0.devScore.points.last?.x] } }
      let (losses, scores, norms) = (values(\.loss), values(\.devScore), values(\.norm))
      steps = Scale(from: 0, to: max(1, Scale(covering: ends.compactMap { $0 } + [0], room: 0.01).high))
      if !losses.isEmpty {
        let high = Scale(covering: losses + recipes.compactMap(\.chanceLoss) + [0], room: 0.03).high
        loss = Scale(from: min(0, losses.min() ?? 0), to: high)
      }
      if !scores.isEmpty {
        score = Scale(covering: scores + recipes.compactMap { $0.numbers["constant_score"] })
      }
      if norms.contains(where: { $0 > 0 }) { norm = Scale(.logarithmic, covering: norms) }
    }
  }

  /// Whether more recipes have curves than have figures.
  static func leftOutCount(_ recipes: [PageRecipe]) -> Int {
    max(0, recipes.count { recipe in recipe.results.contains { hasCurve($0) } } - mostRecipes)
  }

  private static func hasCurve(_ run: PageRun) -> Bool { run.loss.finite.count > 1 || run.devScore.finite.count > 1 }

  private static func figure(
    _ recipe: PageRecipe, _ scales: Scales, title: String, name: String, _ selection: Selection
  ) -> Figure {
    let quantities = quantities(recipe, scales)
    let panels = quantities.map { quantity in
      Panel(
        x: Axis("training step", scales.steps), y: .axis(Axis(quantity.title, quantity.scale), height: quantity.height),
        marks: marks(quantity, recipe, selection))
    }
    return Figure(
      name: name, title: "\(title)\(recipe.name): \(recipe.failedCount)", description: description(recipe),
      note: note(recipe, selection), panels: panels,
      legend: legend(recipe, hasRule: quantities.contains { $0.rule != nil }))
  }

  /// What is drawn of a recipe.
  private static func quantities(_ recipe: PageRecipe, _ scales: Scales) -> [Quantity] {
    [
      scales.loss.map { Quantity(title: "training loss", curve: \.loss, scale: $0, rule: recipe.chanceLoss) },
      scales.score.map {
        Quantity(
          title: "dev \(recipe.row.metric.replacing("_", with: " "))", curve: \.devScore, scale: $0,
          rule: recipe.numbers["constant_score"])
      },
      scales.norm.map {
        Quantity(title: "gradient norm before clipping", curve: \.norm, scale: $0, rule: nil, height: 84)
      },
    ].compactMap { $0 }
  }

  private static func marks(_ quantity: Quantity, _ recipe: PageRecipe, _ selection: Selection) -> [Mark] {
    var marks: [Mark] = quantity.rule.map { [.horizontalRule($0, .faint, .dotted)] } ?? []
    let lines = selection.lines
    marks += bands(selection.successfulBand.map(quantity.curve), recipe.ink, .solid)
    marks += bands(selection.failedBand.map(quantity.curve), .failed, .dashed)
    let opacity = selection.isBanded ? 0.5 : lines.count > 40 ? 0.45 : 0.75
    for run in lines where !run.hasFailed { marks += line(run, quantity.curve(run), recipe.ink, .solid, opacity) }
    for run in lines where run.hasFailed {
      marks += line(run, quantity.curve(run), .failed, .dashed, max(0.6, opacity))
    }
    return marks
  }

  /// The line of a trial; one that diverged ends with a cross.
  private static func line(
    _ run: PageRun, _ curve: PageCurve, _ ink: Ink, _ dash: Dash, _ opacity: Double
  ) -> [Mark] {
    let points = curve.finite
    guard let last = points.last else { return [] }
    var marks: [Mark] =
      points.count > 1
      ? [.line(points, ink, dash, width: 0.8, opacity: opacity, name: "seed \(run.seed), \(run.fate)")]
      : [.points(points, .dot, ink, size: 1.5)]
    if run.failure == .diverged { marks.append(.points([last], .cross, .failed, size: 2.6)) }
    return marks
  }

  /// The middle 80 % of curves as a band, and their median, at the steps of the longest curve that enough of them reach.
  private static func bands(_ curves: [PageCurve], _ ink: Ink, _ dash: Dash) -> [Mark] {
    guard let longest = curves.max(by: { $0.points.count < $1.points.count }) else { return [] }
    var (low, middle, high) = ([FigurePoint](), [FigurePoint](), [FigurePoint]())
    for (index, point) in longest.points.enumerated() {
      let values = curves.compactMap { $0.value(at: point.x, near: index) }
      guard values.count >= leastOfBand else { continue }
      func quantile(_ share: Double) -> FigurePoint { FigurePoint(point.x, Sample.quantile(values, at: share)) }
      low.append(quantile(0.1))
      middle.append(quantile(0.5))
      high.append(quantile(0.9))
    }
    return [.band(low: low, high: high, ink), .line(middle, ink, dash, width: 1.8)]
  }

  private static func description(_ recipe: PageRecipe) -> String {
    let groups = [
      ("successful", recipe.results.filter { !$0.hasFailed }), ("failed", recipe.results.filter(\.hasFailed)),
    ]
    let sentences = groups.filter { !$0.1.isEmpty }.map { kind, runs in
      let losses = runs.compactMap { $0.loss.finite.last?.y }
      let scores = runs.compactMap { $0.devScore.finite.last?.y }
      func median(_ values: [Double]) -> String { PageText.number(values.isEmpty ? nil : Sample.median(values)) }
      return "\(runs.count) \(kind): median of the last training losses \(median(losses)), of the last dev scores "
        + "\(median(scores))."
    }
    return "Training loss and dev score over the steps, a line for each run. " + sentences.joined(separator: " ")
  }

  private static func note(_ recipe: PageRecipe, _ selection: Selection) -> String {
    var notes = selection.isBanded ? [selection.note] : []
    let count = recipe.results.map(\.loss.recordsPerPoint).max() ?? 1
    if count > 1 { notes.append("Losses are means of \(count) recorded ones.") }
    return notes.joined(separator: " ")
  }

  private static func legend(_ recipe: PageRecipe, hasRule: Bool) -> [LegendEntry] {
    var entries: [LegendEntry] = []
    if recipe.results.contains(where: { !$0.hasFailed }) {
      entries.append(LegendEntry("successful", .line(recipe.ink, .solid)))
    }
    if recipe.results.contains(where: \.hasFailed) { entries.append(LegendEntry("failed", .line(.failed, .dashed))) }
    if recipe.results.contains(where: { $0.failure == .diverged }) {
      entries.append(LegendEntry("diverged", .point(.cross, .failed)))
    }
    if hasRule {
      entries.append(LegendEntry("constant classifier", .line(.faint, .dotted)))
    }
    return entries
  }
}
