import Foundation
import SeedStreams
import Trials
import XCTest

@testable import Optimizers
@testable import Training

final class OptimizerTests: XCTestCase {
  private func specification(
    _ algorithm: OptimizerSpecification.Algorithm, corrected: Bool
  ) -> OptimizerSpecification {
    var specification = OptimizerSpecification()
    specification.algorithm = algorithm
    specification.biasCorrection = corrected
    return specification
  }

  /// Runs the optimizer over one span of weights, step by step.
  private func run(
    _ specification: OptimizerSpecification, spans: [Optimizer.Span], weights: [Float], gradients: [[Float]],
    rates: [Double], scaling: GradientScaling = .identity, anchor: [Float]? = nil
  ) -> [Float] {
    let optimizer = Optimizer(specification, spans: spans, count: weights.count)
    let storage = UnsafeMutableBufferPointer<Float>.allocate(capacity: weights.count)
    defer { storage.deallocate() }
    if let anchor {
      _ = storage.initialize(from: anchor)
      optimizer.restart(specification, anchor: storage)
    }
    var weights = weights
    for (gradient, rate) in zip(gradients, rates) {
      var gradient = gradient
      weights.withUnsafeMutableBufferPointer { weights in
        gradient.withUnsafeMutableBufferPointer { gradient in
          optimizer.update(weights, gradients: gradient, learningRate: rate, scaling: scaling)
        }
      }
    }
    return weights
  }

  func testThePublishedScalarVector() {
    // By hand from the published rules: w0 = 1, four gradients, rate 1e-2, decay 1e-2, epsilon 1e-6.
    let expected: [(OptimizerSpecification.Algorithm, Bool, Double)] = [
      (.huggingFace, false, 0.9138727054018575), (.huggingFace, true, 0.9787914437855317),
      (.google, false, 0.9138641318090387), (.bertAdam, false, 0.9138641318090387),
      (.torch, true, 0.9787882096287034),
    ]
    let gradients: [Float] = [0.5, -0.25, 0.1, 0.3]
    for (algorithm, corrected, value) in expected {
      let specification = specification(algorithm, corrected: corrected)
      var reference = AdamReference(specification, decays: true, weight: 1)
      for gradient in [0.5, -0.25, 0.1, 0.3] { reference.update(gradient: gradient, rate: 1e-2) }
      XCTAssertEqual(reference.weight, value, accuracy: 1e-15)
      let weights = run(
        specification, spans: [.init(range: 0..<1, decays: true)], weights: [1], gradients: gradients.map { [$0] },
        rates: [Double](repeating: 1e-2, count: 4))
      XCTAssertEqual(Double(weights[0]), value, accuracy: reference.error, "\(algorithm) \(corrected)")
      XCTAssertLessThan(reference.error, 2e-6, "the bound must still tell the rules apart")
    }
  }

  func testEveryRuleFollowsANaiveLoopOverManySteps() {
    let count = 203  // no multiple of a vector's length
    let spans = [
      Optimizer.Span(range: 0..<100, decays: true), .init(range: 100..<101, decays: false),
      .init(range: 101..<203, decays: true),
    ]
    var stream = SeedStream(seed: 7, purpose: .bootstrap)
    let start = (0..<count).map { _ in Float(stream.normal()) }
    let stepCount = 60
    let rates = (0..<stepCount).map { 1e-2 * Double($0) / Double(stepCount) }
    let gradients = (0..<stepCount).map { _ in
      (0..<count).map { Float(stream.normal() * (Double($0 % 7) - 3)) }
    }
    for algorithm in OptimizerSpecification.Algorithm.allCases {
      for corrected in [false, true] {
        var specification = specification(algorithm, corrected: corrected)
        specification.weightDecay = 0.1
        for anchor in [nil, (0..<count).map { Float($0 % 9 - 4) / 3 }] {
          let weights = run(
            specification, spans: spans, weights: start, gradients: gradients, rates: rates, anchor: anchor)
          for index in 0..<count {
            var reference = AdamReference(specification, decays: index != 100, weight: start[index])
            reference.target = Double(anchor?[index] ?? 0)
            for step in 0..<stepCount { reference.update(gradient: Double(gradients[step][index]), rate: rates[step]) }
            XCTAssertEqual(
              Double(weights[index]), reference.weight, accuracy: reference.error,
              "\(algorithm), bias correction \(corrected), weight \(index)")
          }
        }
      }
    }
  }

