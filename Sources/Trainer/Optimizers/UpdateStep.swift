// One update of the weights from one step's gradients: the scheduled rate, clipping by the norms, the optimizer. It is the
// same for fine-tuning and pre-training; what a step's loss is and what is recorded is theirs.

import Schedules
import Transformer
import Trials

/// What every update of a training run shares.
package struct UpdateStep {
  package let optimizer: Optimizer
  package let schedule: LearningRateSchedule
  /// The rate that the schedule's factors multiply.
  package let peakRate: Double

  package init(optimizer: Optimizer, schedule: LearningRateSchedule, peakRate: Double) {
    self.optimizer = optimizer
    self.schedule = schedule
    self.peakRate = peakRate
  }

  /// Makes the update that follows `completed` updates, and returns its learning rate.
  package func make(
    _ parameters: UnsafeMutableBufferPointer<Float>, gradients: GradientArena, norms: GradientNorms, completed: Int
  ) -> Double {
    let specification = optimizer.specification
    let learningRate = peakRate * schedule.factor(completed: completed)
    optimizer.update(
      parameters, gradients: gradients, learningRate: learningRate,
      scaling: GradientScaling(
        norms, clip: specification.appliedClip, maximumNorm: specification.maximumGradientNorm))
    return learningRate
  }
}
