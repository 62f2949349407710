// Figures about seeds: every score by its seed, so that seeds show that fail with every recipe; and, where the sweep crosses seeds,
// what each of them contributes to the spread.

import Figures
import Reports
import Storage
import Tables

/// Scores by seed.
enum SeedFigures {
  /// The most seeds and cells that a figure has.
  private static let mostSeeds = 120
  private static let mostCells = 3000

  /// Every score as a coloured cell: a row for each recipe and a column for each seed, or a grid for each recipe where the sweep
  /// crosses the seeds of initialization and order. Nil for less than two recipes or three seeds, and for more than fit.
  static func scores(_ recipes: [PageRecipe]) -> Figure? {
    let shown = recipes.filter { !$0.results.isEmpty }
    let runs = shown.flatMap(\.results)
    let seeds = SeedList(runs.map(\.seed))
    guard seeds.titles.count > 2, seeds.titles.count <= mostSeeds, shown.count <= ScoreFigures.mostRecipes,
      runs.count <= mostCells, seeds.crossing != nil ? shown.count <= CurveFigures.mostRecipes : shown.count > 1
    else { return nil }
    let (tasks, prefix) = (ScoreFigures.tasks(shown), ScoreFigures.prefixes(shown))
    let panels = tasks.flatMap { task, group -> [Panel] in
      let colors = CellColors(group)
      if let crossing = seeds.crossing {
        return group.map { grid($0, crossing, colors, title: prefix($0) + $0.name) }
      }
      return [rows(group, seeds, colors, title: tasks.count > 1 ? task : "")]
    }
    let sentences = shown.map { recipe in
      let failed = recipe.results.filter(\.hasFailed).map(\.seed)
      let others = failed.count > 20 ? " and \(failed.count - 20) more" : ""
      return prefix(recipe) + recipe.name + ": "
        + (failed.isEmpty
          ? "no seed failed." : "failed with seeds \(failed.prefix(20).joined(separator: ", "))\(others).")
    }
    let ranges = tasks.map { task, group in (tasks.count > 1 ? "\(task) " : "") + CellColors(group).text }
    return Figure(
      name: "seeds", title: "Scores by seed",
      description: "\(seeds.titles.count) seeds. " + ScoreFigures.described(sentences),
      note: "From dark to bright: " + ranges.joined(separator: ", ")
        + ". Crosses: failed runs; triangles: no score; blank: no result.",
      panels: panels)
  }

  /// The colours of scores that stand beside each other.
  private struct CellColors {
    private let scale: Scale

    init(_ recipes: [PageRecipe]) {
      let scores = recipes.flatMap { $0.results.map(\.score) }.filter(\.isFinite)
      scale = Scale(from: scores.min() ?? 0, to: scores.max() ?? 0)
    }

    /// What the darkest and the brightest one mean.
    var text: String { "\(PageText.number(scale.low)) to \(PageText.number(scale.high))" }

    /// The cell of a run at a point, with what is drawn on it.
    func marks(_ run: PageRun, at point: FigurePoint, height: Double) -> [Mark] {
      guard run.score.isFinite else { return [.points([point], .triangle, .failed, size: 2.4)] }
      let share = scale.share(of: run.score) ?? 0.5
      let cell = Mark.cell(point, width: 0.94, height: height, .heat(share))
      guard run.hasFailed else { return [cell] }
      return [cell, .points([point], .cross, share < 0.6 ? .plate : .corner, size: 2.2)]
    }
  }

  private static func rows(_ recipes: [PageRecipe], _ seeds: SeedList, _ colors: CellColors, title: String) -> Panel {
    let rows = ScoreFigures.Rows(recipes, note: \.failedCount)
    let marks = zip(rows.indices, recipes).flatMap { index, recipe in
      recipe.results.flatMap { run in
        // Less than a whole strip: half a strip further on begins the next row.
        colors.marks(run, at: FigurePoint(seeds.position(of: run.seed), Double(index)), height: 0.9)
      }
    }
    return Panel(
      title, x: Axis(seeds.axisTitle, Scale(from: seeds.first - 0.6, to: seeds.last + 0.6)),
      y: .rows(rows.rows, strip: 14), marks: marks)
  }

  private static func grid(
    _ recipe: PageRecipe, _ crossing: SeedList.Crossing, _ colors: CellColors, title: String
  ) -> Panel {
    let marks = recipe.results.flatMap { run -> [Mark] in
      guard let (row, column) = crossing.position(of: run.seed) else { return [] }
      return colors.marks(run, at: FigurePoint(Double(column), Double(row)), height: 0.94)
    }
    let (rowCount, columnCount) = (Double(crossing.rows.count), Double(crossing.columns.count))
    return Panel(
      title, x: Axis("data order (its seed's index)", Scale(from: 0.4, to: columnCount + 0.6)),
      y: .axis(
        Axis("initialization (its seed's index)", Scale(from: 0.4, to: rowCount + 0.6)),
        height: min(220, max(60, 14 * rowCount))), marks: marks)
  }

  // MARK: - Components

