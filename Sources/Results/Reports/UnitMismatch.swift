// Whether a task's scores and its baseline seem to be in different units: of percent beside fractions no run fails, or every run
// does. Which of them to change, and how, is said by those who know where the numbers come from.

/// Which of the numbers of a task, its scores or its baseline, seem to be in percent where the others are fractions.
package enum UnitMismatch: Equatable, Sendable {
  /// Some of the scores.
  case someScores
  /// All of the scores, or the baseline.
  case scoresOrBaseline

  /// The mismatch of a baseline and of scores, of which a higher one is better, in some range; nil where there is none.
  package init?(scores: ClosedRange<Double>, baseline: Double) {
    let (low, high) = (scores.lowerBound, scores.upperBound)
    guard low >= 0, high <= 100 else { return nil }
    if high > 1, baseline > 0, baseline < 1 {
      self = low > 1 ? .scoresOrBaseline : .someScores
    } else if high <= 1, baseline > 1, baseline <= 100 {
      self = .scoresOrBaseline
    } else {
      return nil
    }
  }
}
