// Notices a run whose first trials all crash for the same reason. The other trials would crash as well, so the run is stopped.

/// Notices that the first trials all crash for one reason.
package struct CrashWatch {
  /// The number of distinct trials that must crash before the run stops.
  package static let limit = 3
  private var trials: Set<String> = []
  private var reason: String?
  private var isHopeless = true

  /// A watch that has seen nothing.
  package init() {}

  /// Notes that a trial got a result, after which crashes no longer stop the run.
  package mutating func noteResult() { isHopeless = false }

  /// Notes a crash. Returns its reason if the first trials all crashed for that reason.
  package mutating func note(crash message: String, of trial: String) -> String? {
    // A program's message may name its folder, which has the first characters of the trial's identifier above it. Our own
    // may name a temporary file, or a folder, of one rank.
    let text = message.replacing("\(trial.prefix(2))/\(trial)", with: trial).replacing(trial, with: "TRIAL_ID")
      .replacing(/\.partial-[^\/:]*|\/rank-[0-9]+/, with: "RANK")
    if let reason, reason != text { isHopeless = false }
    reason = text
    trials.insert(trial)
    return isHopeless && trials.count >= Self.limit ? message : nil
  }
}
