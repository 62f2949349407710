// One run of one recipe with one set of seeds: the unit that the farm hands out and the journal records.

import StopRules

/// The seeds of one trial, one for each cause of randomness.
package struct TrialSeeds: Hashable, Sendable {
  /// Seeds the new head and, for a random model, every tensor.
  package var initialization: UInt64
  /// Seeds the order of the training examples.
  package var order: UInt64
  /// Seeds the dropout masks.
  package var dropout: UInt64

  /// The three seeds.
  package init(initialization: UInt64, order: UInt64, dropout: UInt64) {
    self.initialization = initialization
    self.order = order
    self.dropout = dropout
  }
}

/// A trial whose steps are the first steps of a longer one.
package struct ShorterTrial: Equatable, Sendable {
  /// The shorter trial's identifier.
  package var identifier: String
  /// Its steps.
  package var stepCount: Int

  package init(identifier: String, stepCount: Int) {
    self.identifier = identifier
    self.stepCount = stepCount
  }
}

/// Where a trial pauses, because a rule may stop it there.
package struct PausePoint: Equatable, Sendable {
  /// The completed updates after which it pauses.
  package var step: Int
  /// The rule.
  package var rule: EarlyRule

  package init(step: Int, rule: EarlyRule) {
    self.step = step
    self.rule = rule
  }
}

/// One run of one recipe with one set of seeds.
package struct Trial: Equatable, Sendable {
  /// The content hash of everything that can change a journaled byte: 16 hexadecimal digits.
  package var identifier: String
  /// The content hash of the same without the seeds.
  package var configurationIdentifier: String
  /// The variant's key in the sweep file.
  package var variant: String
  /// The variant's label for tables; its key where none is given.
  package var label: String
  /// The resolved configuration, its paths made absolute.
  package var configuration: TrialConfiguration
  /// The seeds.
  package var seeds: TrialSeeds
  /// Trials of fewer steps for which this one leaves its state on its way: all that each of them does, this one does first.
  package var shorterTrials: [ShorterTrial] = []
  /// Where the trial pauses; nil where it makes all its steps.
  package var pause: PausePoint?

  package init(
    identifier: String, configurationIdentifier: String, variant: String, label: String,
    configuration: TrialConfiguration, seeds: TrialSeeds
  ) {
    self.identifier = identifier
    self.configurationIdentifier = configurationIdentifier
    self.variant = variant
    self.label = label
    self.configuration = configuration
    self.seeds = seeds
  }
}
