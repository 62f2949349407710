// The average of a run's weights, beside the weights that are trained: the mean of those at the end of the run (SWA, Izmailov et al.
// 2018), or their exponential moving average. It begins as a copy of the first weights that it takes, as `AveragedModel` of
// torch.optim.swa_utils does. It keeps no count: what it has taken follows from the number of steps.

import Kernels
import Trials

/// Which steps' weights an average takes, and with which weight each enters it.
package struct AverageRule: Equatable, Sendable {
  private enum Kind: Equatable {
    /// From the step after `start`, every `period` steps.
    case mean(start: Int, period: Int)
    /// From the first step, keeping this share of itself.
    case moving(decay: Double)
  }

  private let kind: Kind

  /// The rule of a training of `stepCount` steps; nil where nothing is averaged.
  package init?(_ training: TrainingSpecification, stepCount: Int) {
    switch training.average {
    case .off: return nil
    case .swa:
      kind = .mean(start: Int(training.averageFrom * Double(stepCount)), period: training.averageEvery)
    case .ema: kind = .moving(decay: training.averageDecay)
    }
  }

  /// The weights that the average has taken after `step` steps.
  package func count(after step: Int) -> Int {
    switch kind {
    case .mean(let start, let period): step > start ? (step - start - 1) / period + 1 : 0
    case .moving: step
    }
  }

  /// The share of the average that the weights after `step` steps become; nil where it does not take them.
  func share(ofStep step: Int) -> Float? {
    let taken = count(after: step)
    guard taken > count(after: step - 1) else { return nil }
    switch kind {
    case .mean: return Float(1 / Double(taken))
    case .moving(let decay): return taken == 1 ? 1 : Float(1 - decay)
    }
  }
}

/// The average of a run's weights.
package struct WeightAverage {
  private let rule: AverageRule
  /// The averaged weights, as long as the parameters, in memory that somebody else keeps. They have no meaning before the first
  /// weights were taken.
  package let values: UnsafeMutableBufferPointer<Float>

  package init(_ rule: AverageRule, in values: UnsafeMutableBufferPointer<Float>) {
    self.rule = rule
    self.values = values
  }

  /// Whether the weights after `step` steps are taken, which must then be settled.
  package func takes(step: Int) -> Bool { rule.share(ofStep: step) != nil }

  /// Whether weights were taken in the first `step` steps.
  package func isThere(after step: Int) -> Bool { rule.count(after: step) > 0 }

  /// Takes the weights after `step` steps where the rule says so: values += share (parameters - values), each element on its own.
  package func take(_ parameters: UnsafeMutableBufferPointer<Float>, step: Int, on team: ThreadTeam) {
    guard let share = rule.share(ofStep: step), let own = values.baseAddress, let other = parameters.baseAddress
    else { return }
    let (count, pieceSize) = (values.count, 1 << 16)
    team.run((count + pieceSize - 1) / pieceSize) { piece, _ in
      let start = piece * pieceSize
      let size = min(pieceSize, count - start)
      // A copy is exact whatever the memory held before, which a sum is not.
      guard share < 1 else { return (own + start).update(from: other + start, count: size) }
      for index in start..<start + size { own[index] += share * (other[index] - own[index]) }
    }
  }
}
