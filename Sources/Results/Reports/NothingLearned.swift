// Tasks on which every run of every recipe failed. Their failure rates of 1 say nothing about stability, which readers of a
// table and of a comparison are told in the same words.

import Foundation
import Tables
import Trials

/// What is said of tasks on which every run of every recipe failed.
package enum NothingLearned {
  /// The tasks of which every recipe has runs and no run succeeded, in the order of the recipes.
  static func tasks(_ rows: [SummaryRow]) -> [String] {
    let groups = Dictionary(grouping: rows, by: \.task)
    return rows.map(\.task).uniqued().filter { task in
      (groups[task] ?? []).allSatisfy { $0.count > 0 && $0.failedCount == $0.count }
    }
  }

  /// A sentence for each of these tasks: what it means, and what to try.
  package static func sentences(_ rows: [SummaryRow], rule: FailureRule) -> [String] {
    tasks(rows).map { task in
      let own = rows.filter { $0.task == task }
      let count = own.reduce(0) { $0 + $1.count }
      let runs = count == 1 ? "the only run" : "all \(count) runs"
      if case .below = rule, !own.contains(where: \.isImported) {
        return
          "Every run of every recipe on \(task) failed by the rule \(rule.name) (\(runs)): this says nothing about stability; "
          + "choose a lower number."
      }
      let hasDiverged = own.allSatisfy { $0.count(of: .diverged) == $0.count }
      return
        "No recipe learned anything on \(task) (\(runs) \(hasDiverged ? "diverged" : "failed")): this says nothing about "
        + "stability. " + advice(own, hasDiverged: hasDiverged)
    }
  }

  private static func advice(_ rows: [SummaryRow], hasDiverged: Bool) -> String {
    if let share = rows.compactMap(\.unknownShare).max(), share >= Outcome.remarkableUnknownShare {
      return String(
        format: "%.3g %% of the word pieces are unknown tokens: use a model whose vocabulary fits the data.",
        100 * share)
    }
    return hasDiverged
      ? "Try a lower learning rate." : "Try more steps, another learning rate or another model, and look at the labels."
  }

  /// The recipes, those on such a task marked.
  static func marked(_ rows: [SummaryRow]) -> [SummaryRow] {
    let hopeless = Set(tasks(rows))
    guard !hopeless.isEmpty else { return rows }
    return rows.map { row in
      var row = row
      row.isOnHopelessTask = hopeless.contains(row.task)
      return row
    }
  }
}
