// The trials of a run that a rule paused, as its leader keeps them: which of them go on, once that is decided. Deciding is
// `EarlyProgress`' business.

import Reports
import StopRules
import Trials

/// The paused trials of a run, by their indices in the list of its jobs.
package struct PausedTrials {
  private var waiting: Set<Int>
  private var isDecided = true

  /// The paused trials at the beginning of a run.
  package init(waiting: Set<Int>) { self.waiting = waiting }

  /// Notes a job that paused.
  package mutating func pause(_ job: Int) {
    waiting.insert(job)
    isDecided = true
  }

  /// Notes that the fates of some trials were decided.
  package mutating func noteDecision() { isDecided = true }

  /// Takes the jobs out that go on, in increasing order; `fate` tells what happens to a job.
  package mutating func released(_ fate: (_ job: Int) -> EarlyRule.Fate) -> [Int] {
    guard isDecided, !waiting.isEmpty else { return [] }
    isDecided = false
    let fates = waiting.sorted().map { (job: $0, fate: fate($0)) }
    // A stopped job stays where it is.
    waiting.subtract(fates.lazy.filter { $0.fate != .waiting }.map(\.job))
    return fates.filter { $0.fate == .goesOn || $0.fate == .finished || $0.fate == .unread }.map(\.job)
  }
}

extension EarlyProgress {
  /// Where a trial pauses, by its index in plan order; nil where it is known what the rule reads of it.
  package func pause(ofTrial trial: Int, in plan: SweepPlan) -> PausePoint? {
    guard fate(trial) == .unread, let step = step(ofConfiguration: plan.configurationIndex(trialIndex: trial)) else {
      return nil
    }
    return PausePoint(step: step, rule: stop.rule)
  }
}

extension Trial {
  /// Whether the trial stops at its pause, having come to this outcome there.
  package func stops(_ outcome: Outcome) -> Bool {
    guard let pause else { return false }
    return pause.rule.pauses(outcome, at: pause.step)
  }
}
