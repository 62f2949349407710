// A BERT encoder with a tanh pooler and a classification head, owner of its parameter arena and of its activations.
// It neither updates its weights nor reads files; it is not Sendable: one belongs to one thread of work.

import Kernels

/// A sequence classifier, or a regressor when it has one label (as Hugging Face's `BertForSequenceClassification`).
public final class Classifier {
  /// The encoder's sizes and constants.
  public let configuration: EncoderConfiguration
  /// Outputs of the head; 1 is regression.
  public let labelCount: Int
  /// Where each tensor lies in the parameter arena.
  public let layout: ParameterLayout
  /// Every parameter, (layout.count), owned by this object.
  public let parameters: UnsafeMutableBufferPointer<Float>
  /// The threads that its passes run on; they change no bit.
  public let team: ThreadTeam
  private let arena: Arena
  let tensors: ModelTensors
  let workspace: Workspace

  /// A classifier whose parameters are all zero until they are initialized or loaded.
  public init(configuration: EncoderConfiguration, labelCount: Int, team: ThreadTeam = .alone) {
    self.configuration = configuration
    self.labelCount = labelCount
    self.team = team
    layout = ParameterLayout(configuration, labelCount: labelCount)
    arena = Arena(floatCount: layout.count)
    parameters = arena.floats
    guard let base = parameters.baseAddress else { preconditionFailure("a layout holds at least one tensor") }
    tensors = ModelTensors(layout, base: base)
    workspace = Workspace(configuration, labelCount: labelCount, threadCount: team.threadCount)
  }

  /// Gives every tensor the initial value that a seed draws.
  public func initialize(seed: UInt64) {
    for (index, tensor) in layout.tensors.enumerated() {
      var values = initialValues(ofTensor: index, seed: seed)
      values.fill(UnsafeMutableBufferPointer(rebasing: parameters[tensor.range]))
    }
  }

  /// Checks a batch against the embedding tables and lends its buffers.
  func withPackedTokens(_ batch: PackedSequences, _ body: (PackedTokens) -> Void) {
    for identifier in batch.tokenIdentifiers {
      precondition(
        identifier >= 0 && identifier < configuration.vocabularySize,
        "token identifier \(identifier) is outside the vocabulary of \(configuration.vocabularySize)")
    }
    for identifier in batch.typeIdentifiers {
      precondition(
        identifier >= 0 && identifier < configuration.typeCount,
        "token type \(identifier) is outside the model's \(configuration.typeCount) types")
    }
    for sequence in 0..<batch.sequenceCount {
      let length = batch.offsets[sequence + 1] - batch.offsets[sequence]
      precondition(
        length <= configuration.positionCount,
        "sequence \(sequence) has \(length) tokens, the model has \(configuration.positionCount) positions")
    }
    batch.tokenIdentifiers.withUnsafeBufferPointer { words in
      batch.typeIdentifiers.withUnsafeBufferPointer { types in
        batch.offsets.withUnsafeBufferPointer { offsets in
          guard let words = words.baseAddress, let types = types.baseAddress, let offsets = offsets.baseAddress else {
            preconditionFailure("a batch must hold at least one sequence")
          }
          body(PackedTokens(words: words, types: types, offsets: offsets, sequenceCount: batch.sequenceCount))
        }
      }
    }
  }
}
