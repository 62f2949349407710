// Which tensor of a safetensors file each tensor of an encoder and its head is read from, under the names that the
// architecture gives. Tensors that nobody asks for (`position_ids`) are left alone.

import Architectures
import JSON5
import ModelFiles

/// The tensors of a checkpoint by the roles and names of an architecture.
struct WeightSource: Sendable {
  let file: SafetensorsFile
  private let configuration: EncoderConfiguration
  /// What the encoder's names begin with: the architecture's prefix, or nothing when the encoder was saved by itself.
  private let prefix: String
  /// Whether the encoder's names begin with the architecture's prefix.
  var hasPrefix: Bool { prefix == configuration.architecture.prefix }

  /// Opens a checkpoint and finds its encoder.
  init(_ path: String, _ configuration: EncoderConfiguration) throws {
    let file = try SafetensorsFile(contentsOf: path)
    let architecture = configuration.architecture
    // What follows the prefix in the names of the encoder: "embeddings." and "encoder." in BERT.
    let sections = [TensorRole.embedding(.words), .linear(.query(0), .weight)].map { role in
      let name = architecture.name(of: role, layerCount: configuration.layerCount).dropFirst(architecture.prefix.count)
      return name.prefix { $0 != "." } + "."
    }
    guard
      let prefix = [architecture.prefix, ""].first(where: { prefix in
        file.tensors.contains { tensor in sections.contains { tensor.name.hasPrefix(prefix + $0) } }
      })
    else {
      let first = file.tensors.prefix(3).map { JSONWriter.quoted($0.name) }.joined(separator: ", ")
      throw ModelFileError(
        path: path,
        reason:
          "no tensor's name begins with \"\(architecture.prefix)\(sections[0])\" or \"\(sections[0])\", so this is "
          + "no encoder of model_type \"\(architecture.modelType)\"; its \(file.tensors.count) tensors begin with \(first)"
      )
    }
    self.file = file
    self.configuration = configuration
    self.prefix = prefix
  }

  /// Whether the checkpoint holds the pooler's weight or bias.
  var holdsPooler: Bool { holds(.linear(.pooler, .weight)) || holds(.linear(.pooler, .bias)) }

  /// Whether the checkpoint holds a classification head's weight or bias.
  var holdsHead: Bool { holds(.linear(.classifier, .weight)) || holds(.linear(.classifier, .bias)) }

  /// Whether the checkpoint holds a masked-language-model head's transform; it may hold its bias alone.
  var holdsLanguageModelHead: Bool { holds(.linear(.transform, .weight)) }

  private func holds(_ role: TensorRole) -> Bool { names(of: name(of: role)).contains { file[$0] != nil } }

  private func name(of role: TensorRole) -> String {
    configuration.architecture.name(of: role, layerCount: configuration.layerCount)
  }

  /// The names a tensor may have in this file, the usual one first.
  private func names(of name: String) -> [String] {
    let architecture = configuration.architecture
    let usual = name.hasPrefix(architecture.prefix) ? prefix + name.dropFirst(architecture.prefix.count) : name
    return [usual] + architecture.otherNames(usual)
  }

  /// The file's tensor for one of the layout, checked for its shape and element type.
  func tensor(for target: ParameterLayout.Tensor) throws -> SafetensorsFile.Tensor {
    let tensor = try tensor(named: target.name)
    guard tensor.shape == target.shape else {
      throw error(tensor.name, "its shape is \(tensor.shape), and \(target.shape) is expected")
    }
    return tensor
  }

  /// Reads the elements of one of the layout's tensors from the `first` on, as many as the destination takes.
  func read(
    _ target: ParameterLayout.Tensor, from first: Int, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    try file.read(try tensor(for: target), from: first, into: destination)
  }

  /// The labels of the checkpoint's head, from the shapes of its weight and bias.
  func headLabelCount() throws -> Int {
    let hiddenSize = configuration.hiddenSize
    let weight = try tensor(named: name(of: .linear(.classifier, .weight)))
    guard weight.shape.count == 2, weight.shape[0] > 0, weight.shape[1] == hiddenSize else {
      throw error(weight.name, "its shape is \(weight.shape), and [labels, \(hiddenSize)] is expected")
    }
    let bias = try tensor(named: name(of: .linear(.classifier, .bias)))
    guard bias.shape == [weight.shape[0]] else {
      throw error(bias.name, "its shape is \(bias.shape), and [\(weight.shape[0])] is expected")
    }
    return weight.shape[0]
  }

  private func tensor(named name: String) throws -> SafetensorsFile.Tensor {
    let names = names(of: name)
    guard let tensor = names.lazy.compactMap({ file[$0] }).first else {
      let others = names.dropFirst().map { ", nor is \(JSONWriter.quoted($0))" }.joined()
      throw error(names[0], "it is not in the file\(others)")
    }
    guard [.float32, .float16, .brainFloat16].contains(tensor.element) else {
      throw error(
        tensor.name, "its dtype is \(tensor.element.rawValue); weights are read from \(SafetensorsElement.weightNames)")
    }
    return tensor
  }

  private func error(_ name: String, _ reason: String) -> ModelFileError {
    ModelFileError(path: file.path, reason: "tensor \(JSONWriter.quoted(name)): \(reason)")
  }
}
