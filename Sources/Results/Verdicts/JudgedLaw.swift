// The law of the dose: whether one size of early steps predicts the failures of every recipe. It is judged by the tables that
// `analyze dose` writes for each draw.

import Claims
import Foundation
import Host
import Statistics
import Tables

/// A recipe's LD50 over the reference recipe's, pooled over draws.
package struct PooledRatio: Equatable, Sendable {
  /// The recipe without its learning rate.
  package var recipe: String
  /// The draws in which both have a curve and an interval.
  package var drawCount: Int
  /// The log of the ratio, pooled; nil for too few draws.
  package var model: RandomEffects?

  /// The ratio's interval.
  package func interval(level: Double) -> ConfidenceInterval {
    guard let interval = model?.interval(level: level) else { return .undefined }
    return ConfidenceInterval(low: exp(interval.low), high: exp(interval.high))
  }
}

/// The law of the dose, judged.
package struct JudgedLaw: Equatable, Sendable {
  /// The law.
  package let law: DoseLaw
  /// For each candidate the deviance of recipes left out, summed over draws; nil where a draw has none.
  package private(set) var deviances: [(dose: String, deviance: Double?)] = []
  /// The dose with the smallest one.
  package private(set) var dose: String?
  /// The LD50 of each recipe but the reference, in that dose.
  package private(set) var ratios: [PooledRatio] = []
  /// The share of the variance of log LD50 between recipes, each the mean over draws, that the dose explains: over the draws in which
  /// every recipe has an LD50 in the dose and in the learning rate. Otherwise the recipes' means would be of different draws. nil where
  /// there is no such draw.
  package private(set) var explained: Double?
  /// How many draws that is about.
  package private(set) var explainedDrawCount = 0
  /// The draws that count.
  package private(set) var drawCount = 0
  /// The registered draws that do not count, and why.
  private(set) var missingDraws: [(draw: Registration.Draw, reason: String)] = []
  /// What the law comes to.
  package private(set) var word: VerdictWord = .notShown

  /// Whether two laws came to the same.
  package static func == (left: Self, right: Self) -> Bool {
    left.law == right.law && left.dose == right.dose && left.ratios == right.ratios && left.explained == right.explained
      && left.word == right.word && left.deviances.elementsEqual(right.deviances) { $0 == $1 }
  }

  /// The law in the draws of a family.
  ///
  /// - Throws: what reading tables throws, but for `NotComputed`, which leaves a draw out.
  init(_ law: DoseLaw, requirements: [Condition], in runs: [DrawRuns], leastDraws: Int) throws {
    self.law = law
    let counted = try CountedDraws(runs, leastDraws: leastDraws) { run in
      try run.require([law.run], requirements)
      return try DoseDraw(law, run.tables)
    }
    drawCount = counted.draws.count
    missingDraws = counted.leftOut.filter { $0.reason != DrawRuns.notRegistered }
    if let reason = counted.tooFew {
      word = .notRun(reason)
    } else {
      judge(counted.draws.map(\.value), leastDraws)
    }
  }

  private mutating func judge(_ draws: [DoseDraw], _ leastDraws: Int) {
    deviances = law.doses.map { dose in
      let all = draws.map { $0.deviances[dose] }
      return (dose, all.allSatisfy { $0 != nil } ? all.reduce(0) { $0 + ($1 ?? 0) } : nil)
    }
    let best = deviances.compactMap { entry in entry.deviance.map { (entry.dose, $0) } }.min { $0.1 < $1.1 }
    guard let best else {
      word = .notRun("no dose has curves for every recipe in every draw; give the recipes rates nearer to their LD50")
      return
    }
    dose = best.0
    // A recipe without a ratio in any draw is one of which the law says nothing, and so not one that it holds for.
    let recipes = draws.flatMap { $0.fits[best.0, default: []].filter { !$0.isReference }.map(\.recipe) }.uniqued()
    ratios = recipes.map { recipe in
      let known = draws.compactMap { $0.fits[best.0, default: []].first { $0.recipe == recipe }?.ratio }
      return PooledRatio(
        recipe: recipe, drawCount: known.count,
        model: known.count < leastDraws
          ? nil : RandomEffects(estimates: known.map(\.log), variances: known.map(\.variance), guarded: true))
    }
    let everyRecipe = draws.reduce(into: Set<String>()) { $0.formUnion($1.recipes) }
    let whole = draws.filter { draw in
      [best.0, "learning_rate"].allSatisfy { kind in
        let curves = draw.fits[kind, default: []]
        return Set(curves.map(\.recipe)) == everyRecipe && curves.allSatisfy { $0.middle?.isFinite == true }
      }
    }
    explained = Self.explained(whole, best.0)
    explainedDrawCount = whole.count
    word = verdict
  }

  /// Holds if every recipe's LD50 lies within the margin of the reference's; in part if the dose explains enough.
  private var verdict: VerdictWord {
    guard !ratios.isEmpty else { return .notRun("\(DoseLaw.fits) has the reference recipe alone") }
    let words = ratios.map { word(of: $0) }
    if words.allSatisfy({ $0 == .holds }) { return .holds }
    if let explained, explained >= law.explained { return .holdsInPart }
    return words.contains(.contradicted) ? .contradicted : .notShown
  }

  /// What the ratio of one recipe comes to; without an interval nothing is shown.
  func word(of ratio: PooledRatio) -> VerdictWord {
    guard let model = ratio.model else { return .notShown }
    return .ofAbsence(narrow: model.interval(level: 0.9), wide: model.interval(), margin: log(law.margin))
  }

  /// The share that a dose explains over draws in which every recipe has an LD50.
  private static func explained(_ draws: [DoseDraw], _ dose: String) -> Double? {
    guard !draws.isEmpty else { return nil }
    func variance(_ kind: String) -> Double {
      let fits = draws.flatMap { $0.fits[kind, default: []] }
      let means = fits.map(\.recipe).uniqued().map { recipe in
        Sample.mean(fits.filter { $0.recipe == recipe }.compactMap(\.middle))
      }
      let deviation = Sample.standardDeviation(means, ddof: 1)
      return deviation * deviation
    }
    let (own, rate) = (variance(dose), variance("learning_rate"))
    return rate > 0 ? 1 - own / rate : nil
  }
}

