// A BERT encoder, owner of its parameter arena and of its activations, without a head: `Classifier` and `LanguageModel` are
// encoders with one. It neither updates its weights nor reads files; it is not Sendable: one belongs to one thread of work.

import Arithmetics
import Kernels

/// An encoder with the parameters of a head, which a subclass computes.
package class EncoderModel {
  package let configuration: EncoderConfiguration
  /// Where each tensor lies in the parameter arena.
  package let layout: ParameterLayout
  /// Every parameter, (layout.count), owned by this object.
  package let parameters: UnsafeMutableBufferPointer<Float>
  /// The threads that its passes run on; they change no bit.
  package let team: ThreadTeam
  /// What makes the products, the functions of the losses and the normal numbers of drawn weights.
  package var arithmetic: Arithmetic {
    get { products.arithmetic }
    set { products = Products(newValue, precision, on: team) }
  }
  /// How the products of the linear layers round.
  package var precision: ProductPrecision {
    get { products.precision }
    set { products = Products(arithmetic, newValue, on: team) }
  }
  private(set) var products: Products
  /// The order of residual sums and their norms.
  let residual: any Residual
  private let arena: Arena
  /// Where the passes read each tensor: in the parameters, but for the weights that a training step mixes.
  var tensors: ModelTensors
  let workspace: Workspace

  /// An encoder whose parameters are all zero until they are initialized or loaded.
  init(_ configuration: EncoderConfiguration, head: ParameterLayout.Head, team: ThreadTeam) {
    self.configuration = configuration
    self.team = team
    products = Products(on: team)
    residual = Self.residual(configuration, on: team)
    layout = ParameterLayout(configuration, head: head)
    arena = Arena(floatCount: layout.count)
    parameters = arena.floats
    guard let base = parameters.baseAddress else { preconditionFailure("a layout holds at least one tensor") }
    tensors = ModelTensors(TensorSet(layout, base: base))
    workspace = Workspace(configuration, residual, threadCount: team.threadCount)
  }

  static func residual(_ configuration: EncoderConfiguration, on team: ThreadTeam) -> any Residual {
    let epsilon = Float(configuration.layerNormEpsilon)
    return switch configuration.architecture.normPosition {
    case .afterSum: PostNormResidual(epsilon: epsilon, team: team)
    case .beforePart: PreNormResidual(epsilon: epsilon, team: team)
    }
  }

  package func initialize(seed: UInt64) { initialize(seed: seed) {} }

  /// The same, asking `goesOn` before each tensor, which throws to leave.
  package func initialize(seed: UInt64, goesOn: () throws -> Void) rethrows {
    for (index, tensor) in layout.tensors.enumerated() {
      try goesOn()
      var values = initialValues(ofTensor: index, seed: seed)
      values.fill(self.values(of: tensor))
    }
  }

  /// Has the passes within `body` read every tensor from `other`, which is laid out as the parameters.
  package func reading<Result>(
    _ other: UnsafeMutableBufferPointer<Float>, _ body: () throws -> Result
  ) rethrows -> Result {
    guard other.count == layout.count, let base = other.baseAddress else {
      preconditionFailure("other weights must have the layout of the parameters")
    }
    let own = tensors
    defer { tensors = own }
    tensors = ModelTensors(TensorSet(layout, base: base))
    return try body()
  }

  package func values(of tensor: ParameterLayout.Tensor) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: parameters[tensor.range])
  }

  /// Checks a batch against the embedding tables and lends its buffers, with those of the tokens that the head reads:
  /// their indices, ascending, and where each sequence's begin among them.
  func withPackedTokens(
    _ batch: PackedSequences, reading indices: some Sequence<Int>, from starts: some Sequence<Int>,
    _ body: (PackedTokens, ChosenTokens) -> Void
  ) {
    for identifier in batch.tokenIdentifiers {
      precondition(
        identifier >= 0 && identifier < configuration.vocabularySize,
        "token identifier \(identifier) is outside the vocabulary of \(configuration.vocabularySize)")
    }
    for identifier in batch.typeIdentifiers where configuration.architecture.hasTypes {
      precondition(
        identifier >= 0 && identifier < configuration.typeCount,
        "token type \(identifier) is outside the model's \(configuration.typeCount) types")
    }
    for sequence in 0..<batch.sequenceCount {
      let length = batch.offsets[sequence + 1] - batch.offsets[sequence]
      precondition(
        length <= configuration.longestSequence,
        "sequence \(sequence) has \(length) tokens, the model has \(configuration.longestSequence) positions")
    }
    let (indices, starts) = (Array(indices), Array(starts))
    batch.tokenIdentifiers.withUnsafeBufferPointer { words in
      batch.typeIdentifiers.withUnsafeBufferPointer { types in
        batch.offsets.withUnsafeBufferPointer { offsets in
          indices.withUnsafeBufferPointer { indices in
            starts.withUnsafeBufferPointer { starts in
              guard let words = words.baseAddress, let types = types.baseAddress, let offsets = offsets.baseAddress,
                let first = indices.baseAddress, let starts = starts.baseAddress
              else { preconditionFailure("a batch must hold at least one sequence, and a token that the head reads") }
              body(
                PackedTokens(words: words, types: types, offsets: offsets, sequenceCount: batch.sequenceCount),
                ChosenTokens(tokens: first, offsets: starts, count: indices.count))
            }
          }
        }
      }
    }
  }
}
