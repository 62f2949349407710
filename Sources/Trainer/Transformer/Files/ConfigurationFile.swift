// The JSON files of a model folder with their keys read by type: `config.json` and `tokenizer_config.json`. Keys that
// change nothing here are ignored, as Hugging Face's files hold many; a key that asks for something else is refused.

import JSON5
import Kernels

/// A JSON object read from a file; its keys are asked for by type, and null counts as absent.
struct ConfigurationFile {
  let path: String
  private let root: JSONNode

  init(_ path: String) throws {
    self.path = path
    let bytes = try ModelFile.contents(of: path)
    do {
      root = try JSONReader.read(bytes, name: path)
    } catch {
      throw ModelFileError(path: path, "this", error)
    }
    guard root.members != nil else {
      throw ModelFileError(path: path, reason: "this is \(root.summary); it must be an object")
    }
  }

  /// The value of a key that is neither absent nor null.
  subscript(key: String) -> JSONNode? {
    guard let value = root[key], value.content != .null else { return nil }
    return value
  }

  func error(_ key: String, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, reason: "\(key) \(reason)")
  }

  func count(_ key: String, default standard: Int, limit: Int) throws -> Int {
    guard let value = self[key] else { return standard }
    guard let count = value.intValue, (1...limit).contains(count) else {
      throw error(key, "is \(value.summary); a whole number from 1 to \(limit) is allowed")
    }
    return count
  }

  func number(_ key: String) throws -> Double? {
    guard let value = self[key] else { return nil }
    guard let number = value.doubleValue else {
      throw error(key, "is \(value.summary); a number is allowed")
    }
    return number
  }

  func flag(_ key: String, default standard: Bool) throws -> Bool {
    guard let value = self[key] else { return standard }
    guard let flag = value.booleanValue else { throw error(key, "is \(value.summary); true or false is allowed") }
    return flag
  }

  /// Refuses any value but those given; absence is allowed where there is a default.
  func require(_ key: String, _ allowed: [String], isOptional: Bool, because reason: String) throws {
    guard let value = self[key] else {
      guard isOptional else { throw error(key, "is missing; \(reason)") }
      return
    }
    guard let text = value.stringValue, allowed.contains(text) else {
      throw error(key, "is \(value.summary); \(reason)")
    }
  }

  func refuse(_ key: String, because reason: String) throws {
    if try flag(key, default: false) { throw error(key, "is true; \(reason)") }
  }
}

extension ConfigurationFile {
  /// The encoder that a `config.json` describes, with the defaults of its family's configuration in Hugging Face.
  func encoderConfiguration() throws -> EncoderConfiguration {
    let architecture = try architecture()
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

  private func architecture() throws -> Architecture {
    let types = Architectures.modelTypes
    let reason = "only \(types.map(JSONWriter.quoted).joined(separator: " and ")) are supported"
    try require("model_type", types, isOptional: false, because: reason)
    guard let found = self["model_type"]?.stringValue.flatMap(Architectures.named) else {
      throw error("model_type", "is missing; \(reason)")
    }
    return found
  }

  private func activation(default standard: Activation) throws -> Activation {
    let names = Activation.names.map(\.name)
    try require(
      "hidden_act", names, isOptional: true,
      because: "\(names.map(JSONWriter.quoted).joined(separator: ", ")) are supported")
    return self["hidden_act"]?.stringValue.flatMap(Activation.init(named:)) ?? standard
  }

  /// The labels of `id2label` in the order of their numbers, or nil where there are none.
  func labelNames() throws -> [String]? {
    guard let value = self["id2label"] else { return nil }
    guard let members = value.members, !members.isEmpty else {
      throw error("id2label", "is \(value.summary); an object from \"0\", \"1\", ... to names is allowed")
    }
    var names = [String?](repeating: nil, count: members.count)
    for member in members {
      guard let index = Int(member.key), names.indices.contains(index), names[index] == nil else {
        throw error(
          "id2label", "has the key \(JSONWriter.quoted(member.key)); its keys must be \"0\" to \"\(members.count - 1)\""
        )
      }
      guard let name = member.value.stringValue else {
        throw error("id2label", "gives label \(index) the name \(member.value.summary); a string is allowed")
      }
      names[index] = name
    }
    return names.compactMap { $0 }
  }
}
