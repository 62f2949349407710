// Figures of the tables that `seedsweep analyze` wrote: what fine-tuning forgot, the loss surface, bias correction; and the norms of
// gradients by layer. A folder without a table has no such figure.

import Figures
import Foundation
import Reports
import Storage
import Tables

/// Figures of derived tables.
enum AnalysisFigures {
  /// The figures of a folder's tables.
  static func figures(_ source: PageFolder) -> [Figure] {
    layers(source)
      + [
        SeedFigures.components(source), AgreementFigures.agreement(source), ChoiceFigures.best(source),
        ChoiceFigures.ensembles(source), forgetting(source), surface(source), edges(source), correction(source),
        stepMass(source),
      ].compactMap { $0 }
  }

  /// The number in a column; NaN for none.
  static func numbers(_ row: [String: String], _ column: String) -> Double {
    Double(row[column] ?? "") ?? .nan
  }

  /// The name of the recipe of a configuration.
  private static func name(_ identifier: String?, _ source: PageFolder) -> String {
    source.recipes.first { $0.row.configurationIdentifier == identifier }?.name ?? ""
  }

  // MARK: - Forgetting

  /// Perplexity with the top layers reset, a line for each run; failed runs above the others.
  private static func forgetting(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read(
      "\(source.folder.path)/forgetting.csv",
      ["trial_id", "configuration_id", "seed_init", "failed", "layers_reset", "embeddings_reset", "perplexity"])
    let partial = rows.filter { $0["embeddings_reset"] != "true" }
    let perplexities = partial.map { numbers($0, "perplexity") }
    guard let whole = rows.first(where: { $0["embeddings_reset"] == "true" }).map({ numbers($0, "perplexity") }),
      let peak = perplexities.filter(\.isFinite).max()
    else { return nil }
    let layers = Scale(covering: partial.map { numbers($0, "layers_reset") })
    let values = Scale(peak > 10 * whole ? .logarithmic : .linear, covering: perplexities + [whole])
    let groups = [("failed runs", "true"), ("successful runs", "false")].map { title, flag in
      (title: title, rows: partial.filter { $0["failed"] == flag })
    }.filter { !$0.rows.isEmpty }
    let panels = groups.map { group in
      Panel(
        group.title, x: Axis("top layers reset to the pre-trained ones", layers),
        y: .axis(Axis("perplexity of masked words", values), height: 110),
        marks: [.horizontalRule(whole, .faint, .dashed)]
          + lines(group.rows, isFailed: group.title == "failed runs", source))
    }
    let unreset = groups.map { group in
      let values = group.rows.filter { $0["layers_reset"] == "0" }.map { numbers($0, "perplexity") }.filter(\.isFinite)
      return "\(group.title): \(values.count), perplexity with nothing reset from "
        + "\(PageText.number(values.min(), digits: 1)) to \(PageText.number(values.max(), digits: 1))."
    }
    return Figure(
      name: "forgetting", title: "What fine-tuning forgot",
      description: "Pre-trained model: perplexity \(PageText.number(whole, digits: 1)). "
        + unreset.joined(separator: " "),
      panels: panels,
      legend: [
        LegendEntry("run", .line(.series(0), .solid)), LegendEntry("failed run", .line(.failed, .dashed)),
        LegendEntry("pre-trained", .line(.faint, .dashed)),
      ])
  }

  private static func lines(_ rows: [[String: String]], isFailed: Bool, _ source: PageFolder) -> [Mark] {
    let byTrial = Dictionary(grouping: rows) { $0["trial_id"] ?? "" }
    return rows.map { $0["trial_id"] ?? "" }.uniqued().map { trial in
      let own = byTrial[trial] ?? []
      return .line(
        own.map { FigurePoint(numbers($0, "layers_reset"), numbers($0, "perplexity")) },
        isFailed ? .failed : .series(0),
        isFailed ? .dashed : .solid, width: 1,
        name: "\(name(own.first?["configuration_id"], source)), seed \(own.first?["seed_init"] ?? "")")
    }
  }

  // MARK: - Surface

