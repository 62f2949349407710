// Figures of a folder's recipes as rows: failure rates with their intervals, and every trial's score over its recipe's box. All
// numbers are those of summary.csv and trials.csv.

import Figures
import Foundation
import Host
import Reports

/// Failure rates and scores.
enum ScoreFigures {
  /// The most recipes that a figure has rows for.
  static let mostRecipes = 60

  /// Failure rates with Wilson's intervals, those of two strata where runs were stopped early, a panel for each task.
  static func failures(_ recipes: [PageRecipe], level: Double) -> Figure? {
    let shown = recipes.filter { $0.row.count > 0 }
    guard !shown.isEmpty else { return nil }
    let share = Scale.shortNumber(100 * level)
    let all = tasks(shown)
    let panels = all.map { task, group in
      let rows = Rows(group, note: rateNote)
      let isStopped = group.contains { $0.row.stoppedRuns != nil }
      let method = isStopped ? "Wilson's, of two strata where runs were stopped" : "Wilson's"
      return Panel(
        all.count > 1 ? task : "",
        x: Axis("failure rate, \(share) % interval (\(method))", Scale(from: -0.02, to: 1.02)),
        y: .rows(rows.rows, strip: 13),
        marks: zip(rows.indices, group).compactMap { index, recipe -> Mark? in
          guard let low = recipe.numbers["failure_low"], let high = recipe.numbers["failure_high"],
            let rate = recipe.numbers["failure_rate"]
          else { return nil }
          return .interval(low: low, high: high, middle: rate, row: Double(index), recipe.ink)
        })
    }
    let prefix = prefixes(shown)
    let sentences = shown.prefix(mostRecipes).map { recipe in
      "\(prefix(recipe))\(recipe.name): " + sentence(recipe, share: share)
    }
    return Figure(
      name: "failures", title: "Failure rates", description: described(sentences),
      note: leftOut(shown), panels: panels)
  }

  /// How many runs of a recipe failed, with its rate where that is another number.
  private static func rateNote(_ recipe: PageRecipe) -> String {
    let counts = "\(recipe.row.failedCount)/\(recipe.row.count)"
    if PageWords.missingRate(recipe) != nil { return counts + ", no rate yet" }
    return recipe.row.stoppedRuns == nil
      ? counts : "\(counts), estimated rate \(recipe.numbers.text("failure_rate", digits: 2))"
  }

  /// The failures of a recipe in words.
  private static func sentence(_ recipe: PageRecipe, share: String) -> String {
    let counts = "\(recipe.row.failedCount) of \(recipe.row.count) runs failed"
    if let reason = PageWords.missingRate(recipe) { return "\(counts); \(reason)." }
    let rate =
      "\(counts), rate \(recipe.numbers.text("failure_rate")), \(share) % interval "
      + "\(recipe.numbers.text("failure_low")) to \(recipe.numbers.text("failure_high"))."
    return PageWords.estimate(recipe).map { "\(rate) The rate \($0)." } ?? rate
  }

  /// Every trial's score over its recipe's box, a panel for each task.
  static func scores(_ recipes: [PageRecipe]) -> Figure? {
    let shown = recipes.filter { !$0.results.isEmpty }
    guard !shown.isEmpty else { return nil }
    let all = tasks(shown)
    let panels = all.map { task, group in panel(task, group, isOne: all.count == 1) }
    let prefix = prefixes(shown)
    let sentences = shown.prefix(mostRecipes).map { recipe in
      let numbers = recipe.numbers
      let scores =
        numbers["min"] == nil
        ? "none with a score"
        : "scores from \(numbers.text("min")) to \(numbers.text("max")), median \(numbers.text("median")), mean "
          + "\(numbers.text("mean")), sd \(numbers.text("sd"))"
      return "\(prefix(recipe))\(recipe.name): \(counted(recipe.row.count, "run")), \(scores); "
        + "\(recipe.row.failedCount) failed."
    }
    return Figure(
      name: "scores", title: "Every run's score", description: described(sentences),
      note:
        "Box: quartiles and median; whiskers: to the last score within 1.5 times their distance. Points are moved up "
        + "and down only to keep them apart." + leftOut(shown),
      panels: panels, legend: legend(shown))
  }

  /// Rows for recipes, those that differ in grid values only below the name that they share.
  struct Rows {
    private(set) var rows: [FigureRow] = []
    /// The row of each recipe.
    private(set) var indices: [Int] = []

    init(_ recipes: [PageRecipe], note: (PageRecipe) -> String) {
      var heading = ""
      for recipe in recipes {
        let (label, values) = recipe.group
        let isGrouped = !values.isEmpty && recipes.count { $0.group.label == label } > 1
        if isGrouped, label != heading { rows.append(FigureRow(label, isHeading: true)) }
        heading = isGrouped ? label : ""
        indices.append(rows.count)
        rows.append(FigureRow(isGrouped ? values : recipe.name, note: note(recipe)))
      }
    }
  }

