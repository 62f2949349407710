// Which runs of a pot lie in one basin of the loss (Juneja et al. 2023, arXiv 2205.12411): two runs are neighbours where the loss between
// their weights rises by at most a declared threshold, and a basin is a connected component of neighbours, that is single linkage cut
// at the threshold. A chain of low barriers joins its ends whatever the barrier between these, so basins.csv has the largest barrier
// within each basin.

import Foundation
import Reports
import Statistics
import Tables
import Trials

/// The basins of a pot's runs.
struct Basins: Sendable {
  /// The default threshold as a share of the loss of the constant classifier, in percent: Frankle et al. (2020, arXiv 1912.05671) call
  /// two runs linearly connected where the error between them rises by less than 2 %.
  static let defaultPercent = 2

  /// What a row of basins.csv says of a run.
  struct Row: Sendable {
    var member: JudgedTrial
    /// The run's basin, from 1 in plan order of the basins' first runs; nil without a threshold.
    var basin: Int?
    var basinSize: Int?
    /// The largest barrier to a run of the same basin; nil for a run alone.
    var within: Double?
    /// The smallest barrier to a run of another basin; nil where there is one basin.
    var outside: Double?
    var threshold: Double?
  }

  private let pot: SoupPot
  /// The largest barrier between neighbours; nil where neither it nor the chance loss is known.
  let threshold: Double?
  /// Each member's basin, from 1; empty without a threshold.
  let numbers: [Int]
  let rows: [Row]

  /// The basins by the barriers between all pairs of members. A barrier that is not finite joins nobody.
  init(of pot: SoupPot, _ lines: [(first: Int, second: Int, barrier: Double)], threshold declared: Double?) {
    self.pot = pot
    let chanceLoss = pot.members.lazy.compactMap(\.outcome.chanceLoss).first
    let threshold = declared ?? chanceLoss.map { Double(Self.defaultPercent) / 100 * $0 }
    self.threshold = threshold
    guard let threshold else {
      numbers = []
      rows = pot.members.map { Row(member: $0) }
      return
    }
    let numbers = Self.components(
      of: pot.members.count, joining: lines.filter { $0.barrier <= threshold }.map { ($0.first, $0.second) })
    self.numbers = numbers
    rows = pot.members.enumerated().map { index, member in
      let own = lines.filter { $0.barrier.isFinite && ($0.first == index || $0.second == index) }
      let (within, outside) = (
        own.filter { numbers[$0.first] == numbers[$0.second] }, own.filter { numbers[$0.first] != numbers[$0.second] }
      )
      return Row(
        member: member, basin: numbers[index], basinSize: numbers.count { $0 == numbers[index] },
        within: within.map(\.barrier).max(), outside: outside.map(\.barrier).min(), threshold: threshold)
    }
  }

  /// The connected components of a graph, numbered from 1 in the order of their first vertices.
  static func components(of count: Int, joining edges: [(Int, Int)]) -> [Int] {
    // The smallest vertex of each one's component, by merging the two components of every edge.
    var first = Array(0..<count)
    for (one, other) in edges where first[one] != first[other] {
      let (kept, merged) = (min(first[one], first[other]), max(first[one], first[other]))
      for index in first.indices where first[index] == merged { first[index] = kept }
    }
    let order = first.uniqued()
    return first.map { (order.firstIndex(of: $0) ?? 0) + 1 }
  }

  /// The basins in words, each with its mean score and its runs by their seeds.
  var sentence: String {
    let start = "\(pot.members[0].configuration.taskName): \(pot.members[0].trial.label), \(pot.start): "
    guard let threshold else {
      return start + "no basins: the results do not tell the chance loss; declare a threshold with --basin-barrier"
    }
    let count = Set(numbers).count
    let parts = (1...max(1, count)).prefix(Self.mostNamed).map { number -> String in
      let members = zip(pot.members, numbers).filter { $0.1 == number }.map(\.0)
      let names = members.prefix(Self.mostNamed).map { name(of: $0.trial.seeds) }.joined(separator: ", ")
      let more = members.count > Self.mostNamed ? " and \(members.count - Self.mostNamed) more" : ""
      let scores = members.map { $0.outcome.value($0.score) }
      return String(format: "mean score %.4f: seeds %@%@", Sample.mean(scores), names, more)
    }
    let more = count > Self.mostNamed ? "; and \(count - Self.mostNamed) more" : ""
    return start
      + String(format: "%d basin%@ at a barrier of %.4f: ", count, count == 1 ? "" : "s", threshold)
      + parts.enumerated().map { "\($0 + 1) (\($1))" }.joined(separator: "; ") + more + "."
  }

  /// What a run is called among the others: its seed, or all three where some run's differ.
  private func name(of seeds: TrialSeeds) -> String {
    pot.members.allSatisfy(\.trial.seeds.isTied)
      ? "\(seeds.order)" : "\(seeds.initialization)/\(seeds.order)/\(seeds.dropout)"
  }

  /// The basins, and the runs of a basin, that the sentence names.
  private static let mostNamed = 12
}

extension Basins {
  /// The columns of basins.csv in order.
  static let columns: [Column<Row>] =
    JudgedTrial.columns.of(\.member) + [
      Column("value", "The run's score on the dev set.") { .finite($0.member.outcome.value($0.member.score)) },
      Column(
        "basin",
        "The basin of the run, numbered from 1 among the runs that started from the same head: runs that a chain of barriers of at "
          + "most `basin_barrier` connects."
      ) { .integer($0.basin) },
      Column("n_basin_runs", "The runs of that basin.") { .integer($0.basinSize) },
      Column(
        "barrier_within",
        "The largest barrier between the run and another one of its basin; above `basin_barrier` where only a chain of others "
          + "connects the two; empty for a run alone."
      ) { .number($0.within) },
      Column(
        "barrier_outside",
        "The smallest barrier between the run and one of another basin; empty where all runs lie in one basin."
      ) { .number($0.outside) },
      Column(
        "basin_barrier",
        "The largest barrier between two neighbours in a basin: the declared one, or "
          + "\(defaultPercent) % of the loss of the constant classifier.", role: .convention
      ) { .number($0.threshold) },
    ]

  /// The table as its reference describes it.
  static let reference = TableReference(
    "basins.csv",
    "One row for each run that `analyze soups` read: the basin of the loss in which it lies. Written by `analyze soups`.",
    columns)
}
