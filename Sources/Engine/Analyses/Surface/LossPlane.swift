// The training loss on the plane through the pre-trained weights p, a failed trial's f and a successful trial's s: L(p + a (f -
// p) + b (s - p)), neither orthogonalized nor normalized, dropout off, head included (arXiv 2006.04884, section 4.2). The
// trials must have started from the same head; otherwise p is not defined.

import Storage
import Training
import Trials

/// A point of the plane.
package struct PlanePoint: Equatable, Sendable {
  /// The coefficient of f - p, from the pre-trained to the failed trial's weights.
  package var a: Double
  /// The coefficient of s - p, from the pre-trained to the successful trial's weights.
  package var b: Double

  /// A point.
  package init(a: Double, b: Double) {
    self.a = a
    self.b = b
  }
}

/// A straight line between two corners of the plane.
package struct PlaneEdge: Equatable, Sendable {
  /// The corner where it begins, as an index in `PlaneDesign.corners`.
  let from: Int
  /// The corner where it ends.
  let to: Int

  /// The edges between all corners.
  static let all = [PlaneEdge(from: 0, to: 1), PlaneEdge(from: 0, to: 2), failedToSuccessful]
  /// The edge from the failed to the successful weights.
  static let failedToSuccessful = PlaneEdge(from: 1, to: 2)

  /// The points that `stepCount` equal steps along the edge pass, both corners included.
  func points(stepCount: Int) -> [PlanePoint] {
    let (one, other) = (PlaneDesign.corners[from].1, PlaneDesign.corners[to].1)
    return (0...stepCount).map { step in
      let t = Double(step) / Double(stepCount)
      return PlanePoint(a: (1 - t) * one.a + t * other.a, b: (1 - t) * one.b + t * other.b)
    }
  }
}

/// The points that a surface is computed at.
package struct PlaneDesign: Equatable, Sendable {
  /// The corners by name: the pre-trained, the failed and the successful weights.
  package static let corners = [
    ("pretrained", PlanePoint(a: 0, b: 0)), ("failed", PlanePoint(a: 1, b: 0)), ("successful", PlanePoint(a: 0, b: 1)),
  ]
  /// The number of points on a side of the grid.
  package let pointCount: Int
  /// Where the grid begins and ends in both directions.
  package let range: ClosedRange<Double>

  /// A grid of `pointCount` squared points, and edges of `pointCount` steps.
  package init(pointCount: Int = 40, range: ClosedRange<Double> = -1.5...1.5) {
    precondition(pointCount >= 2, "a grid has at least two points on a side, not \(pointCount)")
    self.pointCount = pointCount
    self.range = range
  }

  /// The grid, row by row of b; then the points of each edge, its two corners included.
  package var points: [PlanePoint] {
    func coordinate(_ index: Int) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double(index) / Double(pointCount - 1)
    }
    let grid = (0..<pointCount).flatMap { row in
      (0..<pointCount).map { PlanePoint(a: coordinate($0), b: coordinate(row)) }
    }
    return grid + PlaneEdge.all.flatMap { $0.points(stepCount: pointCount) }
  }

  /// The number of points of the grid.
  var gridCount: Int { pointCount * pointCount }
}

