import XCTest

@testable import Trials

/// Step counts of the papers (batch 16, warm-up int(0.1 T)) and evaluation steps by hand.
final class StepTests: XCTestCase {
  /// The evaluated ones of a run's steps, whose number must be the one that is given without going through them.
  private func evaluationSteps(
    _ configuration: TrialConfiguration, _ exampleCount: Int, file: StaticString = #filePath, line: UInt = #line
  ) -> [Int] {
    let steps = configuration.evaluationSteps(exampleCount: exampleCount)
    let all = (-1...configuration.stepCount(exampleCount: exampleCount) + 1).filter { steps.contains($0) }
    XCTAssertEqual(steps.count, all.count, file: file, line: line)
    return all
  }

  func testStepCountsOfTheGLUETasks() {
    for (examples, perEpoch, steps, warmup) in [
      (2490, 156, 468, 46), (3668, 230, 690, 69), (8551, 535, 1605, 160), (104_743, 6547, 19641, 1964),
      (1000, 63, 189, 18),
    ] {
      let configuration = TrialConfiguration()
      XCTAssertEqual(configuration.stepsPerEpoch(exampleCount: examples), perEpoch)
      XCTAssertEqual(configuration.stepCount(exampleCount: examples), steps)
      XCTAssertEqual(configuration.warmupStepCount(exampleCount: examples), warmup)
      XCTAssertEqual(evaluationSteps(configuration, examples), [perEpoch, 2 * perEpoch, 3 * perEpoch])
    }
  }

  func testLimitsAndHorizons() {
    var configuration = TrialConfiguration()
    configuration.training.maximumSteps = 150
    configuration.schedule.totalSteps = 433
    XCTAssertEqual(configuration.stepCount(exampleCount: 6920), 150)
    XCTAssertEqual(configuration.schedule.horizon(stepCount: configuration.stepCount(exampleCount: 6920)), 433)
    XCTAssertEqual(configuration.warmupStepCount(exampleCount: 6920), 43)
    XCTAssertEqual(evaluationSteps(configuration, 6920), [150])
    configuration.schedule.warmup = 12
    XCTAssertEqual(configuration.warmupStepCount(exampleCount: 6920), 12)
    configuration.schedule.warmup = 0
    XCTAssertEqual(configuration.warmupStepCount(exampleCount: 6920), 0)
  }

  func testEvaluationSteps() {
    var configuration = TrialConfiguration()
    configuration.training.batchSize = 10
    configuration.training.epochs = 2
    configuration.training.evaluationsPerEpoch = 3
    XCTAssertEqual(evaluationSteps(configuration, 100), [3, 6, 10, 13, 16, 20])
    configuration.training.maximumSteps = 14
    XCTAssertEqual(evaluationSteps(configuration, 100), [3, 6, 10, 13, 14])
    configuration.training.evaluationsPerEpoch = 1000
    XCTAssertEqual(evaluationSteps(configuration, 30), Array(1...14))
    configuration.training.evaluateEvery = 5
    XCTAssertEqual(evaluationSteps(configuration, 100), [5, 10, 14])
    configuration.training.evaluateEvery = 7
    XCTAssertEqual(evaluationSteps(configuration, 100), [7, 14])
  }

  /// Every length of epoch and run up to a few, against the definition gone through step by step.
  func testEvaluationStepsAreThoseOfTheDefinition() {
    for (epochLength, perEpoch, last) in (1...9).flatMap({ length in
      (1...9).flatMap { part in (1...30).map { (length, part, $0) } }
    }) {
      var configuration = TrialConfiguration()
      configuration.training.batchSize = 1
      configuration.training.maximumSteps = last
      configuration.training.evaluationsPerEpoch = perEpoch
      let parts = min(perEpoch, epochLength)
      let regular = (0...last).flatMap { epoch in
        (1...parts).map { epoch * epochLength + $0 * epochLength / parts }
      }
      XCTAssertEqual(
        evaluationSteps(configuration, epochLength), Set(regular.filter { $0 <= last } + [last]).sorted(),
        "\(epochLength) \(perEpoch) \(last)")
    }
  }

  /// A short file may ask for a very long run: nothing is counted step by step.
  func testTheLongestRunsCostNothing() {
    var configuration = TrialConfiguration()
    configuration.training.maximumSteps = Int(Int32.max)
    configuration.training.evaluateEvery = 1
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 100).count, Int(Int32.max))
    configuration.training.maximumSteps = nil
    configuration.training.evaluateEvery = nil
    configuration.training.epochs = Int(Int32.max)
    configuration.training.batchSize = 1
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 1 << 31).count, Int(Int32.max))
  }
}
