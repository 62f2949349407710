import XCTest

@testable import Kernels

final class SequenceLossTests: XCTestCase {
  func testCrossEntropyAndItsGradient() {
    let logits = normals(5, site: 1, scale: 2)
    for target in 0..<5 {
      func loss(_ values: [Double]) -> Double { log(values.map(exp).reduce(0, +)) - values[target] }
      var gradient = [Float](repeating: .nan, count: 5)
      let value = crossEntropy(logits, target: target, labelCount: 5, gradient: &gradient, scale: 0.25)
      XCTAssertEqual(value, loss(logits.map(Double.init)), accuracy: 1e-14)
      assertEqual(gradient, centralDifferences(logits) { loss($0) / 4 }, roundings: 1)
    }
  }

  /// The gradient is that of the loss with smoothed labels; the loss is that of the labels.
  func testSmoothedLabelsChangeTheGradientAlone() {
    let logits = normals(4, site: 2, scale: 2)
    for target in 0..<4 {
      func loss(_ values: [Double], smoothing: Double) -> Double {
        let sum = log(values.map(exp).reduce(0, +))
        let spread = values.reduce(0) { $0 + (sum - $1) } / 4
        return (1 - smoothing) * (sum - values[target]) + smoothing * spread
      }
      var gradient = [Float](repeating: .nan, count: 4)
      let value = crossEntropy(
        logits, target: target, labelCount: 4, gradient: &gradient, scale: 0.5, smoothing: 0.3)
      XCTAssertEqual(value, loss(logits.map(Double.init), smoothing: 0), accuracy: 1e-14)
      assertEqual(gradient, centralDifferences(logits) { loss($0, smoothing: 0.3) / 2 }, roundings: 1)
    }
  }

  func testCrossEntropyOfExtremeLogits() {
    XCTAssertEqual(crossEntropy([1e30, 0], target: 0, labelCount: 2, gradient: nil, scale: 1), 0)
    XCTAssertEqual(
      crossEntropy([3e38, -3e38], target: 1, labelCount: 2, gradient: nil, scale: 1), 6e38, accuracy: 1e32)
    XCTAssertEqual(crossEntropy([-.infinity, 0], target: 1, labelCount: 2, gradient: nil, scale: 1), 0)
    for logits in [[Float.nan, 0], [0, .nan], [.infinity, 0], [.infinity, .infinity]] {
      var gradient: [Float] = [0, 0]
      let loss = crossEntropy(logits, target: 0, labelCount: 2, gradient: &gradient, scale: 1)
      XCTAssertTrue(loss.isNaN, "\(logits)")
      XCTAssertTrue(gradient.contains { $0.isNaN })
    }
  }

  func testSquaredErrorAndItsGradient() {
    var gradient: Float = .nan
    XCTAssertEqual(squaredError(1.5, target: -0.5, gradient: &gradient, scale: 0.125), 4)
    XCTAssertEqual(gradient, 0.5)
    XCTAssertTrue(squaredError(.nan, target: 0, gradient: nil, scale: 1).isNaN)
  }
}