  /// The training loss over the plane through the pre-trained model, a failed run and a successful one.
  private static func surface(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read("\(source.folder.path)/surface.csv", ["a", "b", "loss"])
    let points = rows.map { (FigurePoint(numbers($0, "a"), numbers($0, "b")), numbers($0, "loss")) }
    let losses = points.map(\.1).filter { $0.isFinite && $0 > 0 }
    guard let least = losses.min(), let most = losses.max(), most > least else { return nil }
    let (across, down) = (Set(points.map(\.0.x)).sorted(), Set(points.map(\.0.y)).sorted())
    guard across.count > 1, down.count > 1 else { return nil }
    let (width, height) = (spacing(across), spacing(down))
    let colors = Scale(.logarithmic, from: least, to: most)
    let cells: [Mark] = points.compactMap { point, loss in
      colors.share(of: loss).map { .cell(point, width: width, height: height, .heat($0)) }
    }
    let corners = [("pre-trained", 0.0, 0.0), ("failed", 1.0, 0.0), ("successful", 0.0, 1.0)]
    let marks: [Mark] = corners.flatMap { name, a, b -> [Mark] in
      [.points([FigurePoint(a, b)], .square, .corner, size: 3), .label(FigurePoint(a, b), name)]
    }
    let hidden = points.count - losses.count
    return Figure(
      name: "surface", title: "The loss between a failed and a successful run",
      description: "Training loss over the plane through the pre-trained model, a failed and a successful run, from "
        + "\(PageText.number(least)) to \(PageText.number(most)); dark is low.",
      note: "Dark: \(PageText.number(least)), bright: \(PageText.number(most)), even in the logarithm."
        + (hidden > 0 ? " Blank: the loss is not finite." : ""),
      panels: [
        Panel(
          x: Axis(
            "towards the failed run", Scale(from: across[0] - width / 2, to: across[across.count - 1] + width / 2)),
          y: .axis(
            Axis(
              "towards the successful run",
              Scale(from: down[0] - height / 2, to: down[down.count - 1] + height / 2)), height: 250),
          marks: cells + marks)
      ])
  }

  private static func spacing(_ values: [Double]) -> Double {
    (values[values.count - 1] - values[0]) / Double(values.count - 1)
  }

  /// The training loss along the lines between the corners, of every pair of runs.
  static func edges(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read(
      "\(source.folder.path)/surface_edges.csv",
      ["trial_failed", "trial_successful", "from", "to", "place", "loss"])
    let losses = rows.map { numbers($0, "loss") }.filter { $0.isFinite && $0 > 0 }
    guard !losses.isEmpty else { return nil }
    func title(_ row: [String: String]) -> String {
      "\(row["from"] ?? "") to \(row["to"] ?? "")".replacing("pretrained", with: "pre-trained")
    }
    let names = rows.map(title).uniqued()
    let byName = Dictionary(grouping: rows, by: title)
    let dashes: [Dash] = [.solid, .dashed, .mixed]
    func pair(_ row: [String: String]) -> String {
      "failed \(row["trial_failed"] ?? ""), successful \(row["trial_successful"] ?? "")"
    }
    let pairs = rows.map(pair).uniqued()
    let marks = names.enumerated().flatMap { index, name in
      let byPair = Dictionary(grouping: byName[name, default: []], by: pair)
      return pairs.compactMap { pair in byPair[pair].map { (pair, $0) } }.map { pair, rows in
        Mark.line(
          rows.map { FigurePoint(numbers($0, "place"), numbers($0, "loss")) }, .series(index),
          dashes[index % dashes.count], width: pairs.count == 1 ? 1.4 : 0.8,
          name: pairs.count == 1 ? name : "\(name): \(pair)")
      }
    }
    let peaks = names.map { name in
      let most = byName[name, default: []].map { numbers($0, "loss") }.filter(\.isFinite).max()
      return "\(name): highest loss \(PageText.number(most))."
    }
    return Figure(
      name: "surface-edges", title: "The loss on the way between them",
      description: (pairs.count == 1 ? "" : "\(pairs.count) pairs of runs. ") + peaks.joined(separator: " "),
      panels: [
        Panel(
          x: Axis("share of the way", Scale(from: 0, to: 1)),
          y: .axis(Axis("training loss", Scale(.logarithmic, covering: losses)), height: 130), marks: marks)
      ],
      legend: names.enumerated().map { index, name in
        LegendEntry(name, .line(.series(index), dashes[index % dashes.count]))
      })
  }