  /// What initialization, order and dropout contribute to the spread, from seed_components.csv; nil without it.
  static func components(_ source: PageFolder) -> Figure? {
    let factors = [("init", "initialization"), ("order", "data order"), ("dropout", "dropout")]
    let names = factors.flatMap { name, _ in ["n_\(name)", "sd_\(name)", "sd_\(name)_low", "sd_\(name)_high"] }
    let rows = CSVRows.read(
      source.folder.seedComponents, ["configuration_id", "metric", "sd_rest", "not_decomposed"] + names
    ).filter { ($0["not_decomposed"] ?? "").isEmpty }
    guard !rows.isEmpty else { return nil }
    var (lines, marks, sentences, most) = ([FigureRow](), [Mark](), [String](), 0.0)
    let prefix = ScoreFigures.prefixes(source.recipes)
    for row in rows.prefix(CurveFigures.mostRecipes) {
      guard let recipe = source.recipes.first(where: { $0.row.configurationIdentifier == row["configuration_id"] })
      else { continue }
      lines.append(FigureRow(prefix(recipe) + recipe.name, isHeading: true))
      var parts: [String] = []
      for (factor, title) in factors {
        guard let count = row["n_" + factor], !count.isEmpty else { continue }
        let values = ["sd_" + factor, "sd_\(factor)_low", "sd_\(factor)_high"].map { AnalysisFigures.numbers(row, $0) }
        marks.append(
          .interval(low: values[1], high: values[2], middle: values[0], row: Double(lines.count), recipe.ink))
        lines.append(FigureRow("\(title), \(count) seeds", note: PageText.number(values[0])))
        most = max(most, values[2].isFinite ? values[2] : values[0])
        parts.append(
          "\(title) \(PageText.number(values[0])) (\(PageText.number(values[1])) to \(PageText.number(values[2])))")
      }
      let rest = AnalysisFigures.numbers(row, "sd_rest")
      marks.append(.points([FigurePoint(rest, Double(lines.count))], .dot, .faint, size: 3.4))
      lines.append(FigureRow("what none of them explains", note: PageText.number(rest)))
      most = max(most, rest)
      sentences.append("\(recipe.name): \(parts.joined(separator: ", ")), rest \(PageText.number(rest)).")
    }
    guard !lines.isEmpty else { return nil }
    let metric = (rows[0]["metric"] ?? "").replacing("_", with: " ")
    return Figure(
      name: "seed-components", title: "What seeds contribute to the spread",
      description: "Standard deviations with their intervals. " + sentences.joined(separator: " "),
      note: "Intervals: Williams and Tukey's.",
      panels: [
        Panel(
          x: Axis("standard deviation of \(metric)", Scale(from: 0, to: max(1e-9, 1.04 * most))),
          y: .rows(lines, strip: 12), marks: marks)
      ])
  }
}

/// The seeds of a page, each with its position in a figure.
struct SeedList {
  /// Seeds of initialization and order, every combination once.
  struct Crossing {
    private(set) var rows: [String] = []
    private(set) var columns: [String] = []

    /// Nil where the titles are not every combination of at least two of each.
    init?(_ titles: [String]) {
      let parts = titles.map(Self.parts)
      rows = parts.map { $0.row }.uniqued()
      columns = parts.map { $0.column }.uniqued()
      guard rows.count > 1, columns.count > 1, rows.count * columns.count == titles.count else { return nil }
    }

    /// The seeds of initialization and order in the title of a trial's seeds.
    private static func parts(_ title: String) -> (row: String, column: String) {
      let parts = title.split(separator: "/").map(String.init)
      return (parts.first ?? title, parts.count > 1 ? parts[1] : title)
    }

    /// Row and column of a trial's seeds, counted from 1.
    func position(of title: String) -> (row: Int, column: Int)? {
      let (row, column) = Self.parts(title)
      guard let row = rows.firstIndex(of: row), let column = columns.firstIndex(of: column) else { return nil }
      return (row + 1, column + 1)
    }
  }

  /// Seeds in words: "1 to 20" for whole numbers one after another.
  static func summary(of seeds: [String]) -> String {
    let numbers = seeds.compactMap { Int($0) }
    guard let first = numbers.first, let last = numbers.last, numbers.count == seeds.count, seeds.count > 2,
      numbers.indices.allSatisfy({ numbers[$0] &- first == $0 })
    else { return seeds.joined(separator: ", ") }
    return "\(first) to \(last)"
  }

  /// The titles in order.
  let titles: [String]
  /// The combinations, where the sweep crosses seeds.
  let crossing: Crossing?
  /// Whether positions are the seeds themselves.
  private let areNumbers: Bool
  private let positions: [String: Double]

  /// The largest whole number up to which every one has a position of its own.
  private static let largestPosition = 1 << 53

  /// The seeds of runs. Whole numbers that lie close together stand at their values, others one after another.
  init(_ seeds: [String]) {
    let numbers = Set(seeds).compactMap { Int($0) }.sorted()
    let isExact = numbers.allSatisfy { (-Self.largestPosition...Self.largestPosition).contains($0) }
    let isDense = isExact && numbers.last.map { $0 - numbers[0] < 2 * numbers.count } ?? false
    let titles = seeds.uniqued()
    areNumbers = isDense && numbers.count == titles.count
    self.titles = areNumbers ? numbers.map(String.init) : titles
    crossing = Crossing(titles)
    let values = areNumbers ? numbers.map { Double($0) } : (1...max(1, titles.count)).map { Double($0) }
    positions = Dictionary(zip(self.titles, values), uniquingKeysWith: { first, _ in first })
  }

  /// Where a seed stands.
  func position(of title: String) -> Double { positions[title] ?? .nan }

  /// The first and the last position.
  var first: Double { titles.first.map { position(of: $0) } ?? 1 }
  var last: Double { titles.last.map { position(of: $0) } ?? 1 }

  /// What the positions are.
  var axisTitle: String { areNumbers ? "seed" : "index of the seed" }
}
