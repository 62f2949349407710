// Which tensor of a model folder's weights each tensor of an encoder and its head is read from, under the names that the
// architecture gives. Tensors that nobody asks for (`position_ids`) are left alone.

import Architectures
import JSON5
import ModelFiles
import WeightFiles

/// The tensors of a checkpoint by the roles and names of an architecture.
struct WeightSource: Sendable {
  let files: FolderWeights
  private let configuration: EncoderConfiguration
  /// What the encoder's names begin with: the architecture's prefix, or nothing when the encoder was saved by itself.
  private let prefix: String
  /// Whether the encoder's names begin with the architecture's prefix.
  var hasPrefix: Bool { prefix == configuration.architecture.prefix }

  /// Finds the encoder among the weights of a folder.
  init(_ files: FolderWeights, _ configuration: EncoderConfiguration) throws {
    let names = files.names
    let architecture = configuration.architecture
    // What follows the prefix in the names of the encoder: "embeddings." and "encoder." in BERT.
    let sections = [TensorRole.embedding(.words), .linear(.attentionOutput(0), .weight)].map { role in
      let name = architecture.name(of: role, layerCount: configuration.layerCount).dropFirst(architecture.prefix.count)
      return name.prefix { $0 != "." } + "."
    }
    guard
      let prefix = [architecture.prefix, ""].first(where: { prefix in
        names.contains { name in sections.contains { name.hasPrefix(prefix + $0) } }
      })
    else {
      let first = names.prefix(3).map(JSONWriter.quoted).joined(separator: ", ")
      throw ModelFileError(
        path: files.path,
        reason:
          "no tensor's name begins with \"\(architecture.prefix)\(sections[0])\" or \"\(sections[0])\", so this is "
          + "no encoder of model_type \"\(architecture.modelType)\"; its \(names.count) tensors begin with \(first)"
      )
    }
    self.files = files
    self.configuration = configuration
    self.prefix = prefix
  }

  /// Whether the checkpoint holds the pooler's weight or bias.
  var holdsPooler: Bool { holds(.linear(.pooler, .weight)) || holds(.linear(.pooler, .bias)) }

  /// Whether the checkpoint holds a classification head's weight or bias.
  var holdsHead: Bool { holds(.linear(.classifier, .weight)) || holds(.linear(.classifier, .bias)) }

  /// Whether the checkpoint holds a language-model head's transform; it may hold its bias alone. A head that is only the word
  /// table is in every checkpoint.
  var holdsLanguageModelHead: Bool {
    configuration.architecture.languageModelHead.transform == nil || holds(.linear(.transform, .weight))
  }

  /// Whether the checkpoint holds a decoder that does not share the word table.
  var holdsDecoder: Bool { holds(.linear(.decoder, .weight)) }

  private func holds(_ role: TensorRole) -> Bool {
    configuration.architecture.has(role) && names(of: name(of: role)).contains { files[$0] != nil }
  }

  private func name(of role: TensorRole) -> String {
    configuration.architecture.name(of: role, layerCount: configuration.layerCount)
  }

  /// The names a tensor may have in this file, the usual one first.
  private func names(of name: String) -> [String] {
    let architecture = configuration.architecture
    let usual = name.hasPrefix(architecture.prefix) ? prefix + name.dropFirst(architecture.prefix.count) : name
    return [usual] + architecture.otherNames(usual)
  }

  /// The file's tensor for one of the layout, checked for its shape and element type, with its elements in the order of
  /// the layout.
  func tensor(for target: ParameterLayout.Tensor) throws -> FolderWeights.Tensor {
    var tensor = try tensor(named: target.name)
    guard tensor.stored.shape == target.storedShape else {
      throw error(tensor, "its shape is \(tensor.stored.shape), and \(target.storedShape) is expected")
    }
    if target.isStoredTransposed { tensor.stored = tensor.stored.transposed }
    return tensor
  }

  /// Reads the elements of one of the layout's tensors from the `first` on, as many as the destination takes.
  func read(
    _ target: ParameterLayout.Tensor, from first: Int, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    let tensor = try tensor(for: target)
    try tensor.file.read(tensor.stored, from: first, into: destination)
  }

  /// The labels of the checkpoint's head, from the shapes of its weight and bias.
  func headLabelCount() throws -> Int {
    let hiddenSize = configuration.hiddenSize
    let weight = try tensor(named: name(of: .linear(.classifier, .weight)))
    let shape = weight.stored.shape
    guard shape.count == 2, shape[0] > 0, shape[1] == hiddenSize else {
      throw error(weight, "its shape is \(shape), and [labels, \(hiddenSize)] is expected")
    }
    guard configuration.architecture.head.hasOutputBias else { return shape[0] }
    let bias = try tensor(named: name(of: .linear(.classifier, .bias)))
    guard bias.stored.shape == [shape[0]] else {
      throw error(bias, "its shape is \(bias.stored.shape), and [\(shape[0])] is expected")
    }
    return shape[0]
  }

  private func tensor(named name: String) throws -> FolderWeights.Tensor {
    let names = names(of: name)
    guard let tensor = names.lazy.compactMap({ files[$0] }).first else {
      let others = names.dropFirst().map { ", nor is \(JSONWriter.quoted($0))" }.joined()
      throw error(names[0], in: files.path, "it is not in the file\(others)")
    }
    guard tensor.stored.element.holdsWeights else {
      throw error(
        tensor, "its dtype is \(tensor.stored.element.rawValue); weights are read from \(TensorElement.weightNames)")
    }
    return tensor
  }

  private func error(_ tensor: FolderWeights.Tensor, _ reason: String) -> ModelFileError {
    error(tensor.stored.name, in: tensor.file.path, reason)
  }

  private func error(_ name: String, in path: String, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, reason: "tensor \(JSONWriter.quoted(name)): \(reason)")
  }
}
