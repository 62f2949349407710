// What a rule for stopping runs early would have done to the finished runs of a recipe: what it saves, which runs it stops wrongly,
// and what is then known of the failure rate. Reading curves is `RecordedRun`'s business, the estimate `StoppedRuns`'.

import Reports
import Statistics
import StopRules

/// How rules are replayed.
package struct ReplayOptions: Equatable, Sendable {
  /// The rules.
  package var rules: [EarlyRule]
  /// The runs that start together, in plan order.
  package var cohortSize: Int
  /// The share of the stopped runs that are finished anyway.
  package var finishShare: Double

  package init(
    rules: [EarlyRule] = Self.defaultRules, cohortSize: Int = Self.defaultCohortSize,
    finishShare: Double = Self.defaultFinishShare
  ) {
    self.rules = rules
    self.cohortSize = cohortSize
    self.finishShare = finishShare
  }

  /// Runs that do no better than chance, and the worse half of each cohort, after a quarter and after half of the steps.
  package static let defaultRules = [0.25, 0.5].flatMap { share in
    [
      EarlyRule(.score, .chance, at: .share(share)), EarlyRule(.trainLoss, .chance, at: .share(share)),
      EarlyRule(.score, .top(0.5), at: .share(share)),
    ]
  }
  /// The runs of a cohort where nothing else is asked for.
  package static let defaultCohortSize = 5
  /// The share of the stopped runs that are finished where nothing else is asked for.
  package static let defaultFinishShare = EarlyStop.defaultFinishShare
}

/// One rule on the runs of one recipe.
package struct RuleReplay: Sendable {
  let rule: EarlyRule
  /// The step at which the rule reads the runs.
  let step: Int
  /// Why there are no numbers.
  private(set) var obstacle: String?
  /// The runs that went on because they had recorded nothing by then.
  private(set) var unmeasuredCount = 0
  private(set) var stopped: [RecordedRun] = []
  /// The steps of all stopped runs after the rule's.
  private(set) var savedStepCount = 0
  /// The same without the runs that are finished anyway.
  private(set) var savedFinishingStepCount = 0
  /// What is known of the failure rate where only some of the stopped runs are finished.
  private(set) var runs = StoppedRuns(
    endedCount: 0, endedFailedCount: 0, stoppedCount: 0, finishedCount: 0, finishedFailedCount: 0)
  private(set) var cohorts = CohortLosses()

  /// What stopping costs whoever keeps the best run of each cohort.
  struct CohortLosses: Sendable {
    /// The whole cohorts with a run that has a score.
    var count = 0
    /// Those of which every run with the best score was stopped.
    var bestStoppedCount = 0
    /// The best score less the best of the runs that went on, for each cohort with such a run.
    var losses: [Double] = []
    /// The cohorts of which no run with a score went on.
    var emptiedCount = 0
  }

  /// A rule on finished runs in plan order.
  init(_ rule: EarlyRule, on runs: [RecordedRun], _ options: ReplayOptions) {
    self.rule = rule
    step = rule.moment.step(of: runs.map(\.stepCount).max() ?? 0)
    let readings = runs.map { $0.reading(rule, at: step) }
    obstacle = Self.obstacle(rule, step, runs, readings)
    guard obstacle == nil else { return }
    var isStopped = Self.stops(readings)
    if case .top(let share) = rule.bound {
      isStopped = Self.stops(readings, keeping: share, ofEach: options.cohortSize)
    }
    unmeasuredCount = readings.count { $0 == .unmeasured }
    stopped = zip(runs, isStopped).filter(\.1).map(\.0)
    cohorts = Self.losses(runs, isStopped, options.cohortSize)
    count(runs, isStopped, options.finishShare)
  }

  private mutating func count(_ runs: [RecordedRun], _ isStopped: [Bool], _ share: Double) {
    let ended = zip(runs, isStopped).filter { !$0.1 }.map(\.0)
    let finishedCount = StoppedRuns.finishedCount(of: stopped.count, share: share)
    let names = EarlyRule.finished(stopped.map(\.identifier), count: finishedCount)
    let finished = stopped.filter { names.contains($0.identifier) }
    savedStepCount = stopped.reduce(0) { $0 + $1.stepCount - step }
    savedFinishingStepCount = savedStepCount - finished.reduce(0) { $0 + $1.stepCount - step }
    self.runs = StoppedRuns(
      endedCount: ended.count, endedFailedCount: ended.count(where: \.isFailed), stoppedCount: stopped.count,
      finishedCount: finished.count, finishedFailedCount: finished.count(where: \.isFailed))
  }

  /// The stopped runs that did not fail.
  var wrongCount: Int { stopped.count { !$0.isFailed } }

  /// Why nothing is computed; nil where something is.
  private static func obstacle(
    _ rule: EarlyRule, _ step: Int, _ runs: [RecordedRun], _ readings: [EarlyRule.Reading]
  ) -> String? {
    if runs.isEmpty { return "no run has a result" }
    if runs.allSatisfy({ $0.stepCount == 0 }) { return "the steps of its runs are not known" }
    if readings.allSatisfy({ $0 == .ended }) { return "no run makes more than \(step) steps" }
    if readings.contains(.chanceUnknown) {
      return "what chance gives is not known; give a number in place of \(rule.measure.chanceWord ?? "chance")"
    }
    let isMeasured = readings.contains { if case .measured = $0 { true } else { false } }
    guard !isMeasured else { return nil }
    let key = rule.measure == .trainLoss ? "record.curves_every" : "training.evaluate_every"
    return "no run has recorded \(rule.measure.rawValue) by step \(step); choose a later step, or a smaller \(key)"
  }

  /// Which runs a rule stops by their own measures.
  private static func stops(_ readings: [EarlyRule.Reading]) -> [Bool] {
    readings.map { if case .measured(_, let stops) = $0 { stops } else { false } }
  }

  /// Which runs a rule stops that keeps the best share of each whole cohort, at least one run.
  private static func stops(
    _ readings: [EarlyRule.Reading], keeping share: Double, ofEach size: Int
  ) -> [Bool] {
    var stops = [Bool](repeating: false, count: readings.count)
    for start in stride(from: 0, through: readings.count - size, by: size) {
      stops.replaceSubrange(
        start..<start + size, with: EarlyRule.stops(Array(readings[start..<start + size]), keeping: share))
    }
    return stops
  }

  /// What stopping loses of the best run of each whole cohort.
  private static func losses(_ runs: [RecordedRun], _ isStopped: [Bool], _ size: Int) -> CohortLosses {
    var found = CohortLosses()
    for start in stride(from: 0, through: runs.count - size, by: size) {
      let scored = (start..<start + size).filter { !runs[$0].score.isNaN }
      guard let best = scored.map({ runs[$0].score }).max() else { continue }
      found.count += 1
      guard let kept = scored.filter({ !isStopped[$0] }).map({ runs[$0].score }).max() else {
        found.bestStoppedCount += 1
        found.emptiedCount += 1
        continue
      }
      if kept < best { found.bestStoppedCount += 1 }
      found.losses.append(best - kept)
    }
    return found
  }
}
