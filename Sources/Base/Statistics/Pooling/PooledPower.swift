// How many runs or draws a pooled effect needs: the power of the test of `RandomEffects` for draws of equal size, by the noncentral
// t distribution.

import Foundation

/// What is known of an effect that is to be pooled over draws.
package struct PooledDesign: Equatable, Sendable {
  /// The variance of the true effects between draws.
  package var betweenVariance: Double
  /// The sampling variance of a draw's effect with one run in each group; with n runs it is the nth part.
  package var runVariance: Double
  /// The level of the two-sided test.
  package var significance: Double
  /// Whether the standard error of the test is at least that of known variances, as in a guarded `RandomEffects`.
  package var isGuarded: Bool

  package init(
    betweenVariance: Double, runVariance: Double, significance: Double = 0.05, isGuarded: Bool = false
  ) {
    self.betweenVariance = betweenVariance
    self.runVariance = runVariance
    self.significance = significance
    self.isGuarded = isGuarded
  }

  /// The most runs, and the most draws, that are tried for an answer.
  package static let most = 10_000

  /// The probability that the test of `draws` draws with `runs` runs a group finds an effect.
  package func power(effect: Double, draws: Int, runs: Int) -> Double {
    guard draws > 1, runs > 0 else { return 0 }
    let degrees = Double(draws - 1)
    let (within, whole) = (runVariance / Double(runs), betweenVariance + runVariance / Double(runs))
    let bound = Student.halfWidth(level: 1 - significance, degrees: degrees)
    let shift = abs(effect) / (whole / Double(draws)).squareRoot()
    // With equal variances v the squared error is max(s^2, v) / draws, whichever tau^2 is found, where s^2 is the variance of the draws'
    // estimates, which has the expectation tau^2 + v.
    let floor = isGuarded && whole > 0 ? (within / whole).squareRoot() : 0
    return NoncentralT.upperTail(bound, shift: shift, degrees: degrees, floor: floor)
      + NoncentralT.upperTail(bound, shift: -shift, degrees: degrees, floor: floor)
  }

  /// The fewest runs a group and draw with which as many draws find an effect with a power; nil where no number does, because
  /// draws differ too much.
  package func runs(effect: Double, draws: Int, power goal: Double = 0.8) -> Int? {
    Self.smallest(from: 2) { power(effect: effect, draws: draws, runs: $0) >= goal }
  }

  /// The fewest draws of as many runs a group that find an effect with a power; nil where more than `most` would be needed.
  package func draws(effect: Double, runs: Int, power goal: Double = 0.8) -> Int? {
    Self.smallest(from: 2) { power(effect: effect, draws: $0, runs: runs) >= goal }
  }

  /// The smallest number, at most `most`, from which on a condition holds.
  private static func smallest(from least: Int, _ holds: (Int) -> Bool) -> Int? {
    var (low, high) = (least - 1, least)
    while !holds(high) {
      if high == most { return nil }
      (low, high) = (high, min(most, 2 * high))
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle }
    }
    return high
  }
}

/// The noncentral t distribution: of (Z + shift) / S with S = sqrt(W / degrees), Z normal and W chi-squared; and the same with
/// max(S, floor) in place of S.
enum NoncentralT {
  /// P(T > t), the probability that Z + shift exceeds t max(S, floor). S has about the standard deviation
  /// 1 / sqrt(2 degrees). Where t S varies less than Z the integral goes over S, otherwise over Z: either way the function that is
  /// weighted by a density changes no faster than the density.
  static func upperTail(_ t: Double, shift: Double, degrees: Double, floor: Double = 0) -> Double {
    if t.isNaN || shift.isNaN { return .nan }
    if shift.isInfinite { return shift > 0 ? 1 : 0 }
    if t < 0 { return 1 - upperTail(-t, shift: -shift, degrees: degrees, floor: floor) }
    return t <= (2 * degrees).squareRoot()
      ? tailOverScale(t, shift: shift, degrees: degrees, floor: floor)
      : tailOverNormal(t, shift: shift, degrees: degrees, floor: floor)
  }

  /// P(T > t) for a positive t as E[P(S < (Z + shift) / t)] over Z, by Simpson's rule over the normal density.
  private static func tailOverNormal(_ t: Double, shift: Double, degrees: Double, floor: Double) -> Double {
    // Z + shift exceeds t floor, which is at least 0. Beyond 12 the normal density has nothing that counts.
    let (low, high) = (max(-12, t * floor - shift), 12.0)
    guard low < high else { return 0 }
    let steps = 2000
    let width = (high - low) / Double(steps)
    var sum = 0.0
    for index in 0...steps {
      let z = low + width * Double(index)
      let simpson: Double = index == 0 || index == steps ? 1 : index % 2 == 1 ? 4 : 2
      let s = max(0, (z + shift) / t)
      sum += simpson * exp(-z * z / 2) * GammaDistribution.cumulative(degrees * s * s / 2, degrees / 2)
    }
    return sum * width / 3 / (2 * Double.pi).squareRoot()
  }

  /// P(T > t) = E[Phi(shift - t max(S, floor))] over S, by Simpson's rule over the density of S.
  private static func tailOverScale(_ t: Double, shift: Double, degrees: Double, floor: Double) -> Double {
    // The density is proportional to s^(degrees - 1) exp(-degrees s^2 / 2), which is about normal with variance 1 / (2 degrees).
    let reach = 12 / (2 * degrees).squareRoot()
    let (low, high) = (max(0, 1 - reach), 1 + reach)
    let steps = 800
    var (sum, mass) = (0.0, 0.0)
    for index in 0...steps {
      let s = low + (high - low) * Double(index) / Double(steps)
      let simpson: Double = index == 0 || index == steps ? 1 : index % 2 == 1 ? 4 : 2
      let logDensity = (degrees == 1 ? 0 : (degrees - 1) * log(s)) - degrees * (s * s - 1) / 2
      let weight = simpson * exp(logDensity)
      mass += weight
      sum += weight * Normal.cumulative(shift - t * max(s, floor))
    }
    return sum / mass
  }
}
