// One trial in, one result out. A trainer belongs to one thread of one process and keeps what trials share (encoded
// texts, open model folders, memory) between them; it knows neither the farm nor the journal, and no trial can
// change what the next one computes.

import Foundation
import Kernels
import Trials

/// What a trial gave: the outcome, which its configuration and seeds determine, and the timing, which they do not.
package struct TrialResult: Equatable, Sendable {
  /// What the trial's bytes determine.
  package var outcome: Outcome
  /// Seconds, host and rank.
  package var timing: TrialTiming

  /// A result with both parts.
  package init(outcome: Outcome, timing: TrialTiming) {
    self.outcome = outcome
    self.timing = timing
  }
}

/// Where a trial stands.
package struct TrialProgress: Equatable, Sendable {
  /// What is computed next.
  package enum Phase: Sendable {
    /// Reading files and weights.
    case preparing
    /// A training step.
    case training
    /// A batch of an evaluation.
    case evaluating
  }

  /// What is computed next.
  package var phase: Phase
  /// Completed updates.
  package var step: Int
  /// Updates of the whole run; 0 while preparing.
  package var stepCount: Int

  package init(phase: Phase, step: Int, stepCount: Int) {
    self.phase = phase
    self.step = step
    self.stepCount = stepCount
  }
}

/// Whether a trial goes on.
package enum ProgressAnswer: Sendable {
  /// Go on.
  case proceed
  /// Stop here: the trial's status becomes `preempted`.
  case stop
  /// Go on with a weight that is not a number, to see what follows.
  case spoil
}

/// Where a trainer runs and where its trials' files go.
package struct TrainerContext: Equatable, Sendable {
  /// The name of the host.
  package var host: String
  /// The MPI rank.
  package var rank: Int
  /// Where files beside the outcome go.
  package var folders: TrialFolders
  /// Threads that compute a trial.
  package var threadCount: Int
  /// When and where trials are kept while they train; nil for never.
  package var checkpoints: CheckpointPolicy?

  package init(
    host: String, rank: Int, folders: TrialFolders = TrialFolders(), threadCount: Int = 1,
    checkpoints: CheckpointPolicy? = nil
  ) {
    self.host = host
    self.rank = rank
    self.folders = folders
    self.threadCount = threadCount
    self.checkpoints = checkpoints
  }

  /// Tells this process from others that write into the same folders.
  var owner: String { "\(host).\(rank).\(ProcessInfo.processInfo.processIdentifier)" }
}

/// Trains trials one after another.
package final class Trainer {
  /// Raised by every version whose trials round differently from those of the one before.
  package static let arithmeticRevision = 2

  /// Where it runs; the number of threads stays what it was at first.
  package var context: TrainerContext
  private let cache: ResourceCache

  /// A trainer over what a process has read.
  package init(context: TrainerContext, readings: ResourceReader = ResourceReader()) {
    self.context = context
    cache = ResourceCache(readings, threadCount: context.threadCount)
  }

  /// Reads what the trials of a configuration need, so that the first of them finds it there. What stands in the way here
  /// does so again, and is said, in the trial.
  package func prepare(for configuration: TrialConfiguration) { try? cache.prepare(for: configuration) }

  /// Trains one trial from its first step or from its checkpoint, with the same outcome. Nothing is thrown: what stops a
  /// trial is part of its outcome.
  ///
  /// - Parameters:
  ///   - trial: the trial.
  ///   - progress: called before every training step and every batch of an evaluation; may stop the trial, which then
  ///     writes a checkpoint.
  ///   - watch: called within every training step as it passes each part.
  ///   - stops: called with the outcome so far at the trial's pause, if it has one; says whether the trial stops there, which then
  ///     writes a checkpoint.
  ///   - notice: called with a sentence about a checkpoint that could not be used or written; the trial goes on.
  package func run(
    _ trial: Trial, progress: (TrialProgress) -> ProgressAnswer = { _ in .proceed },
    watch: (StepEvent) -> Void = { _ in }, stops: (Outcome) -> Bool = { _ in true },
    notice: @escaping (String) -> Void = { _ in }
  ) -> TrialResult {
    let clock = ContinuousClock()
    let start = clock.now
    var trainingTime = Duration.zero
    var takenStepCount: Int?
    var keptStepCount: Int?
    var outcome = Outcome(status: .crashed, metric: trial.configuration.task.reportedMetric)
    do {
      guard progress(TrialProgress(phase: .preparing, step: 0, stepCount: 0)) == .proceed else { throw Preemption() }
      let resources = try cache.resources(
        trial.configuration, initializationSeed: trial.seeds.initialization)
      let run = try TrainingRun(trial, resources: resources, context: context)
      try run.resume(notice: notice)
      takenStepCount = run.takenStepCount
      keptStepCount = run.step > 0 ? run.step : nil
      defer { trainingTime = run.trainingTime }
      outcome = try run.outcome(progress: progress, watch: watch, stops: stops)
    } catch is Preemption {
      outcome.status = .preempted
    } catch {
      outcome.message = "\(error)"
    }
    var timing = TrialTiming(
      trainingSeconds: trainingTime.seconds, totalSeconds: (clock.now - start).seconds, host: context.host,
      rank: context.rank)
    timing.takenStepCount = takenStepCount
    timing.keptStepCount = keptStepCount
    return TrialResult(outcome: outcome, timing: timing)
  }
}

/// Thrown inside a run when the progress callback says stop.
struct Preemption: Error {}

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
