// Which recipes a sweep declares to be compared: the pairs of variants in compare.pairs, or else each variant with the
// reference variant, at the same grid values, on each task; in a sweep without variants each configuration with the first. The recipes
// themselves are the business of Comparisons.

import Tables
import Trials

/// What cannot be compared, and what to do about it.
package struct ComparisonError: Error, Equatable, CustomStringConvertible {
  /// The whole message.
  package let description: String

  package init(description: String) { self.description = description }
}

/// The declared pairs.
package enum ComparisonPairs {
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
}

extension PlannedConfiguration {
  /// The variant's label and the grid's values: "bias correction (schedule.warmup=0.1)".
  package var recipeName: String {
    axisValues.isEmpty
      ? label : "\(label) (\(axisValues.map { "\($0.key)=\($0.text)" }.joined(separator: ", ")))"
  }
}
