// The analysis `surface`: the training loss on the plane through the pre-trained, a failed and a successful trial's weights
// (surface.csv, surface_edges.csv, surface_summary.csv). The plane is in `LossPlane`, the tables are in `SurfaceTables`; this
// file chooses the trials and cuts the plane into jobs. The edges of all pairs, without a plane, are in `AllPairs`.

import CommandLine
import Foundation
import Reports
import Runs
import Storage
import Training
import Trials

/// The loss between weights.
package struct Surface: Analysis {
  package static let name = "surface"
  package static let summary = """
    the training loss on the plane through the pre-trained, a failed and a successful run's weights, and the
    barriers between them
    """
  private static let failed = Flag(
    "--failed", "TRIAL", "the failed run", .text, unset: "the first with a successful run of the same head")
  private static let successful = Flag("--successful", "TRIAL", "the successful run", .text)
  private static let allPairs = Flag(
    "--all-pairs", "no plane, but the edge from the failed to the successful run of every pair that shares a head")
  private static let points = Flag(
    "--points", "N", "points on a side of the grid, and steps along an edge", .count(atLeast: 2, atMost: 1000),
    default: 40)
  private static let range = Flag("--range", "X", "the grid goes from -X to X", .positive, default: 1.5)
  package static let flags: [any FlagDeclaration] = [
    AnalysisFlags.retrain, Flag.analysisProcesses, failed, successful, allPairs, points, range,
    AnalysisFlags.examples,
  ]
  static let grid = table("surface")
  static let edges = table("surface_edges")
  static let barriers = table("surface_summary")
  package static let tables = [grid, edges, barriers]
  package static let references = SurfaceTables.references
  package static let readsWeights = true
  /// The number of points of the plane in one job.
  private static let pointsPerJob = 20

  private let retrains: Bool
  private let failed: String?
  private let successful: String?
  private let takesAllPairs: Bool
  let exampleCount: Int
  let design: PlaneDesign

  package init(_ given: Given) {
    retrains = given[AnalysisFlags.retrain]
    failed = given[Self.failed]
    successful = given[Self.successful]
    takesAllPairs = given[Self.allPairs]
    if takesAllPairs {
      if failed != nil || successful != nil {
        given.fail("--all-pairs takes every pair: leave out --failed and --successful, or leave out --all-pairs")
      }
      if given.isGiven(Self.range) {
        given.fail(
          "--range belongs to the plane, which --all-pairs does not score: leave out --range, or leave out --all-pairs")
      }
    } else if (failed == nil) != (successful == nil) {
      given.fail("--failed and --successful need each other")
    }
    let pointCount = given[Self.points]
    exampleCount = given[AnalysisFlags.examples]
    let range = given[Self.range]
    design = PlaneDesign(pointCount: pointCount, range: -range...range)
  }

  package func rounds(of request: AnalysisRequest) -> [any AnalysisRound] {
    takesAllPairs
      ? [EdgeRound(request: request, surface: self)] : [PlaneRound(request: request, surface: self)]
  }

  package func perform(_ work: AnalysisWork) throws {
    if takesAllPairs { try performAllPairs(work) } else { try performPlane(work) }
  }

  /// Refuses models and data of `pairs` that changed, and trains the trials again whose weights are missing.
  func requireWeights(of pairs: [PlanePair], _ work: AnalysisWork) throws {
    let digests = FileDigests()
    for pair in pairs {
      _ = try digests.digest(of: pair.failed.configuration.model)
      _ = try digests.digest(of: pair.failed.configuration.task)
    }
    try work.requireUnchanged(digests)
    var known: Set<String> = []
    let trials = pairs.flatMap { [$0.failed, $0.successful] }.filter { known.insert($0.identifier).inserted }
    try work.retrain(work.missingWeights(of: trials, retrains: retrains), of: trials)
  }

  private func performPlane(_ work: AnalysisWork) throws {
    let pair = try pair(of: work.trials, work.request)
    try requireWeights(of: [pair], work)
    // One more job evaluates the corners with their own weights.
    let jobs = PlaneRound.Job.pieces(of: design.points.count, size: Self.pointsPerJob) + [.corners]
    var answers = try work.perform(jobs, of: PlaneRound.self)
    try Self.requireScores(of: jobs.map(\.scoreCount), answers)
    let corners = answers.removeLast()
    let tables = SurfaceTables(
      design, pair, scores: Array(answers.joined()), corners: corners,
      exampleCount: try TrialInspection.exampleCount(pair.failed.trial, atMost: exampleCount))
    try tables.write(to: work.output)
    say("failed \(pair.failed.identifier), successful \(pair.successful.identifier)")
    for barrier in tables.barriers { say(barrier.sentence) }
    Self.sayCornerError(tables.cornerError)
    work.report(Self.tables)
  }

  /// Refuses answers that hold other numbers of scores than `counts`, one for each answer.
  static func requireScores(of counts: [Int], _ answers: [[PlaneScore]]) throws {
    for (count, answer) in zip(counts, answers) where answer.count != count {
      throw Refusal("a rank returned \(answer.count) scores for a job of \(count)", code: .failure)
    }
  }

  /// Prints how far a corner's loss on a plane is from that of its own weights at most.
  static func sayCornerError(_ difference: Double) {
    say("largest difference of a corner from its weights evaluated by themselves: \(difference)")
  }

  /// The trials that the flags name, or the first two that share a head.
  fileprivate func pair(of trials: [JudgedTrial], _ request: AnalysisRequest) throws -> PlanePair {
    guard let failed, let successful else { return try PlanePair.first(of: trials) }
    let chosen = try [failed, successful].map { identifier in
      guard let trial = trials.first(where: { $0.trial.identifier == identifier }), trial.isCompleted else {
        throw AnalysisError("no completed run of \(request.folder) has the trial_id '\(identifier)'")
      }
      return trial
    }
    let pair = try PlanePair(failed: chosen[0], successful: chosen[1])
    let judgement = "by the failure rule \(pair.failed.rule.name) on the \(request.tables.score.rawValue) score"
    if pair.failed.failure == nil { throw AnalysisError("--failed \(failed): this run is successful \(judgement)") }
    if let kind = pair.successful.failure {
      throw AnalysisError("--successful \(successful): this run failed (\(kind.rawValue)) \(judgement)")
    }
    return pair
  }

  /// The plane as a rank computes it.
  fileprivate func plane(_ request: AnalysisRequest) throws -> LossPlane {
    let results = try ResultsFolder(request.folder)
    let pair = try pair(of: JudgedTrial.all(results.plan, results.index, options: request.tables), request)
    return try LossPlane(
      pair, KeptWeights(of: results.folder), exampleCount: exampleCount,
      inspection: TrialInspection(pair.failed.trial))
  }
}

