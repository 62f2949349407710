import Foundation
import Storage
import Training
import Trials
import XCTest

@testable import Analyses

final class SurfaceTests: XCTestCase {
  /// Two tiny runs of one head that really trained, and where their weights are.
  private func runs() throws -> (runs: PlanePair, kept: KeptWeights) {
    let (judged, kept) = try trained([(1, "a", true), (30, "b", false)])
    return (try PlanePair(failed: judged[1], successful: judged[0]), kept)
  }

  /// Tiny runs of one head that really trained, each by a factor of the rate, a name and whether it counts as successful, and
  /// where their weights are.
  private func trained(_ runs: [(Double, String, Bool)]) throws -> (runs: [JudgedTrial], kept: KeptWeights) {
    let folder = try temporaryFolder()
    let trainer = Trainer(
      context: TrainerContext(host: "here", rank: 0, folders: TrialFolders(weights: folder + "/weights")))
    let judged = runs.map { factor, name, isSuccessful in
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
        trial: trial, outcome: trainer.run(trial).outcome, failure: isSuccessful ? nil : .neverLearned, rule: .accuracy,
        score: .final)
    }
    XCTAssertEqual(Set(judged.map(\.outcome.status)), [.completed])
    return (judged, KeptWeights(of: RunFolder(folder)))
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

  /// Every pair's edge by itself, as the single-pair analysis scores it on its plane, whatever was in memory before.
  func testTheEdgeOfEachPairIsThatOfItsPlane() throws {
    let (runs, kept) = try trained([(1, "a", true), (30, "b", false), (2, "c", true), (20, "d", false)])
    let pairs = try PlanePair.all(of: runs)
    XCTAssertEqual(
      pairs.map { [$0.failed, $0.successful].map { String($0.identifier.suffix(1)) }.joined() },
      ["ba", "bc", "da", "dc"])
    let design = PlaneDesign(pointCount: 4, range: -1...1)
    let jobs = EdgeRound.Job.all(pairCount: pairs.count, stepCount: design.pointCount)
    XCTAssertEqual(jobs.map(\.pair), [0, 1, 2, 3])
    let planes = PairPlanes(pairs, kept, exampleCount: 32)
    let folder = RunFolder(try temporaryFolder())
    var scores: [[PlaneScore]] = []
    for (pair, job) in zip(pairs, jobs) {
      let plane = try LossPlane(pair, kept, exampleCount: 32, inspection: TrialInspection(pair.failed.trial))
      let edge = design.points.suffix(5).map { plane.score(at: $0) }
      XCTAssertEqual(
        try planes.scores(of: job, stepCount: 4), edge + plane.cornerScores().dropFirst(), pair.successful.identifier)
      scores.append(edge.map { $0 })
      let single = SurfaceTables(
        design, pair, scores: design.points.map { plane.score(at: $0) }, corners: plane.cornerScores(),
        exampleCount: 32)
      try single.write(to: folder)
      let of = { (name: String) in try self.rows(folder.path + "/\(name).csv") }
      let (edges, summary) = (try of("surface_edges"), try of("surface_summary"))
      try SurfaceTables.write(
        [
          EdgeScores(
            runs: pair, edge: .failedToSuccessful, scores: edge, corners: Array(plane.cornerScores().dropFirst()),
            exampleCount: 32)
        ], to: folder)
      XCTAssertEqual(try of("surface_edges"), [edges[0]] + edges.suffix(5))
      XCTAssertEqual(try of("surface_summary"), [summary[0], summary[3]])
    }
    XCTAssertEqual(Set(scores.map { $0[2].loss }).count, 4, "each pair has an edge of its own")
    // In another order, as on another rank.
    for index in [3, 0, 2, 1, 1] {
      XCTAssertEqual(try planes.scores(of: jobs[index], stepCount: 4).prefix(5), scores[index][...])
    }
  }

  func testALongEdgeIsCutIntoPiecesThatHoldEveryPointOnce() {
    XCTAssertEqual(EdgeRound.Job.all(pairCount: 3, stepCount: 40).map(\.points), Array(repeating: 0..<41, count: 3))
    let jobs = EdgeRound.Job.all(pairCount: 2, stepCount: 100)
    XCTAssertEqual(jobs.map(\.pair), [0, 0, 0, 1, 1, 1])
    XCTAssertEqual(jobs.prefix(3).map(\.points), [0..<50, 50..<100, 100..<101])
    XCTAssertEqual(jobs.map(\.scoreCount), [52, 50, 1, 52, 50, 1])
  }

