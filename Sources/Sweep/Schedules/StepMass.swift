// How far a run's steps reach in sum, with Adam's bias correction against without (arXiv 2006.04884, its appendix on BERTAdam):
// a run without it at the matched rate answers whether the correction is just a smaller rate.

import Trials

/// The sums of a run's rates.
package enum StepMass {
  /// sum(s f) / sum(s) over the run's updates t = 1, 2, ..., s being the schedule's factor and f(t) the correction
  /// sqrt(1 - beta2^t) / (1 - beta1^t): what a run without bias correction must multiply its rate by for its steps to sum
  /// to the corrected run's. 1 for a run whose schedule is zero throughout.
  package static func ratio(_ optimizer: OptimizerSpecification, _ schedule: LearningRateSchedule, stepCount: Int)
    -> Double
  {
    var (corrected, whole) = (0.0, 0.0)
    var corrections = BiasCorrections(beta1: optimizer.beta1, beta2: optimizer.beta2)
    for update in stride(from: 1, through: stepCount, by: 1) {
      let factor = schedule.factor(completed: update - 1)
      whole += factor
      corrected += factor * corrections.factor(update: update)
    }
    return whole > 0 ? corrected / whole : 1
  }
}
