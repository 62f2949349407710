// Whether a run does nothing but crash, always for the same reason: then the other trials would crash as well.

/// Notices that nothing but the same crash happens.
struct CrashWatch {
  /// Distinct trials after which a run of nothing but equal crashes stops.
  static let limit = 3
  private var trials: Set<String> = []
  private var reason: String?
  private var isHopeless = true

  /// A trial got a result, so the others may as well.
  mutating func noteResult() { isHopeless = false }

  /// Notes a crash, and returns its reason if the first few trials all crashed for it.
  mutating func note(crash message: String, of trial: String) -> String? {
    let text = message.replacing(trial, with: "TRIAL_ID")
    if let reason, reason != text { isHopeless = false }
    reason = text
    trials.insert(trial)
    return isHopeless && trials.count >= Self.limit ? message : nil
  }
}
