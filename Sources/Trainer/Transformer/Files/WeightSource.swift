// Which tensor of a safetensors file each tensor of an encoder and its head is read from, under the names that Hugging
// Face's BERT checkpoints have had over the years. Tensors that nobody asks for (`position_ids`) are left alone.

import JSON5

/// The tensors of a BERT checkpoint by the names of a `ParameterLayout`.
struct WeightSource: Sendable {
  let file: SafetensorsFile
  /// What the encoder's names begin with: `bert.`, or nothing when the encoder was saved by itself.
  private let prefix: String

  /// Opens a checkpoint and finds its encoder.
  init(_ path: String) throws {
    let file = try SafetensorsFile(contentsOf: path)
    guard
      let prefix = ["bert.", ""].first(where: { prefix in
        file.tensors.contains { $0.name.hasPrefix(prefix + "embeddings.") || $0.name.hasPrefix(prefix + "encoder.") }
      })
    else {
      let first = file.tensors.prefix(3).map { JSONWriter.quoted($0.name) }.joined(separator: ", ")
      throw ModelFileError(
        path: path,
        reason: "no tensor's name begins with \"bert.embeddings.\" or \"embeddings.\", so this is no BERT encoder; "
          + "its \(file.tensors.count) tensors begin with \(first)")
    }
    self.file = file
    self.prefix = prefix
  }

  /// Whether the checkpoint holds the tanh pooler's weight or bias.
  var holdsPooler: Bool { holds("bert.pooler.dense.weight") || holds("bert.pooler.dense.bias") }

  /// Whether the checkpoint holds a classification head's weight or bias.
  var holdsHead: Bool { holds("classifier.weight") || holds("classifier.bias") }

  /// Whether the checkpoint holds a masked-language-model head's transform; it may hold its bias alone.
  var holdsLanguageModelHead: Bool { holds("cls.predictions.transform.dense.weight") }

  private func holds(_ name: String) -> Bool { names(of: name).contains { file[$0] != nil } }

  /// The names a tensor may have in this file, the usual one first.
  private func names(of name: String) -> [String] {
    let usual = name.hasPrefix("bert.") ? prefix + name.dropFirst("bert.".count) : name
    // Where transformers once kept the decoder's bias under its other name.
    if usual == "cls.predictions.bias" { return [usual, "cls.predictions.decoder.bias"] }
    // TensorFlow's names, which checkpoints converted before 2019 keep.
    for (modern, old) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
    where usual.hasSuffix(modern) {
      return [usual, usual.dropLast(modern.count) + old]
    }
    return [usual]
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
  func headLabelCount(hiddenSize: Int) throws -> Int {
    let weight = try tensor(named: "classifier.weight")
    guard weight.shape.count == 2, weight.shape[0] > 0, weight.shape[1] == hiddenSize else {
      throw error(weight.name, "its shape is \(weight.shape), and [labels, \(hiddenSize)] is expected")
    }
    let bias = try tensor(named: "classifier.bias")
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
