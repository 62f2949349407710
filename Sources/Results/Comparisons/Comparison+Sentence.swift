// What a comparison comes to, in words: is one recipe more stable than the other, and how sure is that. Rounded here; the
// numbers are in comparisons.csv.

import Foundation
import Host
import Reports
import Statistics
import StopRules
import Storage

extension Comparison {
  /// What the primary test says of the candidate.
  package enum Conclusion: String, Sendable {
    /// The candidate fails less often.
    case moreStable = "more_stable"
    /// The candidate fails more often.
    case lessStable = "less_stable"
    /// The adjusted test does not tell.
    case undecided
    /// One of the two has no run.
    case noRuns = "no_runs"
  }

  /// What the primary test says at the level of the intervals, adjusted for its family; where failures decided when the comparison
  /// ended, what its e-value says, because a p-value takes the number of runs as fixed.
  package var conclusion: Conclusion {
    if adjustedP.isNaN { return .noRuns }
    if let evidence, pairedRule?.measure == .failures {
      if evidence.ending != .decided { return .undecided }
      return evidence.favorsCandidate ? .moreStable : .lessStable
    }
    if isWaiting || adjustedP >= 1 - level { return .undecided }
    return difference < 0 ? .moreStable : .lessStable
  }

  /// Whether `stop.early` has still to read runs of one of the two, so that neither's rate is known.
  private var isWaiting: Bool { pair.candidate.isWaiting || pair.reference.isWaiting }

  /// Is the candidate more stable than the reference, and how sure is that.
  package var sentence: String {
    let (a, b) = (pair.candidate, pair.reference)
    let start = "\(a.task): \(pair.candidateName) "
    guard conclusion != .noRuns else {
      let missing = [(a, pair.candidateName), (b, pair.referenceName)].filter { $0.0.count == 0 }.map(\.1)
      return start + "is not compared with \(pair.referenceName): no results of \(missing.joined(separator: " and "))."
    }
    guard !isWaiting else {
      return start
        + "is not compared with \(pair.referenceName) while runs of one of them wait for stop.early to read all."
    }
    let finding =
      switch conclusion {
      case .moreStable: "is more stable than \(pair.referenceName)"
      case .lessStable: "is less stable than \(pair.referenceName)"
      default: "is not shown to be more or less stable than \(pair.referenceName)"
      }
    return start + finding + ": it failed in \(a.failedCount) of \(a.count) runs against \(b.failedCount) of "
      + "\(b.count) (\(isPartlyPaired ? "on the \(commonCount) seeds that both ran with: " : "")difference "
      + "\(Self.rounded(difference, 2)), \(interval(differenceInterval, 2)); \(testWords), \(pValue)). " + intervalWords
      + stopWords + survivors
  }

  /// That the test decides where the interval, which is approximate, says otherwise.
  private var intervalWords: String {
    let (low, high) = (differenceInterval.low, differenceInterval.high)
    guard evidence == nil, primaryP >= 1 - level, low > 0 || high < 0 else { return "" }
    return "The interval leaves out 0, but it is approximate: the test decides. "
  }

  /// How the comparison ended by the sweep's rule; empty where there is none.
  private var stopWords: String {
    guard let evidence, let rule = pairedRule else { return "" }
    let pairs = "\(evidence.pairCount) pair\(evidence.pairCount == 1 ? "" : "s")"
    let value = String(format: "E = %.3g, and %g decides", evidence.evidence, evidence.threshold)
    let what =
      switch rule.measure {
      case .failures:
        "of failures (only \(pair.candidateName) failed in \(evidence.candidateFailedCount), only \(pair.referenceName) in "
          + "\(evidence.referenceFailedCount))"
      case .scores: "of scores"
      }
    let ending =
      switch evidence.ending {
      case .open: "goes on after \(pairs)"
      case .undecided: "ended undecided after \(pairs)"
      case .decided where rule.measure == .scores:
        "was decided after \(pairs): \(evidence.favorsCandidate ? pair.candidateName : pair.referenceName) scores higher"
      case .decided: "was decided after \(pairs)"
      }
    return "By the sweep's stop rule the comparison \(what) \(ending) (\(value)). "
  }

  /// The primary test and which runs it compares.
  private var testWords: String {
    if pairing != nil { return primaryTest.title + (isPartlyPaired ? "" : " on the same seeds") }
    return primaryTest.title + (commonCount > 0 ? " without pairs, as too few seeds are common: \(commonCount)" : "")
  }

  private var pValue: String {
    let own = "p = \(Self.pText(primaryP))"
    return familySize > 1 ? own + ", \(Self.pText(adjustedP)) after Holm over \(familySize) comparisons" : own
  }

  /// What the runs that did not fail say about spread: about those that were left, where some were not.
  private var survivors: String {
    let (a, b) = (successful.deviation.candidate, successful.deviation.reference)
    let means =
      "mean \(Self.rounded(successful.mean.candidate, 3)) against \(Self.rounded(successful.mean.reference, 3))"
    let who =
      pair.candidate.failedCount + pair.reference.failedCount > 0 ? "Of the runs that did not fail: " : "Scores: "
    if max(successful.count.candidate, successful.count.reference) == 0 {
      return "Every run of both failed: this says nothing about their stability."
    }
    guard min(successful.count.candidate, successful.count.reference) > 0 else {
      return "One of them has no run that did not fail, so nothing else is compared."
    }
    guard !a.isNaN, !b.isNaN else { return who + means + "; one run has no spread." }
    let spreads = "sd \(Self.rounded(a, 3)) against \(Self.rounded(b, 3))"
    guard ratioIsKnown else { return who + means + ", \(spreads)." }
    let ratio = "ratio \(Self.rounded(successful.ratio, 2)), \(interval(successful.ratioInterval, 2))"
    let bounds = successful.ratioInterval
    let reading =
      bounds.high < 1
      ? "they spread less (secondary)"
      : bounds.low > 1 ? "they spread more (secondary)" : "no difference in spread shown"
    return who + means + ", \(spreads) (\(ratio): \(reading))."
  }

  private var ratioIsKnown: Bool { successful.ratio.isFinite && !successful.ratioInterval.low.isNaN }

  private func interval(_ interval: ConfidenceInterval, _ digits: Int) -> String {
    "\(String(format: "%g", level * 100))% CI \(Self.rounded(interval.low, digits)) to "
      + Self.rounded(interval.high, digits)
  }

  private static func rounded(_ value: Double, _ digits: Int) -> String {
    let text = decimal(value, digits: digits)
    return text.hasPrefix("-") && !text.contains(where: { ("1"..."9").contains($0) }) ? String(text.dropFirst()) : text
  }

  private static func pText(_ p: Double) -> String {
    p < 0.001 ? String(format: "%.1e", p) : String(format: "%.3f", p)
  }
}
