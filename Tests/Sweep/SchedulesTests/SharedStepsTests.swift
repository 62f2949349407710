// Which trials are the beginning of which others.

import Trials
import XCTest

@testable import Schedules

final class SharedStepsTests: XCTestCase {
  /// A plan of configurations that differ by one change each, with three seeds. 64 examples in batches of 16 make 4 steps an epoch.
  private func plan(_ changes: [(inout TrialConfiguration) -> Void]) throws -> SweepPlan {
    let configurations = changes.enumerated().map { index, change in
      var configuration = TrialConfiguration()
      configuration.training.batchSize = 16
      configuration.training.epochs = 2
      change(&configuration)
      return PlannedConfiguration(
        variant: "v\(index)", label: "v\(index)", configuration: configuration, axisValues: [],
        identifier: String(repeating: "\(index)", count: 16))
    }
    return try SweepPlan(name: "shared", configurations: configurations, seeds: [1, 2, 3].map { TrialSeeds(tied: $0) })
  }

  private func shared(_ changes: [(inout TrialConfiguration) -> Void]) throws -> SharedSteps {
    SharedSteps(try plan(changes), exampleCounts: changes.map { _ in 64 })
  }

  private let long: (inout TrialConfiguration) -> Void = {
    $0.training.maximumSteps = 20
    $0.schedule.totalSteps = 8
  }

  func testAShorterTrialUnderTheScheduleOfALongerOne() throws {
    // 8 steps by two epochs, and 4 by max_steps; the horizon of the first is its own length.
    let shared = try shared([
      long, { _ in },
      {
        $0.training.maximumSteps = 4
        $0.schedule.totalSteps = 8
        $0.evaluation.trainingExampleCount = 5
        $0.record.predictions = .none
      }, { $0.optimizer.learningRate = 1 },
    ])
    XCTAssertFalse(shared.isEmpty)
    for seed in 0..<3 {
      let found = shared.shorterTrials(of: seed)
      XCTAssertEqual(found.map { $0.trial }, [6 + seed, 3 + seed])
      XCTAssertEqual(found.map { $0.stepCount }, [4, 8])
      for other in [3, 6, 9] { XCTAssertTrue(shared.shorterTrials(of: other + seed).isEmpty) }
    }
  }

  func testWhatIsNoBeginning() throws {
    let others: [(name: String, change: (inout TrialConfiguration) -> Void)] = [
      ("another horizon", { $0.schedule.totalSteps = 9 }),
      ("another warm-up", { $0.schedule.warmup = 0.2 }),
      ("another rate", { $0.optimizer.learningRate = 1 }),
      ("another cadence", { $0.record.curvesEvery = 3 }),
      ("other evaluations", { $0.training.evaluateEvery = 3 }),
      ("another sample", { $0.trainSubset = SubsetSpecification(size: 60, seed: 1) }),
      (
        "as long",
        {
          $0.training.maximumSteps = 20; $0.schedule.totalSteps = 8
        }
      ),
    ]
    for (name, change) in others { XCTAssertTrue(try shared([long, change]).isEmpty, name) }
    // What both have, and their lengths decide.
    let lengths: [(name: String, change: (inout TrialConfiguration) -> Void)] = [
      ("the steps' sum", { $0.optimizer.matchesStepMass = true }),
      ("where an average begins", { $0.training.average = .swa }),
      ("rows that name the trial", { $0.record.gradientNormsEvery = 1 }),
      ("a program", { $0.program.command = ["train"] }),
    ]
    for (name, change) in lengths {
      let pair: [(inout TrialConfiguration) -> Void] = [
        {
          self.long(&$0); change(&$0)
        }, { change(&$0) },
      ]
      XCTAssertTrue(try shared(pair).isEmpty, name)
    }
  }

  /// A shorter trial waits until others were handed out behind its longer one; one whose longer one has a result comes at its turn.
  func testTheOrder() throws {
    let shared = try shared([long, { _ in }, { $0.optimizer.learningRate = 1 }])
    let trials = Array(0..<9)
    XCTAssertEqual(shared.ordered(trials, distance: 1), [0, 1, 3, 2, 4, 6, 7, 8, 5])
    XCTAssertEqual(shared.ordered(trials, distance: 9), [0, 1, 2, 6, 7, 8, 3, 4, 5])
    XCTAssertEqual(shared.ordered([0, 3, 4, 5, 6], distance: 0), [0, 3, 4, 5, 6])
    XCTAssertEqual(shared.ordered([2, 4, 5], distance: 0), [2, 5, 4])
  }
}
