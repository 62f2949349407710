// What a rank does with a job: it gets a trial as text and returns an outcome and a timing as text. It knows neither the sweep
// nor the other ranks, and writes only the trial's own files.

import Console
import EarlyStops
import ExternalPrograms
import Farm
import Faults
import Foundation
import Host
import Storage
import Training
import Trials

/// A trial that ended without a result.
struct TrialCrash: Error, CustomStringConvertible {
  let description: String
}

/// Makes a rank's worker.
package enum TrialExecution {
  /// A worker that trains the trials that it is given.
  ///
  /// - Parameter node: The machine of a rank that does not lead; nil for the leader's own worker.
  static func worker(
    _ identity: RankIdentity, _ trainer: TrainerFuture, _ options: RunOptions, rankCount: Int, node: Node? = nil
  ) -> Worker {
    Worker(identity: identity.encoded) {
      let trainer = trainer.take()
      let files = node.map { RankFiles($0, trainer.context, options) }
      var programs = ProgramExecutor(
        ProgramSite(
          host: trainer.context.host, root: RunFolder(options.output).programs,
          environment: ProcessInfo.processInfo.environment), rank: trainer.context.rank)
      var isFirst = true
      return { assignment in
        defer { isFirst = false }
        let reporter = ProgressReporter(assignment, rankCount: rankCount, stallSeconds: options.stallSeconds)
        let trial = try Trial(json: String(decoding: assignment.payload, as: UTF8.self))
        do {
          guard trial.configuration.hasProgram else {
            return try perform(trial, assignment, with: trainer, files, options, reporter, isFirst: isFirst)
          }
          if let files { programs.site.root = try files.programs(assignment) }
          programs.attempt = ProgramAttempt(run: assignment.epoch, number: assignment.attempt)
          return try perform(trial, assignment, with: programs, files, options, reporter, isFirst: isFirst)
        } catch let error where isOfFullDisk(error, node, options) {
          throw Interruption(remark: TrialReport.fullDisk("\(error)").encoded)
        }
      }
    }
  }

  /// Whether a trial came to nothing because a disk takes no more that is the leader's machine's or has the output folder.
  /// What another machine has to itself keeps no other one from training: its trials are tried elsewhere.
  static func isOfFullDisk(_ error: any Error, _ node: Node?, _ options: RunOptions) -> Bool {
    if error is Interruption || error is Pause { return false }
    let message = "\(error)"
    guard FullDisk.isCause(ofCrash: message) else { return false }
    let isHere = node?.leader.map { $0.machine.host == MachineIdentity.current.host } ?? true
    // The folder's path may also be the end of another one's.
    return isHere
      || message.ranges(of: RunFolder(options.output).path + "/").contains { range in
        range.lowerBound == message.startIndex || " '\"".contains(message[message.index(before: range.lowerBound)])
      }
  }

  /// The worker of a rank that does not lead. It reads the files of the sweep's first trial while the leader checks the sweep.
  package static func follower(rank: Int, of rankCount: Int, options: RunOptions, node: Node) -> Worker {
    var identity = RankIdentity.current(threadCount: options.threads, fingerprint: "")
    // The leader reports what is wrong with the sweep. If all files come from the leader, there is nothing to read ahead.
    let first = options.sharesNoFiles ? nil : (try? SweepSource(options))?.firstConfiguration
    identity.fingerprint = NumericsPolicy.fingerprint(for: first)
    let trainer = TrainerFuture(context(rank: rank, identity: identity, options), readings: ResourceReader())
    if !options.sharesNoFiles { trainer.begin(with: first) }
    return worker(identity, trainer, options, rankCount: rankCount, node: node)
  }

  /// Where a rank's trials run and put their files: under the output folder.
  static func context(rank: Int, identity: RankIdentity, _ options: RunOptions) -> TrainerContext {
    let folder = RunFolder(options.output)
    let checkpoints = CheckpointPolicy(
      folder: folder.checkpoints, everySeconds: options.checkpointSeconds, numerics: identity.fingerprint)
    let folders = TrialFolders(
      predictions: folder.path + "/predictions", testPredictions: folder.path + "/test_predictions",
      devSetPredictions: folder.path + "/dev_set_predictions", gradientNorms: folder.gradientNormFiles,
      weights: options.keepsWeights ? folder.path + "/weights" : nil, prefixLength: RunFolder.prefixLength)
    return TrainerContext(
      host: identity.host, rank: rank, folders: folders, threadCount: options.threads,
      checkpoints: options.checkpointSeconds > 0 ? checkpoints : nil)
  }

  private static func perform(
    _ trial: Trial, _ assignment: Assignment, with executor: some TrialExecutor, _ files: RankFiles?,
    _ options: RunOptions, _ progress: ProgressReporter, isFirst: Bool
  ) throws -> Product {
    var trial = trial
    var remarks: [String] = []
    if let files {
      remarks = try files.locate(&trial, assignment)
      try executor.prepare(trial, files, assignment)
    }
    var startup: Double?
    var reporter = progress
    var fault = TrialFault(
      options.injection, trial: trial.identifier, run: assignment.epoch, attempt: assignment.attempt,
      checkpoint: executor.checkpoint(ofTrial: trial.identifier) ?? "")
    var result = executor.run(trial) { progress in
      if isFirst, startup == nil, progress.phase == .training { startup = ProcessIdentity.secondsSinceStart() }
      reporter.note(progress)
      if progress.phase == .training, !remarks.isEmpty {
        for remark in remarks { assignment.report(TrialReport.notice(remark).encoded) }
        remarks = []
      }
      return assignment.isInterrupted ? .stop : fault?.strike(progress) ?? .proceed
    } stops: {
      trial.stops($0)
    } notice: {
      assignment.report(TrialReport.notice($0).encoded)
    }
    result.timing.startupSeconds = startup
    result.timing.fault = fault?.outcomeFault
    if let files { try executor.sendToLeader(trial, result.outcome.status, files, assignment) }
    let interruption = TrialReport.interruption(step: reporter.step, kept: result.timing.keptStepCount ?? 0)
    if result.outcome.status == .preempted { throw Interruption(remark: interruption.encoded) }
    let product = Product(
      result: Array(result.outcome.encodedJSON().utf8), remark: Array(result.timing.encodedJSON().utf8))
    if result.outcome.status == .stopped { throw Pause(product) }
    guard result.outcome.status.isResult else {
      throw TrialCrash(description: result.outcome.message ?? "the trial ended as \(result.outcome.status.rawValue)")
    }
    return product
  }
}
