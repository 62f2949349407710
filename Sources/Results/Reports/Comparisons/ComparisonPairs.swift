// Which recipes a sweep declares to be compared: the pairs of variants in compare.pairs, or else each variant with the
// reference variant, at the same grid values, on each task; in a sweep without variants each configuration with the first; of several folders each with the first folder.

import Tables
import Trials

/// What cannot be compared, and what to do about it.
package struct ComparisonError: Error, Equatable, CustomStringConvertible {
  /// The whole message.
  package let description: String
}

/// The declared pairs.
package enum ComparisonPairs {
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
    return pairs
  }

  /// The indices of the configurations of each pair that a plan declares, in plan order of the first; empty for one recipe.
  package static func indices(_ plan: SweepPlan) -> [(candidate: Int, reference: Int)] {
    indices(plan, nil, plan.configurations.map(\.variant).uniqued())
  }

  /// The same with the variant `reference` in place of the one that the plan declares; nil for that.
  ///
  /// - Throws: `ComparisonError` for a reference that is no variant.
  package static func indices(
    _ plan: SweepPlan, reference: String?
  ) throws -> [(candidate: Int, reference: Int)] {
    let variants = plan.configurations.map(\.variant).uniqued()
    if let reference, !variants.contains(reference) {
      throw ComparisonError(
        description: "no variant '\(reference)' to compare with; there are \(variants.joined(separator: ", "))")
    }
    return indices(plan, reference, variants)
  }

  private static func indices(
    _ plan: SweepPlan, _ reference: String?, _ variants: [String]
  ) -> [(candidate: Int, reference: Int)] {
    let chosen = reference ?? plan.reference ?? variants.first
    func references(of variant: String) -> [String] {
      if reference == nil && !plan.pairs.isEmpty {
        return plan.pairs.filter { $0.candidate == variant }.map(\.reference)
      }
      return variant == chosen ? [] : [chosen].compactMap { $0 }
    }
    var indices: [(candidate: Int, reference: Int)] = []
    for (index, planned) in plan.configurations.enumerated() {
      let peers = plan.configurations.indices.filter {
        plan.configurations[$0].configuration.taskName == planned.configuration.taskName
      }
      if variants.count == 1 {
        if let first = peers.first, first != index { indices.append((index, first)) }
        continue
      }
      for variant in references(of: planned.variant) {
        let counterpart = peers.first {
          plan.configurations[$0].variant == variant && plan.configurations[$0].axisValues == planned.axisValues
        }
        if let counterpart { indices.append((index, counterpart)) }
      }
    }
    return indices
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
    return pairs
  }
}

extension PlannedConfiguration {
  /// The variant's label and the grid's values: "bias correction (schedule.warmup=0.1)".
  package var recipeName: String {
    axisValues.isEmpty
      ? label : "\(label) (\(axisValues.map { "\($0.key)=\($0.text)" }.joined(separator: ", ")))"
  }
}
