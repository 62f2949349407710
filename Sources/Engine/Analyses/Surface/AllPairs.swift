// `analyze surface --all-pairs`: the edge from the failed to the successful weights of every pair of trials that shares a head
// (surface_edges.csv, surface_summary.csv), scored as on the plane of that pair alone. A job is the edge of a pair, or a piece of a
// long one.

import CommandLine
import Foundation
import Reports
import Runs
import Statistics
import Storage
import Training
import Trials

extension Surface {
  /// The number of steps along an edge.
  fileprivate var stepCount: Int { design.pointCount }

  /// Scores the edges of all pairs, writes their tables and prints what they say.
  func performAllPairs(_ work: AnalysisWork) throws {
    let pairs = try PlanePair.all(of: work.trials)
    try requireWeights(of: pairs, work)
    let jobs = EdgeRound.Job.all(pairCount: pairs.count, stepCount: stepCount)
    let answers = try work.perform(jobs, of: EdgeRound.self)
    try Self.requireScores(of: jobs.map(\.scoreCount), answers)
    let edges = try Self.edges(of: pairs, jobs, answers, exampleLimit: exampleCount)
    try SurfaceTables.write(edges, to: work.output)
    let plane = work.output.path(of: Self.grid)
    if (try? FileManager.default.removeItem(atPath: plane)) != nil {
      say("\(plane) is removed: its edges were written over")
    }
    for sentence in Self.sentences(of: edges) { say(sentence) }
    Self.sayCornerError(edges.map(\.cornerError).max() ?? 0)
    work.report([Self.edges, Self.barriers])
  }

  /// The edge of each pair, put together from the answers to its jobs.
  private static func edges(
    of pairs: [PlanePair], _ jobs: [EdgeRound.Job], _ answers: [[PlaneScore]], exampleLimit: Int
  ) throws -> [EdgeScores] {
    var scores = pairs.map { _ in (points: [PlaneScore](), corners: [PlaneScore]()) }
    for (job, answer) in zip(jobs, answers) {
      scores[job.pair].points += answer.prefix(job.points.count)
      scores[job.pair].corners += answer.dropFirst(job.points.count)
    }
    // The data of a configuration are read once.
    var exampleCounts: [String: Int] = [:]
    return try zip(pairs, scores).map { pair, scores in
      let configuration = pair.failed.trial.configurationIdentifier
      let count =
        try exampleCounts[configuration] ?? TrialInspection.exampleCount(pair.failed.trial, atMost: exampleLimit)
      exampleCounts[configuration] = count
      return EdgeScores(
        runs: pair, edge: .failedToSuccessful, scores: scores.points, corners: scores.corners, exampleCount: count)
    }
  }

  /// The largest number of pairs of which each has a line of its own.
  private static let mostNamed = 3

  /// What the edges say: a line for each pair where there are few, then one for all.
  static func sentences(of edges: [EdgeScores]) -> [String] {
    let named = edges.count > mostNamed ? [] : edges
    let barriers = edges.map(\.barrier.barrier)
    let finite = barriers.filter(\.isFinite)
    var all =
      "\(edges.count) pair\(edges.count == 1 ? "" : "s") of a failed and a successful run of one head, "
      + "\(finite.count { $0 > 0 }) with a barrier"
    if !finite.isEmpty {
      all += String(
        format: "; barriers from %.4f to %.4f, median %.4f", Sample.minimum(finite), Sample.maximum(finite),
        Sample.median(finite))
    }
    if finite.count < edges.count { all += "; between \(edges.count - finite.count) of them the loss is not finite" }
    return named.map { edge in
      "failed \(edge.runs.failed.identifier), successful \(edge.runs.successful.identifier): " + edge.barrier.sentence
    } + [all]
  }

  /// The planes of the pairs as a rank computes them.
  fileprivate func planes(_ request: AnalysisRequest) throws -> PairPlanes {
    let results = try ResultsFolder(request.folder)
    return PairPlanes(
      try PlanePair.all(of: JudgedTrial.all(results.plan, results.index, options: request.tables)),
      KeptWeights(of: results.folder), exampleCount: exampleCount)
  }
}

/// The planes of some pairs on a rank, of which one is in memory. Weights that two pairs in a row share are read once, and data
/// once for all.
final class PairPlanes {
  private let pairs: [PlanePair]
  private let kept: KeptWeights
  private let exampleCount: Int
  private let readings = ResourceReader()
  private var present: LossPlane?

  init(_ pairs: [PlanePair], _ kept: KeptWeights, exampleCount: Int) {
    self.pairs = pairs
    self.kept = kept
    self.exampleCount = exampleCount
  }

  /// Does a job on edges of `stepCount` steps.
  ///
  /// - Throws: `AnalysisError` for a pair or points that there are not; as `LossPlane`.
  func scores(of job: EdgeRound.Job, stepCount: Int) throws -> [PlaneScore] {
    guard pairs.indices.contains(job.pair) else {
      throw AnalysisError("a job asks for pair \(job.pair) of \(pairs.count) pairs")
    }
    let points = PlaneEdge.failedToSuccessful.points(stepCount: stepCount)
    guard points.indices.contains(job.points) else {
      throw AnalysisError(
        "a job asks for the points \(job.points.lowerBound)..<\(job.points.upperBound) of an edge of \(points.count) points"
      )
    }
    let plane = try plane(of: pairs[job.pair])
    return points[job.points].map { plane.score(at: $0) }
      + (job.hasCorners ? plane.cornerScores(of: .failedToSuccessful) : [])
  }

  private func plane(of pair: PlanePair) throws -> LossPlane {
    let last = present
    present = nil  // its memory goes before the next one's comes, and an error leaves none
    let plane: LossPlane
    if let last, last.pair.failed.identifier == pair.failed.identifier {
      try last.turn(to: pair)
      plane = last
    } else {
      plane = try LossPlane(
        pair, kept, exampleCount: exampleCount, inspection: TrialInspection(pair.failed.trial, readings: readings))
    }
    present = plane
    return plane
  }
}

/// Scores points of the edges of all pairs.
struct EdgeRound: AnalysisRound {
  /// Which points to score.
  struct Job: Codable, Equatable, Sendable {
    /// The pair, by its index.
    var pair: Int
    /// The points of its edge, by their indices.
    var points: Range<Int>
    /// Whether the two corners are scored after the points, each with its own weights.
    var hasCorners: Bool

    /// The largest number of points in a job, which holds an edge of the default length.
    private static let size = 50

    /// All points and corners of the edges of `pairCount` pairs. The pieces of an edge follow each other.
    static func all(pairCount: Int, stepCount: Int) -> [Job] {
      (0..<pairCount).flatMap { pair in
        stride(from: 0, through: stepCount, by: size).map { start in
          Job(pair: pair, points: start..<min(start + size, stepCount + 1), hasCorners: start == 0)
        }
      }
    }

    /// The number of scores that answer the job.
    var scoreCount: Int { points.count + (hasCorners ? 2 : 0) }
  }

  typealias Answer = [PlaneScore]

  static let name = "edges between pairs"

  let request: AnalysisRequest
  let surface: Surface

  func worker(rank: Int) throws -> (Job) throws -> Answer {
    let planes = try surface.planes(request)
    let stepCount = surface.stepCount
    return { try planes.scores(of: $0, stepCount: stepCount) }
  }
}
