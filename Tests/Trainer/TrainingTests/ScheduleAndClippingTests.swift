import Glibc
import Schedules
import SeedStreams
import Trials
import UpdateRules
import XCTest

@testable import Optimizers
@testable import Training

final class ScheduleAndClippingTests: XCTestCase {
  private func schedule(
    _ kind: ScheduleSpecification.Kind, warmup: Double, steps: Int, horizon: Int? = nil
  ) -> LearningRateSchedule {
    var specification = ScheduleSpecification()
    specification.kind = kind
    specification.warmup = warmup
    specification.totalSteps = horizon
    return LearningRateSchedule(specification, stepCount: steps)
  }

  func testWarmupIsRoundedDownAsInTheTableOfTheTasks() {
    // Three epochs of RTE, MRPC, CoLA and QNLI at batch 16, warm-up int(.1 T) as in the code of arXiv 2006.04884.
    for (steps, warmup) in [(468, 46), (690, 69), (1605, 160), (19641, 1964)] {
      XCTAssertEqual(schedule(.linear, warmup: 0.1, steps: steps).warmupCount, warmup)
    }
    XCTAssertEqual(schedule(.linear, warmup: 30, steps: 468).warmupCount, 30)
    XCTAssertEqual(schedule(.linear, warmup: 0, steps: 468).warmupCount, 0)
  }

  func testLinear() {
    let rte = schedule(.linear, warmup: 0.1, steps: 468)
    XCTAssertEqual(rte.factor(completed: 0), 0)
    XCTAssertEqual(rte.factor(completed: 23), 0.5)
    XCTAssertEqual(rte.factor(completed: 46), 1)
    XCTAssertEqual(rte.factor(completed: 257), 0.5)
    XCTAssertEqual(rte.factor(completed: 467), 1.0 / 422)
    XCTAssertEqual(rte.factor(completed: 468), 0)
    XCTAssertEqual(rte.factor(completed: 500), 0)
    let cold = schedule(.linear, warmup: 0, steps: 4)
    XCTAssertEqual((0..<4).map { cold.factor(completed: $0) }, [1, 0.75, 0.5, 0.25])
  }

  func testStepMassOfTheSmallRun() {
    // Computed apart: the mass of schedule times correction over the schedule's is .376 for 468 steps, .253 for 189.
    for (steps, mass) in [(468, 0.376), (690, 0.445), (1605, 0.620), (189, 0.253), (3120, 0.761), (19641, 0.976)] {
      let schedule = schedule(.linear, warmup: 0.1, steps: steps)
      var corrected = 0.0
      var plain = 0.0
      for step in 0..<steps {
        let factor = schedule.factor(completed: step)
        plain += factor
        corrected += factor * Adam.biasCorrection(beta1: 0.9, beta2: 0.999, update: step + 1)
      }
      XCTAssertEqual(corrected / plain, mass, accuracy: 5e-4, "\(steps) steps")
    }
  }

  func testConstantCosineAndGoogle() {
    let constant = schedule(.constant, warmup: 2, steps: 10)
    XCTAssertEqual((0..<5).map { constant.factor(completed: $0) }, [0, 0.5, 1, 1, 1])
    let cosine = schedule(.cosine, warmup: 2, steps: 10)
    XCTAssertEqual(cosine.factor(completed: 2), 1)
    XCTAssertEqual(cosine.factor(completed: 4), 0.5 * (1 + 0.5.squareRoot()), accuracy: 1e-15)
    XCTAssertEqual(cosine.factor(completed: 6), 0.5, accuracy: 1e-15)
    XCTAssertEqual([10, 11, 14].map { cosine.factor(completed: $0) }, [0, 0, 0])
    let google = schedule(.google, warmup: 0.1, steps: 100)
    XCTAssertEqual(google.factor(completed: 9), 0.9)
    XCTAssertEqual(google.factor(completed: 10), 0.9)
    XCTAssertEqual(google.factor(completed: 50), 0.5)
    XCTAssertEqual(google.factor(completed: 120), 0)
  }

  func testAHorizonApartFromTheRunsLength() {
    let short = schedule(.linear, warmup: 0.1, steps: 150, horizon: 433)
    XCTAssertEqual(short, schedule(.linear, warmup: 0.1, steps: 433))
    XCTAssertEqual(short.warmupCount, 43)
    XCTAssertEqual(short.factor(completed: 149), Double(433 - 149) / Double(433 - 43))
  }