/// What `analyze dose` found in a draw.
private struct DoseDraw {
  /// A recipe's curve.
  struct Fit {
    /// The recipe; with its task where the sweep has several.
    var recipe: String
    var isReference: Bool
    /// The log of LD50; nil where no curve rises.
    var middle: Double?
    /// The log of LD50 over the reference's, with its sampling variance; nil for the reference, and without a finite interval.
    var ratio: (log: Double, variance: Double)?
  }

  /// The deviance of recipes left out, over all tasks, by dose; none where a task has none.
  var deviances: [String: Double] = [:]
  /// The curves of all recipes, by dose.
  var fits: [String: [Fit]] = [:]

  /// - Throws: `NotComputed`.
  init(_ law: DoseLaw, _ tables: ResultTables) throws {
    let tasks = Set(try tables.fields(Rows(run: law.run, table: DoseLaw.fits, requirements: [], column: "task")))
    var differing: String?
    for dose in law.doses + ["learning_rate"] {
      let models = try tables.fields(
        Self.rows(law.run, DoseLaw.models, dose, "task"), and: ["left_out_deviance", "recipes"])
      let known = models.compactMap { Double($0[1]) }.filter(\.isFinite)
      if known.count == tasks.count { deviances[dose] = known.reduce(0, +) }
      let curves = try tables.fields(
        Self.rows(law.run, DoseLaw.fits, dose, "recipe"),
        and: ["task", "reference", "ld50", "ld50_ratio", "ld50_ratio_low", "ld50_ratio_high"])
      for model in models where differing == nil {
        let curveCount = curves.count { $0[1] == model[0] }
        if Int(model[2]) == curveCount { continue }
        differing =
          "\(DoseLaw.fits) of \(law.run) has \(counted(curveCount, "recipe")) of \(model[0]) in \(dose), and \(DoseLaw.models) is about "
          + "\(model[2])"
      }
      fits[dose] = curves.map { fields in
        Fit(
          recipe: tasks.count > 1 ? "\(fields[1]): \(fields[0])" : fields[0], isReference: fields[2] == "true",
          middle: Double(fields[3]).map { log($0) }, ratio: Self.ratio(fields[4], low: fields[5], high: fields[6]))
      }
    }
    // A table that was cut would make the law hold for fewer recipes than were run. `analyze dose` writes no row of a recipe of which no
    // cell counts, in any dose, and none of a dose that no recipe has.
    let recipes = self.recipes
    for (dose, curves) in fits.sorted(by: { $0.key < $1.key })
    where !curves.isEmpty && Set(curves.map(\.recipe)) != recipes {
      let lacking = recipes.subtracting(curves.map(\.recipe)).sorted()
      throw NotComputed(
        description: "\(DoseLaw.fits) of \(law.run) has no row of \(lacking.joined(separator: ", ")) in \(dose)")
    }
    if let differing {
      throw NotComputed(description: "\(differing); write both again with 'seedsweep analyze dose'")
    }
  }

  /// The recipes that have a curve in some dose.
  var recipes: Set<String> { Set(fits.values.joined().map(\.recipe)) }

  private static func rows(_ run: String, _ table: String, _ dose: String, _ column: String) -> Rows {
    Rows(run: run, table: table, requirements: [("dose", .oneOf([dose]))], column: column)
  }

  /// The log of a ratio, its variance from the width of the 90 % interval; nil without a finite interval.
  private static func ratio(_ ratio: String, low: String, high: String) -> (log: Double, variance: Double)? {
    guard let ratio = Double(ratio), let low = Double(low), let high = Double(high), low > 0, high.isFinite, high > low
    else { return nil }
    let error = log(high / low) / (2 * Normal.quantile(0.95))
    return (log(ratio), error * error)
  }
}
