// How many steps a run trained, and how many it did not have to: the line at its end.

import Host
import Trials

/// The training steps behind the results that came with a run.
package struct StepCounts: Equatable, Sendable {
  /// Steps that the run's trials made themselves.
  package private(set) var trained = 0
  /// Steps of shorter trials that longer ones had made.
  package private(set) var ofLongerTrials = 0
  /// Steps behind results that were taken from other folders.
  package var ofOtherFolders = 0

  /// No steps.
  package init() {}

  /// Counts a trial that came to a result or was stopped, `besides` its steps that were counted before.
  package mutating func add(_ outcome: Outcome, _ timing: TrialTiming, besides counted: Int = 0) {
    let taken = min(timing.takenStepCount ?? 0, outcome.stepCount)
    trained += max(0, outcome.stepCount - taken - counted)
    ofLongerTrials += taken
  }

  /// What users read of them; nil where there are none, as where a program trains that tells no steps.
  package var line: String? {
    guard trained + ofLongerTrials + ofOtherFolders > 0 else { return nil }
    let reused =
      (ofLongerTrials > 0 ? ", \(ofLongerTrials) taken from longer trials" : "")
      + (ofOtherFolders > 0 ? ", \(ofOtherFolders) reused from other folders" : "")
    return "\(counted(trained, "step")) trained\(reused)"
  }
}
