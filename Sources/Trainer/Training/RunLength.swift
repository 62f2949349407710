// How long a run is and when it is evaluated, for one number of training examples. The arithmetic is Trials'; here it
// is asked once and kept.

import Trials

/// The steps of a run.
package struct RunLength: Equatable, Sendable {
  /// Batches in a pass over the training examples; the last may be smaller.
  package let stepsPerEpoch: Int
  /// Updates of the run.
  package let stepCount: Int
  /// The completed updates after which the dev set is evaluated; the last step is among them, step 0 is not.
  package let evaluationSteps: EvaluationSteps

  /// The length of a configuration's run over `exampleCount` training examples.
  package init(_ configuration: TrialConfiguration, exampleCount: Int) {
    stepsPerEpoch = configuration.stepsPerEpoch(exampleCount: exampleCount)
    stepCount = configuration.stepCount(exampleCount: exampleCount)
    evaluationSteps = configuration.evaluationSteps(exampleCount: exampleCount)
  }

  /// Passes over the training examples after `step` updates.
  package func epoch(atStep step: Int) -> Double { Double(step) / Double(stepsPerEpoch) }
}
