// surface.csv, surface_edges.csv and surface_summary.csv: the loss over the plane, along its edges, and the barriers there.

import Reports
import Storage
import Tables

/// A barrier between two corners of a plane.
package struct EdgeBarrier: Equatable, Sendable {
  /// The corners' names.
  package let from: String
  /// The corners' names.
  package let to: String
  /// The losses at the ends and at the highest point.
  package let (fromLoss, toLoss, peakLoss): (Double, Double, Double)
  /// Where the highest point is, 0 at `from` and 1 at `to`.
  package let peakPlace: Double
  /// The highest loss less the higher end's: 0 where an end is the highest point; NaN where the loss is not finite.
  package var barrier: Double { peakLoss.isNaN ? .nan : peakLoss - max(fromLoss, toLoss) }
}

/// The tables of a surface.
package struct SurfaceTables: Sendable {
  private let design: PlaneDesign
  private let runs: PlaneRuns
  private let scores: [PlaneScore]
  /// The corners' scores of their own weights.
  package let corners: [PlaneScore]
  private let exampleCount: Int

  /// The tables of scores at a design's points, in their order, and of the corners by themselves.
  package init(
    _ design: PlaneDesign, _ runs: PlaneRuns, scores: [PlaneScore], corners: [PlaneScore], exampleCount: Int
  ) {
    precondition(scores.count == design.points.count && corners.count == 3, "a score for every point and corner")
    self.design = design
    self.runs = runs
    self.scores = scores
    self.corners = corners
    self.exampleCount = exampleCount
  }

  /// The barriers along the three edges.
  package var barriers: [EdgeBarrier] {
    PlaneDesign.edges.indices.map { edge in
      let losses = edgeScores(edge).map(\.loss)
      let peak = losses.indices.max { losses[$0] < losses[$1] } ?? 0
      let (from, to) = PlaneDesign.edges[edge]
      return EdgeBarrier(
        from: PlaneDesign.corners[from].0, to: PlaneDesign.corners[to].0, fromLoss: losses[0],
        toLoss: losses[losses.count - 1], peakLoss: losses.allSatisfy(\.isFinite) ? losses[peak] : .nan,
        peakPlace: Double(peak) / Double(losses.count - 1))
    }
  }

  /// The largest difference between a corner's loss on the plane and that of its own weights.
  package var cornerError: Double {
    zip(PlaneDesign.edges, barriers).flatMap { edge, barrier in
      [abs(barrier.fromLoss - corners[edge.0].loss), abs(barrier.toLoss - corners[edge.1].loss)]
    }.max() ?? 0
  }

  private func edgeScores(_ edge: Int) -> ArraySlice<PlaneScore> {
    let count = design.pointCount + 1
    let start = design.gridCount + edge * count
    let slice = scores[start..<start + count]
    return ArraySlice(Array(slice))
  }

  /// Writes the tables.
  ///
  /// - Throws: `FileError`.
  package func write(to folder: RunFolder) throws {
    let identity: [CSVField] = [.text(runs.failed.trial.identifier), .text(runs.successful.trial.identifier)]
    let names = ["trial_failed", "trial_successful"]
    let points = design.points
    let grid = try CSVFile(path: folder.path(of: .surface), columns: names + ["a", "b", "loss", "accuracy"])
    let edges = try CSVFile(
      path: folder.path(of: .surfaceEdges), columns: names + ["from", "to", "place", "a", "b", "loss", "accuracy"])
    let summary = try CSVFile(
      path: folder.path(of: .surfaceSummary),
      columns: names + [
        "seed_init", "example_count", "from", "to", "loss_from", "loss_to", "loss_from_direct", "loss_to_direct",
        "loss_peak", "place_peak", "barrier",
      ])
    func fields(_ place: Int) -> [CSVField] {
      [
        .number(points[place].a), .number(points[place].b), .number(scores[place].loss),
        .number(scores[place].accuracy),
      ]
    }
    for place in 0..<design.gridCount { try grid.write(identity + fields(place)) }
    for (edge, barrier) in barriers.enumerated() {
      let ends: [CSVField] = [.text(barrier.from), .text(barrier.to)]
      for step in 0...design.pointCount {
        let place = design.gridCount + edge * (design.pointCount + 1) + step
        try edges.write(
          identity + ends + [.number(Double(step) / Double(design.pointCount))] + fields(place))
      }
      let (from, to) = PlaneDesign.edges[edge]
      try summary.write(
        identity + [.text("\(runs.failed.trial.seeds.initialization)"), .integer(exampleCount)] + ends + [
          .number(barrier.fromLoss), .number(barrier.toLoss), .number(corners[from].loss), .number(corners[to].loss),
          .number(barrier.peakLoss), .number(barrier.peakPlace), .number(barrier.barrier),
        ])
    }
    for file in [grid, edges, summary] { try file.finish() }
  }
}
