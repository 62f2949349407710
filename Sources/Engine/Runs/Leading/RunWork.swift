// What a run has to do: the trials of a plan that have no result yet, in the order in which they are handed out. It is fixed
// before the first hand-out; `RunTally` counts the progress.

import ExternalPrograms
import Farm
import Pages
import Reports
import Storage
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
  /// How many trials have a result already.
  let reuse: ReuseReport
  /// The text of sweep.json.
  let planText: String

  /// The trials of a sweep that the options ask for and that have no result.
  ///
  /// - Throws: a `Refusal` for trials to try again that are unknown or have a result; `FileError`, `CodecError` for a journal
  ///   or a status.json that cannot be read.
  init(_ sweep: PreparedSweep, in folder: RunFolder, _ index: JournalIndex, _ options: RunOptions) throws {
    let plan = sweep.plan
    let sequential = try SequentialProgress(plan, from: index)
    var reuse = try folder.reuse(of: index, by: plan.trials.indices.lazy.map { plan.trialIdentifier(at: $0) })
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
    trials = sweep.longestFirst(missing, before: sequential)
    planText = plan.encodedJSON()
  }

  var plan: SweepPlan { sweep.plan }

  /// Where the programs of trials run, as the leader sees it.
  var programs: ProgramSite { ProgramSite(host: "", root: folder.programs, environment: [:]) }

  /// The seconds that an attempt may take as the sweep says, the longest where its recipes differ; nil without a limit.
  var programSeconds: Double? {
    let limits = plan.configurations.map(\.configuration.program.timeoutSeconds)
    return limits.contains(nil) ? nil : limits.compactMap(\.self).max()
  }

  /// What the journal says of the arithmetic of a rank.
  func fingerprint(of rank: RankIdentity) -> String {
    sweep.program == nil ? rank.fingerprint : NumericsPolicy.ofPrograms
  }

  func trial(ofJob job: Int) -> Trial { plan.trials[trials[job]] }

  func identifier(ofJob job: Int) -> String { plan.trialIdentifier(at: trials[job]) }

  /// The jobs of the farm: earlier crashes count, but a trial that used up its attempts gets new ones with a new run.
  /// A trial that was under way on rank 0 when a leader died goes to another rank, if there is one.
  func jobs(attemptCap: Int) -> [Job] {
    trials.map { trial in
      let history = index[plan.trialIdentifier(at: trial)]
      return Job(
        attemptCount: (history?.failedAttemptCount ?? 0) % attemptCap,
        avoidedRanks: history?.openRank == 0 ? [0] : [])
    }
  }

  /// The most bytes that a rank needs for any of the trials, beside the program.
  var bytesPerRank: Int { sweep.bytesPerRank(of: trials) }

  /// What the plan's results were computed with.
  var fingerprints: some Sequence<String> {
    plan.trials.indices.lazy.compactMap { trial in
      index[plan.trialIdentifier(at: trial)].flatMap { $0.hasResult ? $0.fingerprint : nil }
    }
  }
}
