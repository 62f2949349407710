// The encoder that a `config.json` describes. A file without `model_type` may be of a BERT from before that key; whether it is,
// the names and shapes of the tensors decide (`ModelFolder`).

import Architectures
import JSON5
import Kernels
import ModelFiles

extension ConfigurationFile {
  /// The encoder that a `config.json` describes, with the defaults of its family's configuration in Hugging Face.
  func encoderConfiguration() throws -> EncoderConfiguration {
    let architecture = try architecture() ?? .bert
    let standard = architecture.defaultSizes
    try require(
      "position_embedding_type", ["absolute"], isOptional: true, because: "only \"absolute\" is supported")
    try refuse("is_decoder", because: "only encoders are supported")
    try refuse("add_cross_attention", because: "only encoders are supported")
    // The limits keep every product of sizes far from overflow.
    let limit = 1 << 24
    let configuration = EncoderConfiguration(
      architecture: architecture,
      vocabularySize: try count("vocab_size", default: standard.vocabularySize, limit: limit),
      hiddenSize: try count("hidden_size", default: standard.hiddenSize, limit: limit),
      layerCount: try count("num_hidden_layers", default: standard.layerCount, limit: 1000),
      headCount: try count("num_attention_heads", default: standard.headCount, limit: limit),
      intermediateSize: try count("intermediate_size", default: standard.intermediateSize, limit: limit),
      activation: try activation(default: architecture.activation),
      positionCount: try count("max_position_embeddings", default: standard.positionCount, limit: limit),
      typeCount: try count("type_vocab_size", default: standard.typeCount, limit: limit),
      layerNormEpsilon: try number("layer_norm_eps") ?? standard.layerNormEpsilon,
      initializerRange: try number("initializer_range") ?? 0.02,
      hiddenDropoutProbability: try number("hidden_dropout_prob") ?? 0.1,
      attentionDropoutProbability: try number("attention_probs_dropout_prob") ?? 0.1,
      classifierDropoutProbability: try number("classifier_dropout"))
    let problems = configuration.problems
    guard problems.isEmpty else { throw ModelFileError(path: path, reason: problems.joined(separator: "; ")) }
    return configuration
  }

  /// The family that `model_type` names; nil where the key is missing.
  private func architecture() throws -> Architecture? {
    let types = Architecture.all.map(\.modelType)
    try require(
      "model_type", types, isOptional: true,
      because: "only \(types.map(JSONWriter.quoted).joined(separator: " and ")) are supported")
    return self["model_type"]?.stringValue.flatMap(Architecture.init(rawValue:))
  }

  /// Whether the file names its family.
  var namesModelType: Bool { self["model_type"] != nil }

  private func activation(default standard: Activation) throws -> Activation {
    let names = Activation.names.map(\.name)
    try require(
      "hidden_act", names, isOptional: true,
      because: "\(names.map(JSONWriter.quoted).joined(separator: ", ")) are supported")
    return self["hidden_act"]?.stringValue.flatMap(Activation.init(named:)) ?? standard
  }

  /// The labels of `id2label` in the order of their numbers, or nil where there are none. A name may be a number.
  func labelNames() throws -> [String]? {
    guard let value = self["id2label"] else { return nil }
    guard let members = value.members, !members.isEmpty else {
      throw error("id2label", "is \(value.summary); an object from \"0\", \"1\", ... to names is allowed")
    }
    var names = [String?](repeating: nil, count: members.count)
    for member in members {
      guard let index = Int(member.key), names.indices.contains(index), names[index] == nil else {
        throw error(
          "id2label",
          "has the key \(JSONWriter.quoted(member.key)); the keys of a head that is kept must be \"0\" to "
            + "\"\(members.count - 1)\"")
      }
      switch member.value.content {
      case .string(let name): names[index] = name
      case .integer, .number: names[index] = member.value.summary
      case .null, .boolean, .array, .object:
        throw error(
          "id2label", "gives label \(index) the name \(member.value.summary); a string or a number is allowed")
      }
    }
    return names.compactMap { $0 }
  }
}
