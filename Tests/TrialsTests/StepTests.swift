import XCTest

@testable import Trials

/// Step counts of the papers (batch 16, warm-up int(0.1 T)) and evaluation steps by hand.
final class StepTests: XCTestCase {
  func testStepCountsOfTheGLUETasks() {
    for (examples, perEpoch, steps, warmup) in [
      (2490, 156, 468, 46), (3668, 230, 690, 69), (8551, 535, 1605, 160), (104_743, 6547, 19641, 1964),
      (1000, 63, 189, 18),
    ] {
      let configuration = TrialConfiguration()
      XCTAssertEqual(configuration.stepsPerEpoch(exampleCount: examples), perEpoch)
      XCTAssertEqual(configuration.stepCount(exampleCount: examples), steps)
      XCTAssertEqual(configuration.warmupStepCount(exampleCount: examples), warmup)
      XCTAssertEqual(
        configuration.evaluationSteps(exampleCount: examples), [perEpoch, 2 * perEpoch, 3 * perEpoch])
    }
  }

  func testLimitsAndHorizons() {
    var configuration = TrialConfiguration()
    configuration.training.maximumSteps = 150
    configuration.schedule.totalSteps = 433
    XCTAssertEqual(configuration.stepCount(exampleCount: 6920), 150)
    XCTAssertEqual(configuration.scheduleStepCount(exampleCount: 6920), 433)
    XCTAssertEqual(configuration.warmupStepCount(exampleCount: 6920), 43)
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 6920), [150])
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
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 100), [3, 6, 10, 13, 16, 20])
    configuration.training.maximumSteps = 14
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 100), [3, 6, 10, 13, 14])
    configuration.training.evaluationsPerEpoch = 1000
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 30), Array(1...14))
    configuration.training.evaluateEvery = 5
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 100), [5, 10, 14])
    configuration.training.evaluateEvery = 7
    XCTAssertEqual(configuration.evaluationSteps(exampleCount: 100), [7, 14])
  }
}
