// The recipes that are compared, with their runs: those of the pairs that a sweep declares, and of several folders each recipe with its
// counterpart in the first one.

import Reports
import Storage
import Trials

extension ComparisonPairs {
  /// The pairs of one folder.
  ///
  /// - Parameters:
  ///   - plan: The folder's plan.
  ///   - rows: Its summary.
  ///   - reference: The reference variant; nil for the one that the sweep declares, or else its first.
  /// - Throws: `ComparisonError` if there is nothing to compare or no such variant.
  package static func declared(_ plan: SweepPlan, _ rows: [SummaryRow], reference: String?) throws -> [ComparedPair] {
    let bySummary = Dictionary(rows.map { ($0.configurationIdentifier, $0) }, uniquingKeysWith: { one, _ in one })
    let pairs = try indices(plan, reference: reference).compactMap { pair -> ComparedPair? in
      let (planned, counterpart) = (plan.configurations[pair.candidate], plan.configurations[pair.reference])
      guard let candidate = bySummary[planned.identifier], let other = bySummary[counterpart.identifier] else {
        return nil
      }
      return ComparedPair(
        candidate: candidate, reference: other, candidateName: planned.recipeName,
        referenceName: counterpart.recipeName)
    }
    guard !pairs.isEmpty else {
      throw ComparisonError(
        description: Set(plan.configurations.map(\.variant)).count < 2
          ? "one recipe only, so there is nothing to compare it with"
          : "no two of the recipes that are to be compared have the same grid values; name two variants with the same grid in "
            + "compare.pairs")
    }
    try refuseStoppedRuns(pairs)
    return pairs
  }

  /// Refuses recipes with runs that a rule stopped: the tests know nothing of two kinds of runs, and a stopped run has no score.
  ///
  /// - Throws: `ComparisonError`.
  private static func refuseStoppedRuns(_ pairs: [ComparedPair]) throws {
    let sides = pairs.flatMap { [($0.candidate, $0.candidateName), ($0.reference, $0.referenceName)] }
    guard let (row, name) = sides.first(where: { $0.0.unfinishedCount > 0 }), let early = row.early else { return }
    let count = row.unfinishedCount
    throw ComparisonError(
      description:
        "\(row.task): '\(name)' has \(count == 1 ? "a run" : "\(count) runs") without a final score because stop.early "
        + "(\(early.rule.name)) stopped \(count == 1 ? "it" : "them"), and the tests need a score of every run; "
        + "\(RunFolder.stoppedAdvice), and compare then. The failure rates that are known are in summary.csv, with their "
        + "intervals")
  }

  /// A folder with its plan and summary.
  package struct Source {
    /// What the folder is called in sentences.
    package var path: String
    /// Its plan.
    package var plan: SweepPlan
    /// Its summary, one row for each configuration of the plan.
    package var rows: [SummaryRow]

    package init(path: String, plan: SweepPlan, rows: [SummaryRow]) {
      self.path = path
      self.plan = plan
      self.rows = rows
    }
  }

  /// The pairs of several folders: each recipe of the later ones with that of the first that has the same task, variant and
  /// grid values, or with its only recipe for the task.
  ///
  /// - Throws: `ComparisonError` for a recipe without a counterpart.
  package static func across(_ sources: [Source]) throws -> [ComparedPair] {
    let first = sources[0]
    var pairs: [ComparedPair] = []
    for source in sources.dropFirst() {
      for (planned, row) in zip(source.plan.configurations, source.rows) {
        let peers = zip(first.plan.configurations, first.rows).filter { $0.1.task == row.task }
        let counterpart =
          peers.first { $0.0.variant == planned.variant && $0.0.axisValues == planned.axisValues }
          ?? (peers.count == 1 ? peers.first : nil)
        guard let counterpart else {
          throw ComparisonError(
            description: "\(source.path): '\(row.task): \(planned.recipeName)' has no counterpart in \(first.path): no "
              + "recipe there has the same task, variant and grid values, and \(peers.count) have the task")
        }
        pairs.append(
          ComparedPair(
            candidate: row, reference: counterpart.1, candidateName: "\(planned.recipeName) in \(source.path)",
            referenceName: "\(counterpart.0.recipeName) in \(first.path)"))
      }
    }
    try refuseStoppedRuns(pairs)
    return pairs
  }
}
