// The runs whose weights are averaged, and what a rank computes of them: the uniform and the greedy soup (Wortsman et al. 2022, arXiv
// 2203.05482) and the loss between two runs (Juneja et al. 2023, arXiv 2205.12411). Weights of different heads have no common average,
// so the runs of a pot started from the same head.

import Reports
import Training
import Trials

/// Runs of a recipe that started from the same weights, in plan order.
package struct SoupPot: Sendable {
  /// The runs, at least two.
  package let members: [JudgedTrial]
  /// The number of completed runs that started from these weights, of which the members are the first.
  let runCount: Int
  /// What the runs of the pot share, in words: the seed of the new weights, or that the model folder has all of them.
  var start: String {
    Self.isStartKept(members[0].configuration.model)
      ? "head of the model folder" : "seed_init \(members[0].trial.seeds.initialization)"
  }

  /// Whether every weight at the start is the model folder's, whatever the seed: nothing is drawn anew.
  private static func isStartKept(_ model: ModelSpecification) -> Bool {
    model.head == .keep && model.path != nil && model.reinitializedLayerCount == 0 && !model.reinitializesPooler
  }

  /// The pots of some trials, in plan order, of at most `limit` completed runs each.
  ///
  /// - Throws: `AnalysisError` where no two runs of a recipe share their head.
  package static func all(of trials: [JudgedTrial], atMost limit: Int) throws -> [SoupPot] {
    var order: [String] = []
    var groups: [String: [JudgedTrial]] = [:]
    for trial in trials where trial.isCompleted {
      let start = isStartKept(trial.configuration.model) ? "kept" : "\(trial.trial.seeds.initialization)"
      let key = "\(trial.configurationIdentifier) \(start)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(trial)
    }
    let pots = order.compactMap { groups[$0] }.filter { $0.count > 1 }.map {
      SoupPot(members: Array($0.prefix(limit)), runCount: $0.count)
    }
    guard !pots.isEmpty else {
      throw AnalysisError(
        "no two completed runs of a recipe started from the same head (seed_init), and weights of different heads have no common "
          + "average; cross the seeds, as in seeds: { init: [1], order: [1, 2, 3, 4], design: \"crossed\" }, or keep the head of "
          + "the model folder (model.head: \"keep\")")
    }
    return pots
  }

  /// The pairs of members, by their indices: (0, 1), (0, 2), (1, 2), (0, 3) and so on.
  var pairs: [(Int, Int)] { members.indices.flatMap { second in (0..<second).map { ($0, second) } } }
}

/// The scores of some weights on the halves of the dev set.
struct HalfScores: Codable, Equatable, Sendable {
  /// On the half that selects.
  var first: Double
  /// On the half that had no part in any selection.
  var second: Double
}

/// What averaging the weights of a pot gave.
struct SoupScores: Codable, Equatable, Sendable {
  /// Each member's scores, in plan order.
  var members: [HalfScores]
  /// The mean of all members.
  var uniform: HalfScores
  /// The greedy soup.
  var greedy: HalfScores
  /// Whether each member is in the greedy soup.
  var isInGreedy: [Bool]
}

/// The losses on the straight line between the weights of two members.
struct LineLosses: Codable, Equatable, Sendable {
  /// The losses at equally spaced points, both ends included.
  var losses: [Double]

  /// How far the loss rises above the straight line between the losses of both ends at most, and where, 0 at the first member; NaN
  /// where a loss is not finite.
  var barrier: (height: Double, position: Double) {
    let last = Double(losses.count - 1)
    let heights = losses.enumerated().map { index, loss in
      // The share of the way is divided first, so that it is exactly 1 at the second end and the height there exactly 0.
      loss - losses[0] - (losses[losses.count - 1] - losses[0]) * (Double(index) / last)
    }
    guard losses.allSatisfy(\.isFinite), let peak = heights.indices.max(by: { heights[$0] < heights[$1] }) else {
      return (.nan, .nan)
    }
    return (heights[peak], Double(peak) / last)
  }
}

/// The classifier of a pot on a rank.
final class SoupKitchen {
  private let pot: SoupPot
  private let kept: KeptWeights
  private let inspection: TrialInspection

  init(_ pot: SoupPot, _ kept: KeptWeights) throws {
    self.pot = pot
    self.kept = kept
    inspection = try TrialInspection(pot.members[0].trial)
  }

  /// The soups: sums are made in Double, in the order in which members join, and each mean is rounded once. The greedy soup begins
  /// with the member that is best on the first half, and takes the next best one if the mean with it is no worse there.
  func soups() throws -> SoupScores {
    let count = inspection.classifier.parameters.count
    var sums = [Double](repeating: 0, count: count)
    var members: [HalfScores] = []
    for index in pot.members.indices {
      try load(index)
      members.append(scores())
      add(inspection.weights, to: &sums)
    }
    setMean(sums, of: pot.members.count)
    let uniform = scores()
    // Equal scores stay in plan order, and what has no score comes last.
    let order = members.indices.sorted { one, other in
      let (left, right) = (members[one].first, members[other].first)
      if left == right || left.isNaN && right.isNaN { return one < other }
      return left > right || right.isNaN
    }
    sums = [Double](repeating: 0, count: count)
    var isInGreedy = members.map { _ in false }
    var (taken, best) = (0, HalfScores(first: -.infinity, second: .nan))
    for index in order {
      try load(index)
      var candidate = sums
      add(inspection.weights, to: &candidate)
      setMean(candidate, of: taken + 1)
      let found = scores()
      guard found.first >= best.first else { continue }
      (sums, taken, best, isInGreedy[index]) = (candidate, taken + 1, found, true)
    }
    return SoupScores(members: members, uniform: uniform, greedy: best, isInGreedy: isInGreedy)
  }

  /// The training losses between two members at `pointCount` points, on examples chosen by a fixed seed.
  func line(_ first: Int, _ second: Int, pointCount: Int, exampleCount: Int) throws -> LineLosses {
    try load(first)
    let one = inspection.weights
    try load(second)
    let other = inspection.weights
    let examples = inspection.trainingExamples(exampleCount, seed: 1)
    let parameters = inspection.classifier.parameters
    let losses = (0..<pointCount).map { point in
      let t = Double(point) / Double(pointCount - 1)
      for index in parameters.indices {
        parameters[index] = Float((1 - t) * Double(one[index]) + t * Double(other[index]))
      }
      return inspection.score(on: examples).loss
    }
    return LineLosses(losses: losses)
  }

  private func load(_ index: Int) throws {
    let member = pot.members[index]
    try inspection.load(kept.path(of: member.identifier), digest: member.outcome.weightsDigest)
  }

  private func add(_ weights: [Float], to sums: inout [Double]) {
    for index in sums.indices { sums[index] += Double(weights[index]) }
  }

  private func setMean(_ sums: [Double], of count: Int) {
    let parameters = inspection.classifier.parameters
    for index in sums.indices { parameters[index] = Float(sums[index] / Double(count)) }
  }

  private func scores() -> HalfScores {
    let evaluation = inspection.evaluation()
    return HalfScores(first: evaluation.valueA, second: evaluation.valueB)
  }
}
