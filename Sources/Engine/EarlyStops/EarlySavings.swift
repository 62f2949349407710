// What stopping runs early saves: at most, before a run, and in fact, after it.

import Files
import Foundation
import Host
import Reports
import Statistics
import StopRules
import Storage
import Trials

/// What a rule for stopping runs early saves.
package enum EarlySavings {
  /// What `plan` says: the rule, and what it saves where it stops every run that it may stop.
  ///
  /// - Parameter stepCounts: the steps of a run of each configuration.
  package static func forecast(_ plan: SweepPlan, _ stop: EarlyStop, stepCounts: [Int]) -> [String] {
    let seeds = plan.seeds.count
    var stopped = seeds
    if case .top(let share) = stop.rule.bound { stopped -= EarlyRule.keptCount(share, of: seeds) }
    let finished = StoppedRuns.finishedCount(of: stopped, share: stop.finishShare)
    let steps = zip(plan.configurations, stepCounts).map { stop.steps[$0.identifier] ?? $1 }
    let saved = zip(steps, stepCounts).reduce(0) { $0 + (stopped - finished) * ($1.1 - $1.0) }
    let total = stepCounts.reduce(0) { $0 + seeds * $1 }
    let (first, last) = (steps.min() ?? 0, steps.max() ?? 0)
    return [
      "stop: \(stop.rule.name) reads each run after step \(first == last ? "\(first)" : "\(first) to \(last)"); of a recipe's stopped "
        + "runs \(String(format: "%g%%", 100 * stop.finishShare)), at least 5, are finished anyway; all steps are counted here",
      "  where it stops \(stopped == seeds ? "every run" : "\(stopped) of \(counted(seeds, "run"))") of every recipe, which is the most, "
        + "\(finished) of them are finished and \(saved) of \(counted(total, "step")) are saved "
        + "(\(String(format: "%.0f%%", 100 * Double(saved) / Double(max(1, total)))))",
    ]
  }

  /// What `run` says at its end of the runs that were stopped; none where none was.
  ///
  /// - Parameters:
  ///   - stepCounts: the steps of a run of each configuration.
  ///   - hasResult: whether a trial, by its index in plan order, has a result all the same.
  package static func lines(
    _ plan: SweepPlan, _ early: EarlyProgress, stepCounts: [Int], in folder: RunFolder, hasResult: (Int) -> Bool
  ) -> [String] {
    let stopped = plan.trials.indices.filter { early.fate($0) == .stopped && !hasResult($0) }
    let waiting = plan.trials.indices.count { early.fate($0) == .waiting && !hasResult($0) }
    var lines: [String] = []
    if !stopped.isEmpty {
      let spared = stopped.reduce(0) { sum, trial in
        let number = plan.configurationIndex(trialIndex: trial)
        return sum + stepCounts[number] - (early.step(ofConfiguration: number) ?? 0)
      }
      lines.append(
        "\(counted(spared, "step")) not trained, because stop.early (\(early.stop.rule.name)) stopped \(counted(stopped.count, "run"))"
      )
      let isDone = plan.trials.indices.allSatisfy { early.fate($0) == .stopped || hasResult($0) }
      let paths = stopped.map { folder.checkpoint(ofTrial: plan.trialIdentifier(at: $0)) }
      lines += checkpoints(paths, in: folder, mayGo: isDone)
    }
    if waiting > 0 {
      lines.append(
        "\(counted(waiting, "stopped run")) \(waiting == 1 ? "waits" : "wait") until every run of the recipe has come to the step of "
          + "stop.early")
    }
    return lines
  }

  /// What stopped runs keep on the disk and, where the folder keeps nothing else there (`mayGo`), what deletes it.
  private static func checkpoints(_ paths: [String], in folder: RunFolder, mayGo: Bool) -> [String] {
    let sizes = paths.compactMap { try? FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int }
    guard !sizes.isEmpty else { return [] }
    let isOne = sizes.count == 1
    let runs = isOne ? "the stopped run" : "the stopped runs"
    let kept =
      "  \(counted(sizes.count, "checkpoint")) in \(folder.checkpoints) (\(readable(bytes: sizes.reduce(0, +)))) "
      + "\(isOne ? "lets" : "let") \(runs) go on if the sweep is run without stop"
    guard mayGo else { return [kept] }
    let command = ShellText.cited("rm \(ShellText.quoted(folder.checkpoints))/*.checkpoint")
    return [
      kept, "  \(command) deletes \(isOne ? "it" : "them") and no result; without stop, \(runs) would then begin again",
    ]
  }
}
