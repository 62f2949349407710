// soups.csv and barriers.csv: one row for each single run and each average of weights, and one for each pair of runs. basins.csv, with
// one row for each run, is in `Basins`.

import Foundation
import Host
import Reports
import Statistics
import Storage
import Tables
import Trials

/// The tables of the soups of some pots.
struct SoupTables: Sendable {
  private var soups: [Soup] = []
  private var barriers: [Barrier] = []
  private var basins: [Basins] = []
  private(set) var sentences: [String] = []

  /// - Parameter basinBarrier: The largest barrier between two runs of one basin; nil for `Basins.defaultPercent` % of the chance loss.
  init(
    _ pots: [SoupPot], _ jobs: [SoupRound.Job], _ answers: [SoupRound.Answer], exampleCount: Int, basinBarrier: Double?
  ) {
    for (job, answer) in zip(jobs, answers) {
      switch (job, answer) {
      case (.soups(let pot), .soups(let scores)): add(scores, of: pots[pot])
      case (.line(let pot, let first, let second), .line(let line)):
        barriers.append(
          Barrier(
            first: pots[pot].members[first], second: pots[pot].members[second], line: line, exampleCount: exampleCount))
      case (.soups, .line), (.line, .soups): preconditionFailure("a job is answered by an answer of its kind")
      }
    }
    for pot in pots.indices {
      var scores: SoupScores?
      var lines: [(first: Int, second: Int, barrier: Double)] = []
      for (job, answer) in zip(jobs, answers) {
        switch (job, answer) {
        case (.soups(pot), .soups(let found)): scores = found
        case (.line(pot, let first, let second), .line(let line)): lines.append((first, second, line.barrier.height))
        default: break
        }
      }
      let found = Basins(of: pots[pot], lines, threshold: basinBarrier)
      basins.append(found)
      sentences += [Self.sentence(of: pots[pot], scores, lines.map(\.barrier)), found.sentence]
    }
  }

  private mutating func add(_ scores: SoupScores, of pot: SoupPot) {
    for (index, member) in pot.members.enumerated() {
      soups.append(
        Soup(
          kind: "single", first: member, member: member, memberCount: 1, isInGreedy: scores.isInGreedy[index],
          scores: scores.members[index]))
    }
    soups.append(
      Soup(kind: "uniform", first: pot.members[0], memberCount: pot.members.count, scores: scores.uniform))
    soups.append(
      Soup(
        kind: "greedy", first: pot.members[0], memberCount: scores.isInGreedy.count(where: \.self),
        scores: scores.greedy))
  }

  /// What a pot's soups score on the half that chose nothing, in words.
  private static func sentence(of pot: SoupPot, _ scores: SoupScores?, _ heights: [Double]) -> String {
    let start = "\(pot.members[0].configuration.taskName): \(pot.members[0].trial.label), \(pot.start): "
    guard let scores else { return start + "not computed." }
    let count =
      pot.members.count < pot.runCount ? "the first \(pot.members.count) of \(pot.runCount)" : "\(pot.runCount)"
    let finite = heights.filter(\.isFinite)
    return start
      + String(
        format: "%@ runs score %.4f in the mean, their uniform soup %.4f, the greedy soup of %d %.4f", count,
        Sample.mean(scores.members.map(\.second)), scores.uniform.second, scores.isInGreedy.count(where: \.self),
        scores.greedy.second) + Self.rise(finite, unknownCount: heights.count - finite.count)
  }

  /// How far the loss rises between two runs, in words.
  static func rise(_ heights: [Double], unknownCount: Int) -> String {
    guard !heights.isEmpty else { return "; the loss is finite on the way between no two runs." }
    return String(
      format: "; the loss between two runs rises by %.4f in the median, %.4f at most.", Sample.median(heights),
      Sample.maximum(heights))
      + (unknownCount > 0 ? " Between \(counted(unknownCount, "pair")) it is not finite." : "")
  }

