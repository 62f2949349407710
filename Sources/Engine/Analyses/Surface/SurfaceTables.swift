// surface.csv, surface_edges.csv and surface_summary.csv: the loss over the plane, along its edges, and the barriers there.

import Reports
import Storage
import Tables

/// The scores along an edge of two trials' plane.
package struct EdgeScores: Sendable {
  /// The trials.
  let runs: PlanePair
  /// The edge.
  let edge: PlaneEdge
  /// The scores of equally spaced points, both corners included.
  let scores: [PlaneScore]
  /// The scores of the corners where the edge begins and ends, each of its own weights.
  let corners: [PlaneScore]
  /// The training examples that a loss is the mean of.
  let exampleCount: Int

  /// The barrier along the edge.
  var barrier: EdgeBarrier {
    let losses = scores.map(\.loss)
    let isFinite = losses.allSatisfy(\.isFinite)
    let peak = losses.indices.max { losses[$0] < losses[$1] } ?? 0
    return EdgeBarrier(
      from: PlaneDesign.corners[edge.from].0, to: PlaneDesign.corners[edge.to].0, fromLoss: losses[0],
      toLoss: losses[losses.count - 1], peakLoss: isFinite ? losses[peak] : .nan,
      peakPosition: isFinite ? Double(peak) / Double(losses.count - 1) : .nan)
  }

  /// The larger difference between a corner's loss on the plane and that of its own weights.
  var cornerError: Double {
    let barrier = barrier
    return max(abs(barrier.fromLoss - corners[0].loss), abs(barrier.toLoss - corners[1].loss))
  }
}

/// A barrier between two corners of a plane.
package struct EdgeBarrier: Equatable, Sendable {
  /// The corners' names.
  package let from: String
  /// The corners' names.
  package let to: String
  /// The losses at the ends and at the highest point.
  package let (fromLoss, toLoss, peakLoss): (Double, Double, Double)
  /// Where the highest point is, 0 at `from` and 1 at `to`; NaN if a loss is not finite.
  package let peakPosition: Double
  /// The highest loss minus the higher of the losses at both ends: 0 if an end is the highest point, NaN if a loss is not finite.
  package var barrier: Double { peakLoss.isNaN ? .nan : peakLoss - max(fromLoss, toLoss) }
}

/// The tables of a surface.
package struct SurfaceTables: Sendable {
  private let design: PlaneDesign
  private let runs: PlanePair
  private let scores: [PlaneScore]
  private let edges: [EdgeScores]

  /// The tables of scores at a design's points, in their order, and of the corners by themselves.
  package init(
    _ design: PlaneDesign, _ runs: PlanePair, scores: [PlaneScore], corners: [PlaneScore], exampleCount: Int
  ) {
    precondition(scores.count == design.points.count && corners.count == 3, "a score for every point and corner")
    self.design = design
    self.runs = runs
    self.scores = scores
    edges = PlaneEdge.all.enumerated().map { index, edge in
      let count = design.pointCount + 1
      let start = design.gridCount + index * count
      return EdgeScores(
        runs: runs, edge: edge, scores: Array(scores[start..<start + count]),
        corners: [corners[edge.from], corners[edge.to]], exampleCount: exampleCount)
    }
  }

  /// The barriers along the three edges.
  package var barriers: [EdgeBarrier] { edges.map(\.barrier) }

  /// The largest difference between a corner's loss on the plane and that of its own weights.
  package var cornerError: Double { edges.map(\.cornerError).max() ?? 0 }

  /// Writes the tables.
  ///
  /// - Throws: `FileError`.
  package func write(to folder: RunFolder) throws {
    let grid = zip(design.points, scores).prefix(design.gridCount).map { Point(runs: runs, point: $0, score: $1) }
    try Point.columns.write(grid, to: folder.path(of: Surface.grid))
    try Self.write(edges, to: folder)
  }

  /// Writes the tables of some edges.
  ///
  /// - Throws: `FileError`.
  static func write(_ edges: [EdgeScores], to folder: RunFolder) throws {
    let steps = edges.flatMap { edge -> [EdgePoint] in
      let stepCount = edge.scores.count - 1
      let barrier = edge.barrier
      return zip(edge.edge.points(stepCount: stepCount), edge.scores).enumerated().map { step, scored in
        EdgePoint(
          barrier: barrier, position: Double(step) / Double(stepCount),
          point: Point(runs: edge.runs, point: scored.0, score: scored.1))
      }
    }
    try EdgePoint.columns.write(steps, to: folder.path(of: Surface.edges))
    try Edge.columns.write(
      edges.map { Edge(scores: $0, barrier: $0.barrier) }, to: folder.path(of: Surface.barriers))
  }
}

