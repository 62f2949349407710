// The section `schedule`: the learning rate over a trial, with its keys beside the fields.

/// The learning rate over the run.
package struct ScheduleSpecification: Hashable, Sendable {
  /// What follows the warm-up.
  package enum Kind: String, CaseIterable, Sendable {
    /// Linearly to zero at the horizon.
    case linear
    /// Unchanged.
    case constant
    /// Half a cosine to zero at the horizon.
    case cosine
    /// google-research/bert: decay runs from step 0 and warm-up overrides it.
    case google
  }

  /// What follows the warm-up.
  package var kind = Kind.linear
  /// Below 1 a fraction of the horizon, otherwise a number of steps.
  package var warmup = 0.1
  /// The schedule's horizon in steps; nil for the run's own length.
  package var totalSteps: Int?

  /// The defaults.
  package init() {}
}

extension ScheduleSpecification {
  static let keys: [ConfigurationKey] = [
    .choice(
      "schedule.kind", "schedule", \.schedule.kind,
      "What follows the warm-up: `linear` and `cosine` fall to zero at the horizon, `constant` stays; `google` falls linearly from step 0, and the warm-up overrides it, as in google-research/bert."
    ).withoutCost().inTransformers("lr_scheduler_type"),
    .number(
      "schedule.warmup", "warmup", \.schedule.warmup, .nonnegative,
      "The length of the warm-up: below 1 a fraction of the horizon, otherwise a number of steps."
    ).withoutCost().inTransformers("warmup_ratio", "warmup_steps"),
    .integer(
      "schedule.total_steps", "total_steps", \.schedule.totalSteps, minimum: 1, "The horizon of the schedule in steps."
    ).whenMissing("the number of steps that are trained").withoutCost(),
  ]
}