/// Scores points of a plane.
struct PlaneRound: AnalysisRound {
  /// Which points to score.
  enum Job: Codable, Equatable, Sendable {
    /// Points of the design, by their indices.
    case points(Range<Int>)
    /// The three corners, each with its own weights.
    case corners

    /// All `count` points of a design, `size` in a job.
    static func pieces(of count: Int, size: Int) -> [Job] {
      stride(from: 0, to: count, by: size).map { .points($0..<min($0 + size, count)) }
    }

    /// The number of scores that answer the job.
    var scoreCount: Int {
      switch self {
      case .points(let range): range.count
      case .corners: PlaneDesign.corners.count
      }
    }
  }

  typealias Answer = [PlaneScore]

  static let name = "pieces of the plane"

  let request: AnalysisRequest
  let surface: Surface

  func worker(rank: Int) throws -> (Job) throws -> Answer {
    let plane = try surface.plane(request)
    let points = surface.design.points
    return { try Self.scores(of: $0, points, on: plane) }
  }

  /// Does a job on a plane whose design has `points`.
  ///
  /// - Throws: `AnalysisError` for points that the design does not have.
  static func scores(of job: Job, _ points: [PlanePoint], on plane: LossPlane) throws -> Answer {
    switch job {
    case .points(let range):
      guard points.indices.contains(range) else {
        throw AnalysisError(
          "a job asks for the points \(range.lowerBound)..<\(range.upperBound) of a plane of \(points.count) points")
      }
      return points[range].map { plane.score(at: $0) }
    case .corners: return plane.cornerScores()
    }
  }
}

extension EdgeBarrier {
  /// The barrier in one line.
  var sentence: String {
    let ends = String(format: "%@ (%.4f) to %@ (%.4f): ", from, fromLoss, to, toLoss)
    return peakLoss.isNaN
      ? ends + "no barrier is known, as the loss is not finite everywhere"
      : ends + String(format: "highest %.4f at %.2f, barrier %.4f", peakLoss, peakPosition, barrier)
  }
}
