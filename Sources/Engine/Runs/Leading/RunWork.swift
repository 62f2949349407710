// What a run has to do: the trials of a plan that have no result yet, in the order in which they are handed out. It is fixed
// before the first hand-out; `RunTally` counts the progress.

import Arithmetics
import CommandLine
import Digests
import ExternalPrograms
import Farm
import Faults
import Foundation
import Pages
import Reports
import Schedules
import Storage
import Training
import Trials

/// The trials that a run has to do, with the plan and the folder that they belong to.
struct RunWork {
  let sweep: PreparedSweep
  let folder: RunFolder
  /// Tables of other commands there, which become stale when the reported trials change.
  let derivedTables: [DerivedTable]
  /// How the folder's tables judge runs.
  let judgement: TableOptions
  /// When the folder's page is written.
  let page: RunPage
  /// What the journal held when the run began.
  let index: JournalIndex
  /// The trials that were asked for.
  let part: PlanPart
  /// The progress of the recipes that may stop early; nil if none may.
  let sequential: SequentialProgress?
  /// The indices in plan order of the trials to run. A job of the farm is an index into this array.
  let trials: [Int]
  /// Which of them come by the end of others; nil where each is to make all its steps.
  private let sharedSteps: SharedSteps?
  /// How many trials have a result already.
  let reuse: ReuseReport
  /// The text of sweep.json.
  let planText: String
  /// Whether a recipe of the plan is computed by OpenBLAS, whose bits are the rank's.
  let usesOpenBLAS: Bool

  /// The trials of a sweep that the options ask for and that have no result.
  ///
  /// - Throws: a `Refusal` for trials to try again that are unknown or have a result; `FileError`, `CodecError` for a journal
  ///   that cannot be read.
  init(
    _ sweep: PreparedSweep, in folder: RunFolder, _ index: JournalIndex, _ options: RunOptions, rankCount: Int = 1
  ) throws {
    let plan = sweep.plan
    let sequential = try SequentialProgress(plan, from: index)
    var reuse = try folder.reuse(
      of: index, by: plan.trials.indices.lazy.map { plan.trialIdentifier(at: $0) }, files: sweep.files.known)
    var part = options.part
    if options.retries != nil { part.shard = try ShardCheck.recorded(in: folder.path) }
    let wanted = sweep.trialIndices(of: part).filter { sequential?.counts($0) ?? true }
    var missing = wanted.filter { index[plan.trialIdentifier(at: $0)]?.hasResult != true }
    reuse.plannedCount = wanted.count
    reuse.reusedCount = wanted.count - missing.count
    if let retries = options.retries {
      let chosen = try retries.indices(in: plan, index)
      missing.removeAll { !chosen.contains($0) }
    }
    self.sweep = sweep
    self.folder = folder
    derivedTables = options.derivedTables
    judgement = TableOptions(of: folder).named(for: plan)
    page = RunPage(isAlways: options.writesPageMeanwhile)
    self.index = index
    self.sequential = sequential
    self.reuse = reuse
    self.part = part
    let shared = options.sharesSteps ? SharedSteps(plan, exampleCounts: sweep.costs.map(\.exampleCount)) : nil
    sharedSteps = shared
    let longestFirst = sweep.longestFirst(missing, before: sequential)
    // Ranks hold a few trials ahead.
    trials = shared?.ordered(longestFirst, distance: 4 * rankCount) ?? longestFirst
    planText = plan.encodedJSON()
    usesOpenBLAS =
      sweep.program == nil && plan.configurations.contains { $0.configuration.training.arithmetic == .openblas }
  }

  var plan: SweepPlan { sweep.plan }

  /// Where the programs of trials run, as the leader sees it.
  var programs: ProgramSite { ProgramSite(host: "", root: folder.programs, environment: [:]) }

  /// What the journal says of the numerics of a run that a rank leads: the rank's own where OpenBLAS takes part.
  func fingerprint(of rank: RankIdentity) -> String {
    if sweep.program != nil { return NumericsPolicy.ofPrograms }
    if usesOpenBLAS { return rank.fingerprint }
    let roundsOperands = plan.configurations.contains { $0.configuration.training.precision == .bfloat16 }
    return PortableNumerics(roundsOperands: roundsOperands).description
  }