  func testTheRulesEqualTheirPublishedImplementations() throws {
    let golden = try Golden.load()
    let cases: [(OptimizerSpecification.Algorithm, Bool, [Double])] = [
      (.huggingFace, false, golden.hf), (.huggingFace, true, golden.hfCorrected), (.google, false, golden.google),
      (.bertAdam, false, golden.google), (.torch, true, golden.torch),
    ]
    for (algorithm, corrected, expected) in cases {
      let specification = specification(algorithm, corrected: corrected)
      let weights = run(
        specification, spans: [.init(range: 0..<golden.weights.count, decays: true)], weights: golden.weights,
        gradients: golden.gradients, rates: golden.rates)
      for index in weights.indices {
        var reference = AdamReference(specification, decays: true, weight: golden.weights[index])
        for (gradient, rate) in zip(golden.gradients, golden.rates) {
          reference.update(gradient: Double(gradient[index]), rate: rate)
        }
        XCTAssertEqual(Double(weights[index]), expected[index], accuracy: reference.error, "\(algorithm) \(index)")
        XCTAssertLessThan(reference.error, 1e-4)
      }
    }
  }

  func testAScaleEqualsScaledGradientsAndARestartForgets() {
    let specification = specification(.huggingFace, corrected: true)
    var norms = [3.0, 4.0].map { Float($0) }
    let scaling = norms.withUnsafeMutableBufferPointer {
      GradientScaling(GradientNorms(of: $0, ranges: [0..<1, 1..<2]), clip: .perTensor, maximumNorm: 1)
    }
    let spans = [Optimizer.Span(range: 0..<1, decays: true), .init(range: 1..<2, decays: true)]
    let scaled = [3 * scaling.factor(ofTensor: 0), 4 * scaling.factor(ofTensor: 1)]
    XCTAssertEqual(
      run(specification, spans: spans, weights: [1, -1], gradients: [[3, 4]], rates: [0.1], scaling: scaling),
      run(specification, spans: spans, weights: [1, -1], gradients: [scaled], rates: [0.1]))

    let optimizer = Optimizer(specification, spans: spans, count: 2)
    var results: [[Float]] = []
    for _ in 0..<2 {
      var weights: [Float] = [1, -1]
      var gradients: [Float] = [3, 4]
      weights.withUnsafeMutableBufferPointer { weights in
        gradients.withUnsafeMutableBufferPointer {
          optimizer.update(weights, gradients: $0, learningRate: 0.1, scaling: .identity)
        }
      }
      results.append(weights)
      optimizer.restart(specification)
    }
    XCTAssertEqual(results[0], results[1])
    XCTAssertEqual(optimizer.updateCount, 0)
  }

  func testARateOfZeroMovesTheMomentsButNoWeight() {
    for algorithm in OptimizerSpecification.Algorithm.allCases {
      let specification = specification(algorithm, corrected: false)
      let spans = [Optimizer.Span(range: 0..<1, decays: true)]
      let first = run(specification, spans: spans, weights: [0.7], gradients: [[2]], rates: [0])
      XCTAssertEqual(first, [0.7])
      let after = run(specification, spans: spans, weights: [0.7], gradients: [[2], [1]], rates: [0, 0.1])
      let fresh = run(specification, spans: spans, weights: [0.7], gradients: [[1]], rates: [0.1])
      XCTAssertNotEqual(after, fresh)
    }
  }
}

/// The committed values of `Goldens/make_goldens.py`.
struct Golden: Decodable {
  var weights: [Float]
  var gradients: [[Float]]
  var rates: [Double]
  var hf: [Double]
  var hfCorrected: [Double]
  var google: [Double]
  var torch: [Double]
  var clipNorm: Double
  var clipped: [Double]

  static func load() throws -> Golden {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")
    return try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appendingPathComponent("optimizers.json")))
  }
}
