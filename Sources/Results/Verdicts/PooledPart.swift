// A part of a claim over all draws: the draws' effects pooled, and what holds for these draws alone beside it.

import Claims
import Foundation
import Host
import Statistics

/// A part of a claim, pooled over draws.
package struct PooledPart {
  /// The part.
  package let part: ClaimPart
  /// The draws that count, with their effects.
  let draws: [(draw: Registration.Draw, effect: DrawEffect)]
  /// The draws that do not count, and why.
  package let leftOut: [(draw: Registration.Draw, reason: String)]
  /// The effects pooled over draws; nil where too few draws or runs count.
  package let model: RandomEffects?
  /// Why it cannot be judged; nil if it can.
  package let reason: String?

  /// The part in the draws of a family.
  ///
  /// - Parameter requirements: What must be so in a draw for it to count.
  init(_ part: ClaimPart, requirements: [Condition], in runs: [DrawRuns], leastDraws: Int) throws {
    self.part = part
    let found = try CountedDraws(runs, leastDraws: leastDraws) { run in
      try run.require(part.measure.runs, requirements)
      return try part.measure.effect(in: run.tables)
    }
    draws = found.draws.map { (draw: $0.draw, effect: $0.value) }
    leftOut = found.leftOut
    let runCount = draws.reduce(0) { $0 + $1.effect.runCounts.reduce(0, +) }
    if let tooFew = found.tooFew {
      reason = tooFew
    } else if runCount < part.leastRuns {
      reason = "\(counted(runCount, "run")), and at least \(part.leastRuns) are registered"
    } else {
      reason = nil
    }
    model =
      draws.count < leastDraws
      ? nil
      : RandomEffects(
        estimates: draws.map(\.effect.estimate), variances: draws.map(\.effect.variance), guarded: true)
  }

  /// The runs that count, over all draws and groups.
  package var runCount: Int { draws.reduce(0) { $0 + $1.effect.runCounts.reduce(0, +) } }

  /// The draws that count.
  package var drawCount: Int { draws.count }

  /// The runs of these draws that are left out because they diverged and have no number.
  package var divergedCount: Int { draws.reduce(0) { $0 + $1.effect.divergedCount } }

  /// The registered draws that do not count, and why.
  var missingDraws: [(draw: Registration.Draw, reason: String)] {
    leftOut.filter { $0.reason != DrawRuns.notRegistered }
  }

  /// An estimate as tables write it: a ratio, a correlation, or as it is.
  package func natural(_ estimate: Double) -> Double {
    switch part.measure.scale {
    case .plain: estimate
    case .ratio: exp(estimate)
    case .correlation: tanh(estimate)
    }
  }

  /// An interval as tables write it.
  package func natural(_ interval: ConfidenceInterval) -> ConfidenceInterval {
    ConfidenceInterval(low: natural(interval.low), high: natural(interval.high))
  }

  /// A number that tables write, on the scale of the estimates.
  func scaled(_ number: Double) -> Double {
    switch part.measure.scale {
    case .plain: number
    case .ratio: log(number)
    case .correlation: atanh(number)
    }
  }

  /// The range of the pooled effect with one pre-training left out; nil where that leaves fewer than two draws.
  package var withoutOnePretraining: ConfidenceInterval? {
    model?.meansWithoutOne(of: draws.map(\.draw.pretraining)).map {
      natural(ConfidenceInterval(low: $0.lowerBound, high: $0.upperBound))
    }
  }

  /// The effect of crossed pre-trainings and data seeds with an interval that knows that draws of one are alike; nil where the draws
  /// that count are no whole table of at least two by two.
  package var crossed: CrossedMean? {
    let (rows, columns) = (draws.map(\.draw.pretraining).uniqued(), draws.map(\.draw.data).uniqued())
    guard rows.count > 1, columns.count > 1, rows.count * columns.count == draws.count else { return nil }
    let table = rows.map { row in
      columns.compactMap { column in
        draws.first { $0.draw.pretraining == row && $0.draw.data == column }?.effect.estimate
      }
    }
    return table.allSatisfy { $0.count == columns.count } ? CrossedMean(table) : nil
  }

  /// How many runs or draws would put the interval, with power .8, on the registered side of nothing if the effect is the smallest that
  /// matters, or within the margin if there is none; nil where the interval excludes that effect. That an effect holds needs an estimate
  /// of at least the smallest as well.
  ///
  /// - Parameter significance: The level of the test of an effect, adjusted for the family.
  func needed(significance: Double) -> String? {
    guard let model, let target = target else { return nil }
    let interval = model.interval()
    let supposed = if case .effect(_, let smallest) = part.asked { scaled(smallest) } else { 0.0 }
    guard interval.low <= supposed, supposed <= interval.high else { return nil }
    let runVariance = Sample.mean(draws.map { $0.effect.variance * $0.effect.groupSize })
    let size = max(2, Int(Sample.mean(draws.map(\.effect.groupSize)).rounded()))
    // No effect is shown by two tests at .05, that it lies above one margin and below the other. Where there is none, both are as
    // powerful, and together they miss at most twice as often as one.
    let (level, power): (Double, Double) =
      switch part.asked {
      case .effect, .nothing: (significance, 0.8)
      case .absence: (2 * VerdictWord.significance, 0.9)
      }
    let design = PooledDesign(
      betweenVariance: model.betweenVariance, runVariance: runVariance, significance: level, isGuarded: model.isGuarded)
    if let runs = design.runs(effect: target, draws: draws.count, power: power) {
      return "\(runs) runs a group in each of \(draws.count) draws"
    }
    if let more = design.draws(effect: target, runs: size, power: power) {
      return "\(more) draws of \(size) runs a group"
    }
    return "more than \(PooledDesign.most) draws of \(size) runs a group"
  }

  /// The size of the effect to be shown, or the margin of none, on the scale of the estimates; nil where it is 0.
  private var target: Double? {
    let size: Double
    switch part.asked {
    case .effect(_, let smallest): size = abs(scaled(smallest))
    case .absence(let margin): size = abs(scaled(margin))
    case .nothing: return nil
    }
    return size > 0 ? size : nil
  }
}