  /// What the journal says of the numerics of a job's result, computed on a rank.
  func fingerprint(ofJob job: Int, on rank: RankIdentity) -> String {
    fingerprint(of: plan.configurations[plan.configurationIndex(trialIndex: trials[job])], on: rank)
  }

  private func fingerprint(of planned: PlannedConfiguration, on rank: RankIdentity) -> String {
    sweep.program == nil ? planned.configuration.numerics(of: rank.fingerprint) : NumericsPolicy.ofPrograms
  }

  /// What the journal says of the start of a run that does this work.
  func start(_ leader: RankIdentity, rankCount: Int, _ options: RunOptions) -> RunStart {
    RunStart(
      time: Date().timeIntervalSince1970, planDigest: String(SHA256.hex(of: planText).prefix(16)),
      version: Version.current, fingerprint: fingerprint(of: leader), rankCount: rankCount,
      keepsWeights: options.keepsWeights, fault: options.injection?.outcomeFault)
  }

  func trial(ofJob job: Int) -> Trial { plan.trials[trials[job]] }

  /// The trials that had no result when the run began and that end on the way of a job's trial.
  func shorterTrials(ofJob job: Int) -> [ShorterTrial] {
    (sharedSteps?.shorterTrials(of: trials[job]) ?? []).compactMap { trial, stepCount in
      let identifier = plan.trialIdentifier(at: trial)
      return index[identifier]?.hasResult == true ? nil : ShorterTrial(identifier: identifier, stepCount: stepCount)
    }
  }

  func identifier(ofJob job: Int) -> String { plan.trialIdentifier(at: trials[job]) }

  /// What messages call the trial of a job.
  func title(ofJob job: Int) -> String { "trial \(identifier(ofJob: job)) (\(plan.trialTitle(at: trials[job])))" }

  /// The jobs of the farm: earlier crashes count, but a trial that used up its attempts gets new ones with a new run.
  /// A trial that was under way on rank 0 when a leader died goes to another rank, if there is one.
  func jobs(_ options: RunOptions) -> [Job] {
    let limits: [Double] = plan.configurations.map {
      options.trialSeconds ?? $0.configuration.program.timeoutSeconds ?? .infinity
    }
    return trials.map { trial in
      let history = index[plan.trialIdentifier(at: trial)]
      return Job(
        attemptCount: (history?.failedAttemptCount ?? 0) % options.attemptCap,
        avoidedRanks: history?.openRank == 0 ? [0] : [], isPaused: sequential?.early?.fate(trial) == .waiting,
        mostSeconds: limits[plan.configurationIndex(trialIndex: trial)])
    }
  }

  /// The job whose trial the last leader died at, which is one more attempt at it; nil where it died at none, and for trials that
  /// somebody asked to try again.
  func job(at fallen: FallenLeader, _ options: RunOptions) -> Int? {
    let trial = options.retries == nil ? index.trial(atDeathOf: fallen.epoch, in: folder) : nil
    return trial.flatMap { plan.trialIndex(identifier: $0) }.flatMap { trials.firstIndex(of: $0) }
  }

  /// The most bytes that a rank needs for any of the trials, beside the program.
  var bytesPerRank: Int { sweep.bytesPerRank(of: trials) }

  /// What the plan's results were computed with, and what a rank would compute them with.
  func fingerprints(on rank: RankIdentity) -> some Sequence<NumericsPolicy.Result> {
    let now = plan.configurations.map { fingerprint(of: $0, on: rank) }
    return plan.trials.indices.lazy.compactMap { trial in
      index[plan.trialIdentifier(at: trial)].flatMap { known in
        guard known.hasResult || known.isStopped, let found = known.fingerprint else { return nil }
        return NumericsPolicy.Result(found: found, now: now[plan.configurationIndex(trialIndex: trial)])
      }
    }
  }
}
