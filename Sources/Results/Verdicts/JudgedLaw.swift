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
  /// The share of the variance of log LD50 between recipes, each the mean over draws, that the dose explains.
  package private(set) var explained: Double?
  /// The draws that count.
  package private(set) var drawCount = 0
  /// What the law comes to.
  package private(set) var word: VerdictWord = .notShown

  /// Whether two laws came to the same.
  package static func == (left: Self, right: Self) -> Bool {
    left.law == right.law && left.dose == right.dose && left.ratios == right.ratios && left.explained == right.explained
      && left.word == right.word && left.deviances.elementsEqual(right.deviances) { $0 == $1 }
  }

  /// The law in the draws of a family.
  init(_ law: DoseLaw, requirements: [Condition], in runs: [DrawRuns], leastDraws: Int) {
    self.law = law
    var draws: [DoseDraw] = []
    var leftOut: [String] = []
    for run in runs {
      do {
        if let exclusion = run.exclusion(of: law.run) { throw NotComputed(description: exclusion) }
        for requirement in requirements
        where try JudgedCondition(requirement, in: run.tables).verdict != .holds {
          throw NotComputed(description: "required: \(requirement.what)")
        }
        draws.append(try DoseDraw(law, run.tables))
      } catch { leftOut.append("\(run.draw.name): \(error)") }
    }
    drawCount = draws.count
    guard draws.count >= leastDraws else {
      word = .notRun(
        "\(draws.count) of \(counted(runs.count, "draw")) can be counted, and pooling needs \(leastDraws)"
          + (leftOut.isEmpty
            ? "; register more draws" : "; finish or repeat these: \(leftOut.prefix(3).joined(separator: "; "))"))
      return
    }
    judge(draws, leastDraws)
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
    let recipes = draws.flatMap { $0.ratios[best.0, default: []].map(\.recipe) }.uniqued()
    ratios = recipes.map { recipe in
      let known = draws.compactMap { $0.ratios[best.0, default: []].first { $0.recipe == recipe } }
      return PooledRatio(
        recipe: recipe, drawCount: known.count,
        model: known.count < leastDraws
          ? nil : RandomEffects(estimates: known.map(\.logRatio), variances: known.map(\.variance), guarded: true))
    }
    explained = Self.explained(draws, best.0)
    word = verdict
  }

  /// Holds if every recipe's LD50 lies within the margin of the reference's; in part if the dose explains enough.
  private var verdict: VerdictWord {
    guard !ratios.isEmpty else { return .notRun("dose_fits.csv has the reference recipe alone") }
    let margin = log(law.margin)
    let words = ratios.map { ratio -> VerdictWord in
      guard let model = ratio.model else { return .notShown }
      return .ofAbsence(narrow: model.interval(level: 0.9), wide: model.interval(), margin: margin)
    }
    if words.allSatisfy({ $0 == .holds }) { return .holds }
    if let explained, explained >= law.explained { return .holdsInPart }
    return words.contains(.contradicted) ? .contradicted : .notShown
  }

  private static func explained(_ draws: [DoseDraw], _ dose: String) -> Double? {
    func variance(_ kind: String) -> (recipes: [String], variance: Double) {
      let recipes = draws.flatMap { $0.middles[kind, default: [:]].keys }.uniqued().sorted()
      let means = recipes.map { recipe in Sample.mean(draws.compactMap { $0.middles[kind]?[recipe] }) }
      let deviation = Sample.standardDeviation(means, ddof: 1)
      return (recipes, deviation * deviation)
    }
    let (own, rate) = (variance(dose), variance("learning_rate"))
    return own.recipes == rate.recipes && rate.variance > 0 ? 1 - own.variance / rate.variance : nil
  }
}

/// What `analyze dose` found in a draw.
private struct DoseDraw {
  /// The deviance of recipes left out, by dose.
  var deviances: [String: Double] = [:]
  /// The log ratios of LD50 with variances, by dose.
  var ratios: [String: [(recipe: String, logRatio: Double, variance: Double)]] = [:]
  /// The logs of LD50, by dose and recipe.
  var middles: [String: [String: Double]] = [:]

  /// - Throws: `NotComputed`.
  init(_ law: DoseLaw, _ tables: ResultTables) throws {
    for dose in law.doses + ["learning_rate"] {
      let models = try tables.fields(Self.rows(law.run, "dose_models.csv", dose, "left_out_deviance"))
      deviances[dose] = models.isEmpty ? nil : models.reduce(0) { $0 + (Double($1[0]) ?? .nan) }
      let fits = try tables.fields(Self.rows(law.run, "dose_fits.csv", dose, "ld50"), and: ["recipe"])
      middles[dose] = Dictionary(
        fits.compactMap { fields in Double(fields[0]).map { (fields[1], log($0)) } },
        uniquingKeysWith: { first, _ in first })
      let ratios = try tables.fields(
        Self.rows(law.run, "dose_fits.csv", dose, "ld50_ratio"), and: ["recipe", "ld50_ratio_low", "ld50_ratio_high"])
      self.ratios[dose] = ratios.compactMap(Self.ratio)
    }
  }

  private static func rows(_ run: String, _ table: String, _ dose: String, _ column: String) -> Rows {
    Rows(run: run, table: table, requirements: [("dose", .oneOf([dose]))], column: column)
  }

  /// The log ratio of a row, its variance from the width of the 90 % interval; nil without a finite interval.
  private static func ratio(_ fields: [String]) -> (recipe: String, logRatio: Double, variance: Double)? {
    guard let ratio = Double(fields[0]), let low = Double(fields[2]), let high = Double(fields[3]), low > 0,
      high.isFinite, high > low
    else { return nil }
    let error = log(high / low) / (2 * Normal.quantile(0.95))
    return (fields[1], log(ratio), error * error)
  }
}
