// What `analyze` was asked to do, as plain values. How flags become them is the command's business.

import Reports

/// What `analyze` was asked to do.
package struct AnalysisOptions: Equatable, Sendable {
  /// The analyses.
  package enum Kind: String, CaseIterable, Sendable {
    /// What fine-tuning forgot.
    case forgetting
    /// The loss between weights.
    case surface
    /// Whether gradients vanished.
    case gradients
    /// What bias correction multiplies steps by.
    case correction

    /// Whether the ranks of an mpirun share its work.
    var usesRanks: Bool {
      switch self {
      case .forgetting, .surface: true
      case .gradients, .correction: false
      }
    }
  }

  /// The analysis.
  package var kind = Kind.forgetting
  /// The folder of results.
  package var folder = ""
  /// The folder of the tables.
  package var output = ""
  /// How runs are judged.
  package var tables = TableOptions()
  /// Whether runs without kept weights are trained again.
  package var retrains = false
  /// How many failed and how many successful runs are analyzed.
  package var runCount = 3
  /// The sentences to mask; nil for the built-in language.
  package var textPath: String?
  /// The mask set; nil for `mask_set.jsonl` in `output`.
  package var maskSetPath: String?
  /// The pre-trained model's folder; nil for the one that the runs name.
  package var pretrained: String?
  /// The failed trial of the plane; nil for the first.
  package var failed: String?
  /// The successful trial of the plane; nil for the first.
  package var successful: String?
  /// Points on a side of the grid.
  package var pointCount = 40
  /// Training examples that score a point.
  package var exampleCount = 128
  /// The grid goes from `-range` to `range`.
  package var range = 1.5
  /// The tensors whose gradients are looked at.
  package var tensors = TensorSet.all

  package init() {}
}
