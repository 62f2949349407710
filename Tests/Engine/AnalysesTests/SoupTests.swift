import Foundation
import Storage
import Training
import Trials
import XCTest

@testable import Analyses

final class SoupTests: XCTestCase {
  /// Runs of one head, with orders of their own, that really trained, and where their weights are.
  private func runs() throws -> (runs: [JudgedTrial], kept: KeptWeights) {
    let folder = try temporaryFolder()
    let trainer = Trainer(
      context: TrainerContext(host: "here", rank: 0, folders: TrialFolders(weights: folder + "/weights")))
    let judged = (1...4).map { order in
      var configuration = TrialConfiguration()
      configuration.model.shape.hiddenSize = 16
      configuration.model.shape.layerCount = 2
      configuration.model.shape.headCount = 2
      configuration.model.shape.intermediateSize = 32
      configuration.task.synthetic.trainCount = 64
      configuration.task.synthetic.devCount = 60
      configuration.optimizer.learningRate = 2e-3
      let trial = Trial(
        identifier: "000000000000000\(order)", configurationIdentifier: "00000000000000c0", variant: "a", label: "a",
        configuration: configuration, seeds: TrialSeeds(initialization: 7, order: UInt64(order), dropout: 1))
      return JudgedTrial(
        trial: trial, outcome: trainer.run(trial).outcome, failure: nil, rule: .accuracy, score: .final)
    }
    XCTAssertTrue(judged.allSatisfy(\.isCompleted))
    return (judged, KeptWeights(of: RunFolder(folder)))
  }

  /// Means made anew from the folders, in another loop, and evaluated by a classifier of another object.
  func testSoupsAreMeansOfWeights() throws {
    let (runs, kept) = try runs()
    let pot = try SoupPot.all(of: runs, atMost: 10)[0]
    let found = try SoupKitchen(pot, kept).soups()
    let other = try TrialInspection(runs[0].trial)
    let weights = try runs.map { run in
      try other.load(kept.path(of: run.identifier), digest: run.outcome.weightsDigest)
      return other.weights
    }
    func scores(_ members: [Int]) -> HalfScores {
      for index in other.classifier.parameters.indices {
        other.classifier.parameters[index] = Float(
          members.map { Double(weights[$0][index]) }.reduce(0, +) / Double(members.count))
      }
      let evaluation = other.evaluation()
      return HalfScores(first: evaluation.valueA, second: evaluation.valueB)
    }
    XCTAssertEqual(found.members, runs.indices.map { scores([$0]) })
    for (run, member) in zip(runs, found.members) {
      XCTAssertEqual(member.first, run.outcome.evaluations.last?.valueA)
      XCTAssertEqual(member.second, run.outcome.evaluations.last?.valueB)
    }
    XCTAssertEqual(found.uniform, scores([0, 1, 2, 3]))
    var (members, best) = ([Int](), -Double.infinity)
    for index in [0, 1, 2, 3].sorted(by: { (-found.members[$0].first, $0) < (-found.members[$1].first, $1) }) {
      let score = scores(members + [index]).first
      if score >= best { (members, best) = (members + [index], score) }
    }
    XCTAssertEqual(found.isInGreedy, runs.indices.map { members.contains($0) })
    XCTAssertEqual(found.greedy, scores(members))
    XCTAssertGreaterThanOrEqual(found.greedy.first, found.members.map(\.first).max() ?? 0)
  }

  func testALineEndsInItsRuns() throws {
    let (runs, kept) = try runs()
    let pot = try SoupPot.all(of: runs, atMost: 10)[0]
    let line = try SoupKitchen(pot, kept).line(0, 2, pointCount: 5, exampleCount: 32)
    XCTAssertEqual(line.losses.count, 5)
    let other = try TrialInspection(runs[0].trial)
    let set = other.trainingExamples(32, seed: 1)
    for (run, loss) in [(runs[0], line.losses[0]), (runs[2], line.losses[4])] {
      try other.load(kept.path(of: run.identifier), digest: run.outcome.weightsDigest)
      XCTAssertEqual(other.score(on: set).loss, loss)
    }
    XCTAssertEqual(try SoupKitchen(pot, kept).line(0, 2, pointCount: 5, exampleCount: 32), line)
  }

  func testABarrierIsTheRiseOverTheStraightLine() {
    let rise = LineLosses(losses: [1, 5, 2]).barrier
    XCTAssertEqual(rise.height, 3.5)
    XCTAssertEqual(rise.position, 0.5)
    XCTAssertEqual(LineLosses(losses: [1, 0.5, 3]).barrier.height, 0)
    XCTAssertEqual(LineLosses(losses: [4, 3, 2.5, 1]).barrier.height, 0.5)
    XCTAssertTrue(LineLosses(losses: [1, .infinity, 2]).barrier.height.isNaN)
    XCTAssertEqual(
      SoupTables.rise([0.25, 0.75], unknownCount: 1),
      "; the loss between two runs rises by 0.5000 in the median, 0.7500 at most. Between 1 pair it is not finite.")
    XCTAssertEqual(SoupTables.rise([], unknownCount: 3), "; the loss is finite on the way between no two runs.")
  }

  func testRunsOfDifferentHeadsAreNotAveraged() throws {
    let runs = (1...3).map { TinyRuns.run("\($0)", seed: UInt64($0), failed: false) }
    XCTAssertThrowsError(try SoupPot.all(of: runs, atMost: 10)) {
      XCTAssertEqual(
        "\($0)",
        "no two completed runs of a recipe started from the same head (seed_init), and weights of different heads have no common "
          + "average; cross the seeds, as in seeds: { init: [1], order: [1, 2, 3, 4], design: \"crossed\" }, or keep the head of "
          + "the model folder (model.head: \"keep\")")
    }
    var kept = TrialConfiguration()
    kept.model.head = .keep
    kept.model.path = "lm"
    let sharing = (1...3).map { TinyRuns.run("\($0)", seed: UInt64($0), failed: false, configuration: kept) }
    XCTAssertEqual(try SoupPot.all(of: sharing, atMost: 2).map { $0.members.map(\.identifier) }, [["1", "2"]])
    // What is drawn anew at the start is shared by runs of one seed only, whatever becomes of the head.
    kept.model.reinitializedLayerCount = 1
    let redrawn = [1, 1, 2].enumerated().map { index, seed in
      TinyRuns.run("\(index)", seed: UInt64(seed), failed: false, configuration: kept)
    }
    XCTAssertEqual(try SoupPot.all(of: redrawn, atMost: 9).map { $0.members.map(\.identifier) }, [["0", "1"]])
    let mixed =
      runs + [
        TinyRuns.run("4", seed: 2, failed: true),
        TinyRuns.run("5", seed: 2, failed: false, configurationIdentifier: "c1"),
      ]
    XCTAssertEqual(try SoupPot.all(of: mixed, atMost: 9).map { $0.members.map(\.identifier) }, [["2", "4"]])
    XCTAssertEqual(try SoupPot.all(of: sharing, atMost: 9)[0].pairs.map { [$0.0, $0.1] }, [[0, 1], [0, 2], [1, 2]])
  }
}
