// What runs a trial on a rank: our own trainer, or a program of the user's own. Whoever hands out trials and takes outcomes does
// not know which of them did.

import ExternalPrograms
import Farm
import Foundation
import Host
import Training
import Trials

/// Runs one trial after another.
protocol TrialExecutor {
  /// Makes ready what a trial needs where the files come from the leader.
  func prepare(_ trial: Trial, _ files: RankFiles, _ assignment: Assignment) throws

  /// The file that keeps a trial under way; nil where there is none.
  func checkpoint(ofTrial trial: String) -> String?

  /// Runs a trial to its end, until `progress` says stop, or to its pause if `stops` says so.
  func run(
    _ trial: Trial, progress: (TrialProgress) -> ProgressAnswer, stops: (Outcome) -> Bool,
    notice: @escaping (String) -> Void
  ) -> TrialResult

  /// Sends the leader what a trial left, where the leader's folder is not seen.
  func sendToLeader(_ trial: Trial, _ status: TrialStatus, _ files: RankFiles, _ assignment: Assignment) throws
}

extension Trainer: TrialExecutor {
  func prepare(_ trial: Trial, _ files: RankFiles, _ assignment: Assignment) throws {
    context = try files.context(of: trial, assignment)
  }

  func checkpoint(ofTrial trial: String) -> String? { context.checkpoints?.path(ofTrial: trial) }

  func run(
    _ trial: Trial, progress: (TrialProgress) -> ProgressAnswer, stops: (Outcome) -> Bool,
    notice: @escaping (String) -> Void
  ) -> TrialResult { run(trial, progress: progress, watch: { _ in }, stops: stops, notice: notice) }

  func sendToLeader(_ trial: Trial, _ status: TrialStatus, _ files: RankFiles, _ assignment: Assignment) throws {
    try files.sendToLeader(trial, status, assignment)
  }
}

/// Runs trials by a program of the user's own.
struct ProgramExecutor: TrialExecutor {
  /// Where programs run.
  var site: ProgramSite
  /// The attempt that the next trial belongs to; nil outside a run.
  var attempt: ProgramAttempt?
  private let rank: Int

  init(_ site: ProgramSite, rank: Int) {
    self.site = site
    self.rank = rank
  }

  func prepare(_ trial: Trial, _ files: RankFiles, _ assignment: Assignment) throws {}

  func checkpoint(ofTrial trial: String) -> String? { nil }

  func run(
    _ trial: Trial, progress: (TrialProgress) -> ProgressAnswer, stops: (Outcome) -> Bool,
    notice: @escaping (String) -> Void
  ) -> TrialResult {
    let start = monotonicSeconds()
    var isStopped = progress(TrialProgress(phase: .preparing, step: 0, stepCount: 0)) == .stop
    var outcome = ProgramRunner(site, attempt: attempt).run(trial, isStopped: { isStopped }) { step, stepCount in
      let answer = progress(TrialProgress(phase: .training, step: step, stepCount: stepCount))
      isStopped = isStopped || answer == .stop
    } notice: {
      notice($0)
    }
    outcome.mayDiffer = outcome.status.isResult && !trial.configuration.program.isDeterministic
    let seconds = monotonicSeconds() - start
    return TrialResult(
      outcome: outcome,
      timing: TrialTiming(trainingSeconds: seconds, totalSeconds: seconds, host: site.host, rank: rank))
  }

  func sendToLeader(_ trial: Trial, _ status: TrialStatus, _ files: RankFiles, _ assignment: Assignment) throws {
    try files.sendToLeader(log: site.log(ofTrial: trial.identifier), assignment)
  }
}

/// Runs trials outside a sweep, to compare what they come to.
package struct RepeatedTrials {
  private let trainer: Trainer
  private let programs: ProgramExecutor

  /// Trials that some threads of this process compute.
  package init(threadCount: Int) {
    trainer = Trainer(context: TrainerContext(host: Machine.hostName(), rank: 0, threadCount: threadCount))
    programs = ProgramExecutor(
      ProgramSite(
        host: Machine.hostName(), root: NSTemporaryDirectory() + "seedsweep-verify-\(getpid())",
        environment: ProcessInfo.processInfo.environment), rank: 0)
  }

  /// What a trial comes to in the time that its recipe has.
  package func outcome(of trial: Trial) -> Outcome {
    let executor: any TrialExecutor = trial.configuration.hasProgram ? programs : trainer
    let end = monotonicSeconds() + (trial.configuration.program.timeoutSeconds ?? .infinity)
    var outcome = executor.run(
      trial, progress: { _ in monotonicSeconds() > end ? .stop : .proceed }, stops: { _ in false }, notice: { _ in }
    ).outcome
    if outcome.status == .preempted {
      outcome.status = .timeout
      outcome.message = "the program took longer than program.timeout"
    }
    return outcome
  }

  /// Removes the folders that programs ran in.
  package func removeFiles() { try? FileManager.default.removeItem(atPath: programs.site.root) }
}
