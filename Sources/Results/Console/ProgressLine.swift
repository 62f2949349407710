// The one line that says how far a sweep is, as a pure function of counts and seconds. Who prints it, and when, is the
// command line's business.

import Host
import Reports

/// How far a sweep is.
package struct ProgressLine: Equatable, Sendable {
  /// What a terminal of 80 columns shows in one line. What is beside the counts is left out where it would not fit.
  static let preferredWidth = 79

  /// One recipe's part.
  package struct Recipe: Equatable, Sendable {
    /// What the recipe is called.
    package var name: String
    /// Its trials with a result.
    package var doneCount: Int
    /// Those of them that failed and did not diverge.
    package var failedCount: Int

    package init(name: String, doneCount: Int, failedCount: Int) {
      self.name = name
      self.doneCount = doneCount
      self.failedCount = failedCount
    }
  }

  /// Trials with a result.
  package var doneCount: Int
  /// Trials of the plan.
  package var totalCount: Int
  /// Results that count as failed runs, diverged ones among them.
  package var failedCount: Int
  /// Results that diverged.
  package var divergedCount: Int
  /// Trials that a rule stopped early for good.
  package var stoppedCount = 0
  /// Trials that crashed as often as they may.
  package var crashedCount: Int
  /// Seconds until the end, if they can be told.
  package var secondsLeft: Double?
  /// The rule by which runs failed.
  package var rule: FailureRule
  /// The recipes, if there are several.
  package var recipes: [Recipe] = []
  /// How far the trials under way are, in words.
  package var running: String?

  /// A line of given counts.
  package init(
    doneCount: Int, totalCount: Int, failedCount: Int, divergedCount: Int = 0, crashedCount: Int = 0,
    secondsLeft: Double? = nil, rule: FailureRule = .accuracy
  ) {
    self.doneCount = doneCount
    self.totalCount = totalCount
    self.failedCount = failedCount
    self.divergedCount = divergedCount
    self.crashedCount = crashedCount
    self.secondsLeft = secondsLeft
    self.rule = rule
  }

  /// "37 of 80 trials done, 5 at chance (default 5/20, corrected 0/17), about 4 min left".
  package var text: String { text(width: nil) }

  /// The line with as much beside the counts as fits into `width` columns, and into those of a usual terminal; in fewer words where
  /// the counts alone do not fit.
  package func text(width: Int?) -> String {
    let width = min(width ?? .max, Self.preferredWidth)
    let choices = [(true, true), (true, false), (false, true), (false, false)].map {
      text(hasRecipes: $0, hasRunning: $1)
    }
    return choices.first { $0.count <= width } ?? text(isShort: true)
  }

  private func text(hasRecipes: Bool = false, hasRunning: Bool = false, isShort: Bool = false) -> String {
    var parts = [
      isShort ? "\(doneCount)/\(totalCount) done" : "\(doneCount) of \(totalCount) trials done",
      "\(failedCount - divergedCount) \(rule.failedWords)",
    ]
    if hasRecipes, recipes.count > 1, doneCount > 0 {
      let counts = recipes.map { "\($0.name) \($0.failedCount)/\($0.doneCount)" }
      parts[1] += " (\(counts.joined(separator: ", ")))"
    }
    if divergedCount > 0 { parts.append("\(divergedCount) diverged") }
    if stoppedCount > 0 { parts.append("\(stoppedCount) more stopped early") }
    if crashedCount > 0 { parts.append("\(crashedCount) crashed") }
    if hasRunning, let running { parts.append(running) }
    if doneCount + crashedCount < totalCount, let secondsLeft {
      parts.append((isShort ? readable(seconds: secondsLeft) : readable(aboutSeconds: secondsLeft)) + " left")
    }
    return parts.joined(separator: ", ")
  }
}

extension FailureRule {
  /// What a progress line says of runs that failed by the rule: "failed" alone would read like "crashed".
  var failedWords: String {
    switch self {
    case .baseline, .accuracy: "at chance"
    case .constant: "constant"
    case .loss: "at chance loss"
    case .below(let bound): "below \(bound)"
    }
  }
}
