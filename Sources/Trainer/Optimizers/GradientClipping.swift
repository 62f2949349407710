// Gradient norms and what clipping makes of them. Norms are always those before clipping; the clipped gradients are
// never written, the optimizer multiplies as it reads. Only trained tensors count: PyTorch's clipping sees no other either, since a
// frozen parameter has no gradient, and a cure that freezes half of a model must not shrink the steps of the rest. Sums of squares run in fixed blocks and in Double, so they are
// the same for any thread count and finite exactly when every gradient is.

import Kernels
import Transformer
import Trials

/// The l2 norms of a gradient arena, before clipping.
package struct GradientNorms: Equatable, Sendable {
  /// The norm over all tensors; NaN or infinite exactly when some gradient is.
  package let total: Double
  /// The norm of each tensor, in the layout's order; 0 for one that is not trained.
  package let tensors: [Double]

  /// Measures the gradients of a step. Of an embedding table only the touched rows are summed, ascending.
  package init(of gradients: GradientArena, on team: ThreadTeam = .alone) {
    let touched = Dictionary(uniqueKeysWithValues: gradients.touched.map { ($0.tensorIndex, $0.rows) })
    let tensors = gradients.layout.tensors
    let squares = [Double](unsafeUninitializedCapacity: tensors.count) { squares, count in
      count = tensors.count
      guard let base = squares.baseAddress else { return }
      team.run(tensors.count) { index, _ in
        guard gradients.trained[index] else { return base[index] = 0 }
        let rows = touched[index]?.map { tensors[index].row($0) } ?? [tensors[index].range]
        base[index] = rows.reduce(0) { $0 + Self.sumOfSquares(gradients.values, $1) }
      }
    }
    self.init(squares: squares)
  }

  init(of gradients: UnsafeMutableBufferPointer<Float>, ranges: [Range<Int>]) {
    self.init(squares: ranges.map { Self.sumOfSquares(gradients, $0) })
  }

  private static func sumOfSquares(_ gradients: UnsafeMutableBufferPointer<Float>, _ range: Range<Int>) -> Double {
    Kernels.sumOfSquares(UnsafeBufferPointer(rebasing: gradients[range]))
  }

  private init(squares: [Double]) {
    total = squares.reduce(0, +).squareRoot()
    tensors = squares.map { $0.squareRoot() }
  }
}

/// What each tensor's gradients are multiplied by.
package struct GradientScaling: Equatable, Sendable {
  private let common: Float
  private let tensors: [Float]

  /// Gradients as they are.
  package static let identity = GradientScaling(common: 1, tensors: [])

  /// The scaling that enforces `maximumNorm` on the whole gradient or on each tensor's.
  package init(_ norms: GradientNorms, clip: OptimizerSpecification.Clip, maximumNorm: Double) {
    switch clip {
    case .unclipped: self = .identity
    case .global: self.init(common: Self.factor(norm: norms.total, maximumNorm: maximumNorm), tensors: [])
    case .perTensor:
      self.init(common: 1, tensors: norms.tensors.map { Self.factor(norm: $0, maximumNorm: maximumNorm) })
    }
  }

  private init(common: Float, tensors: [Float]) {
    self.common = common
    self.tensors = tensors
  }

  /// The factor of the tensor with an index in the layout.
  package func factor(ofTensor index: Int) -> Float {
    tensors.isEmpty ? common : tensors[index]
  }

  /// maximum / (norm + 1e-6) where that is below 1, else 1 (`torch.nn.utils.clip_grad_norm_`).
  static func factor(norm: Double, maximumNorm: Double) -> Float {
    let factor = maximumNorm / (norm + 1e-6)
    return factor < 1 ? Float(factor) : 1
  }
}
