// What counts as a failed run. A failure is a finding about a result, never an error; the rule looks only at the journaled
// outcome, so that another rule needs no retraining.

import JSON5
import Statistics
import Tasks
import Trials

/// Which evaluation scores a run.
package enum ScoreChoice: String, CaseIterable, Sendable {
  /// The last one.
  case final
  /// The one with the highest metric on all dev examples, the first of equals.
  case best
}

/// How a failed run failed.
package enum FailureKind: String, CaseIterable, Sendable {
  /// No evaluation was any better.
  case neverLearned = "never_learned"
  /// An earlier evaluation was better.
  case collapsed
  /// A loss or weight became NaN or infinite.
  case diverged
}

/// What counts as a failed run.
package enum FailureRule: Equatable, Sendable {
  /// A score that is not above the best constant classifier's, `Outcome.constantScore`: 0 for Matthews' and other correlations;
  /// for accuracy the same as `accuracy`. For regression a constant prediction as well. The default.
  case baseline
  /// No more correct predictions than the majority class has examples (Mosbach et al. 2021), whatever the metric; for
  /// regression a constant prediction or a Pearson correlation that is not above zero.
  case accuracy
  /// More than 99 % of the predictions are the same class or number.
  case constant
  /// The final training loss is at least .9 of the training labels' entropy, whichever evaluation scores the run;
  /// regression, which has no such entropy, is judged as by `baseline`.
  case loss
  /// The metric is below a number, or NaN.
  case below(Double)

  /// The rules without a number of the user's, as the command line spells them.
  package static let names = [FailureRule.baseline, .accuracy, .constant, .loss].map(\.name)

  /// The share of the chance loss at which training has not got anywhere.
  package static let flatLossShare = 0.9

  /// The rule as the command line spells it: `baseline`, `accuracy`, `constant`, `loss` or `below=X`; nil for anything else.
  package init?(_ text: String) {
    switch text {
    case "baseline": self = .baseline
    case "accuracy": self = .accuracy
    case "constant": self = .constant
    case "loss": self = .loss
    default:
      guard text.hasPrefix("below="), let bound = text.dropFirst(6).decimalNumber, bound.isFinite else { return nil }
      self = .below(bound)
    }
  }

  /// The rule as the command line spells it.
  package var name: String {
    switch self {
    case .baseline: "baseline"
    case .accuracy: "accuracy"
    case .constant: "constant"
    case .loss: "loss"
    case .below(let bound): "below=\(bound)"
    }
  }

  /// Whether it compares the metric with a number of the user's.
  package var isBound: Bool { if case .below = self { true } else { false } }

  /// How a run failed; nil for a run that did not.
  ///
  /// - Parameters:
  ///   - outcome: A result; a run without an evaluation counts as never having learned.
  ///   - score: The evaluation to judge.
  package func failure(of outcome: Outcome, score: ScoreChoice) -> FailureKind? {
    if outcome.status == .diverged { return .diverged }
    guard let judged = outcome.evaluation(score) else { return .neverLearned }
    guard isFailed(judged, of: outcome) else { return nil }
    if self == .loss && !outcome.isRegression && !outcome.isOfProgram {
      // The loss names no evaluation: what the run once knew is told by the default rule.
      return outcome.evaluations.allSatisfy { FailureRule.baseline.isFailed($0, of: outcome) }
        ? .neverLearned : .collapsed
    }
    return outcome.evaluations.allSatisfy { isFailed($0, of: outcome) } ? .neverLearned : .collapsed
  }

  private func isFailed(_ evaluation: Evaluation, of outcome: Outcome) -> Bool {
    // A program tells no predictions, so that the other rules have nothing to judge by.
    if outcome.isOfProgram, !isBound { return outcome.isAtBaseline(score: evaluation.value) }
    switch self {
    case .below(let bound): return !(evaluation.value >= bound)
    case .constant: return evaluation.isConstant
    case .loss where !outcome.isRegression: return outcome.hasFlatLoss ?? false
    case .accuracy:
      if outcome.isRegression { return evaluation.isConstant || !((evaluation.pearson ?? .nan) > 0) }
      return outcome.isAtMajority(evaluation)
    case .baseline, .loss: return outcome.isAtBaseline(evaluation)
    }
  }

  /// The rule under the name that tables of some metrics always had: for accuracy and Pearson's correlation `baseline` judges as
  /// `accuracy` does.
  package func named(for metrics: some Sequence<MetricName>) -> FailureRule {
    self == .baseline && metrics.allSatisfy { $0 == .accuracy || $0 == .pearson } ? .accuracy : self
  }
}

