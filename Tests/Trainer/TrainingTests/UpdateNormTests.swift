import Kernels
import Trials
import XCTest

@testable import Optimizers
@testable import Training

/// `record.update_norms` records how far the weights move, which runs that end earlier tell by their last weights.
final class UpdateNormTests: XCTestCase {
  /// The norms of the updates 1 ... 6 are the distances between the weights of runs that end after 0 ... 6 updates of one schedule.
  func testNormsAreTheDistancesBetweenWeights() throws {
    let change: (inout TrialConfiguration) -> Void = {
      $0.schedule.totalSteps = 8
      $0.schedule.warmup = 0
      $0.optimizer.weightDecay = 0.5
      $0.record.curvesEvery = 3
      $0.record.updateNorms = true
    }
    var weights: [[Float]] = []
    for steps in 0...6 {
      let folder = try temporaryFolder()
      let trial = TinyTrial.trial {
        change(&$0)
        $0.training.maximumSteps = max(1, steps)
      }
      let inspection = try TrialInspection(trial)
      if steps > 0 {
        let outcome = TinyTrial.trainer(TrialFolders(weights: folder)).run(trial).outcome
        XCTAssertEqual(outcome.status, .completed, outcome.message ?? "")
        try inspection.load("\(folder)/\(trial.identifier)", digest: outcome.weightsDigest)
      }
      weights.append(inspection.weights)
    }
    let distances = zip(weights, weights.dropFirst()).map { before, after in
      zip(before, after).reduce(0.0) { sum, pair in
        sum + (Double(pair.1) - Double(pair.0)) * (Double(pair.1) - Double(pair.0))
      }.squareRoot()
    }
    let outcome = TinyTrial.outcome {
      change(&$0)
      $0.training.maximumSteps = 6
    }
    let points = outcome.curve.filter { $0.quantity == "update_norm" }
    XCTAssertEqual(points.map(\.step), [3, 6])
    for (point, expected) in zip(points, [distances[0...2], distances[3...5]]) {
      let mean = expected.reduce(0, +) / 3
      XCTAssertGreaterThan(mean, 1e-3)
      // A float's difference is rounded once.
      XCTAssertEqual(point.value, mean, accuracy: 1e-6 * mean)
    }
  }

  /// Every piece counts once whatever number of threads, also one that begins behind the first.
  func testPiecesAndThreads() throws {
    let count = 3 * (1 << 16) + 5
    for threadCount in [1, 3] {
      let (room, weights) = (Arena(floatCount: count), Arena(floatCount: count))
      for index in 0..<count { weights.floats[index] = Float(index % 7) }
      let meter = UpdateMeter(in: room.floats)
      meter.start(from: weights.floats)
      let team = try ThreadTeam(threadCount: threadCount)
      XCTAssertEqual(meter.norm(of: weights.floats, on: team), 0)
      for index in 0..<count { weights.floats[index] += 2 }
      XCTAssertEqual(meter.norm(of: weights.floats, on: team), (4 * Double(count)).squareRoot(), accuracy: 1e-9)
      weights.floats[count - 1] += 3
      XCTAssertEqual(meter.norm(of: weights.floats, on: team), 3, "only what came since counts")
    }
  }

  func testWithoutTheKeyNothingIsRecorded() {
    XCTAssertFalse(TinyTrial.outcome().curve.contains { $0.quantity == "update_norm" })
  }
}
