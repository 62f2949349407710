// A BERT encoder with a tanh pooler and a classification head, owner of its parameter arena and of its activations.
// It neither updates its weights nor reads files; it is not Sendable: one belongs to one thread of work.

import Kernels
import SeedStreams

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
  let tensors: ModelTensors
  let workspace: Workspace

  /// A classifier whose parameters are all zero until they are initialized or loaded.
  public init(configuration: EncoderConfiguration, labelCount: Int, team: ThreadTeam = .alone) {
    self.configuration = configuration
    self.labelCount = labelCount
    self.team = team
    layout = ParameterLayout(configuration, labelCount: labelCount)
    parameters = .allocate(capacity: layout.count)
    parameters.initialize(repeating: 0)
    guard let base = parameters.baseAddress else { preconditionFailure("a layout holds at least one tensor") }
    tensors = ModelTensors(layout, base: base)
    workspace = Workspace(configuration, labelCount: labelCount, threadCount: team.threadCount)
  }

  deinit {
    parameters.deallocate()
  }

  /// Gives every tensor its initial value: the head from the head initialization stream, all others from the parameter
  /// initialization stream.
  public func initialize(seed: UInt64) {
    for (index, tensor) in layout.tensors.enumerated() where tensor.group != .head {
      fill(tensor, SeedStream(seed: seed, purpose: .parameterInitialization, site: UInt32(index)))
    }
    initializeHead(seed: seed)
  }

  /// Draws a new head: its weight is normal with the configuration's initializer range, its bias zero.
  public func initializeHead(seed: UInt64) {
    for tensor in layout.tensors where tensor.group == .head {
      fill(tensor, SeedStream(seed: seed, purpose: .headInitialization))
    }
  }

  /// Draws a new pooler, the same that `initialize` draws: for checkpoints that hold none.
  public func initializePooler(seed: UInt64) {
    for (index, tensor) in layout.tensors.enumerated() where tensor.group == .pooler {
      fill(tensor, SeedStream(seed: seed, purpose: .parameterInitialization, site: UInt32(index)))
    }
  }

  private func fill(_ tensor: ParameterLayout.Tensor, _ stream: SeedStream) {
    switch tensor.initialRule {
    case .zeros: parameters[tensor.range].update(repeating: 0)
    case .ones: parameters[tensor.range].update(repeating: 1)
    case .normal:
      var stream = stream
      for index in tensor.range {
        parameters[index] = Float(stream.normal() * configuration.initializerRange)
      }
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
