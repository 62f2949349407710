// The kernels that pass over a whole model once in each step or trial: the optimizers' updates, the gradient norms and the
// digests. `seedsweep-bench kernels` times them.

import Digests
import Optimizers
import Training
import Transformer
import Trials

/// The passes over a whole model.
final class ArenaKernels {
  private let layout: ParameterLayout
  private let parameters: FloatBuffer
  private let gradients: GradientArena
  private let optimizer: Optimizer
  private let bytes: [UInt8]

  /// The number of parameters of the model.
  var parameterCount: Int { layout.count }
  /// The number of bytes that are digested.
  var digestedByteCount: Int { bytes.count }

  /// Arenas of a model with a head of two classes.
  init(_ encoder: EncoderConfiguration, digestedByteCount: Int) {
    layout = ParameterLayout(encoder, labelCount: 2)
    parameters = FloatBuffer(layout.count, scale: 0.02)
    gradients = GradientArena(layout)
    let drawn = FloatBuffer(layout.count, scale: 0.001)
    _ = gradients.values.update(fromContentsOf: UnsafeMutableBufferPointer(start: drawn.start, count: drawn.count))
    optimizer = Optimizer(OptimizerSpecification(), layout: layout)
    bytes = (0..<digestedByteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  }

  /// The update rules, of which a step runs all but the embedding rows that its batch does not reach, and the norms.
  var optimizers: [MeasuredKernel] {
    let updatedCount = layout.tensors.filter { !$0.isTable }.reduce(0) { $0 + $1.range.count }
    let updates = OptimizerSpecification.Algorithm.allCases.map { algorithm in
      var specification = OptimizerSpecification()
      specification.algorithm = algorithm
      return MeasuredKernel(
        name: "update \(algorithm.rawValue)", elementCount: updatedCount, bytesPerElement: 28,
        prepare: { [self] in optimizer.restart(specification) }
      ) { [self] in
        optimizer.update(arena(parameters), gradients: gradients, learningRate: 1e-6, scaling: .identity)
      }
    }
    let norms = MeasuredKernel(name: "gradient norms", elementCount: layout.count, bytesPerElement: 4) { [self] in
      _ = GradientNorms(of: gradients)
    }
    return updates + [norms]
  }

  /// The digests.
  var digests: [MeasuredKernel] {
    [
      MeasuredKernel(name: "SHA-256", elementCount: bytes.count, bytesPerElement: 1) { [self] in
        bytes.withUnsafeBytes { _ = SHA256.hex(of: $0) }
      },
      MeasuredKernel(name: "CRC-32", elementCount: bytes.count, bytesPerElement: 1) { [self] in
        bytes.withUnsafeBytes { _ = CRC32.checksum($0) }
      },
    ]
  }

  private func arena(_ buffer: FloatBuffer) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: buffer.start, count: buffer.count)
  }
}