  /// Writes the tables.
  ///
  /// - Throws: `FileError`.
  func write(to folder: RunFolder) throws {
    try Soup.columns.write(soups, to: folder.path(of: Soups.soups))
    try Barrier.columns.write(barriers, to: folder.path(of: Soups.barriers))
    try Basins.columns.write(basins.flatMap(\.rows), to: folder.path(of: Soups.basins))
  }

  /// The tables as their reference describes them.
  static let references = [
    TableReference(
      "soups.csv",
      "One row for each run and for each average of the weights of runs that started from the same head. Written by "
        + "`analyze soups`.", Soup.columns),
    TableReference(
      "barriers.csv",
      "One row for each two runs that started from the same head: the training loss on the straight line between their weights. "
        + "Written by `analyze soups`.", Barrier.columns),
    Basins.reference,
  ]
}

/// A row of soups.csv.
private struct Soup: Sendable {
  var kind: String
  /// The first run of the pot.
  var first: JudgedTrial
  /// The run itself; nil for an average.
  var member: JudgedTrial?
  var memberCount: Int
  var isInGreedy: Bool?
  var scores: HalfScores

  static let columns: [Column<Soup>] =
    JudgedTrial.configurationColumns.of(\.first) + [
      Column("seed_init", "The seed of the head from which all of them started.", role: .key) {
        .text(String($0.first.trial.seeds.initialization))
      },
      Column(
        "kind",
        "What is scored: a `single` run, the `uniform` soup of all runs, or the `greedy` soup, which takes a run, the best on half A "
          + "first, if the mean with it is no worse there.", role: .key
      ) { .text($0.kind) },
      Column("trial_id", "The run's identifier; empty for a soup.", role: .key) { .text($0.member?.identifier ?? "") },
      Column("n_runs", "The runs whose weights are averaged.") { .integer($0.memberCount) },
      Column("in_greedy", "Whether the run is in the greedy soup; empty for a soup.") {
        $0.isInGreedy.map { .flag($0) } ?? .missing
      },
      Column("metric", "The metric that scores the task.", role: .key) { .text($0.first.configuration.metricName) },
      Column("value_a", "The score on half A of the dev set, which chooses the members of the greedy soup.") {
        .finite($0.scores.first)
      },
      Column("value_b", "The score on half B, whose examples had no part in any choice.") { .finite($0.scores.second) },
    ]
}

/// A row of barriers.csv.
private struct Barrier: Sendable {
  var first: JudgedTrial
  var second: JudgedTrial
  var line: LineLosses
  var exampleCount: Int

  static let columns: [Column<Barrier>] =
    JudgedTrial.configurationColumns.of(\.first) + [
      Column("seed_init", "The seed of the head from which both started.", role: .key) {
        .text(String($0.first.trial.seeds.initialization))
      },
      Column("trial_a", "The identifier of the first run.", role: .key) { .text($0.first.identifier) },
      Column("trial_b", "The identifier of the second run.", role: .key) { .text($0.second.identifier) },
      Column("loss_a", "The training loss of the first run's weights, without dropout.") {
        .finite($0.line.losses.first ?? .nan)
      },
      Column("loss_b", "The training loss of the second run's weights.") { .finite($0.line.losses.last ?? .nan) },
      Column("loss_mean", "The training loss half-way between, where the points have a middle.") {
        $0.line.losses.count % 2 == 1 ? .finite($0.line.losses[$0.line.losses.count / 2]) : .missing
      },
      Column(
        "barrier",
        "How far the loss between the two rises above the straight line between their losses at most; 0 for no rise."
      ) { .finite($0.line.barrier.height) },
      Column("barrier_at", "Where that is: 0 at the first run, 1 at the second.") { .finite($0.line.barrier.position) },
      Column("n_points", "The points at which the loss was computed, both ends included.", role: .convention) {
        .integer($0.line.losses.count)
      },
      Column("n_examples", "The training examples of the loss, or all where there are fewer.", role: .convention) {
        .integer($0.exampleCount)
      },
    ]
}