extension SurfaceTables {
  /// The tables as their reference describes them.
  package static let references = [
    TableReference(
      "surface.csv",
      "One row for each point of the plane through three sets of weights: the loss there. Written by `analyze surface`.",
      Point.columns),
    TableReference(
      "surface_edges.csv",
      "One row for each point of a straight line between two corners of that plane; with `--all-pairs`, of the line between the "
        + "weights of the failed and the successful run of each pair. Written by `analyze surface`.",
      EdgePoint.columns),
    TableReference(
      "surface_summary.csv",
      "One row for each line of surface_edges.csv: its barrier. Written by `analyze surface`.",
      Edge.columns),
  ]

  private static let identity: [Column<PlanePair>] = [
    Column("trial_failed", "The failed run at one corner.", role: .key) { .text($0.failed.trial.identifier) },
    Column("trial_successful", "The successful run at another.", role: .key) { .text($0.successful.trial.identifier) },
  ]

  private static let judgement: [Column<PlanePair>] = JudgedTrial.judgementColumns.of(\.failed)

  private static let ends: [Column<EdgeBarrier>] = [
    Column("from", "The corner where the line begins.", role: .key) { .text($0.from) },
    Column("to", "The corner where it ends.", role: .key) { .text($0.to) },
  ]

  /// A row of surface.csv.
  private struct Point {
    var runs: PlanePair
    var point: PlanePoint
    var score: PlaneScore

    static let position: [Column<Point>] = [
      Column("a", "The weight of the failed run's direction from the pre-trained model.", role: .key) {
        .number($0.point.a)
      },
      Column("b", "The weight of the successful run's direction.", role: .key) { .number($0.point.b) },
      Column("loss", "The loss there.", .unit("nats")) { .number($0.score.loss) },
      Column("accuracy", "The accuracy there.") { .number($0.score.accuracy) },
    ]
    static let columns: [Column<Point>] = identity.of(\.runs) + position + judgement.of(\.runs)
  }

  /// A row of surface_edges.csv.
  private struct EdgePoint {
    var barrier: EdgeBarrier
    var position: Double
    var point: Point

    static let columns: [Column<EdgePoint>] =
      identity.of(\.point.runs) + ends.of(\.barrier) + [
        Column("place", "Where on the line the point lies, 0 at `from` and 1 at `to`.", role: .key) {
          .number($0.position)
        }
      ] + Point.position.of(\.point) + judgement.of(\.point.runs)
  }

  /// A row of surface_summary.csv.
  private struct Edge {
    var scores: EdgeScores
    var barrier: EdgeBarrier

    static let columns: [Column<Edge>] =
      identity.of(\.scores.runs) + [
        Column("seed_init", "The seed of the initial weights that both runs share.", role: .key) {
          .text("\($0.scores.runs.failed.trial.seeds.initialization)")
        },
        Column("example_count", "The examples over which losses are averaged.", role: .convention) {
          .integer($0.scores.exampleCount)
        },
      ] + ends.of(\.barrier) + [
        Column("loss_from", "The loss at `from`, on the plane.", .unit("nats")) { .number($0.barrier.fromLoss) },
        Column("loss_to", "The loss at `to`, on the plane.", .unit("nats")) { .number($0.barrier.toLoss) },
        Column("loss_from_direct", "The loss of the weights at `from` themselves, as a check.", .unit("nats")) {
          .number($0.scores.corners[0].loss)
        },
        Column("loss_to_direct", "The loss of the weights at `to` themselves, as a check.", .unit("nats")) {
          .number($0.scores.corners[1].loss)
        },
        Column("loss_peak", "The highest loss on the line.", .unit("nats")) { .number($0.barrier.peakLoss) },
        Column("place_peak", "Where it is, 0 at `from` and 1 at `to`; nan where a loss is not finite.") {
          .number($0.barrier.peakPosition)
        },
        Column("barrier", "The highest loss less that of the higher end.", .unit("nats")) {
          .number($0.barrier.barrier)
        },
      ] + judgement.of(\.scores.runs)
  }
}
