// correction_factor.csv and step_mass.csv: what Adam's bias correction multiplies each step by, and what that adds up to
// over the runs of each recipe. Numbers of the sweep alone; no weights are read.

import Reports
import Storage
import Tables
import Training
import Trials

/// The tables of the correction factor.
package enum CorrectionTables {
  /// Writes f(t) = sqrt(1 - beta2^t) / (1 - beta1^t) and its reciprocal, by which an uncorrected step is too large, for each
  /// pair of betas of the runs and each step of the longest; and for each configuration the share of an uncorrected run's
  /// steps that a corrected run makes, sum(s f) / sum(s) with the schedule's factors s.
  ///
  /// - Throws: `FileError`.
  package static func write(_ runs: [JudgedRun], to folder: RunFolder) throws {
    let factors = try CSVFile(
      path: folder.path(of: .correctionFactor), columns: ["beta1", "beta2", "step", "factor", "overstep"])
    let masses = try CSVFile(
      path: folder.path(of: .stepMass),
      columns: [
        "configuration_id", "variant", "task", "bias_correction", "match_step_mass", "learning_rate", "beta1", "beta2",
        "step_count", "step_mass",
      ])
    var lengths: [(betas: [Double], stepCount: Int)] = []
    var seen: Set<String> = []
    for run in runs where run.isCompleted {
      let (optimizer, stepCount) = (run.trial.configuration.optimizer, run.outcome.stepCount)
      let betas = [optimizer.beta1, optimizer.beta2]
      if let place = lengths.firstIndex(where: { $0.betas == betas }) {
        lengths[place].stepCount = max(lengths[place].stepCount, stepCount)
      } else {
        lengths.append((betas, stepCount))
      }
      guard seen.insert(run.trial.configurationIdentifier).inserted else { continue }
      // The run's own length stands for the number of examples.
      var configuration = run.trial.configuration
      configuration.training.maximumSteps = stepCount
      let schedule = LearningRateSchedule(configuration, exampleCount: 1)
      try masses.write([
        .text(run.trial.configurationIdentifier), .text(run.trial.variant), .text(configuration.task.name),
        .flag(optimizer.biasCorrection), .flag(optimizer.matchesStepMass), .number(optimizer.learningRate),
        .number(optimizer.beta1), .number(optimizer.beta2), .integer(stepCount),
        .number(StepMass.ratio(optimizer, schedule, stepCount: stepCount)),
      ])
    }
    for (betas, stepCount) in lengths {
      for step in stride(from: 1, through: stepCount, by: 1) {
        let factor = Optimizer.biasCorrection(beta1: betas[0], beta2: betas[1], update: step)
        try factors.write([
          .number(betas[0]), .number(betas[1]), .integer(step), .number(factor), .number(1 / factor),
        ])
      }
    }
    for file in [factors, masses] { try file.finish() }
  }
}