/// The loss and the accuracy at a point.
package struct PlaneScore: Codable, Equatable, Sendable {
  /// The mean loss.
  package var loss: Double
  /// The share of correct predictions; nil for regression.
  package var accuracy: Double?

  /// A score.
  package init(loss: Double, accuracy: Double?) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

/// Two trials whose weights span a plane with the pre-trained ones.
package struct PlanePair: Sendable {
  /// The failed trial.
  package let failed: JudgedTrial
  /// The successful trial.
  package let successful: JudgedTrial

  /// Two trials that share a head's initial seed, the model and the task.
  ///
  /// - Throws: `AnalysisError` for trials that do not.
  package init(failed: JudgedTrial, successful: JudgedTrial) throws {
    let (one, other) = (failed.trial, successful.trial)
    guard one.seeds.initialization == other.seeds.initialization else {
      throw AnalysisError(
        "trials \(one.identifier) and \(other.identifier) started from different heads (seed_init "
          + "\(one.seeds.initialization) and \(other.seeds.initialization)), so no plane holds both and the weights they "
          + "started from; choose runs of the same seed_init, as a sweep with crossed seeds, or another recipe, has them"
      )
    }
    guard one.configuration.model == other.configuration.model, one.configuration.task == other.configuration.task
    else {
      throw AnalysisError(
        "trials \(one.identifier) and \(other.identifier) differ in model or task, so no plane holds both; choose trials of one "
          + "model and one task")
    }
    self.failed = failed
    self.successful = successful
  }

  /// The first failed trial in plan order that has a successful partner, and its first partner: one of its own recipe where
  /// there is one.
  ///
  /// - Throws: `AnalysisError` if no such pair exists.
  package static func first(of trials: [JudgedTrial]) throws -> PlanePair {
    let pairs = try all(of: trials)
    let partners = pairs.filter { $0.failed.identifier == pairs[0].failed.identifier }
    let own = partners.first {
      $0.successful.trial.configurationIdentifier == $0.failed.trial.configurationIdentifier
    }
    return own ?? partners[0]
  }

  /// All pairs of a failed and a successful trial, of every head: at least one. The failed trials are in plan order, and so are
  /// the successful ones of each.
  ///
  /// - Throws: `AnalysisError` if no such pair exists.
  package static func all(of trials: [JudgedTrial]) throws -> [PlanePair] {
    let (failed, successful) = try JudgedTrial.first(.max, of: trials)
    let pairs = failed.flatMap { trial in successful.compactMap { try? PlanePair(failed: trial, successful: $0) } }
    guard !pairs.isEmpty else {
      throw AnalysisError(
        "no failed run shares its head's seed (seed_init), model and task with a successful one; cross the seeds "
          + "(seeds: { init: [1, 2], order: [1, 2, 3, 4], design: \"crossed\" }), or add a recipe that does not fail")
    }
    return pairs
  }
}

/// The loss on a plane of weights.
package final class LossPlane {
  /// The trials.
  private(set) var pair: PlanePair
  private let kept: KeptWeights
  private let inspection: TrialInspection
  private let examples: EvaluationSet
  /// The weights of the corners, in the order of `PlaneDesign.corners`.
  private var weights: [[Float]]

  /// The plane of two trials.
  ///
  /// - Parameters:
  ///   - pair: the trials.
  ///   - kept: where their weights are.
  ///   - exampleCount: training examples of the loss, chosen by a fixed seed.
  /// - Throws: an error of a file; `TrainingError` for weights whose digest is not the journal's.
  package init(_ pair: PlanePair, _ kept: KeptWeights, exampleCount: Int, inspection: TrialInspection) throws {
    self.pair = pair
    self.kept = kept
    self.inspection = inspection
    examples = inspection.trainingExamples(exampleCount, seed: 1)
    try inspection.restart()
    weights = [inspection.weights]
    for trial in [pair.failed, pair.successful] { weights.append(try readWeights(of: trial)) }
  }

  /// Takes another successful trial for the corner of the present one, and reads its weights alone.
  ///
  /// - Throws: as the initializer. The plane is then without use.
  func turn(to next: PlanePair) throws {
    precondition(next.failed.identifier == pair.failed.identifier, "the plane turns about the failed trial's corner")
    guard next.successful.identifier != pair.successful.identifier else { return }
    pair = next
    weights[2] = []  // its memory goes before the next one's comes
    weights[2] = try readWeights(of: next.successful)
  }

  private func readWeights(of trial: JudgedTrial) throws -> [Float] {
    try inspection.load(kept.path(of: trial.identifier), digest: trial.outcome.weightsDigest)
    return inspection.weights
  }

  /// The training examples that the loss is the mean of.
  package var exampleCount: Int { examples.indices.count }

  /// The score at a point: weights p + a (f - p) + b (s - p) in Double, rounded once.
  package func score(at point: PlanePoint) -> PlaneScore {
    let parameters = inspection.classifier.parameters
    weights[0].withUnsafeBufferPointer { pretrained in
      weights[1].withUnsafeBufferPointer { failed in
        weights[2].withUnsafeBufferPointer { successful in
          for index in parameters.indices {
            let start = Double(pretrained[index])
            parameters[index] = Float(
              start + point.a * (Double(failed[index]) - start) + point.b * (Double(successful[index]) - start))
          }
        }
      }
    }
    return scoreOfPresentWeights()
  }

  /// The scores of the three corners, each with its weights as they are.
  package func cornerScores() -> [PlaneScore] { weights.indices.map { cornerScore($0) } }

  /// The scores of the corners where an edge begins and ends, each with its weights as they are.
  func cornerScores(of edge: PlaneEdge) -> [PlaneScore] { [edge.from, edge.to].map { cornerScore($0) } }

  private func cornerScore(_ corner: Int) -> PlaneScore {
    _ = inspection.classifier.parameters.update(fromContentsOf: weights[corner])
    return scoreOfPresentWeights()
  }

  private func scoreOfPresentWeights() -> PlaneScore {
    let score = inspection.score(on: examples)
    return PlaneScore(loss: score.loss, accuracy: score.accuracy)
  }
}
