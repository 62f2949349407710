import XCTest

@testable import Kernels

final class VocabularyLossTests: XCTestCase {
  private func loss(_ logits: [Double], _ target: Int) -> Double {
    log(logits.map(exp).reduce(0, +)) - logits[target]
  }

  /// Rows of 21 leave a remainder of five.
  func testLossesAndGradients() {
    let (rows, columns) = (3, 21)
    let values = normals(rows * columns, site: 1, scale: 3)
    let targets: [Int32] = [0, 20, 7]
    let rowsOfLogits = matrix(values, columns: columns)
    var losses = [Double](repeating: .nan, count: rows)
    vocabularyLoss(rowsOfLogits, targets: targets, losses: &losses, gradientScale: nil)
    XCTAssertEqual(rowsOfLogits.values, values, "without a gradient the logits stay")
    let kept = losses
    vocabularyLoss(rowsOfLogits, targets: targets, losses: &losses, gradientScale: 0.25)
    let logits = rowsOfLogits.values
    XCTAssertEqual(losses, kept)
    for row in 0..<rows {
      let own = Array(values[row * columns..<(row + 1) * columns])
      // The sum's powers err by 1.5e-7 of themselves.
      XCTAssertEqual(losses[row], loss(own.map(Double.init), Int(targets[row])), accuracy: 1.5e-7)
      let expected = centralDifferences(own) { loss($0, Int(targets[row])) / 4 }
      assertEqual(Array(logits[row * columns..<(row + 1) * columns]), expected, roundings: 8)
    }
  }

  func testExtremeLogits() {
    func loss(_ logits: [Float], target: Int32) -> Double {
      var losses = [0.0]
      let gradient = matrix(logits, columns: logits.count)
      vocabularyLoss(gradient, targets: [target], losses: &losses, gradientScale: 1)
      XCTAssertEqual(losses[0].isNaN, gradient.values.contains { $0.isNaN })
      return losses[0]
    }
    XCTAssertEqual(loss([1e30, 0], target: 0), 0)
    XCTAssertEqual(loss([3e38, -3e38], target: 1), 6e38, accuracy: 1e32)
    XCTAssertEqual(loss([-.infinity, 0], target: 1), 0)
    for logits in [[Float.nan, 0], [0, .nan], [.infinity, 0], [.infinity, .infinity]] {
      XCTAssertTrue(loss(logits, target: 0).isNaN, "\(logits)")
    }
  }

  func testRowsAreTheSameForAnyNumberOfThreads() throws {
    let (rows, columns) = (40, 3001)
    let targets = (0..<rows).map { Int32($0 * 70) }
    func run(_ team: ThreadTeam) -> ([Float], [Double]) {
      let logits = matrix(normals(rows * columns, site: 2), columns: columns)
      var losses = [Double](repeating: 0, count: rows)
      vocabularyLoss(logits, targets: targets, losses: &losses, gradientScale: 1, on: team)
      return (logits.values, losses)
    }
    let alone = run(.alone)
    let three = run(try ThreadTeam(threadCount: 3))
    XCTAssertEqual(alone.0, three.0)
    XCTAssertEqual(alone.1, three.1)
  }
}
