// How many trials may end without a result, as the command line says. A plain value; the leader of a run acts on it.

import Foundation

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

  /// Whether `failureCount` trials of `trialCount` without a result are too many.
  package func isExceeded(by failureCount: Int, of trialCount: Int) -> Bool {
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
