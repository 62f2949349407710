// One trial's resolved configuration as plain values, one section each. A section's fields and its keys stand in the
// section's own file, and `ConfigurationSchema` joins the sections. Nothing here opens a file or draws a random number.

import KeyValues

/// Everything about a trial but its seeds and its names.
package struct TrialConfiguration: Hashable, Sendable {
  /// Where the encoder and its head come from.
  package var model = ModelSpecification()
  /// What is learned and from which files.
  package var task = TaskSpecification()
  /// A seeded subset of the training examples, or nil for all of them.
  package var trainSubset: SubsetSpecification?
  /// Batches, length and evaluation cadence.
  package var training = TrainingSpecification()
  /// The optimizer.
  package var optimizer = OptimizerSpecification()
  /// The learning rate over the run.
  package var schedule = ScheduleSpecification()
  /// What a trial evaluates beside the dev set.
  package var evaluation = EvaluationSpecification()
  /// What a trial records beside its evaluations.
  package var record = RecordSpecification()
  /// The program that trains instead of our own trainer, if there is one.
  package var program = ProgramSpecification()

  /// The defaults: what the sweep file says where it says nothing.
  package init() {}

  /// What trials of the same cost share: the value of every key that can change the cost.
  package var costKey: [KeyValue] { ConfigurationSchema.keys.map { $0.costValue(self) } }

  /// The values that only some tables have columns for: the parameters of a program, or the keys that few sweeps set, each by its
  /// path.
  package var rareValues: [NamedValue] {
    if hasProgram { return program.parameters }
    return ConfigurationSchema.rareKeys.compactMap { key in
      let value = key.get(self)
      return key.isRead(self) && value != key.get(TrialConfiguration()) ? NamedValue(key.path, value) : nil
    }
  }

  /// Whether training steps read the pre-trained weights.
  package var trainsBesidePretrained: Bool {
    training.mixout > 0 || optimizer.decayTowards == .pretrained && optimizer.weightDecay > 0
  }
}
