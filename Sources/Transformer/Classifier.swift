// A BERT encoder with a tanh pooler and a classification head, owner of its parameter arena and of its activations.
// It neither updates its weights nor reads files; it is not Sendable: one belongs to one thread of work.

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

  /// A classifier whose parameters are all zero until they are initialized or loaded.
  public init(configuration: EncoderConfiguration, labelCount: Int) {
    self.configuration = configuration
    self.labelCount = labelCount
    layout = ParameterLayout(configuration, labelCount: labelCount)
    parameters = .allocate(capacity: layout.count)
    parameters.initialize(repeating: 0)
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
}
