// How long a run may last, as the command line or the batch system says. A plain value; the leader acts on it.

import Foundation
import Host

/// The end of a run's time.
package struct WallTime: Equatable {
  /// When it ends, on the monotonic clock.
  package let end: Double
  /// The seconds that a run has from its start.
  private let total: Double

  /// The nearer of a limit in seconds and the end of a Slurm job; nil if there is neither. `now` is on the monotonic clock,
  /// `date` in seconds since 1970.
  package init?(limit: Double?, environment: [String: String], now: Double = monotonicSeconds(), date: Double) {
    // Seconds since 1970, set by Slurm after 22.05 in jobs with a time limit.
    let slurm = environment["SLURM_JOB_END_TIME"].flatMap { Double($0) }.map { $0 - date }
    guard let total = [limit, slurm].compactMap(\.self).min() else { return nil }
    self.total = total
    end = now + total
  }

  /// The seconds left for training. Time is set aside for checkpoints and tables, and more of it if a trial's steps take long.
  package func secondsLeft(now: Double, longestPause: Double) -> Double {
    end - now - min(max(10, 3 * longestPause + 5), total / 4)
  }

  /// About how many seconds pass before a trial writes its first checkpoint.
  package var startSeconds: Double { min(10, total / 8) }
}