  func testAJobOfAPairOrPointsThatThereAreNotIsRefused() throws {
    let (pair, kept) = try runs()
    let planes = PairPlanes([pair], kept, exampleCount: 8)
    for (job, problem) in [
      (EdgeRound.Job(pair: 1, points: 0..<1, hasCorners: false), "a job asks for pair 1 of 1 pairs"),
      (
        EdgeRound.Job(pair: 0, points: 2..<6, hasCorners: false),
        "a job asks for the points 2..<6 of an edge of 5 points"
      ),
    ] {
      XCTAssertThrowsError(try planes.scores(of: job, stepCount: 4)) { XCTAssertEqual("\($0)", problem) }
    }
  }

  /// A pair whose weights cannot be read leaves no plane that the next job would take for its own.
  func testAPlaneThatCouldNotTurnIsReadAnew() throws {
    let (runs, kept) = try trained([(1, "a", true), (30, "b", false), (2, "c", true)])
    let pairs = try PlanePair.all(of: runs)
    let planes = PairPlanes(pairs, kept, exampleCount: 8)
    let jobs = EdgeRound.Job.all(pairCount: 2, stepCount: 2)
    let first = try planes.scores(of: jobs[0], stepCount: 2)
    let (path, moved) = (kept.path(of: runs[2].identifier), kept.path(of: "moved"))
    try FileManager.default.moveItem(atPath: path, toPath: moved)
    XCTAssertThrowsError(try planes.scores(of: jobs[1], stepCount: 2))
    XCTAssertEqual(try planes.scores(of: jobs[0], stepCount: 2), first)
    try FileManager.default.moveItem(atPath: moved, toPath: path)
    XCTAssertNotEqual(try planes.scores(of: jobs[1], stepCount: 2), first)
  }

  /// Edges with the losses of their points, each of a pair of its own.
  private func edges(_ losses: [[Double]]) throws -> [EdgeScores] {
    try losses.enumerated().map { index, losses in
      let scores = losses.map { PlaneScore(loss: $0, accuracy: nil) }
      return EdgeScores(
        runs: try PlanePair(
          failed: TinyRuns.run("f\(index)", failed: true), successful: TinyRuns.run("s\(index)", failed: false)),
        edge: .failedToSuccessful, scores: scores, corners: [scores[0], scores[2]], exampleCount: 1)
    }
  }

  func testManyPairsAreSummedUpInOneLine() throws {
    XCTAssertEqual(
      Surface.sentences(of: try edges([[1, 5, 2], [2, 3, 1], [2, 1.5, 1], [1, 2.5, 2], [1, .infinity, 2]])),
      [
        "5 pairs of a failed and a successful run of one head, 3 with a barrier; barriers from 0.0000 to 3.0000, median "
          + "0.7500; between 1 of them the loss is not finite"
      ])
    XCTAssertEqual(
      Surface.sentences(of: try edges([[1, 5, 2]])),
      [
        "failed f0, successful s0: failed (1.0000) to successful (2.0000): highest 5.0000 at 0.50, barrier 3.0000",
        "1 pair of a failed and a successful run of one head, 1 with a barrier; barriers from 3.0000 to 3.0000, median "
          + "3.0000",
      ])
    XCTAssertEqual(
      Surface.sentences(of: try edges([[1, .nan, 2]])),
      [
        "failed f0, successful s0: failed (1.0000) to successful (2.0000): no barrier is known, as the loss is not finite everywhere",
        "1 pair of a failed and a successful run of one head, 0 with a barrier; between 1 of them the loss is not finite",
      ])
    XCTAssertEqual(
      Surface.sentences(of: try edges(Array(repeating: [1, .nan, 2], count: 4))),
      [
        "4 pairs of a failed and a successful run of one head, 0 with a barrier; between 4 of them the loss is not finite"
      ])
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
    XCTAssertTrue(tables.barriers[2].peakPosition.isNaN, "nobody knows where the highest point is")
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

  func testAllPairsAreOfOneHeadEachAndInPlanOrder() throws {
    let runs = [
      TinyRuns.run("a", seed: 1, failed: true), TinyRuns.run("b", seed: 2, failed: true),
      TinyRuns.run("c", seed: 2, failed: false, configurationIdentifier: "c1"),
      TinyRuns.run("d", seed: 2, failed: false),
      TinyRuns.run("e", seed: 1, failed: false), TinyRuns.run("f", seed: 2, failed: true),
      TinyRuns.run("g", seed: 3, failed: true),
    ]
    XCTAssertEqual(
      try PlanePair.all(of: runs).map { $0.failed.identifier + $0.successful.identifier },
      ["ae", "bc", "bd", "fc", "fd"])
    for (runs, problem) in [
      ([runs[0], runs[2]], "no failed run shares its head's seed"),
      ([runs[0], runs[1]], "of 2 completed runs 2 failed"),
    ] {
      XCTAssertThrowsError(try PlanePair.all(of: runs)) { XCTAssertTrue("\($0)".contains(problem), "\($0)") }
    }
  }
}
