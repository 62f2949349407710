// The one line that says how far a sweep is, as a pure function of counts and seconds. Who prints it, and when, is the
// command line's business.

import Host

/// How far a sweep is.
package struct ProgressLine: Equatable, Sendable {
  /// Trials with a result.
  package var doneCount: Int
  /// Trials of the plan.
  package var totalCount: Int
  /// Results that count as failed runs, diverged ones among them.
  package var failedCount: Int
  /// Trials that crashed as often as they may.
  package var crashedCount: Int
  /// Seconds until the end, if they can be told.
  package var secondsLeft: Double?

  /// A line of given counts.
  package init(doneCount: Int, totalCount: Int, failedCount: Int, crashedCount: Int = 0, secondsLeft: Double? = nil) {
    self.doneCount = doneCount
    self.totalCount = totalCount
    self.failedCount = failedCount
    self.crashedCount = crashedCount
    self.secondsLeft = secondsLeft
  }

  /// "37 of 80 trials done, 5 failed, about 4 min left".
  package var text: String {
    var parts = ["\(doneCount) of \(totalCount) trials done", "\(failedCount) failed"]
    if crashedCount > 0 { parts.append("\(crashedCount) crashed") }
    if doneCount + crashedCount < totalCount, let secondsLeft {
      parts.append("about \(readable(seconds: secondsLeft)) left")
    }
    return parts.joined(separator: ", ")
  }

  /// Seconds until the end from the work done so far in this run; nil before any was.
  ///
  /// - Parameters:
  ///   - doneWork: The expected cost, in any unit, of what this run finished.
  ///   - remainingWork: The expected cost of what is left, in the same unit.
  ///   - elapsedSeconds: Seconds this run has taken.
  package static func secondsLeft(doneWork: Double, remainingWork: Double, elapsedSeconds: Double) -> Double? {
    guard doneWork > 0, elapsedSeconds > 0 else { return nil }
    return elapsedSeconds * remainingWork / doneWork
  }
}
