// The formats of the tables that a trial's rank writes itself: predictions and gradient norms. Training writes them; Reports
// and Analyses read them. Which folders they lie in is told elsewhere.

import Tables

/// A row of predictions/ID/TRIAL_ID.csv: one dev example of a trial's last evaluation.
package struct PredictionRow: Sendable {
  /// The example's index in the dev set.
  package var index: Int
  /// Its label.
  package var label: String
  /// What was predicted.
  package var prediction: String
  /// The logits of its classes; one for regression.
  package var logits: ArraySlice<Float>

  package init(index: Int, label: String, prediction: String, logits: ArraySlice<Float>) {
    self.index = index
    self.label = label
    self.prediction = prediction
    self.logits = logits
  }

  /// The columns before the logits.
  package static let leadingColumns: [Column<PredictionRow>] = [
    Column("index", "The example's index in the dev set, from 0.", role: .key) { .integer($0.index) },
    Column("label", "The example's label: a class by its name, or a number for regression.") { .text($0.label) },
    Column("prediction", "What was predicted: the class with the largest logit, the first of equal ones, or a number.")
    {
      .text($0.prediction)
    },
  ]

  /// The columns of a table with `classCount` logits, 1 for regression.
  package static func columns(classCount: Int) -> [Column<PredictionRow>] {
    leadingColumns
      + (0..<classCount).map { index in
        Column("logit_\(index)", "The logit of class \(index), or the prediction itself for regression.") {
          .described($0.logits[$0.logits.startIndex + index])
        }
      }
  }
}

/// A row of gradient_norms/TRIAL_ID.csv and of gradient_norms.csv: a tensor's gradient at a step of a trial.
package struct GradientNormRow: Sendable {
  /// The trial's identifier.
  package var trial: String
  /// The number of completed updates, this one included.
  package var step: Int
  /// The tensor's name.
  package var tensor: String
  /// The norm of its gradient before clipping.
  package var norm: Double

  package init(trial: String, step: Int, tensor: String, norm: Double) {
    self.trial = trial
    self.step = step
    self.tensor = tensor
    self.norm = norm
  }

  /// The columns.
  package static let columns: [Column<GradientNormRow>] = [
    Column("trial_id", "The trial's identifier.", role: .key) { .text($0.trial) },
    Column("step", "The update whose gradient it is, counted from 1.", role: .key) { .integer($0.step) },
    Column(
      "tensor",
      "The tensor's name, as Hugging Face has it. Where all layers are applications of one, its tensors have further rows with "
        + "`#` and the number of the application, from 0, behind their names.", role: .key
    ) { .text($0.tensor) },
    Column("norm", "The Euclidean norm of the tensor's gradient before clipping.") { .described($0.norm) },
  ]

  /// The first line of a file, without its end.
  package static let header = columns.names().joined(separator: ",")
}
