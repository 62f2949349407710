// Counts how far a run is: the counts of status.json, the work that is done and left, and the recipes that have stopped. It
// writes no file.

import Console
import EarlyStops
import Foundation
import Reports
import Storage
import Trials

/// The counts of a run so far.
final class RunTally {
  private let work: RunWork
  /// The results so far.
  private(set) var results: RunCounts
  /// The steps of this run.
  var steps = StepCounts()
  /// What status.json says beside the counts of results.
  var status: StatusReport
  /// The seconds that the trials counted in `doneFlops` took on their ranks.
  private var doneSeconds = 0.0
  /// Trials that crashed as often as they may, by their indices in the plan.
  private var exhausted: Set<Int> = []
  private var forecast: RecipeForecast
  private var paused: PausedTrials

  /// The counts at the beginning of a run, which are those of the reused results.
  ///
  /// - Throws: `FileError`, `CodecError` for a result that cannot be read.
  init(_ work: RunWork) throws {
    self.work = work
    paused = PausedTrials(
      waiting: Set(work.trials.indices.filter { work.sequential?.early?.fate(work.trials[$0]) == .waiting }))
    forecast = RecipeForecast(work.trials) { work.sweep.cost(ofTrial: $0).flopsTotal }
    if let early = work.sequential?.early {
      for trial in work.trials where early.fate(trial) != .unread && Self.hasCheckpoint(trial, work) {
        let step = early.step(ofConfiguration: work.plan.configurationIndex(trialIndex: trial)) ?? 0
        forecast.noteKept(Self.share(ofSteps: step, trial, work), ofTrial: trial)
      }
    }
    results = try RunCounts(work.plan, work.part, from: work.index, judgement: work.judgement)
    status = StatusReport()
    status.sweep = work.plan.name
    status.part = work.part
    status.reusedCount = work.reuse.reusedCount
    status.startTime = Date().timeIntervalSince1970
    noteCounts()
  }

  /// The floating-point operations of the trials that got a result in this run, and of the steps before a pause.
  var doneFlops: Double { forecast.doneWork }

  private static func hasCheckpoint(_ trial: Int, _ work: RunWork) -> Bool {
    access(work.folder.checkpoint(ofTrial: work.plan.trialIdentifier(at: trial)), F_OK) == 0
  }

  private static func share(ofSteps stepCount: Int, _ trial: Int, _ work: RunWork) -> Double {
    Double(stepCount) / Double(max(1, work.sweep.cost(ofTrial: trial).stepCount))
  }

  /// The recipes of a progress line, in plan order; none where they are too many for one or may stop early: of such a recipe,
  /// trials are withdrawn again.
  var recipes: [ProgressLine.Recipe] { results.sequential == nil ? results.few : [] }

  /// Whether a trial, by its index in the plan, is reported: its recipe did not stop before it.
  func counts(_ trial: Int) -> Bool { results.counts(trial) }

  /// Notes the seconds that a trial with a result took on its rank.
  func add(seconds: Double) { doneSeconds += seconds }

  /// Notes a job that crashed as often as it may.
  func exhaust(_ job: Int) {
    exhausted.insert(work.trials[job])
    status.exhaustedCount += 1
  }

  /// Counts a result of the trial with an index in the plan, unless its recipe stopped before it. Returns a sentence about each
  /// recipe that this result stops.
  func add(_ outcome: Outcome, ofTrial trial: Int) -> [String] {
    guard counts(trial) else { return [] }
    // The result of a rank that was given up may come after the last attempt has failed.
    if outcome.status.isResult, exhausted.remove(trial) != nil { status.exhaustedCount -= 1 }
    let stopped = results.note(outcome, ofTrial: trial)
    if !stopped.isEmpty { paused.noteDecision() }
    if outcome.status == .stopped {
      forecast.notePause(
        after: Self.share(ofSteps: outcome.stepCount, trial, work), isKept: Self.hasCheckpoint(trial, work),
        ofTrial: trial)
    } else {
      forecast.noteResult(ofTrial: trial)
    }
    noteCounts()
    return stopped.compactMap { recipe in
      results.sequential.map {
        "\(work.plan.configurations[recipe].title): " + $0.description(ofConfiguration: recipe)
      }
    }
  }

  /// Counts the steps of a job that came to a result or paused.
  func addSteps(_ answer: TrialAnswer, ofJob job: Int) {
    steps.add(answer.outcome, answer.timing)
    if answer.outcome.status == .stopped { paused.pause(job) }
  }

  /// Where the trial of a job pauses; nil where it makes all its steps.
  func pause(ofJob job: Int) -> PausePoint? {
    results.sequential?.early?.pause(ofTrial: work.trials[job], in: work.plan)
  }

  /// The paused jobs that go on, each named once.
  func released() -> [Int] {
    guard let early = results.sequential?.early else { return [] }
    return paused.released { early.fate(work.trials[$0]) }
  }

  /// What is said at the end of the runs that a rule stopped early; none where none was.
  var earlyLines: [String] {
    guard let early = results.sequential?.early else { return [] }
    return EarlySavings.lines(
      work.plan, early, stepCounts: work.sweep.costs.map(\.stepCount), in: work.folder, hasResult: results.hasResult)
  }

  private func noteCounts() {
    status.stoppedCount = results.total.stoppedCount
    status.plannedCount = results.total.plannedCount
    status.divergedCount = results.total.divergedCount
    status.completedCount = results.total.doneCount - results.total.divergedCount
    status.failedCount = results.total.failedCount
  }

  /// The seconds that are left. Trials that crashed as often as they may, and those behind a recipe's stop, take none.
  func left(elapsed: Double) -> RecipeForecast.Left {
    forecast.left(results, elapsed: elapsed, exhausted: exhausted)
  }

  /// The seconds that a job is expected to take, at the speed of the trials before it; 0 before one has a result.
  func expectedSeconds(ofJob job: Int?) -> Double {
    let flops = job.map { forecast.work(ofTrial: work.trials[$0]) } ?? 0
    return doneFlops == 0 ? 0 : flops / doneFlops * doneSeconds
  }
}
