// What a journal line says: a run began, a trial was handed out, a trial came back, a run ended. How a line is framed and
// checked is in `JournalLine`; what the lines mean together is in `JournalIndex`.

import Trials

/// One line of the journal.
package enum JournalRecord: Equatable, Sendable {
  /// A leader took over the folder.
  case runStart(RunStart)
  /// A trial was given to a rank.
  case handOut(HandOutRecord)
  /// A hand-out came back without having begun.
  case returned(HandOutRecord)
  /// A trial came back.
  case outcome(TrialRecord)
  /// A leader left in good order.
  case runEnd(RunEnd)
}

/// A leader took over the folder.
package struct RunStart: Equatable, Sendable {
  /// When, in seconds since 1970.
  package var time: Double
  /// The digest of the plan.
  package var planDigest: String
  /// The program's version.
  package var version: String
  /// The numerics fingerprint of the leader.
  package var fingerprint: String
  /// The number of ranks.
  package var rankCount: Int
  /// Whether its trials leave their weights.
  package var keepsWeights: Bool
  /// The fault of `--inject` that changes outcomes of the run; nil for none.
  package var fault: String?

  package init(
    time: Double, planDigest: String, version: String, fingerprint: String, rankCount: Int, keepsWeights: Bool = false,
    fault: String? = nil
  ) {
    self.time = time
    self.planDigest = planDigest
    self.version = version
    self.fingerprint = fingerprint
    self.rankCount = rankCount
    self.keepsWeights = keepsWeights
    self.fault = fault
  }
}

/// A trial was given to a rank.
package struct HandOutRecord: Equatable, Sendable {
  /// The trial's identifier.
  package var trial: String
  /// The number of the hand-out of this trial, counted from 1 over all runs.
  package var attempt: Int
  /// The rank.
  package var rank: Int
  /// The rank's host.
  package var host: String

  package init(trial: String, attempt: Int, rank: Int, host: String) {
    self.trial = trial
    self.attempt = attempt
    self.rank = rank
    self.host = host
  }
}

/// A trial came back, with a result or without.
package struct TrialRecord: Equatable, Sendable {
  /// The trial's identifier.
  package var trial: String
  /// The number of the trial's last hand-out; a late result of an earlier attempt has it as well.
  package var attempt: Int
  /// What happened to the trial; the same as in the outcome, readable without decoding it.
  package var status: TrialStatus
  /// The numerics fingerprint of the rank; nil in a journal of 0.1.0 where it is the leader's.
  package var fingerprint: String?
  /// How long it took and where.
  package var timing: TrialTiming
  /// The outcome as `Outcome.encodedJSON()` gives it.
  package var outcomeJSON: String

  /// A record of a decoded outcome.
  package init(trial: String, attempt: Int, fingerprint: String? = nil, timing: TrialTiming, outcome: Outcome) {
    self.init(
      trial: trial, attempt: attempt, status: outcome.status, fingerprint: fingerprint, timing: timing,
      outcomeJSON: outcome.encodedJSON())
  }

  /// A record of an outcome that is text already, one line without line ends.
  init(
    trial: String, attempt: Int, status: TrialStatus, fingerprint: String?, timing: TrialTiming, outcomeJSON: String
  ) {
    self.trial = trial
    self.attempt = attempt
    self.status = status
    self.fingerprint = fingerprint
    self.timing = timing
    self.outcomeJSON = outcomeJSON
  }

  /// The outcome.
  ///
  /// - Throws: the codec's error.
  package func outcome() throws -> Outcome { try Outcome(json: outcomeJSON) }

  /// Whether another attempt may have come to other numbers.
  var mayDiffer: Bool { (try? outcome())?.mayDiffer ?? false }
}

/// A leader left in good order.
package struct RunEnd: Equatable, Sendable {
  /// When, in seconds since 1970.
  package var time: Double
  /// How the run ended.
  package var ending: Ending

  package init(time: Double, ending: Ending) {
    self.time = time
    self.ending = ending
  }
}

/// How a sweep stands.
package enum Ending: String, CaseIterable, Sendable {
  /// Trials are being trained.
  case running
  /// Every trial has a result.
  case complete
  /// Some trials crashed beyond their retries.
  case incomplete
  /// The run was asked to stop; the same command goes on.
  case drained

  /// The exit code that says the same; nil while running.
  package var exitCode: Int? {
    switch self {
    case .running: nil
    case .complete: 0
    case .incomplete: 1
    case .drained: 75
    }
  }
}
