// What every update rule promises, whoever registers it. That the rules compute what their publications say is tested where
// they run, in TrainingTests.

import Foundation
import XCTest

@testable import UpdateRules

final class UpdateRuleTests: XCTestCase {
  func testBiasCorrectionTable() {
    // sqrt(1 - .999^t) / (1 - .9^t), the factor of arXiv 2006.04884, rounded to four or five decimals.
    let table: [(Int, Double, Double)] = [
      (1, 0.3162, 5e-5), (2, 0.2353, 5e-5), (3, 0.2020, 5e-5), (5, 0.1725, 5e-5), (10, 0.1532, 5e-5),
      (12, 0.15224, 5e-6), (20, 0.1602, 5e-5), (46, 0.2138, 5e-5), (100, 0.3086, 5e-5), (189, 0.4151, 5e-5),
      (468, 0.6115, 5e-5), (690, 0.7061, 5e-5), (1000, 0.7952, 5e-5), (1602, 0.8937, 5e-5), (3120, 0.9777, 5e-5),
      (4600, 0.9950, 5e-5),
    ]
    for (step, value, accuracy) in table {
      XCTAssertEqual(
        Adam.biasCorrection(beta1: 0.9, beta2: 0.999, update: step), value, accuracy: accuracy, "t = \(step)")
    }
    let smallest = (1...200).min {
      Adam.biasCorrection(beta1: 0.9, beta2: 0.999, update: $0)
        < Adam.biasCorrection(beta1: 0.9, beta2: 0.999, update: $1)
    }
    XCTAssertEqual(smallest, 12)
    let roberta = (1...200).map { Adam.biasCorrection(beta1: 0.9, beta2: 0.98, update: $0) }
    XCTAssertEqual(roberta.min()!, 0.6436, accuracy: 5e-5)
    XCTAssertEqual(roberta.firstIndex(of: roberta.min()!), 13)
  }

  func testPowersAreThoseOfTheCLibrary() {
    for base in [0.9, 0.999, 0.98] {
      for exponent in [0, 1, 2, 3, 12, 189, 4600] {
        // Squaring doubles a relative error, so the error stays below `exponent` units of roundoff.
        let expected = pow(base, Double(exponent))
        XCTAssertEqual(
          Adam.power(base, exponent), expected, accuracy: Double(exponent + 1) * 0x1p-52 * expected)
      }
    }
  }

  func testNamesAreUnique() {
    XCTAssertEqual(Set(UpdateRules.all.map { $0.name }).count, UpdateRules.all.count)
    for rule in UpdateRules.all { XCTAssertFalse(rule.name.isEmpty || rule.documentation.isEmpty) }
  }

  /// One rule's update of a stretch of weights, with the moments it starts from.
  private func updated(
    _ rule: any UpdateRule.Type, weights: [Float], gradients: [Float], moments: [Float], anchor: [Float]? = nil,
    update: Int = 1
  ) -> (weights: [Float], moments: [Float]) {
    let constants = UpdateConstants(
      biasCorrection: false, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1)
    let factors = rule.factors(
      constants, UpdateRequest(learningRate: 0.25, update: update, decays: true, gradientScale: 1))
    let target = anchor.map { UnsafeMutableBufferPointer<Float>.allocate(capacity: $0.count) }
    defer { target?.deallocate() }
    if let anchor { _ = target?.initialize(from: anchor) }
    var (weights, moments) = (weights, moments)
    weights.withUnsafeMutableBufferPointer { weights in
      moments.withUnsafeMutableBufferPointer { moments in
        gradients.withUnsafeBufferPointer { gradients in
          rule.update(
            UpdateStretch(
              count: weights.count, weights: weights.baseAddress!, gradients: gradients.baseAddress!,
              moments: moments.baseAddress!, momentStride: weights.count,
              anchor: target.map { UnsafePointer($0.baseAddress!) }), factors)
        }
      }
    }
    return (weights, moments)
  }

  /// The optimizer leaves out moments that are zero, so a rule without gradients and moments may only decay.
  func testWithoutGradientsAndMomentsOnlyTheDecayIsLeft() {
    let weights: [Float] = [1, -2, 0.5, 3e-3]
    for rule in UpdateRules.all {
      for anchor in [nil, [0.5, -1, 2, 0] as [Float]] {
        let zeros = [Float](repeating: 0, count: 4 * rule.momentCount)
        let found = updated(
          rule, weights: weights, gradients: [0, 0, 0, 0], moments: zeros + [0], anchor: anchor)
        let decay = Float(0.25 * 0.1)
        let expected = weights.indices.map { weights[$0] - decay * (weights[$0] - (anchor?[$0] ?? 0)) }
        XCTAssertEqual(found.weights, expected, rule.name)
        XCTAssertEqual(found.moments, zeros + [0], rule.name)
      }
    }
  }

  /// A rule writes the moments that it says it has, and none behind them.
  func testARuleKeepsToItsMoments() {
    for rule in UpdateRules.all {
      let moments = [Float](repeating: 0, count: 2 * rule.momentCount)
      let found = updated(rule, weights: [1, 2], gradients: [0.5, -1], moments: moments + [7])
      XCTAssertEqual(found.moments.last, 7, rule.name)
      XCTAssertFalse(found.moments.dropLast().contains(0), rule.name)
      XCTAssertNotEqual(found.weights, [1, 2], rule.name)
    }
  }

  /// No bit depends on how memory is cut into stretches.
  func testEveryElementIsUpdatedOnItsOwn() {
    let count = 37
    let weights = (0..<count).map { Float($0 % 7) - 3.25 }
    let gradients = (0..<count).map { Float($0 % 5) * 0.3 - 0.5 }
    for rule in UpdateRules.all {
      let moments = (0..<count * rule.momentCount).map { 0.01 * Float($0 % 11 + 1) }
      let whole = updated(rule, weights: weights, gradients: gradients, moments: moments + [0])
      for index in 0..<count {
        let own = (0..<rule.momentCount).map { moments[$0 * count + index] }
        let one = updated(rule, weights: [weights[index]], gradients: [gradients[index]], moments: own + [0])
        XCTAssertEqual(one.weights[0].bitPattern, whole.weights[index].bitPattern, "\(rule.name) \(index)")
      }
    }
  }
}