  func testNormsEqualANaiveSumAndTorch() throws {
    var stream = SeedStream(seed: 3, purpose: .bootstrap)
    var values = (0..<10_007).map { _ in Float(stream.normal()) }
    let ranges = [0..<1, 1..<4098, 4098..<10_007]
    let norms = values.withUnsafeMutableBufferPointer { GradientNorms(of: $0, ranges: ranges) }
    for (range, norm) in zip(ranges, norms.tensors) {
      let naive = values[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      // A sum of n non-negative terms in any order is within n roundings of Double.
      XCTAssertEqual(norm, naive, accuracy: Double(range.count) * 0x1p-52 * naive)
    }
    let total = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    XCTAssertEqual(norms.total, total, accuracy: 10_007 * 0x1p-52 * total)

    let golden = try Golden.load()
    var gradients: [Float] = [3, -4, 12]
    let three = gradients.withUnsafeMutableBufferPointer { GradientNorms(of: $0, ranges: [0..<3]) }
    XCTAssertEqual(three.total, golden.clipNorm)
    let factor = GradientScaling(three, clip: .global, maximumNorm: 1).factor(ofTensor: 0)
    for (gradient, expected) in zip(gradients, golden.clipped) {
      // Two roundings to Float on either side.
      XCTAssertEqual(Double(gradient * factor), expected, accuracy: 4 * 0x1p-24 * abs(expected))
    }
  }

  func testClippingOnlyEverShrinks() {
    var gradients: [Float] = [0.3, 0.4, 6, 8]
    let norms = gradients.withUnsafeMutableBufferPointer { GradientNorms(of: $0, ranges: [0..<2, 2..<4]) }
    func factors(_ clip: OptimizerSpecification.Clip, _ maximum: Double) -> [Float] {
      let scaling = GradientScaling(norms, clip: clip, maximumNorm: maximum)
      return (0..<2).map { scaling.factor(ofTensor: $0) }
    }
    XCTAssertEqual(factors(.unclipped, 1), [1, 1])
    XCTAssertEqual(factors(.perTensor, 1), [1, Float(1 / (norms.tensors[1] + 1e-6))])
    XCTAssertEqual(factors(.global, 1), [Float](repeating: Float(1 / (norms.total + 1e-6)), count: 2))
    XCTAssertEqual(factors(.global, 100), [1, 1])
  }

  /// BertAdam's update is google's, so the same clipping gives the same weights; left alone, it clips per tensor.
  func testClippingIsObeyedWhateverTheAlgorithm() {
    func digest(_ algorithm: OptimizerSpecification.Algorithm, _ clip: OptimizerSpecification.Clip?) -> String? {
      TinyTrial.outcome {
        $0.optimizer.algorithm = algorithm
        $0.optimizer.clip = clip
        $0.optimizer.maximumGradientNorm = 0.01
      }.weightsDigest
    }
    let global = digest(.bertAdam, .global)
    let perTensor = digest(.bertAdam, .perTensor)
    XCTAssertEqual(Set([global, perTensor, digest(.bertAdam, .unclipped)]).count, 3)
    XCTAssertEqual(digest(.bertAdam, nil), perTensor)
    XCTAssertEqual(digest(.google, .perTensor), perTensor)
    XCTAssertEqual(digest(.google, nil), global)
  }

  func testNaNAndInfinityShowInTheNorms() {
    for bad in [Float.nan, .infinity, -.infinity] {
      var gradients = [Float](repeating: 1, count: 5000)
      gradients[4321] = bad
      let norms = gradients.withUnsafeMutableBufferPointer { GradientNorms(of: $0, ranges: [0..<100, 100..<5000]) }
      XCTAssertFalse(norms.total.isFinite)
      XCTAssertTrue(norms.tensors[0].isFinite)
      XCTAssertFalse(norms.tensors[1].isFinite)
    }
    var large = [Float](repeating: .greatestFiniteMagnitude, count: 100)
    XCTAssertTrue(large.withUnsafeMutableBufferPointer { GradientNorms(of: $0, ranges: [0..<100]) }.total.isFinite)
  }
}
