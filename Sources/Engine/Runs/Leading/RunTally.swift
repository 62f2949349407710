// Counts how far a run is: the counts of status.json, the work that is done and left, and the recipes that have stopped. It
// writes no file.

import Console
import Foundation
import Reports
import Storage
import Trials

/// The counts of a run so far.
final class RunTally {
  private let work: RunWork
  /// The counts of status.json.
  var status: StatusReport
  /// The progress of the recipes that may stop early; nil if none may.
  private(set) var sequential: SequentialProgress?
  /// The floating-point operations of the trials that got a result in this run.
  private(set) var doneFlops = 0.0
  /// Floating-point operations of all trials of this run.
  private var totalFlops: Double
  /// The recipes of a progress line, in plan order; none where they are too many for one or may stop early.
  private(set) var recipes: [ProgressLine.Recipe] = []
  /// The seconds that the trials counted in `doneFlops` took on their ranks.
  private var doneSeconds = 0.0

  /// The counts at the beginning of a run, which are those of the reused results.
  ///
  /// - Throws: `FileError`, `CodecError` for a result that cannot be read.
  init(_ work: RunWork) throws {
    self.work = work
    sequential = work.sequential
    totalFlops = work.trials.reduce(0) { $0 + work.sweep.cost(ofTrial: $1).flopsTotal }
    status = StatusReport()
    status.sweep = work.plan.name
    status.part = work.part
    status.plannedCount = work.reuse.plannedCount
    status.reusedCount = work.reuse.reusedCount
    status.startTime = Date().timeIntervalSince1970
    // Of a recipe that stops early, trials are withdrawn again.
    if sequential == nil { recipes = ProgressLine.Recipe.few(of: work.plan) }
    guard work.reuse.reusedCount > 0 else { return }
    for row in try RunTables.summary(of: work.plan, part: work.part, from: work.index, options: judgement) {
      status.divergedCount += row.count(of: .diverged)
      status.completedCount += row.count - row.count(of: .diverged)
      status.failedCount += row.failedCount
      recipes.set(row)
    }
  }

  /// How runs are counted as failed: as in the folder's tables, but by the default where recipes may stop, because that decides
  /// which runs count.
  var judgement: TableOptions { work.sequential == nil ? work.judgement : TableOptions() }

  /// Whether a trial, by its index in the plan, is reported: its recipe did not stop before it.
  func counts(_ trial: Int) -> Bool { sequential?.counts(trial) ?? true }

  /// Notes the seconds that a trial with a result took on its rank.
  func add(seconds: Double) { doneSeconds += seconds }

  /// Counts a result of the trial with an index in the plan, unless its recipe stopped before it. Returns a sentence about the
  /// recipe if this result stops it.
  func add(_ outcome: Outcome, ofTrial trial: Int) -> String? {
    guard counts(trial) else { return nil }
    let recipe = work.plan.configurationIndex(trialIndex: trial)
    let outcome = outcome.isOfProgram ? outcome.judged(as: work.plan.configurations[recipe].configuration) : outcome
    if outcome.status == .diverged { status.divergedCount += 1 } else { status.completedCount += 1 }
    let failure = judgement.rule.failure(of: outcome, score: judgement.score)
    if failure != nil { status.failedCount += 1 }
    if recipes.indices.contains(recipe) {
      recipes[recipe].doneCount += 1
      if failure != nil, failure != .diverged { recipes[recipe].failedCount += 1 }
    }
    doneFlops += work.sweep.cost(ofTrial: trial).flopsTotal
    return sequential?.note(trial, SequentialProgress.Fate(outcome)).flatMap(withdraw)
  }

  /// Removes the trials after a recipe's stop from the planned and the counted ones.
  private func withdraw(_ configuration: Int) -> String? {
    guard let sequential else { return nil }
    let plan = work.plan
    let trials = configuration * plan.seeds.count..<(configuration + 1) * plan.seeds.count
    for trial in trials where work.part.contains(trial) && !sequential.counts(trial) {
      status.plannedCount -= 1
      switch sequential.fate(trial) {
      case .unknown: totalFlops -= work.sweep.cost(ofTrial: trial).flopsTotal
      case .successful: status.completedCount -= 1
      case .failed: (status.completedCount, status.failedCount) = (status.completedCount - 1, status.failedCount - 1)
      case .diverged: (status.divergedCount, status.failedCount) = (status.divergedCount - 1, status.failedCount - 1)
      }
    }
    return "\(plan.configurations[configuration].title): " + sequential.description(ofConfiguration: configuration)
  }

  /// Seconds until the end; nil before this run has a result.
  func secondsLeft(elapsed: Double) -> Double? {
    ProgressLine.secondsLeft(doneWork: doneFlops, remainingWork: totalFlops - doneFlops, elapsedSeconds: elapsed)
  }

  /// The seconds that a job is expected to take, at the speed of the trials before it; 0 before one has a result.
  func expectedSeconds(ofJob job: Int?) -> Double {
    let flops = job.map { work.sweep.cost(ofTrial: work.trials[$0]).flopsTotal } ?? 0
    return doneFlops == 0 ? 0 : flops / doneFlops * doneSeconds
  }
}
