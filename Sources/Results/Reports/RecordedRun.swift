// What a run had recorded at each of its steps, as far as rules for stopping runs early read it. A rule reads the same of a run whether
// it was stopped at the rule's step or went on from there.

import StopRules
import Trials

/// A run with its recorded curves.
package struct RecordedRun: Sendable {
  /// One evaluation on the dev set.
  private struct Evaluated: Sendable {
    var step: Int
    /// The reported metric; larger is better.
    var score: Double
    /// The loss; nil where a program told none.
    var loss: Double?
    /// Whether a run that ended here would have failed by the rule `baseline`; nil where no baseline is known.
    var isAtChance: Bool?
  }

  /// The trial's identifier.
  package let identifier: String
  /// The score that the tables give the run; larger is better, NaN for a run that diverged.
  package let score: Double
  /// Whether the run failed.
  package let isFailed: Bool
  /// The steps that it made.
  package let stepCount: Int
  /// The step after which a run that has not ended knows no more; nil for one that has ended.
  private let openStep: Int?
  /// Whether its last step was the one before it diverged.
  private let isDiverged: Bool
  private let direction: Double
  private let evaluations: [Evaluated]
  private let trainLosses: [(step: Int, value: Double)]
  /// The training loss from which on a run has not got anywhere; nil where nobody knows it.
  private let flatLoss: Double?

  package init(_ outcome: Outcome, identifier: String = "", options: TableOptions = TableOptions()) {
    let direction = outcome.judge?.direction ?? 1
    let hasBaseline = !outcome.isOfProgram || outcome.judge?.baseline != nil
    let failure = options.rule.failure(of: outcome, score: options.score)
    self.identifier = identifier
    self.direction = direction
    score = failure == .diverged ? .nan : direction * outcome.value(options.score)
    isFailed = failure != nil
    stepCount = outcome.stepCount
    openStep = outcome.status.isResult ? nil : outcome.stepCount
    isDiverged = outcome.status == .diverged && !outcome.isOfProgram
    let lossSteps = outcome.isOfProgram ? outcome.lossSteps : []
    evaluations = outcome.madeEvaluations.map { evaluation in
      var cut = outcome
      cut.status = .completed
      cut.evaluations = [evaluation]
      return Evaluated(
        step: evaluation.step, score: direction * evaluation.value,
        loss: outcome.isOfProgram && evaluation.loss.isNaN && !lossSteps.contains(evaluation.step)
          ? nil : evaluation.loss,
        isAtChance: hasBaseline ? FailureRule.baseline.failure(of: cut, score: .final) != nil : nil)
    }
    trainLosses = outcome.curve.filter { $0.quantity == "loss" }.map { ($0.step, $0.value) }
    flatLoss = outcome.chanceLoss.map { FailureRule.flatLossShare * $0 }
  }

  /// What a rule reads after `step` steps; nil where nobody knows it yet, because the run was stopped before.
  package func known(_ rule: EarlyRule, at step: Int) -> EarlyRule.Reading? {
    if let openStep, openStep < step { return nil }
    return reading(rule, at: step)
  }

  /// What a rule reads after `step` steps: the last record at or before them. One that is not finite is worse than any number.
  package func reading(_ rule: EarlyRule, at step: Int) -> EarlyRule.Reading {
    guard stepCount > step || stepCount == step && (openStep != nil || isDiverged) else { return .ended }
    switch rule.measure {
    case .score:
      guard let found = evaluations.last(where: { $0.step <= step }) else { return .unmeasured }
      return reading(found.score, rule, isAtChance: found.isAtChance)
    case .devLoss:
      guard let loss = evaluations.last(where: { $0.step <= step })?.loss else { return .unmeasured }
      return reading(-loss, rule, isAtChance: nil)
    case .trainLoss:
      guard let found = trainLosses.last(where: { $0.step <= step }) else { return .unmeasured }
      return reading(-found.value, rule, isAtChance: flatLoss.map { !(found.value < $0) })
    }
  }

  private func reading(_ measure: Double, _ rule: EarlyRule, isAtChance: Bool?) -> EarlyRule.Reading {
    let measure = measure.isFinite ? measure : -.infinity
    switch rule.bound {
    case .top: return .measured(measure, stops: false)
    case .chance: return isAtChance.map { .measured(measure, stops: $0 || !measure.isFinite) } ?? .chanceUnknown
    case .level(let level):
      return .measured(measure, stops: !(measure > (rule.measure == .score ? direction * level : -level)))
    }
  }
}

extension Outcome {
  /// The steps at which a program told a loss; a NaN is not the same as none.
  fileprivate var lossSteps: Set<Int> {
    Set(evaluationCurve.lazy.filter { ["loss", "eval_loss"].contains($0.quantity) }.map(\.step))
  }
}
