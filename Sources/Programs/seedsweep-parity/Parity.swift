// seedsweep-parity: what a classifier or language model computes on given token identifiers, written to a file for a comparison with
// another implementation (`scripts/check/compare/compare-huggingface.sh`), and with `tokenize` the token identifiers of given texts.
// It does not train. It is for developers; users do not need it.

import Foundation
import ModelFiles
import Transformer
import WeightFiles

/// A batch as JSON; sequences are ragged, and without labels only the logits are computed. With masked labels, -100 for tokens that
/// are not predicted, it is one for a language model; a causal one predicts each from the token before it.
struct TokenBatch: Decodable {
  var input_ids: [[Int32]]
  var token_type_ids: [[Int32]]
  var labels: [Double]?
  var masked_labels: [[Int32]]?
  /// Whether a language model's gradients are wanted as well.
  var gradients: Bool?

  /// The batch without padding, or what is wrong with it.
  func packed(for configuration: EncoderConfiguration) throws -> PackedSequences {
    guard !input_ids.isEmpty, input_ids.map(\.count) == token_type_ids.map(\.count) else {
      throw Complaint("input_ids and token_type_ids must hold the same sequences, at least one")
    }
    for (tokens, types) in zip(input_ids, token_type_ids) {
      guard (1...configuration.longestSequence).contains(tokens.count),
        tokens.allSatisfy({ (0..<configuration.vocabularySize).contains(Int($0)) }),
        !configuration.architecture.hasTypes || types.allSatisfy({ (0..<configuration.typeCount).contains(Int($0)) })
      else { throw Complaint("a sequence is empty, too long, or holds an identifier that the model does not know") }
    }
    return PackedSequences(
      tokenIdentifiers: input_ids.flatMap { $0 }, typeIdentifiers: token_type_ids.flatMap { $0 },
      offsets: input_ids.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }

  /// The tokens to be predicted; nil where the batch is one for a classifier.
  func masked(for configuration: EncoderConfiguration) throws -> MaskedTokens? {
    guard let masked_labels else { return nil }
    let isCausal = configuration.architecture.mask == .causal
    // The labels of a causal model move to the tokens that predict them; the first of a sequence has none.
    let labels = masked_labels.flatMap { isCausal ? $0.dropFirst() + [-100] : $0 }
    let indices = labels.indices.filter { labels[$0] != -100 }
    guard masked_labels.map(\.count) == input_ids.map(\.count),
      indices.allSatisfy({ (0..<configuration.vocabularySize).contains(Int(labels[$0])) })
    else { throw Complaint("masked_labels must hold a token that the model knows, or -100, for each of input_ids") }
    return MaskedTokens(indices: indices, targets: indices.map { labels[$0] })
  }

  /// The labels as targets: class numbers, or values where there is one label.
  func targets(labelCount: Int) throws -> Targets? {
    guard let labels else { return nil }
    guard labels.count == input_ids.count else { throw Complaint("labels must hold one label a sequence") }
    if labelCount == 1 { return .values(labels.map(Float.init)) }
    let classes = labels.compactMap { Int32(exactly: $0) }.filter { (0..<labelCount).contains(Int($0)) }
    guard classes.count == labels.count else { throw Complaint("labels must be class numbers below \(labelCount)") }
    return .classes(classes)
  }
}

/// What is wrong with the input.
struct Complaint: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

@main
enum Parity {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let tokenizes = arguments.first == "tokenize" && arguments.count == 5
    guard tokenizes || arguments.count == 3 else {
      let usage = """
        usage: seedsweep-parity MODEL_FOLDER BATCH.json OUTPUT.safetensors
               seedsweep-parity tokenize FOLDER MODEL_TYPE REQUESTS.jsonl OUTPUT.txt

        """
      FileHandle.standardError.write(Data(usage.utf8))
      exit(2)
    }
    do {
      if tokenizes {
        try tokenize(
          folder: arguments[2], modelType: arguments[3], requests: arguments[4], output: arguments[5])
      } else {
        try run(model: arguments[1], batch: arguments[2], output: arguments[3])
      }
    } catch {
      FileHandle.standardError.write(Data("seedsweep-parity: \(error)\n".utf8))
      exit(1)
    }
  }

  /// Computes the logits, and with labels also the mean loss and its gradient by every tensor; of a language model the loss of
  /// each predicted token, and the gradients of their mean if they are wanted.
  private static func run(model: String, batch batchPath: String, output: String) throws {
    let folder = try ModelFolder(model)
    let batch = try JSONDecoder().decode(TokenBatch.self, from: Data(contentsOf: URL(fileURLWithPath: batchPath)))
    let sequences = try batch.packed(for: folder.configuration)
    if let masked = try batch.masked(for: folder.configuration) {
      return try predict(folder, sequences, masked, withGradients: batch.gradients ?? false, output: output)
    }
    guard let labelCount = folder.headLabelCount else { throw Complaint("\(model) holds no classification head") }
    let classifier = Classifier(configuration: folder.configuration, labelCount: labelCount)
    try folder.load(into: classifier, keepHead: true, seed: 0)
    let shape = [sequences.sequenceCount, labelCount]
    guard let targets = try batch.targets(labelCount: labelCount) else {
      try classifier.logits(of: sequences).withUnsafeBufferPointer { logits in
        try SafetensorsFile.write([NamedTensor(name: "logits", shape: shape, values: logits)], to: output)
      }
      return
    }
    let gradients = GradientArena(classifier.layout)
    let result = classifier.lossAndGradients(of: sequences, targets: targets, dropout: nil, into: gradients)
    let loss = [Float(result.lossSum / Double(sequences.sequenceCount))]
    try result.logits.withUnsafeBufferPointer { logits in
      try loss.withUnsafeBufferPointer { loss in
        try SafetensorsFile.write(
          [
            NamedTensor(name: "logits", shape: shape, values: logits),
            NamedTensor(name: "loss", shape: [], values: loss),
          ] + named(gradients), to: output)
      }
    }
  }

  /// Computes the losses of a language model, and the gradients of their mean.
  private static func predict(
    _ folder: ModelFolder, _ sequences: PackedSequences, _ masked: MaskedTokens, withGradients: Bool, output: String
  ) throws {
    let model = LanguageModel(configuration: folder.configuration)
    try folder.load(into: model)
    let gradients = withGradients ? GradientArena(model.layout) : nil
    let losses =
      gradients.map { model.lossesAndGradients(of: sequences, masked: masked, dropout: nil, into: $0) }
      ?? model.losses(of: sequences, masked: masked)
    try losses.map(Float.init).withUnsafeBufferPointer { losses in
      try SafetensorsFile.write(
        [NamedTensor(name: "losses", shape: [losses.count], values: losses)] + (gradients.map(named) ?? []), to: output)
    }
  }

  /// The gradients by the names of their tensors.
  private static func named(_ gradients: GradientArena) -> [NamedTensor] {
    let values = UnsafeBufferPointer(gradients.values)
    return gradients.layout.tensors.map {
      $0.stored(as: "gradient." + $0.name, UnsafeBufferPointer(rebasing: values[$0.range]))
    }
  }
}
