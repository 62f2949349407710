// The optimizer of a run: the Adam variants of four published programs over flat arenas of weights and gradients.
// It owns the two moments and the count of updates; it neither clips nor schedules, it is told a rate and a scale.
// Scalar factors are computed in Double and rounded once; every element is updated on its own, so no bit depends on
// how the arena is cut.

import Kernels
import Transformer
import Trials

/// Adam over a parameter arena, by one of four update rules.
public final class Optimizer {
  /// A stretch of the arena that is updated alike.
  struct Span {
    var range: Range<Int>
    var decays: Bool
  }

  /// The rule and its constants.
  public private(set) var specification: OptimizerSpecification
  /// Completed updates.
  public private(set) var updateCount = 0

  let spans: [Span]
  private let arenas: (Arena, Arena)
  /// The first moment, as long as the arena.
  let firstMoment: UnsafeMutableBufferPointer<Float>
  /// The second moment, as long as the arena.
  let secondMoment: UnsafeMutableBufferPointer<Float>

  /// An optimizer with moments at zero, decaying the tensors whose layout says so.
  public convenience init(_ specification: OptimizerSpecification, layout: ParameterLayout) {
    self.init(
      specification, spans: layout.tensors.map { Span(range: $0.range, decays: $0.decays) }, count: layout.count)
  }

  init(_ specification: OptimizerSpecification, spans: [Span], count: Int) {
    precondition(spans.allSatisfy { $0.range.lowerBound >= 0 && $0.range.upperBound <= count })
    self.specification = specification
    self.spans = spans
    arenas = (Arena(floatCount: count), Arena(floatCount: count))
    (firstMoment, secondMoment) = (arenas.0.floats, arenas.1.floats)
  }

  /// Forgets every update and takes up a specification, as if newly made.
  public func restart(_ specification: OptimizerSpecification) {
    self.specification = specification
    guard updateCount > 0 else { return }
    firstMoment.update(repeating: 0)
    secondMoment.update(repeating: 0)
    updateCount = 0
  }

  /// Makes one update of `parameters` at `learningRate`, with each gradient multiplied by its tensor's scale first.
  ///
  /// - Parameters:
  ///   - parameters: the weights, as long as the layout.
  ///   - gradients: the gradients as the backward pass left them; they are only read.
  ///   - learningRate: the scheduled rate of this update.
  ///   - scaling: what clipping decided.
  public func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    learningRate: Double, scaling: GradientScaling
  ) {
    precondition(parameters.count == firstMoment.count && gradients.count == firstMoment.count)
    updateCount += 1
    for (index, span) in spans.enumerated() where !span.range.isEmpty {
      let factors = UpdateFactors(
        specification, learningRate: learningRate, update: updateCount, decays: span.decays,
        gradientScale: scaling.factor(ofTensor: index))
      let start = span.range.lowerBound
      let arenas = UpdateArenas(
        count: span.range.count, weights: parameters.baseAddress! + start, gradients: gradients.baseAddress! + start,
        firstMoment: firstMoment.baseAddress! + start, secondMoment: secondMoment.baseAddress! + start)
      switch specification.algorithm {
      case .huggingFace: update(arenas, by: DecayAfterStep.self, factors)
      case .google, .bertAdam: update(arenas, by: DecayInsideStep.self, factors)
      case .torch: update(arenas, by: DecayBeforeStep.self, factors)
      }
    }
  }

  /// The factor sqrt(1 - beta2^t) / (1 - beta1^t) by which leaving out the bias correction overstates update `t`
  /// (its reciprocal; Kingma and Ba 2015, discussed in arXiv 2006.04884), t from 1.
  public static func biasCorrection(beta1: Double, beta2: Double, update: Int) -> Double {
    (1 - power(beta2, update)).squareRoot() / (1 - power(beta1, update))
  }

  /// An integer power by repeated squaring: the same bits on every machine, unlike the C library's `pow`.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var remaining = exponent
    while remaining > 0 {
      if remaining & 1 == 1 { result *= square }
      square *= square
      remaining >>= 1
    }
    return result
  }
}