/// What judges runs that something else trained, of which only scores are known: the baseline of their task.
package enum BaselineRule {
  /// The rule as tables name it: `diverged` without a baseline, otherwise `baseline=0.5+0.01`, or `lower_baseline=0.5-0.01` where a
  /// lower score is better.
  package static func name(baseline: Double?, tolerance: Double, lowerIsBetter: Bool) -> String {
    guard let baseline else { return "diverged" }
    let (start, sign) = lowerIsBetter ? ("lower_baseline", "-") : ("baseline", "+")
    return "\(start)=\(baseline)" + (tolerance > 0 ? "\(sign)\(tolerance)" : "")
  }

  /// Whether tables may name a rule so.
  package static func isName(_ text: String) -> Bool {
    text == "diverged" || text.wholeMatch(of: /(?:lower_)?baseline=[0-9.e+-]+/) != nil
  }
}

extension Outcome {
  /// Whether numbers rather than classes are predicted.
  var isRegression: Bool { metric == .pearson || metric == .spearman }

  /// Whether no more predictions are correct than the majority class has examples.
  fileprivate func isAtMajority(_ evaluation: Evaluation) -> Bool {
    (evaluation.correctCount ?? 0) <= (majorityCount ?? 0)
  }

  /// Whether the metric is not above a constant classifier's, which has the same bits where the predictions are constant.
  fileprivate func isAtBaseline(_ evaluation: Evaluation) -> Bool {
    switch metric {
    case .accuracy: return isAtMajority(evaluation)
    case .matthews: return !(evaluation.value > 0)
    case .pearson, .spearman: return evaluation.isConstant || !(evaluation.value > 0)
    case .score: return isAtBaseline(score: evaluation.value)
    case .f1, .macroF1, .accuracyAndF1:
      guard let constantScore else { return isAtMajority(evaluation) }
      return !(evaluation.value > constantScore)
    }
  }

  /// The evaluation that scores the run; nil where there is none, and for `best` where none has a value.
  package func evaluation(_ score: ScoreChoice) -> Evaluation? {
    let direction = judge?.direction ?? 1
    return score == .final ? evaluations.last : evaluations.highest { direction * $0.value }
  }

  /// Whether the final training loss is at least .9 of the training labels' entropy; nil for regression and for a run
  /// without a batch.
  package var hasFlatLoss: Bool? {
    guard let trainLossFinal, let chanceLoss else { return nil }
    return !(trainLossFinal < FailureRule.flatLossShare * chanceLoss)
  }

  /// The exact one-sided p-value of an evaluation's number of correct predictions, if each were correct with the majority
  /// class's share; nil for regression.
  package func majorityTest(_ evaluation: Evaluation) -> Double? {
    guard let correct = evaluation.correctCount, let majorityCount, evaluationCount > 0,
      max(correct, majorityCount) <= evaluationCount
    else { return nil }
    return Proportion.binomialUpperTail(
      count: correct, total: evaluationCount, rate: Double(majorityCount) / Double(evaluationCount))
  }
}

extension [Evaluation] {
  /// The evaluation with the highest value, the first of equals; NaN is passed over.
  func highest(_ value: (Evaluation) -> Double) -> Evaluation? {
    reduce(nil) { best, next in
      let score = value(next)
      if score.isNaN { return best }
      return best.map { score > value($0) } ?? true ? next : best
    }
  }
}
