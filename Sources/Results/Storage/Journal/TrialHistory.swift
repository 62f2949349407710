// One trial's part of what a journal says. `JournalIndex` makes it, record by record.

import Trials

/// One trial's history in a journal.
package struct TrialHistory: Equatable, Sendable {
  /// Where an outcome's line stands.
  struct Location: Equatable, Sendable {
    var offset: Int
    var byteCount: Int
  }

  /// The status of the result, or else of the last attempt that ended; nil where none did.
  package internal(set) var status: TrialStatus?
  /// The number of the last attempt, 0 before the first; the next is one more.
  package internal(set) var lastAttempt = 0
  /// Attempts that began, or may have.
  package internal(set) var attemptCount = 0
  /// Attempts that a leader saw end without a result, preempted ones left out: what a cap on retries counts.
  package internal(set) var failedAttemptCount = 0
  /// The rank of the last hand-out, if nothing was heard of it since.
  package internal(set) var openRank: Int?
  /// The epoch of the last hand-out.
  package internal(set) var lastEpoch = 0
  /// The numerics fingerprint of the rank that `status` is of: its own, or else its leader's, or
  /// `JournalIndex.unknownNumerics` where the journal lost both.
  package internal(set) var fingerprint: String?
  /// The fault of `--inject` that changed the outcome that `status` is of; nil where none did.
  package internal(set) var fault: String?
  /// Whether the run that `status` is of kept the weights of its trials.
  package internal(set) var keepsWeights = false
  var location: Location?
  /// Where the last record stands that says that a rule stopped the trial; nil where none did. Attempts that come to nothing afterwards
  /// change nothing about it.
  var stopLocation: Location?
  var endedAttempt = 0
  /// The epoch of the record that `status` is of.
  var statusEpoch = 0
  /// Whether that record was written after another leader had taken over.
  var isLate = false

  /// Whether the trial has a result.
  package var hasResult: Bool { status?.isResult ?? false }

  /// Whether a leader of this journal handed the trial out before its result came. A result of another folder (`run --reuse`, `merge`) has
  /// no such hand-out: none at all, or one of an earlier run that brought no result.
  package var wasTrainedHere: Bool { hasResult && lastEpoch > 0 && lastEpoch >= statusEpoch }

  /// Whether a rule has stopped the trial, which has no result.
  package var isStopped: Bool { !hasResult && stopLocation != nil }

  /// What is left of a history whose outcome does not count.
  var withoutOutcome: TrialHistory {
    var history = self
    history.status = nil
    history.location = nil
    history.fault = nil
    return history
  }
}

/// Two results of one trial that are not equal, though a trial is a pure function of its inputs.
package struct ResultMismatch: Equatable, Sendable, CustomStringConvertible {
  /// The trial.
  package var trial: String
  /// The journal of the result that counts and of the other one.
  package var paths: [String]
  /// Where the lines start.
  package var offsets: [Int]

  /// "trial 0123456789abcdef has two different results: a/journal.jsonl at byte 12 (kept) and b/journal.jsonl at byte 99".
  package var description: String {
    "trial \(trial) has two different results: \(paths[0]) at byte \(offsets[0]) (kept) and \(paths[1]) at byte \(offsets[1])"
  }
}
