// How many steps a run trained, and how many it did not have to: the line at its end.

import Host
import Trials

/// The training steps of a run. Those of attempts that crashed or were lost are not known, and not counted.
package struct StepCounts: Equatable, Sendable {
  /// Steps that the run's trials made themselves, without those that checkpoints of earlier runs had.
  package private(set) var trained = 0
  /// Steps of shorter trials that longer ones had made.
  package private(set) var ofLongerTrials = 0
  /// Steps behind results that were taken from other folders.
  package var ofOtherFolders = 0

  /// No steps.
  package init() {}

  /// Counts an attempt in which a trial came to a result or was stopped by a rule.
  package mutating func add(_ outcome: Outcome, _ timing: TrialTiming) {
    let taken = min(timing.takenStepCount ?? 0, outcome.stepCount)
    add(interruptedAfter: outcome.stepCount, kept: max(taken, timing.keptStepCount ?? 0))
    ofLongerTrials += taken
  }

  /// Counts an attempt that was interrupted after `stepCount` steps, of which a checkpoint had had the first `kept`.
  package mutating func add(interruptedAfter stepCount: Int, kept: Int) { trained += max(0, stepCount - kept) }

  /// What users read of them; nil where there are none, as where a program trains that tells no steps.
  package var line: String? {
    guard trained + ofLongerTrials + ofOtherFolders > 0 else { return nil }
    let reused =
      (ofLongerTrials > 0 ? ", \(ofLongerTrials) taken from longer trials" : "")
      + (ofOtherFolders > 0 ? ", \(ofOtherFolders) reused from other folders" : "")
    return "\(counted(trained, "step")) trained\(reused)"
  }
}
