// The tables that commands beside `run` make of a folder's results. They say nothing true once other trials are reported, so
// whoever changes those removes them.

/// A table that another command makes of the reported results, by its name.
package enum DerivedTable: String, CaseIterable, Sendable {
  /// One row a pair of recipes.
  case comparisons
  /// What each cause of randomness contributes.
  case seedComponents = "seed_components"
  /// How alike the runs of a recipe answer.
  case agreement
  /// Whether gradients vanished.
  case gradientStatistics = "gradient_statistics"
  /// What fine-tuning forgot.
  case forgetting
  /// The same, a row a run.
  case forgettingSummary = "forgetting_summary"
  /// The mean curves of failed runs.
  case failedCurves = "failed_curves"
  /// The loss on a plane of weights.
  case surface
  /// The loss between the plane's corners.
  case surfaceEdges = "surface_edges"
  /// The barriers between them.
  case surfaceSummary = "surface_summary"
  /// What bias correction multiplies steps by.
  case correctionFactor = "correction_factor"
  /// What that adds up to over a recipe's runs.
  case stepMass = "step_mass"

  /// The command that makes it.
  package var command: String {
    switch self {
    case .comparisons: "compare"
    case .seedComponents: "components"
    case .agreement: "agreement"
    case .gradientStatistics: "analyze gradients"
    case .forgetting, .forgettingSummary, .failedCurves: "analyze forgetting"
    case .surface, .surfaceEdges, .surfaceSummary: "analyze surface"
    case .correctionFactor, .stepMass: "analyze correction"
    }
  }
}
