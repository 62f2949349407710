// All rules on the finished runs of one recipe, and the table that a terminal shows of them. The columns of replay.csv are in
// `ReplayTable`.

import Console
import Foundation
import Host
import Reports
import Statistics
import StopRules
import Storage
import Trials

/// The rules on one recipe.
package struct RecipeReplay: Sendable {
  let configuration: PlannedConfiguration
  let metric: String
  let options: TableOptions
  let replayOptions: ReplayOptions
  /// The runs with a result.
  let runCount: Int
  let failedCount: Int
  /// The steps of all of them.
  let stepCount: Int
  let rules: [RuleReplay]

  /// The rules on every recipe of a plan, one recipe in memory at a time. Trials after their recipe's stop are left out.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package static func all(
    _ plan: SweepPlan, from index: JournalIndex, options: TableOptions, _ replay: ReplayOptions
  ) throws -> [RecipeReplay] {
    let progress = try SequentialProgress(plan, from: index)
    return try plan.configurations.indices.map { number in
      let planned = plan.configurations[number]
      let trials = (number * plan.seeds.count..<(number + 1) * plan.seeds.count).filter { progress?.counts($0) ?? true }
      var runs: [RecordedRun] = []
      try index.forEachResult(of: trials.lazy.map { (trial: $0, identifier: plan.trialIdentifier(at: $0)) }) {
        guard let outcome = $1?.judged(as: planned.configuration) else { return }
        runs.append(RecordedRun(outcome, identifier: plan.trialIdentifier(at: $0), options: options))
      }
      return RecipeReplay(planned, runs, options: options, replay)
    }
  }

  /// The rules on finished runs in plan order.
  init(_ configuration: PlannedConfiguration, _ runs: [RecordedRun], options: TableOptions, _ replay: ReplayOptions) {
    self.configuration = configuration
    self.options = options
    replayOptions = replay
    metric = configuration.configuration.metricName
    runCount = runs.count
    failedCount = runs.count(where: \.isFailed)
    stepCount = runs.reduce(0) { $0 + $1.stepCount }
    rules = replay.rules.map { RuleReplay($0, on: runs, replay) }
  }

  /// Wilson's interval of the failure rate of all runs.
  var failureInterval: ConfidenceInterval {
    Proportion.wilson(count: failedCount, total: runCount, level: options.level)
  }

  /// What the rules do to the recipe, for people at a terminal.
  package var text: String {
    var heading = "\(configuration.configuration.taskName): \(configuration.recipeName): \(counted(runCount, "run"))"
    if runCount > 0 {
      heading += ", \(failedCount) failed (rate \(Self.rate(Double(failedCount) / Double(runCount), failureInterval)))"
    }
    let computed = rules.filter { $0.obstacle == nil }
    var lines = [heading + ", \(counted(stepCount, "step"))"]
    if !computed.isEmpty { lines += table(computed) }
    lines += rules.compactMap { rule in rule.obstacle.map { "  \(rule.rule.name): not computed: \($0)" } }
    return lines.map { $0 + "\n" }.joined()
  }

  private func table(_ rules: [RuleReplay]) -> [String] {
    let heads = ["rule", "step", "stopped", "saved", "not failed", "best lost", "finished", "net", "rate", "CI"]
    let rows = [heads] + rules.map(cells)
    let widths = heads.indices.map { column in rows.map { TerminalText.width($0[column]) }.max() ?? 0 }
    return rows.map { row in
      let fields = row.indices.map { TerminalText.fitted(row[$0], to: widths[$0], onRight: $0 == 0) }
      return "  " + fields.joined(separator: "  ")
    }
  }

  private func cells(_ rule: RuleReplay) -> [String] {
    let interval = rule.runs.interval(level: options.level)
    return [
      rule.rule.name, "\(rule.step)", "\(rule.stopped.count)", share(rule.savedStepCount),
      "\(rule.wrongCount)", "\(rule.cohorts.bestStoppedCount) of \(rule.cohorts.count)",
      "\(rule.runs.finishedCount)", share(rule.savedFinishingStepCount), decimal(rule.runs.rate, digits: 2),
      interval.low.isNaN ? "-" : "\(decimal(interval.low, digits: 2))-\(decimal(interval.high, digits: 2))",
    ]
  }

  private func share(_ steps: Int) -> String {
    String(format: "%.0f%%", 100 * Double(steps) / Double(max(1, stepCount)))
  }

  private static func rate(_ rate: Double, _ interval: ConfidenceInterval) -> String {
    decimal(rate, digits: 2) + ", \(decimal(interval.low, digits: 2))-\(decimal(interval.high, digits: 2))"
  }

  /// What the columns of the table say.
  package static func legend(_ replay: ReplayOptions) -> String {
    """
    stopped: the runs that the rule stops at the step, and the share of all steps that this saves; not failed: those of them that
    did not fail in the end. best lost: the cohorts of \(replay.cohortSize) whose best run it stops. finished: the stopped runs that are
    finished anyway; net: what is then saved; rate: the failure rate that is then known, with its interval.
    """
  }
}
