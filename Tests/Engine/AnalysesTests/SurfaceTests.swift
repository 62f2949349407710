import Foundation
import Storage
import Training
import Trials
import XCTest

@testable import Analyses

final class SurfaceTests: XCTestCase {
  /// Two tiny runs of one head that really trained, and where their weights are.
  private func runs() throws -> (runs: PlanePair, kept: KeptWeights) {
    let folder = try temporaryFolder()
    let trainer = Trainer(
      context: TrainerContext(host: "here", rank: 0, folders: TrialFolders(weights: folder + "/weights")))
    let judged = [(1.0, "a"), (30.0, "b")].map { factor, name in
      var configuration = TrialConfiguration()
      configuration.model.shape.hiddenSize = 16
      configuration.model.shape.layerCount = 2
      configuration.model.shape.headCount = 2
      configuration.model.shape.intermediateSize = 32
      configuration.task.synthetic.trainCount = 64
      configuration.task.synthetic.devCount = 40
      configuration.optimizer.learningRate = 1e-3 * factor
      configuration.optimizer.biasCorrection = factor == 1
      let trial = Trial(
        identifier: "000000000000000" + name, configurationIdentifier: "00000000000000c" + name, variant: name,
        label: name, configuration: configuration, seeds: TrialSeeds(tied: 1))
      return JudgedTrial(
        trial: trial, outcome: trainer.run(trial).outcome, failure: factor == 1 ? nil : .neverLearned, rule: .accuracy,
        score: .final)
    }
    XCTAssertEqual(judged.map(\.outcome.status), [.completed, .completed])
    return (try PlanePair(failed: judged[1], successful: judged[0]), KeptWeights(of: RunFolder(folder)))
  }

  func testCornersEqualTheLossesOfTheirWeights() throws {
    let (runs, kept) = try runs()
    let plane = try LossPlane(
      runs, kept, exampleCount: 32, inspection: TrialInspection(runs.failed.trial))
    XCTAssertEqual(plane.exampleCount, 32)
    let corners = plane.cornerScores()
    for ((_, point), corner) in zip(PlaneDesign.corners, corners) {
      XCTAssertEqual(plane.score(at: point).loss, corner.loss, accuracy: 1e-6)
    }
    XCTAssertEqual(Set(corners.map(\.loss)).count, 3)
    // Evaluated once more by the model folder's own reader, from the examples in another object.
    let other = try TrialInspection(runs.failed.trial)
    let set = other.trainingExamples(32, seed: 1)
    XCTAssertEqual(other.score(on: set).loss, corners[0].loss)
    try other.load(kept.path(of: runs.successful.trial.identifier), digest: runs.successful.outcome.weightsDigest)
    XCTAssertEqual(other.score(on: set).loss, corners[2].loss)
    XCTAssertThrowsError(
      try other.load(kept.path(of: runs.failed.trial.identifier), digest: runs.successful.outcome.weightsDigest)
    ) { XCTAssertTrue("\($0)".contains("not the weights of the journal's result"), "\($0)") }
  }

  func testTablesHoldGridEdgesAndBarriers() throws {
    let (runs, kept) = try runs()
    let folder = try temporaryFolder()
    let design = PlaneDesign(pointCount: 4, range: -1.5...1.5)
    let plane = try LossPlane(runs, kept, exampleCount: 64, inspection: TrialInspection(runs.failed.trial))
    let tables = SurfaceTables(
      design, runs, scores: design.points.map { plane.score(at: $0) }, corners: plane.cornerScores(),
      exampleCount: 64)
    try tables.write(to: RunFolder(folder))
    let grid = try rows(folder + "/surface.csv")
    XCTAssertEqual(grid.count, 17)
    XCTAssertEqual(grid[1][2...3], ["-1.5", "-1.5"])
    XCTAssertEqual(grid[2][2...3], ["-0.5", "-1.5"])
    XCTAssertEqual(try rows(folder + "/surface_edges.csv").count, 1 + 3 * 5)
    let summary = try rows(folder + "/surface_summary.csv")
    XCTAssertEqual(summary.count, 4)
    XCTAssertEqual(summary[3][4...5], ["failed", "successful"])
    XCTAssertLessThan(tables.cornerError, 1e-6)
  }

  func testAJobScoresItsPointsOrTheCornersAndNothingElse() throws {
    let (pair, kept) = try runs()
    let points = PlaneDesign(pointCount: 3, range: -1...1).points
    let plane = try LossPlane(pair, kept, exampleCount: 8, inspection: TrialInspection(pair.failed.trial))
    XCTAssertEqual(
      try PlaneRound.scores(of: .points(1..<3), points, on: plane), points[1..<3].map { plane.score(at: $0) })
    XCTAssertEqual(try PlaneRound.scores(of: .corners, points, on: plane), plane.cornerScores())
    for range in [20..<22, -1..<2] {
      XCTAssertThrowsError(try PlaneRound.scores(of: .points(range), points, on: plane)) {
        XCTAssertEqual(
          "\($0)", "a job asks for the points \(range.lowerBound)..<\(range.upperBound) of a plane of 21 points")
      }
    }
  }

  /// Losses 1, 5, 2 along an edge: the barrier is 3, halfway.
  func testABarrierIsTheHighestPointOverTheHigherEnd() throws {
    let design = PlaneDesign(pointCount: 2, range: -1...1)
    let runs = try PlanePair(failed: TinyRuns.run("a", failed: true), successful: TinyRuns.run("b", failed: false))
    let losses = [0, 0, 0, 0, 1, 5, 2, 1, 0.5, 3, 2, .infinity, 3]
    let tables = SurfaceTables(
      design, runs, scores: losses.map { PlaneScore(loss: $0, accuracy: nil) },
      corners: [1, 2, 3].map { PlaneScore(loss: $0, accuracy: nil) }, exampleCount: 1)
    XCTAssertEqual(tables.barriers[0].barrier, 3)
    XCTAssertEqual(tables.barriers[0].peakPosition, 0.5)
    XCTAssertEqual(tables.barriers[1].barrier, 0)
    XCTAssertTrue(tables.barriers[2].barrier.isNaN)
  }

  func testPlanesThroughHeadsOfDifferentSeedsAreRefused() {
    XCTAssertThrowsError(
      try PlanePair(
        failed: TinyRuns.run("a", seed: 1, failed: true), successful: TinyRuns.run("b", seed: 2, failed: false))
    ) {
      XCTAssertTrue("\($0)".contains("started from different heads (seed_init 1 and 2)"), "\($0)")
    }
  }

  func testTheFirstPairThatSharesAHeadIsChosenOfItsOwnRecipeWhereThereIsOne() throws {
    let runs = [
      TinyRuns.run("a", seed: 1, failed: true), TinyRuns.run("b", seed: 2, failed: true),
      TinyRuns.run("c", seed: 2, failed: false, configurationIdentifier: "c1"),
      TinyRuns.run("d", seed: 2, failed: false), TinyRuns.run("e", seed: 1, failed: false),
    ]
    XCTAssertEqual(try PlanePair.first(of: Array(runs.prefix(4))).failed.trial.identifier, "b")
    XCTAssertEqual(try PlanePair.first(of: Array(runs.prefix(4))).successful.trial.identifier, "d")
    XCTAssertEqual(try PlanePair.first(of: runs).failed.trial.identifier, "a")
    XCTAssertThrowsError(try PlanePair.first(of: [runs[0], runs[2]])) {
      XCTAssertTrue("\($0)".contains("no failed run shares its head's seed"), "\($0)")
    }
  }
}