  private static func panel(_ task: String, _ group: [PageRecipe], isOne: Bool) -> Panel {
    let scores = group.flatMap { $0.results.map(\.score) }.filter(\.isFinite)
    let constants = Set(group.compactMap { $0.numbers["constant_score"] }).sorted()
    let covered = Scale(covering: scores + constants)
    let hasUnscored = group.contains { $0.results.contains { !$0.score.isFinite } }
    // Runs without a score stand at the bad end, beyond all that have one.
    let room = hasUnscored ? 0.09 * (covered.high - covered.low) : 0
    let isLowGood = group[0].row.lowerIsBetter
    let scale = Scale(from: covered.low - (isLowGood ? 0 : room), to: covered.high + (isLowGood ? room : 0))
    let edge = isLowGood ? covered.high + room / 2 : covered.low - room / 2
    var marks: [Mark] = constants.map { .verticalRule($0, .faint, .dotted) }
    let rows = Rows(group, note: \.failedCount)
    for (index, recipe) in zip(rows.indices, group) {
      marks += self.marks(of: recipe, row: Double(index), scale, unscoredAt: edge)
    }
    let kinds = (group.contains { !$0.isBest } ? ["last"] : []) + (group.contains { $0.isBest } ? ["best"] : [])
    let best = group[0].row.isImported ? "" : ", \(kinds.joined(separator: " or ")) evaluation"
    return Panel(
      isOne ? "" : task, x: Axis(group[0].row.metric.replacing("_", with: " ") + best, scale),
      y: .rows(rows.rows, strip: 24), marks: marks)
  }

  private static func marks(of recipe: PageRecipe, row: Double, _ scale: Scale, unscoredAt edge: Double) -> [Mark] {
    let runs = recipe.results.filter(\.score.isFinite).sorted { $0.score < $1.score }
    let offsets = spread(runs.map(\.score), reach: (scale.high - scale.low) / 70)
    let points = zip(runs, offsets).map { run, offset in (run, FigurePoint(run.score, row + offset)) }
    let size = runs.count > 400 ? 1.1 : runs.count > 100 ? 1.6 : 2.2
    let unscored = recipe.results.count - runs.count
    var marks: [Mark] = []
    if let box = box(recipe, runs.map(\.score)) { marks.append(.box(box, row: row)) }
    marks.append(.points(points.filter { !$0.0.hasFailed }.map(\.1), .dot, recipe.ink, size: size))
    marks.append(.points(points.filter { $0.0.hasFailed }.map(\.1), .cross, .failed, size: size))
    if unscored > 0 {
      let points = spread(Array(repeating: 0, count: unscored), reach: 1).map { FigurePoint(edge, row + $0) }
      marks.append(.points(points, .triangle, .failed, size: max(1.6, size)))
    }
    return marks
  }

  /// The box over scores in rising order, its quartiles those of summary.csv; nil for few runs, and where a run without a score
  /// decides a quartile.
  private static func box(_ recipe: PageRecipe, _ scores: [Double]) -> Box? {
    guard scores.count >= 5, let low = recipe.numbers["q25"], let median = recipe.numbers["median"],
      let high = recipe.numbers["q75"]
    else { return nil }
    let (first, third) = (min(low, high), max(low, high))
    let reach = 1.5 * (third - first)
    return Box(
      lowWhisker: min(first, scores.first { $0 >= first - reach } ?? first), lowQuartile: first, median: median,
      highQuartile: third, highWhisker: max(third, scores.last { $0 <= third + reach } ?? third))
  }

  /// Offsets that keep scores in rising order apart that are closer than `reach`, the same every time.
  static func spread(_ values: [Double], reach: Double) -> [Double] {
    var (offsets, first) = ([Double](), 0)
    for index in 1...max(1, values.count) where !values.isEmpty {
      guard index == values.count || values[index] - values[first] > reach else { continue }
      let count = index - first
      let step = min(0.17, 0.8 / Double(max(1, count - 1)))
      offsets += (0..<count).map { (Double($0) - Double(count - 1) / 2) * step }.sorted { abs($0) < abs($1) }
      first = index
    }
    return offsets
  }

  private static func legend(_ recipes: [PageRecipe]) -> [LegendEntry] {
    let results = recipes.flatMap(\.results)
    var entries: [LegendEntry] = []
    if results.contains(where: { !$0.hasFailed }) {
      entries.append(LegendEntry("successful run", .point(.dot, .text)))
    }
    if results.contains(where: { $0.hasFailed && $0.score.isFinite }) {
      entries.append(LegendEntry("failed run", .point(.cross, .failed)))
    }
    if results.contains(where: { !$0.score.isFinite }) {
      entries.append(LegendEntry("no score (diverged)", .point(.triangle, .failed)))
    }
    if recipes.contains(where: { $0.numbers["constant_score"] != nil }) {
      entries.append(LegendEntry("constant classifier", .line(.faint, .dotted)))
    }
    return entries
  }

  /// The recipes of each task, in order; at most `mostRecipes` in all.
  static func tasks(_ recipes: [PageRecipe]) -> [(task: String, recipes: [PageRecipe])] {
    var groups: [(task: String, recipes: [PageRecipe])] = []
    for recipe in recipes.prefix(mostRecipes) {
      if let index = groups.firstIndex(where: { $0.task == recipe.row.task }) {
        groups[index].recipes.append(recipe)
      } else {
        groups.append((recipe.row.task, [recipe]))
      }
    }
    return groups
  }

  /// What gives the task before the name of each of some recipes, where they have several. It goes through them once.
  static func prefixes(_ recipes: [PageRecipe]) -> (PageRecipe) -> String {
    let areSeveral = recipes.contains { $0.row.task != recipes[0].row.task }
    return { areSeveral ? $0.row.task + ", " : "" }
  }

  /// The sentences of a description, of no more recipes than a figure shows.
  static func described(_ sentences: [String]) -> String { sentences.prefix(mostRecipes).joined(separator: " ") }

  private static func leftOut(_ recipes: [PageRecipe]) -> String {
    recipes.count > mostRecipes ? " The first \(mostRecipes) of \(recipes.count) recipes; the table has all." : ""
  }
}
