// Logistic regression of counts on covariates by maximum likelihood. It knows nothing of doses; `DoseResponse` does.

import Foundation

/// A logistic regression: `log(p_i / (1 - p_i)) = sum_j c_j x_ij`, with `successes_i` of Binomial(`totals_i`, `p_i`).
package struct LogisticRegression: Equatable, Sendable {
  /// The coefficients, (covariates); an intercept is a covariate that is 1 everywhere.
  package let coefficients: [Double]
  /// Twice the log-likelihood ratio of the saturated model to this one.
  package let deviance: Double

  /// The fit by Newton's method (iteratively reweighted least squares); nil where no finite coefficients are likeliest, because the
  /// covariates tell successes from failures without error, or where covariates depend on each other.
  ///
  /// - Parameters:
  ///   - covariates: A row for each observation, (observations, covariates).
  ///   - successes: (observations).
  ///   - totals: (observations).
  package init?(_ covariates: [[Double]], successes: [Int], totals: [Int]) {
    precondition(covariates.count == successes.count && covariates.count == totals.count, "one row for each count")
    let width = covariates.first?.count ?? 0
    let data = zip(covariates, zip(successes, totals)).map { ($0, Double($1.0), Double($1.1)) }
    var coefficients = Array(repeating: 0.0, count: width)
    var height = Self.logLikelihood(coefficients, data)
    // Newton's method converges quadratically; where it has not converged after 60 steps, the coefficients grow without end.
    for _ in 0..<60 {
      guard let step = Self.newtonStep(coefficients, data) else { return nil }
      var share = 1.0
      var next = zip(coefficients, step).map { $0 + $1 }
      var nextHeight = Self.logLikelihood(next, data)
      while nextHeight < height, share > 1e-10 {
        share /= 2
        next = zip(coefficients, step).map { $0 + share * $1 }
        nextHeight = Self.logLikelihood(next, data)
      }
      let change = zip(coefficients, next).map { abs($0 - $1) / (1 + abs($0)) }.max() ?? 0
      (coefficients, height) = (next, max(height, nextHeight))
      if change < 1e-10 {
        guard !Self.isSeparated(coefficients, data) else { return nil }
        self.coefficients = coefficients
        deviance = Self.deviance(coefficients, data)
        return
      }
    }
    return nil
  }

  /// Twice the log-likelihood ratio of the saturated model to these coefficients, on any data: how badly they predict it.
  package static func deviance(
    of coefficients: [Double], _ covariates: [[Double]], successes: [Int], totals: [Int]
  ) -> Double {
    deviance(coefficients, zip(covariates, zip(successes, totals)).map { ($0, Double($1.0), Double($1.1)) })
  }

  private typealias Observation = (covariates: [Double], successes: Double, total: Double)

  private static func logit(_ coefficients: [Double], _ covariates: [Double]) -> Double {
    zip(coefficients, covariates).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func logLikelihood(_ coefficients: [Double], _ data: [Observation]) -> Double {
    data.reduce(0) {
      let logit = logit(coefficients, $1.covariates)
      return $0 + Logistic.logLikelihood(logit, successes: $1.successes, total: $1.total)
    }
  }

  private static func deviance(_ coefficients: [Double], _ data: [Observation]) -> Double {
    2 * (data.reduce(0) { $0 + Logistic.saturated($1.successes, $1.total) } - logLikelihood(coefficients, data))
  }

  /// Whether every observation lies where its probability is 0 or 1 but for rounding.
  private static func isSeparated(_ coefficients: [Double], _ data: [Observation]) -> Bool {
    data.allSatisfy { abs(logit(coefficients, $0.covariates)) > 20 }
  }

  /// The solution of `X' W X step = X' (y - n p)`; nil where the matrix is singular.
  private static func newtonStep(_ coefficients: [Double], _ data: [Observation]) -> [Double]? {
    let width = coefficients.count
    var matrix = Array(repeating: Array(repeating: 0.0, count: width), count: width)
    var vector = Array(repeating: 0.0, count: width)
    for (covariates, successes, total) in data {
      let p = Logistic.probability(logit(coefficients, covariates))
      for row in 0..<width {
        vector[row] += covariates[row] * (successes - total * p)
        for column in 0..<width { matrix[row][column] += covariates[row] * covariates[column] * total * p * (1 - p) }
      }
    }
    return solution(of: matrix, vector)
  }

  /// The solution of a symmetric positive definite system by Cholesky's decomposition; nil where it is not definite.
  private static func solution(of matrix: [[Double]], _ vector: [Double]) -> [Double]? {
    var (factor, result) = (matrix, vector)
    for row in result.indices {
      for column in 0...row {
        let sum = (0..<column).reduce(factor[row][column]) { $0 - factor[row][$1] * factor[column][$1] }
        if row > column {
          factor[row][column] = sum / factor[column][column]
        } else {
          guard sum > 1e-14 * matrix[row][row] else { return nil }
          factor[row][row] = sum.squareRoot()
        }
      }
    }
    for row in result.indices {
      result[row] = (0..<row).reduce(result[row]) { $0 - factor[row][$1] * result[$1] } / factor[row][row]
    }
    for row in result.indices.reversed() {
      let sum = (row + 1..<result.count).reduce(result[row]) { $0 - factor[$1][row] * result[$1] }
      result[row] = sum / factor[row][row]
    }
    return result
  }
}

/// The logistic function and the binomial likelihood in terms of its argument.
enum Logistic {
  /// 1 / (1 + exp(-logit)).
  static func probability(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

  /// log(p / (1 - p)).
  static func logit(_ probability: Double) -> Double { log(probability) - log1p(-probability) }

  /// The log-likelihood of `successes` of `total` without the binomial coefficient.
  static func logLikelihood(_ logit: Double, successes: Double, total: Double) -> Double {
    // log(1 + exp(-|x|)) without overflow.
    let rest = log1p(exp(-abs(logit)))
    return successes * min(0, logit) + (total - successes) * min(0, -logit) - total * rest
  }

  /// The same at the observed rate.
  static func saturated(_ successes: Double, _ total: Double) -> Double {
    func term(_ count: Double) -> Double { count > 0 ? count * log(count / total) : 0 }
    return term(successes) + term(total - successes)
  }
}
