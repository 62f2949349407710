// The farm's cost a trial: trials that train nothing go through the real leader, as the bytes that real ones travel as,
// into a real journal that is synced for every group. The folder it leaves is one that `seedsweep summarize` reads, so it also
// makes folders of any size.

import Farm
import Files
import Foundation
import JSON5
import Storage
import Trials

/// What some empty trials cost.
struct EmptyTrialsCost: Sendable {
  /// Trials handed out and answered.
  var trialCount: Int
  /// Ranks, the leader's among them.
  var rankCount: Int
  /// Seconds from the first rank's hello to the last rank's farewell.
  var seconds: Double
  /// Seconds of processor time of the leader's thread.
  var leaderSeconds: Double
  /// Groups of records that were synced.
  var groupCount: Int

  /// Trials a second.
  var trialsPerSecond: Double { Double(trialCount) / seconds }
}

/// A sweep whose trials take no time.
struct EmptyTrials: Sendable {
  private let plan: SweepPlan

  /// The trials of `recipeCount` recipes with `seedCount` seeds each.
  init(recipeCount: Int, seedCount: Int) throws {
    let configurations = (1...recipeCount).map { index in
      var configuration = TrialConfiguration()
      configuration.optimizer.learningRate = Double(index) / 1e6
      return PlannedConfiguration(
        variant: "default", label: "default", configuration: configuration,
        axisValues: [AxisValue(key: "optimizer.learning_rate", text: "\(configuration.optimizer.learningRate)")],
        identifier: String(format: "%016llx", UInt64(index) &* 0x9E37_79B9_7F4A_7C15))
    }
    plan = try SweepPlan(
      name: "empty trials", configurations: configurations,
      seeds: (1...UInt64(seedCount)).map { TrialSeeds(tied: $0) })
  }

  /// Plays this rank's part of a run into a new folder and answers on rank 0 with what it cost; every rank calls it.
  ///
  /// - Throws: `FileError`, `RunFolderError` for a folder that holds something else.
  func run(on transport: some Transport, folder path: String) throws -> EmptyTrialsCost? {
    let host = ProcessInfo.processInfo.hostName
    let rank = transport.rank
    let worker = Worker(identity: Array(host.utf8)) {
      { assignment in
        let trial = try Trial(json: String(decoding: assignment.payload, as: UTF8.self))
        let timing = TrialTiming(trainingSeconds: 0.0025, totalSeconds: 0.00475, host: host, rank: rank)
        return Product(
          result: Array(Self.outcome(of: trial).encodedJSON().utf8), remark: Array(timing.encodedJSON().utf8))
      }
    }
    guard rank == 0 else {
      try worker.serve(on: transport)
      return nil
    }
    let folder = RunFolder(path)
    try folder.create()
    let ledger = EmptyTrialsLedger(plan: plan, folder: folder, host: host)
    let watches = (Stopwatch(CLOCK_MONOTONIC), Stopwatch(CLOCK_THREAD_CPUTIME_ID))
    let jobs = Array(repeating: Job(), count: plan.trials.count)
    var policy = Leader.Policy()
    policy.prefetchCount = Leader.Policy.shortJobPrefetchCount
    _ = try Leader(jobs: jobs, transport: transport, worker: worker, owner: .init(journal: ledger), policy: policy)
      .run()
    let cost = EmptyTrialsCost(
      trialCount: jobs.count, rankCount: transport.size, seconds: watches.0.seconds,
      leaderSeconds: watches.1.seconds, groupCount: ledger.groupCount)
    try ledger.finish()
    return cost
  }

