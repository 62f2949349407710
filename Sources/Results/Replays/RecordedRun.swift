// What a finished run had recorded at each of its steps, as far as rules for stopping runs early read it.

import Reports
import StopRules
import Trials

/// A run with its recorded curves.
struct RecordedRun: Sendable {
  /// One evaluation on the dev set.
  struct Evaluated: Sendable {
    var step: Int
    /// The reported metric; larger is better.
    var score: Double
    var loss: Double
    /// Whether a run that ended here would have failed by the rule `baseline`; nil where no baseline is known.
    var isAtChance: Bool?
  }

  /// The trial's identifier.
  let identifier: String
  /// The score that the tables give the run; larger is better, NaN for a run that diverged.
  let score: Double
  /// Whether the run failed.
  let isFailed: Bool
  /// The steps that it made.
  let stepCount: Int
  private let direction: Double
  private let evaluations: [Evaluated]
  private let trainLosses: [(step: Int, value: Double)]
  /// The training loss from which on a run has not got anywhere; nil where nobody knows it.
  private let flatLoss: Double?

  init(_ outcome: Outcome, identifier: String, options: TableOptions) {
    let direction = outcome.judge?.direction ?? 1
    let hasBaseline = !outcome.isOfProgram || outcome.judge?.baseline != nil
    let failure = options.rule.failure(of: outcome, score: options.score)
    self.identifier = identifier
    self.direction = direction
    score = failure == .diverged ? .nan : direction * outcome.value(options.score)
    isFailed = failure != nil
    stepCount = outcome.stepCount
    evaluations = outcome.evaluations.map { evaluation in
      var cut = outcome
      cut.status = .completed
      cut.evaluations = [evaluation]
      return Evaluated(
        step: evaluation.step, score: direction * evaluation.value, loss: evaluation.loss,
        isAtChance: hasBaseline ? FailureRule.baseline.failure(of: cut, score: .final) != nil : nil)
    }
    trainLosses = outcome.curve.filter { $0.quantity == "loss" }.map { ($0.step, $0.value) }
    flatLoss = outcome.chanceLoss.map { FailureRule.flatLossShare * $0 }
  }

  /// What a rule reads of the run after a number of steps.
  enum Reading: Equatable, Sendable {
    /// The run had ended by then.
    case ended
    /// It had recorded nothing of the kind.
    case unmeasured
    /// Nobody knows what chance gives.
    case chanceUnknown
    /// The measure, larger is better, and whether the bound stops a run with it; false where other runs decide that.
    case measured(Double, stops: Bool)
  }

  /// What a rule reads after `step` steps: the last record at or before them. A NaN is worse than any number.
  func reading(_ rule: EarlyRule, at step: Int) -> Reading {
    guard stepCount > step else { return .ended }
    switch rule.measure {
    case .score:
      guard let found = evaluations.last(where: { $0.step <= step }) else { return .unmeasured }
      return reading(found.score, rule, isAtChance: found.isAtChance)
    case .devLoss:
      // A program may leave scores without losses.
      guard let found = evaluations.last(where: { $0.step <= step }), !found.loss.isNaN else { return .unmeasured }
      return reading(-found.loss, rule, isAtChance: nil)
    case .trainLoss:
      guard let found = trainLosses.last(where: { $0.step <= step }) else { return .unmeasured }
      return reading(-found.value, rule, isAtChance: flatLoss.map { !(found.value < $0) })
    }
  }

  private func reading(_ measure: Double, _ rule: EarlyRule, isAtChance: Bool?) -> Reading {
    switch rule.bound {
    case .top: return .measured(measure, stops: false)
    case .chance: return isAtChance.map { .measured(measure, stops: $0) } ?? .chanceUnknown
    case .level(let level):
      return .measured(measure, stops: !(measure > (rule.measure == .score ? direction * level : -level)))
    }
  }
}
