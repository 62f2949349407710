// Notices a run whose first trials all crash for the same reason. The other trials would crash as well, so the run is stopped.

/// Notices that the first trials all crash for one reason.
struct CrashWatch {
  /// The number of distinct trials that must crash before the run stops.
  static let limit = 3
  private var trials: Set<String> = []
  private var reason: String?
  private var isHopeless = true

  /// Notes that a trial got a result, after which crashes no longer stop the run.
  mutating func noteResult() { isHopeless = false }

  /// Notes a crash. Returns its reason if the first trials all crashed for that reason.
  mutating func note(crash message: String, of trial: String) -> String? {
    // A program's message may name its folder, which has the first characters of the trial's identifier above it.
    let text = message.replacing("\(trial.prefix(2))/\(trial)", with: trial).replacing(trial, with: "TRIAL_ID")
    if let reason, reason != text { isHopeless = false }
    reason = text
    trials.insert(trial)
    return isHopeless && trials.count >= Self.limit ? message : nil
  }
}