  /// An outcome like a real one of three epochs, numbers with all their digits drawn from the trial's seed.
  private static func outcome(of trial: Trial) -> Outcome {
    var bits = trial.seeds.order &* 0x9E37_79B9_7F4A_7C15
    func number(_ scale: Double) -> Double {
      bits = (bits ^ bits >> 29) &* 0xBF58_476D_1CE4_E5B9
      return scale * Double(bits >> 11) * 0x1p-53
    }
    let (exampleCount, positiveCount) = (500, 260)
    var outcome = Outcome(status: .completed, metric: .accuracy)
    for epoch in 1...3 {
      let correct = positiveCount + Int(number(220)) - 10
      let wrong = exampleCount - correct
      let accuracy = Double(correct) / Double(exampleCount)
      outcome.evaluations.append(
        Evaluation(
          step: 125 * epoch, epoch: Double(epoch), value: accuracy, valueA: accuracy, valueB: accuracy,
          loss: number(1), accuracy: accuracy, f1: number(1), matthews: number(1), correctCount: correct,
          confusion: [[correct / 2, wrong / 2], [wrong - wrong / 2, correct - correct / 2]]))
    }
    outcome.curve = [10, 375].flatMap { step in
      ["loss", "learning_rate", "gradient_norm", "mean_prediction", "accuracy"].map {
        CurvePoint(step: step, epoch: Double(step) / 125, quantity: $0, value: number(1))
      }
    }
    outcome.stepCount = 375
    outcome.trainLossFinal = number(1)
    outcome.trainLossFull = number(1)
    outcome.majorityCount = positiveCount
    outcome.evaluationCount = exampleCount
    outcome.chanceLoss = 0.6911927820032008
    outcome.distanceFromPretrained = number(1)
    outcome.weightsDigest = String(repeating: trial.identifier, count: 4)
    return outcome
  }
}

/// Journals as a run's ledger does.
private final class EmptyTrialsLedger: JobJournal {
  private let plan: SweepPlan
  private let folder: RunFolder
  private let host: String
  private let journal: RunJournal
  private(set) var groupCount = 0

  init(plan: SweepPlan, folder: RunFolder, host: String) {
    self.plan = plan
    self.folder = folder
    self.host = host
    journal = RunJournal(
      path: folder.journal, epoch: 1, fingerprint: "", attempts: Array(repeating: 0, count: plan.trials.count),
      identifier: { plan.trialIdentifier(at: $0) })
  }

  func wants(job: Int) -> Bool { true }
  func released() -> [Int] { [] }
  func record(loss: Loss, of handOut: HandOut, seconds: Double, isFinal: Bool) {}

  func payload(of job: Int) -> [UInt8] { Array(plan.trials[job].encodedJSON().utf8) }

  func record(handOut: HandOut) { journal.handOut(job: handOut.job, rank: handOut.rank, host: host) }

  func record(returned handOut: HandOut) { journal.takeBack(job: handOut.job, rank: handOut.rank, host: host) }

  func record(answer: Answer, isFinal: Bool) throws {
    switch answer.content {
    case .finished(let result, let remark):
      let trialAnswer = try TrialAnswer(result: result, remark: remark)
      journal.finish(job: answer.handOut.job, trialAnswer, fingerprint: "")
    case .crashed(let message):
      throw CodecError(message)
    case .interrupted, .paused: break
    }
  }

  func commit() throws {
    if !journal.hasBegun {
      try journal.begin(
        RunStart(
          time: Date().timeIntervalSince1970, planDigest: "empty", version: "empty", fingerprint: "", rankCount: 1)
      ) { try WholeFile.write(plan.encodedJSON(), to: folder.sweep) }
    }
    groupCount += 1
    try journal.commit()
  }

  /// Ends the run as a leader does, tables aside.
  func finish() throws {
    try journal.end(RunEnd(time: Date().timeIntervalSince1970, ending: .complete))
    var status = StatusReport()
    status.sweep = plan.name
    status.ending = .complete
    status.plannedCount = plan.trials.count
    status.completedCount = plan.trials.count
    status.startTime = Date().timeIntervalSince1970
    status.updateTime = status.startTime
    try status.write(to: folder)
  }
}

/// Seconds that passed on a clock since it was started.
struct Stopwatch {
  private let clock: clockid_t
  private let start: Double

  init(_ clock: clockid_t) {
    self.clock = clock
    start = Self.now(clock)
  }

  var seconds: Double { Self.now(clock) - start }

  private static func now(_ clock: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
