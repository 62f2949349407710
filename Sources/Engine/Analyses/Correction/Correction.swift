// The analysis `correction`: what Adam's bias correction multiplies each step by, and, for each recipe, the share of
// the uncorrected steps that remains (correction_factor.csv, step_mass.csv). Its numbers come from the sweep alone; it reads no
// weights.

import CommandLine
import Reports
import Schedules
import Storage
import Tables
import Training
import Trials
import UpdateRules

/// What bias correction multiplies steps by.
package struct Correction: Analysis {
  package static let name = "correction"
  package static let summary = "what bias correction multiplies steps by"
  package static let flags: [any FlagDeclaration] = []
  private static let factors = table("correction_factor", isJudged: false)
  private static let masses = table("step_mass", isJudged: false)
  package static let tables = [factors, masses]

  package init(_ given: Given) {}

  package func perform(_ work: AnalysisWork) throws {
    try Self.write(work.trials, to: work.output)
    work.report(Self.tables)
  }

  /// A row of correction_factor.csv.
  private struct Step {
    var betas: Betas
    var step: Int

    var factor: Double { Adam.biasCorrection(beta1: betas.first, beta2: betas.second, update: step) }
  }

  private struct Betas: Hashable {
    var first: Double
    var second: Double

    init(_ optimizer: OptimizerSpecification) { (first, second) = (optimizer.beta1, optimizer.beta2) }
  }

  private static let stepColumns: [Column<Step>] = [
    Column("beta1", "Adam's decay of the first moment.", role: .key) { .number($0.betas.first) },
    Column("beta2", "Adam's decay of the second moment.", role: .key) { .number($0.betas.second) },
    Column("step", "The update t, counted from 1.", role: .key) { .integer($0.step) },
    Column(
      "factor", "What bias correction multiplies the step by.", .note("sqrt(1 - beta2^t) / (1 - beta1^t)")
    ) { .number($0.factor) },
    Column("overstep", "How much too large the step is without the correction, 1 / `factor`.") {
      .number(1 / $0.factor)
    },
  ]

  private static let massColumns: [Column<JudgedTrial>] =
    JudgedTrial.configurationColumns + [
      Column("bias_correction", "Whether the runs correct Adam's bias.") {
        .flag($0.trial.configuration.optimizer.biasCorrection)
      },
      Column("match_step_mass", "Whether the runs scale their steps to the mass of corrected ones.") {
        .flag($0.trial.configuration.optimizer.matchesStepMass)
      },
      Column("learning_rate", "The highest learning rate.") { .number($0.trial.configuration.optimizer.learningRate) },
      Column("beta1", "Adam's decay of the first moment.") { .number($0.trial.configuration.optimizer.beta1) },
      Column("beta2", "Adam's decay of the second moment.") { .number($0.trial.configuration.optimizer.beta2) },
      Column("step_count", "The updates of a run.") { .integer($0.outcome.stepCount) },
      Column(
        "step_mass_ratio", "The share of an uncorrected run's steps that a corrected run makes.",
        .note("sum(s f) / sum(s) with the schedule's factors s and the correction's f")
      ) { .number(stepMass($0)) },
    ]

  /// The tables as their reference describes them.
  package static let references = [
    TableReference(
      "correction_factor.csv",
      "One row for each pair of betas and step: the factor of Adam's bias correction. Written by "
        + "`analyze correction`.", stepColumns),
    TableReference(
      "step_mass.csv",
      "One row for each configuration: the share of an uncorrected run's steps that a corrected run makes. "
        + "Written by `analyze correction`.",
      massColumns),
  ]

  /// Writes both tables. The first has f(t) = sqrt(1 - beta2^t) / (1 - beta1^t) for each pair of betas and each step t of the
  /// longest run, and 1 / f(t), the factor by which an uncorrected step is too large. The second has, for each configuration,
  /// the share of an uncorrected run's steps that a corrected run makes: sum(s f) / sum(s) with the schedule's factors s.
  ///
  /// - Throws: `FileError`.
  package static func write(_ runs: [JudgedTrial], to folder: RunFolder) throws {
    let completed = runs.filter(\.isCompleted)
    let allBetas = completed.map { Betas($0.trial.configuration.optimizer) }
    let lengths = Dictionary(zip(allBetas, completed.map(\.outcome.stepCount)), uniquingKeysWith: max)
    let steps = allBetas.uniqued().flatMap { betas in
      stride(from: 1, through: lengths[betas] ?? 0, by: 1).map { Step(betas: betas, step: $0) }
    }
    try stepColumns.write(steps, to: folder.path(of: Self.factors))
    var seen: Set<String> = []
    let first = completed.filter { seen.insert($0.trial.configurationIdentifier).inserted }
    try massColumns.write(first, to: folder.path(of: Self.masses))
  }

  private static func stepMass(_ run: JudgedTrial) -> Double {
    let configuration = run.trial.configuration
    let schedule = LearningRateSchedule(
      configuration.schedule, stepCount: run.outcome.stepCount, configuration.training.arithmetic)
    return StepMass.ratio(configuration.optimizer, schedule, stepCount: run.outcome.stepCount)
  }
}
