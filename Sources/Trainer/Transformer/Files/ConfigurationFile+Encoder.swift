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
    let keys = architecture.keys
    for key in keys.fixed { try require(key) }
    // The limits keep every product of sizes far from overflow.
    let limit = 1 << 24
    let hiddenSize = try count(keys.hiddenSize, limit: limit)
    let configuration = EncoderConfiguration(
      architecture: architecture, vocabularySize: try count(keys.vocabularySize, limit: limit), hiddenSize: hiddenSize,
      embeddingSize: try size(keys.embeddingSize, default: hiddenSize, limit: limit),
      layerCount: try count(keys.layerCount, limit: 1000), headCount: try count(keys.headCount, limit: limit),
      intermediateSize: try size(keys.intermediateSize, default: 4 * hiddenSize, limit: limit),
      activation: try activation(keys.activation), positionCount: try count(keys.positionCount, limit: limit),
      firstPosition: try firstPosition(of: architecture, limit: limit),
      typeCount: try count(keys.typeCount, limit: limit), layerNormEpsilon: try number(keys.layerNormEpsilon),
      sharesWordTable: try flag("tie_word_embeddings", default: true),
      initializerRange: try number(keys.initializerRange),
      embeddingDropoutProbability: try number(keys.embeddingDropout),
      hiddenDropoutProbability: try number(keys.hiddenDropout),
      attentionDropoutProbability: try number(keys.attentionDropout),
      classifierDropoutProbability: try number(keys.classifierDropout), paddingToken: try paddingToken(of: architecture)
    )
    let problems = configuration.problems
    guard problems.isEmpty else { throw ModelFileError(path: path, reason: problems.joined(separator: "; ")) }
    return configuration
  }

  /// The padding token, where a head passes over it.
  private func paddingToken(of architecture: Architecture) throws -> Int32? {
    guard case .last = architecture.head.token, let value = self["pad_token_id"] else { return nil }
    guard let token = value.intValue.flatMap(Int32.init(exactly:)) else {
      throw error("pad_token_id", "is \(value.summary); a whole number is allowed")
    }
    return token
  }

  private func count(_ key: ModelKey<Int>, limit: Int) throws -> Int {
    key.isFixed ? key.standard : try count(key.name, default: key.standard, limit: limit)
  }

  private func size(_ key: ModelKey<Int?>, default size: Int, limit: Int) throws -> Int {
    let standard = key.standard ?? size
    return key.isFixed ? standard : try count(key.name, default: standard, limit: limit)
  }

  private func firstPosition(of architecture: Architecture, limit: Int) throws -> Int {
    switch architecture.firstPosition {
    case .row(let row): return row
    case .afterPadding(let padding):
      // Transformers takes null for the number itself, from which no position can be counted.
      guard let value = root["pad_token_id"] else { return padding + 1 }
      guard let found = value.intValue, (0..<limit).contains(found) else {
        throw error("pad_token_id", "is \(value.summary); a whole number from 0 to \(limit - 1) is allowed")
      }
      return found + 1
    }
  }

  private func number(_ key: ModelKey<Double>) throws -> Double {
    key.isFixed ? key.standard : try number(key.name) ?? key.standard
  }

  private func number(_ key: ModelKey<Double?>) throws -> Double? {
    key.isFixed ? key.standard : try number(key.name) ?? key.standard
  }

  /// Refuses any other value of a key.
  private func require(_ key: FixedKey) throws {
    guard let found = self[key.name] else { return }
    let isFine =
      switch key.value {
      case .text(let text): found.stringValue == text
      case .flag(let flag): try self.flag(key.name, default: flag) == flag
      case .count(let count): found.intValue == count
      }
    guard isFine else { throw error(key.name, "is \(found.summary); \(key.reason)") }
  }

  /// The family that `model_type` names; nil where the key is missing.
  private func architecture() throws -> Architecture? {
    let types = Architecture.all.map(\.modelType)
    try require(
      "model_type", types, isOptional: true,
      because: "only \(types.dropLast().map(JSONWriter.quoted).joined(separator: ", ")) and "
        + "\(JSONWriter.quoted(types[types.count - 1])) are supported")
    return self["model_type"]?.stringValue.flatMap(Architecture.init(rawValue:))
  }

  /// Whether the file names its family.
  var namesModelType: Bool { self["model_type"] != nil }

  private func activation(_ key: ModelKey<Activation>) throws -> Activation {
    let names = Activation.names.map(\.name)
    try require(
      key.name, names, isOptional: true,
      because: "\(names.map(JSONWriter.quoted).joined(separator: ", ")) are supported")
    return self[key.name]?.stringValue.flatMap(Activation.init(named:)) ?? key.standard
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
