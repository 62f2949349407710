import Transformer
import Trials
import XCTest

@testable import Optimizers
@testable import Training

/// Rows updated late must hold the bits of rows updated at once.
final class LazyRowsTests: XCTestCase {
  private let rowCount = 7
  private let rowSize = 83  // no multiple of a vector's length
  private var count: Int { rowCount * rowSize }

  /// The rows that each step reaches: some never, one each time, one after a long pause.
  private let reached: [[Int]] = [[0, 2], [0], [0, 1], [0], [], [0, 1, 2], [0], [0, 5]]

  private func gradient(step: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for row in reached[step] {
      for column in 0..<rowSize { values[row * rowSize + column] = Float((row + 3 * step + 5 * column) % 17 - 8) / 9 }
    }
    return values
  }

  /// The weights after every step, with rows updated on their own or as one span; `settling` says after which steps
  /// everything is brought up to date.
  private func run(
    _ specification: OptimizerSpecification, byRows: Bool, settling: Set<Int> = [], scale: GradientScaling = .identity,
    isAnchored: Bool = false
  ) -> [Float] {
    let span = Optimizer.Span(range: 0..<count, decays: true, rowSize: byRows ? rowSize : nil)
    let optimizer = Optimizer(specification, spans: [span], count: count)
    let anchor = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
    defer { anchor.deallocate() }
    _ = anchor.initialize(from: (0..<count).map { Float($0 % 13 - 6) / 17 })
    optimizer.restart(specification, anchor: isAnchored ? anchor : nil)
    var weights = (0..<count).map { Float($0 % 29 - 14) / 31 }
    weights[3] = -0.0
    return weights.withUnsafeMutableBufferPointer { weights in
      for step in reached.indices {
        let touched = [TouchedRows(tensorIndex: 0, rows: reached[step])]
        optimizer.catchUp(weights, touched)
        var gradients = gradient(step: step)
        gradients.withUnsafeMutableBufferPointer {
          optimizer.update(
            weights, gradients: $0, touched: touched, learningRate: 0.01 * Double(step), scaling: scale)
        }
        if settling.contains(step) { optimizer.settle(weights) }
      }
      optimizer.settle(weights)
      return Array(weights)
    }
  }

  func testRowsUpdatedLateEqualRowsUpdatedAtOnceToTheBit() {
    for algorithm in OptimizerSpecification.Algorithm.allCases {
      for corrected in [false, true] {
        for (decay, isAnchored) in [(0, false), (0.1, false), (0.1, true)] {
          var specification = OptimizerSpecification()
          specification.algorithm = algorithm
          specification.biasCorrection = corrected
          specification.weightDecay = decay
          let expected = run(specification, byRows: false, isAnchored: isAnchored).map(\.bitPattern)
          for settling in [[], [0], [3], [2, 3, 6], Set(reached.indices)] as [Set<Int>] {
            XCTAssertEqual(
              run(specification, byRows: true, settling: settling, isAnchored: isAnchored).map(\.bitPattern), expected,
              "\(algorithm) \(corrected) \(decay) \(isAnchored) \(settling)")
          }
        }
      }
    }
  }

  func testARestartForgetsWhatRowsHaveMissed() {
    let specification = OptimizerSpecification()
    let optimizer = Optimizer(
      specification, spans: [.init(range: 0..<count, decays: true, rowSize: rowSize)], count: count)
    var weights = [Float](repeating: 0.5, count: count)
    var gradients = gradient(step: 0)
    weights.withUnsafeMutableBufferPointer { weights in
      gradients.withUnsafeMutableBufferPointer {
        optimizer.update(
          weights, gradients: $0, touched: [TouchedRows(tensorIndex: 0, rows: reached[0])], learningRate: 0.1,
          scaling: .identity)
      }
      optimizer.restart(specification)
      weights.update(repeating: 0.5)
      optimizer.settle(weights)
    }
    XCTAssertEqual(weights, [Float](repeating: 0.5, count: count))
  }
}
