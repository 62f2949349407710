// The values that tensors start with when no checkpoint gives them, drawn in the order of the elements.

import Architectures
import Arithmetics
import SeedStreams

/// The initial values of one tensor, handed out piece by piece.
struct InitialValues {
  private let rule: ParameterLayout.InitialRule
  private let range: Double
  private let arithmetic: Arithmetic
  private var stream: SeedStream

  /// The values of a rule; normal ones have the standard deviation `range`, and the functions behind them are an arithmetic's.
  init(_ rule: ParameterLayout.InitialRule, range: Double, _ arithmetic: Arithmetic, stream: SeedStream) {
    self.rule = rule
    self.range = range
    self.arithmetic = arithmetic
    self.stream = stream
  }

  /// Hands out as many of the next values as the buffer takes.
  mutating func fill(_ values: UnsafeMutableBufferPointer<Float>) {
    switch rule {
    case .zeros: values.update(repeating: 0)
    case .ones: values.update(repeating: 1)
    case .normal: for index in values.indices { values[index] = Float(stream.normal(arithmetic) * range) }
    }
  }
}

extension EncoderModel {
  /// The initial values of a tensor: the head's from the head initialization stream, of which a dense layer of its own has
  /// a second site and the layer of two sentences a third; all others' from a site of their own in the parameter initialization stream.
  func initialValues(ofTensor index: Int, seed: UInt64) -> InitialValues {
    let tensor = layout.tensors[index]
    return InitialValues(
      tensor.initialRule, range: configuration.initializerRange * tensor.initialScale, arithmetic,
      stream: tensor.group == .head
        ? SeedStream(seed: seed, purpose: .headInitialization, site: Self.headSite(of: tensor.role))
        : SeedStream(seed: seed, purpose: .parameterInitialization, site: UInt32(index)))
  }

  private static func headSite(of role: TensorRole) -> UInt32 {
    switch role {
    case .linear(.classifierDense, .weight): 1
    case .linear(.pairRelation, .weight): 2
    default: 0
    }
  }
}
