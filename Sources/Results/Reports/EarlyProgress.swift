// How far the recipes of a plan are whose runs a rule stops early. The answer rests on what each run had recorded at the rule's step, so
// neither the number of ranks nor the order in which runs end changes it.

import Host
import StopRules
import Trials

/// The recipes of a plan under a rule that stops runs early.
package struct EarlyProgress: Sendable {
  /// The rule.
  package let stop: EarlyStop
  private let steps: [Int?]
  private let seedCount: Int
  private var courses: [EarlyCourse]

  /// The progress of a plan without results; nil for a plan whose rule is another one.
  init?(_ plan: SweepPlan) {
    guard let stop = plan.earlyStop else { return nil }
    self.stop = stop
    seedCount = plan.seeds.count
    steps = plan.configurations.map { stop.steps[$0.identifier] }
    courses = plan.configurations.indices.map { number in
      EarlyCourse(
        stop,
        identifiers: (number * plan.seeds.count..<(number + 1) * plan.seeds.count).map { plan.trialIdentifier(at: $0) })
    }
  }

  /// The step at which the rule reads the runs of a configuration; nil before the plan's data was read.
  package func step(ofConfiguration number: Int) -> Int? { steps[number] }

  /// What happens to the trial at an index in plan order.
  package func fate(_ trialIndex: Int) -> EarlyRule.Fate {
    courses[trialIndex / seedCount].fates[trialIndex % seedCount]
  }

  /// Whether every run of a configuration was read, so that it is decided which of them stop.
  package func isRead(_ number: Int) -> Bool { courses[number].isRead }

  /// The number of runs of a configuration that the rule stops, finished ones included.
  package func stoppedCount(ofConfiguration number: Int) -> Int { courses[number].stoppedCount }

  /// The step at which the trial at an index in plan order counts as stopped, whatever it did afterwards; nil where it does not.
  package func stopStep(_ trialIndex: Int) -> Int? {
    switch fate(trialIndex) {
    case .stopped, .waiting: steps[trialIndex / seedCount]
    case .unread, .goesOn, .finished: nil
    }
  }

  /// Notes what a trial came to, nil for nothing. Returns its configuration where that decides about other trials.
  mutating func note(_ trialIndex: Int, _ outcome: Outcome?) -> [Int] {
    let number = trialIndex / seedCount
    guard let step = steps[number] else { return [] }
    let reading = outcome.flatMap { RecordedRun($0).known(stop.rule, at: step) }
    return courses[number].note(reading, at: trialIndex % seedCount) ? [number] : []
  }

  /// What is said of a configuration once its runs were read.
  func description(ofConfiguration number: Int) -> String {
    let (stopped, step) = (stoppedCount(ofConfiguration: number), steps[number] ?? 0)
    let finished = courses[number].fates.count { $0 == .finished }
    guard stopped > 0 else { return "\(stop.rule.name) stops none of \(counted(seedCount, "run"))" }
    return "\(stop.rule.name) stops \(stopped) of \(counted(seedCount, "run")) at step \(step)"
      + (finished == stopped ? ", and all of them are finished anyway" : "; \(finished) of them are finished anyway")
  }
}

extension EarlyRule {
  /// Whether a run stops at the rule's step as far as its own curve tells: for good, or until the others are there.
  package func pauses(_ outcome: Outcome, at step: Int) -> Bool {
    guard case .measured(_, let stops) = RecordedRun(outcome).reading(self, at: step) else { return false }
    if case .top = bound { return true }
    return stops
  }
}

/// The runs of a recipe that a rule stopped early.
package struct RecipeEarlyStop: Equatable, Sendable {
  /// The rule.
  package let rule: EarlyRule
  /// The step at which it read the runs.
  package let step: Int?
  /// Whether it has read all of them.
  package let isRead: Bool
  /// The runs that it stops, finished ones included.
  package let stoppedCount: Int
}
