// The tables that commands beside `run` make of a folder's results. They say nothing true once other trials are reported, so
// whoever changes those removes them. A table is declared by what writes it: those of Reports here, those of an analysis
// in its file. The program joins the two lists.

/// A table that another command makes of the reported results.
package struct DerivedTable: Hashable, Sendable {
  /// Its name in the folder, without `.csv`.
  package let name: String
  /// The verb that makes it, with the words between it and the folder.
  package let command: String
  /// Whether it depends on which runs count as failed.
  package let isJudged: Bool

  package init(_ name: String, madeBy command: String, isJudged: Bool = true) {
    self.name = name
    self.command = command
    self.isJudged = isJudged
  }
}

extension DerivedTable {
  /// One row for each pair of recipes.
  package static let comparisons = DerivedTable("comparisons", madeBy: "compare")
  /// What each cause of randomness contributes.
  package static let seedComponents = DerivedTable("seed_components", madeBy: "components", isJudged: false)
  /// How alike the trials of a recipe answer.
  package static let agreement = DerivedTable("agreement", madeBy: "agreement")
  /// What the runs of a recipe answer together.
  package static let ensembles = DerivedTable("ensembles", madeBy: "ensemble", isJudged: false)
  /// What picking the best of several runs brings.
  package static let bestOfN = DerivedTable("best_of_n", madeBy: "pick", isJudged: false)
  /// What rules for stopping runs early would have done.
  package static let replay = DerivedTable("replay", madeBy: "replay")

  /// The tables that Reports makes.
  package static let ofReports = [comparisons, seedComponents, agreement, ensembles, bestOfN, replay]
}
