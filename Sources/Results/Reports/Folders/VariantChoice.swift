// The recipes that a command reads of a folder: those of all variants, or of the named ones.

import CommandLine
import Tables
import Trials

/// A choice of recipes by their variants.
package struct VariantChoice: Sendable {
  /// The flag that names a variant; it may be given several times.
  package static let flag = Flag<[String]>(
    "--recipe", "VARIANT", "only recipes of this variant; may be given several times", eachOf: .text)

  private let names: [String]

  /// What the flag asks for.
  package init(_ given: Given) { self.init(given[Self.flag]) }

  /// The variants of these names; all for none.
  package init(_ names: [String]) { self.names = names }

  /// Whether recipes of a variant are chosen.
  package func contains(_ variant: String) -> Bool { names.isEmpty || names.contains(variant) }

  /// Refuses names of no variant.
  ///
  /// - Throws: a `Refusal` that names all variants.
  package func check(_ plan: SweepPlan) throws {
    let variants = plan.configurations.map(\.variant).uniqued()
    let problems = names.filter { !variants.contains($0) }.map {
      "--recipe: there is no variant '\($0)'; there are \(variants.joined(separator: ", "))"
    }
    if !problems.isEmpty { throw Refusal(problems: problems) }
  }
}