  // MARK: - Bias correction

  /// The points of a curve that a logarithmic axis tells apart: the first, and each that is some percent further on.
  private static func spaced(_ points: [FigurePoint]) -> [FigurePoint] {
    var kept: [FigurePoint] = []
    for point in points where kept.last.map({ point.x >= 1.04 * $0.x }) ?? true { kept.append(point) }
    return kept
  }

  /// By how much an update without bias correction is too large.
  private static func correction(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read(
      "\(source.folder.path)/correction_factor.csv", ["beta1", "beta2", "step", "overstep"])
    guard !rows.isEmpty else { return nil }
    func title(_ row: [String: String]) -> String { "β₁ \(row["beta1"] ?? ""), β₂ \(row["beta2"] ?? "")" }
    let names = rows.map(title).uniqued()
    let byName = Dictionary(grouping: rows, by: title)
    let dashes: [Dash] = [.solid, .dashed, .mixed, .dotted]
    let points = names.map { name in
      spaced(byName[name, default: []].map { FigurePoint(numbers($0, "step"), numbers($0, "overstep")) })
    }
    let all = points.flatMap { $0 }
    let first = zip(names, points).map { name, points in
      "\(name): \(PageText.number(points.first?.y, digits: 1)) times too large at first."
    }
    return Figure(
      name: "correction", title: "How much too large updates are without bias correction",
      description: first.joined(separator: " "),
      panels: [
        Panel(
          x: Axis("training step", Scale(.logarithmic, covering: all.map(\.x), room: 0)),
          y: .axis(
            Axis("uncorrected step over corrected", Scale(from: 0, to: Scale(covering: all.map(\.y)).high)), height: 130
          ),
          marks: [.horizontalRule(1, .faint, .dotted)]
            + zip(names, points).enumerated().map { index, curve -> Mark in
              .line(curve.1, .series(index), dashes[index % dashes.count], width: 1.4, name: curve.0)
            })
      ],
      legend: names.enumerated().map { index, name in
        LegendEntry(name, .line(.series(index), dashes[index % dashes.count]))
      })
  }

  /// The share of an uncorrected run's steps that a corrected run makes, over the whole run.
  private static func stepMass(_ source: PageFolder) -> Figure? {
    let rows = CSVRows.read(
      "\(source.folder.path)/step_mass.csv",
      ["configuration_id", "bias_correction", "match_step_mass", "step_mass_ratio"])
    let masses = rows.compactMap { row -> (recipe: PageRecipe, mass: Double, note: String)? in
      let mass = numbers(row, "step_mass_ratio")
      guard mass.isFinite,
        let recipe = source.recipes.first(where: { $0.row.configurationIdentifier == row["configuration_id"] })
      else { return nil }
      let kind =
        row["bias_correction"] == "true"
        ? "corrected" : row["match_step_mass"] == "true" ? "uncorrected, scaled by it" : "uncorrected"
      return (recipe, mass, "\(kind), \(PageText.number(mass))")
    }
    guard !masses.isEmpty else { return nil }
    let (shown, prefix) = (masses.prefix(ScoreFigures.mostRecipes), ScoreFigures.prefixes(source.recipes))
    let lines = shown.map { entry in
      FigureRow(prefix(entry.recipe) + entry.recipe.name, note: entry.note)
    }
    return Figure(
      name: "step-mass", title: "What bias correction leaves of a run's steps",
      description: shown.map { "\($0.recipe.name): \($0.note)." }.joined(separator: " "),
      note: "The sum of a corrected run's step sizes over that of an uncorrected one with the same schedule.",
      panels: [
        Panel(
          x: Axis("share of the uncorrected steps", Scale(from: 0, to: 1.02)), y: .rows(lines, strip: 10),
          marks: shown.enumerated().map { index, entry in
            .points([FigurePoint(entry.mass, Double(index))], .dot, entry.recipe.ink, size: 3.8)
          })
      ])
  }
}
