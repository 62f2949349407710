// How long a run may last, as the command line or the batch system says, and how many failures it bears. Plain values; what
// follows from them is the ledger's.

import Foundation
import Host

/// The end of a run's time.
struct WallTime: Equatable {
  /// When it ends, on the monotonic clock.
  let end: Double
  /// What a run has from its start.
  let total: Double

  /// The nearer of a limit in seconds and the end of a Slurm job; nil where there is neither.
  init?(limit: Double?, environment: [String: String], now: Double = monotonicSeconds(), date: Double) {
    // Seconds since 1970, set by Slurm after 22.05 in jobs with a time limit.
    let slurm = environment["SLURM_JOB_END_TIME"].flatMap { Double($0) }.map { $0 - date }
    guard let total = [limit, slurm].compactMap(\.self).min() else { return nil }
    self.total = total
    end = now + total
  }

  /// Seconds left for training: the rest is for trials to be kept and tables to be written, more of it where trials make
  /// long pauses between steps.
  func secondsLeft(now: Double, longestPause: Double) -> Double {
    end - now - min(max(10, 3 * longestPause + 5), total / 4)
  }

  /// What a trial takes to get to its first checkpoint, roughly.
  var startSeconds: Double { min(10, total / 8) }
}

/// How many trials may end without a result before a run stops.
package enum FailureLimit: Equatable, CustomStringConvertible {
  case count(Int)
  case percent(Double)

  /// The limit that a text such as `3` or `5%` says.
  package init?(_ text: String) {
    if text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) {
      self = .percent(percent)
    } else if let count = Int(text), count >= 0 {
      self = .count(count)
    } else {
      return nil
    }
  }

  /// Whether so many failures of so many trials are too many.
  func isExceeded(by failureCount: Int, of trialCount: Int) -> Bool {
    switch self {
    case .count(let count): failureCount > count
    case .percent(let percent): Double(failureCount) * 100 > percent * Double(trialCount)
    }
  }

  /// The limit as it was written.
  package var description: String {
    switch self {
    case .count(let count): "\(count)"
    case .percent(let percent): String(format: "%g%%", percent)
    }
  }
}
