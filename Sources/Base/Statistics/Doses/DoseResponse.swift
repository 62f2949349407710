// How the failure rate rises with a dose, such as the largest effective rate of a run: a logistic curve in the log of the dose, the
// dose at which a share of the runs fail (LD50 for a half), and its interval by the profile likelihood.

import Foundation

/// Failures at several doses.
package struct DoseResponse: Equatable, Sendable {
  /// The runs at one dose.
  package struct Cell: Equatable, Sendable {
    /// The natural log of the dose.
    package var logDose: Double
    /// How many runs failed.
    package var failed: Int
    /// How many there are.
    package var total: Int

    /// The runs at a finite log dose.
    package init(logDose: Double, failed: Int, total: Int) {
      precondition(logDose.isFinite && (0...total).contains(failed), "\(failed) of \(total) runs at \(logDose)")
      self.logDose = logDose
      self.failed = failed
      self.total = total
    }
  }

  /// The curve `log(p / (1 - p)) = slope (log dose - middle)`.
  package struct Curve: Equatable, Sendable {
    /// Change of the logit for each unit of the log dose; infinite where one dose separates failures from successes.
    package var slope: Double
    /// The log of the dose at which half of the runs fail.
    package var middle: Double
    /// Twice the log-likelihood ratio of the saturated model to the curve.
    package var deviance: Double

    /// The log of the dose at which a share of the runs fail.
    package func logDose(at rate: Double) -> Double { middle + Logistic.logit(rate) / slope }
  }

  /// The cells with runs.
  package let cells: [Cell]

  /// Cells, of which those without runs are left out.
  package init(_ cells: [Cell]) { self.cells = cells.filter { $0.total > 0 } }

  /// The likeliest curve that rises with the dose; nil where none does, or where all runs failed or none did.
  ///
  /// If every failure has a larger dose than every success, each middle between the two is as likely; the curve has the mean of the
  /// largest dose without a failure and the smallest with failures alone. If one dose has both and the others do not overlap, the
  /// curve rises at that dose.
  package var curve: Curve? {
    let (failures, successes) = (cells.filter { $0.failed > 0 }, cells.filter { $0.failed < $0.total })
    guard let lowest = failures.map(\.logDose).min(), let highest = successes.map(\.logDose).max() else { return nil }
    guard cells.contains(where: { $0.logDose != lowest }) else { return nil }
    if lowest >= highest { return Curve(slope: .infinity, middle: (lowest + highest) / 2, deviance: 0) }
    // Centered doses keep the equations well conditioned.
    let center = Sample.mean(cells.map(\.logDose))
    guard
      let fit = LogisticRegression(
        cells.map { [1, $0.logDose - center] }, successes: cells.map(\.failed), totals: cells.map(\.total)),
      fit.coefficients[1] > 0
    else { return nil }
    return Curve(
      slope: fit.coefficients[1], middle: center - fit.coefficients[0] / fit.coefficients[1], deviance: fit.deviance)
  }

  /// The interval of the log of the dose at which a share of the runs fail: the doses whose profile likelihood is within
  /// `chi-squared(level, 1) / 2` of the largest (Venzon and Moolgavkar 1988). A bound is infinite where the data do not set one; both
  /// are NaN where no curve rises.
  package func interval(ofLogDoseAt rate: Double, level: Double = 0.95) -> ConfidenceInterval {
    guard let curve else { return .undefined }
    let top = -curve.deviance / 2
    return Self.interval(
      about: curve.slope.isFinite ? curve.logDose(at: rate) : curve.middle, reach: reach, level: level
    ) { top - profile($0, rate) }
  }

  /// The interval of the log of this response's LD50 over another's, by their joint profile likelihood; NaN bounds where one has no
  /// rising curve.
  package func interval(ofMiddleOver other: DoseResponse, level: Double = 0.95) -> ConfidenceInterval {
    guard let curve, let otherCurve = other.curve else { return .undefined }
    let top = -(curve.deviance + otherCurve.deviance) / 2
    return Self.interval(
      about: curve.middle - otherCurve.middle, reach: max(reach, other.reach), level: level
    ) { ratio in
      // The best common place lies between what each alone would have.
      let (one, two) = (curve.middle - ratio, otherCurve.middle)
      let best = Self.maximum(min(one, two), max(one, two)) {
        self.profile($0 + ratio, 0.5) + other.profile($0, 0.5)
      }
      return top - best
    }
  }

  /// The log-likelihood, over the saturated one's, of the likeliest rising curve on which a share of the runs fail at a log dose.
  func profile(_ logDose: Double, _ rate: Double) -> Double {
    let shift = Logistic.logit(rate)
    func logLikelihood(_ slope: Double) -> Double {
      cells.reduce(0) { sum, cell in
        let (failed, total) = (Double(cell.failed), Double(cell.total))
        let logit = shift + slope * (cell.logDose - logDose)
        return sum + Logistic.logLikelihood(logit, successes: failed, total: total) - Logistic.saturated(failed, total)
      }
    }
    /// The first derivative and minus the second one.
    func derivatives(_ slope: Double) -> (first: Double, curvature: Double) {
      cells.reduce((0, 0)) { sums, cell in
        let distance = cell.logDose - logDose
        let p = Logistic.probability(shift + slope * distance)
        let total = Double(cell.total)
        return (
          sums.0 + distance * (Double(cell.failed) - total * p), sums.1 + distance * distance * total * p * (1 - p)
        )
      }
    }
    // The derivative falls with the slope. Beyond the bound every probability is 0 or 1 but at the dose itself.
    var (low, high) = (0.0, 1e6 / max(reach, 1e-6))
    guard derivatives(low).first > 0 else { return logLikelihood(0) }
    guard derivatives(high).first < 0 else { return logLikelihood(high) }
    // Newton's method, and bisection where it leaves the bracket.
    var slope = min(1 / reach, high)
    for _ in 0..<200 {
      let (first, curvature) = derivatives(slope)
      if first > 0 { low = slope } else { high = slope }
      let step = slope + first / curvature
      let next = step > low && step < high ? step : low / 2 + high / 2
      if abs(next - slope) <= 1e-12 * slope { break }
      slope = next
    }
    return logLikelihood(slope)
  }

  /// How far the log doses reach.
  private var reach: Double {
    max(Sample.maximum(cells.map(\.logDose)) - Sample.minimum(cells.map(\.logDose)), 1e-6)
  }

  /// The points on both sides of an estimate where half a likelihood ratio's loss reaches the chi-squared bound.
  private static func interval(
    about center: Double, reach: Double, level: Double, loss: (Double) -> Double
  ) -> ConfidenceInterval {
    let bound = ChiSquared.quantile(level, degrees: 1) / 2
    func side(_ sign: Double) -> Double {
      var (inside, outside) = (0.0, reach / 64)
      // Data that set no bound by here set none.
      while loss(center + sign * outside) < bound {
        if outside > 1000 * reach { return sign * .infinity }
        (inside, outside) = (outside, 2 * outside)
      }
      while outside - inside > 1e-10 * reach {
        let middle = (inside + outside) / 2
        if loss(center + sign * middle) < bound { inside = middle } else { outside = middle }
      }
      return center + sign * (inside + outside) / 2
    }
    return ConfidenceInterval(low: side(-1), high: side(1))
  }

  /// The maximum of a function over a range: a grid, then a golden-section search about its highest point.
  private static func maximum(_ low: Double, _ high: Double, of function: (Double) -> Double) -> Double {
    let count = 24
    let grid = (0...count).map { low + (high - low) * Double($0) / Double(count) }
    let heights = grid.map(function)
    guard let best = heights.indices.max(by: { heights[$0] < heights[$1] }) else { return -.infinity }
    let (left, right) = (grid[max(0, best - 1)], grid[min(count, best + 1)])
    let peak = GoldenSection.peak(from: left, to: right, tolerance: 1e-10 * (1 + abs(left)), of: function)
    return max(heights[best], function(peak))
  }
}