/// A test that compares within draws: it is about these draws and no others.
package struct StratifiedResult: Equatable, Sendable {
  /// Its name.
  package var name: String
  /// Its estimate with an interval, as tables write them; nil where it gives none.
  package var estimate: Double?
  package var interval: ConfidenceInterval?
  /// The p-value.
  package var p: Double
}

extension PooledPart {
  /// The stratified test beside the pooled effect; nil where there is none for the measure.
  package var stratified: StratifiedResult? {
    let strata = draws.map(\.effect.stratum)
    guard !strata.isEmpty else { return nil }
    switch strata[0] {
    case .rates: return Self.rates(strata)
    case .location:
      let samples = StratifiedSamples(
        strata.compactMap { if case .location(let stratum) = $0 { stratum } else { nil } })
      return StratifiedResult(name: "van Elteren", p: samples.vanElteren.p)
    case .spread:
      let samples = StratifiedSamples(strata.compactMap { if case .spread(let stratum) = $0 { stratum } else { nil } })
      return StratifiedResult(
        name: "permutation within draws", estimate: exp(samples.logDeviationRatio), p: samples.spreadTest())
    case .halves:
      let halves = strata.compactMap { if case .halves(let first, let second) = $0 { (first, second) } else { nil } }
      return StratifiedResult(
        name: "permutation within draws", p: DevSetSpread.halvesP(halves.map { (first: $0.0, second: $0.1) }))
    case .none: return nil
    }
  }

  private static func rates(_ strata: [DrawEffect.Stratum]) -> StratifiedResult {
    let counts = strata.compactMap { if case .rates(let stratum, _) = $0 { stratum } else { nil } }
    let pairs = strata.compactMap { if case .rates(_, let pairs) = $0 { pairs } else { nil } }
    let rates = StratifiedRates(counts)
    let isPaired = pairs.count == counts.count
    // A variance of 0 gives no interval.
    let interval = rates.interval()
    return StratifiedResult(
      name: isPaired ? "Mantel-Haenszel, McNemar" : "Mantel-Haenszel", estimate: rates.difference,
      interval: interval.low.isNaN ? nil : interval,
      p: isPaired ? PairedProportions(sumOf: pairs).mcNemar : rates.p)
  }
}
