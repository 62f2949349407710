import Arithmetics
import Foundation
import XCTest

@testable import Transformer
@testable import WeightFiles

/// Logits, loss and every tensor's gradient against Hugging Face's classes, which computed them in float32 from the same folders on
/// a padded batch (`Goldens/make_goldens.py`, `Goldens/make_family_goldens.py`).
final class HuggingFaceParityTests: XCTestCase {
  /// A batch as `make_goldens.py` writes it.
  struct Batch: Decodable {
    var input_ids: [[Int32]]
    var token_type_ids: [[Int32]]
    var labels: [Double]

    var packed: PackedSequences {
      PackedSequences(
        tokenIdentifiers: input_ids.flatMap { $0 }, typeIdentifiers: token_type_ids.flatMap { $0 },
        offsets: input_ids.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
    }

    func targets(labelCount: Int) -> Targets {
      labelCount == 1 ? .values(labels.map(Float.init)) : .classes(labels.map { Int32($0) })
    }
  }

  /// The batch of a golden.
  static func batch(_ name: String) throws -> Batch {
    try JSONDecoder().decode(Batch.self, from: Data(contentsOf: URL(fileURLWithPath: "\(Goldens.path)/\(name).json")))
  }

  private static func transposed(_ values: [Float], columns: Int) -> [Float] {
    (0..<columns).flatMap { column in stride(from: column, to: values.count, by: columns).map { values[$0] } }
  }

  private static func norm(_ values: some Sequence<Float>) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  func testClassification() throws { try compare("classification", labelCount: 3) }
  func testRegressionFromHalfPrecision() throws { try compare("regression-f16", labelCount: 1) }
  func testAnOldPretrainingCheckpoint() throws { try compare("pretraining-bf16", labelCount: 2) }
  func testAnEncoderByItself() throws { try compare("bare", labelCount: 2) }
  func testPreNorm() throws { try compare("megatron", labelCount: 2) }
  func testGPT2() throws { try compare("gpt2", labelCount: 3) }
  func testRoBERTa() throws { try compare("roberta", labelCount: 3) }
  func testELECTRA() throws { try compare("electra", labelCount: 1) }
  func testDistilBERT() throws { try compare("distilbert", labelCount: 2) }
  func testALBERT() throws { try compare("albert", labelCount: 2) }

  /// Compares a golden folder.
  ///
  /// `make_goldens.py` prints that Hugging Face's own float32 logits are up to 4e-7 from float64 (they are of size 1,
  /// so 4 roundings), and its gradients 5e-8 of a tensor's norm beyond 1e-7 of the global one. Two float32 computations
  /// of different order may differ by twice that; ten times it is allowed.
  private func compare(_ name: String, labelCount: Int) throws {
    let golden = try Goldens.tensors(of: TensorFile(safetensors: "\(Goldens.path)/\(name).safetensors"))
    let batch = try Self.batch(name)
    let folder = try ModelFolder("\(Goldens.path)/\(name)")
    let classifier = Classifier(configuration: folder.configuration, labelCount: labelCount)
    try folder.load(into: classifier, keepHead: folder.headLabelCount != nil, seed: 1)
    if folder.headLabelCount == nil {
      for tensor in classifier.layout.tensors where tensor.group == .head {
        let values = try XCTUnwrap(golden[tensor.name])
        for (index, value) in zip(tensor.range, values) { classifier.parameters[index] = value }
      }
    }
    for arithmetic in Arithmetic.allCases {
      classifier.arithmetic = arithmetic
      try Self.compare(classifier, batch, with: golden, "\(name), \(arithmetic)")
    }
  }

  private static func compare(
    _ classifier: Classifier, _ batch: Batch, with golden: [String: [Float]], _ name: String
  ) throws {
    let gradients = GradientArena(classifier.layout)
    let targets = batch.targets(labelCount: classifier.labelCount)
    let result = classifier.lossAndGradients(of: batch.packed, targets: targets, dropout: nil, into: gradients)
    let logits = try XCTUnwrap(golden["logits"])
    XCTAssertEqual(result.logits.count, logits.count)
    for (found, expected) in zip(result.logits, logits) {
      XCTAssertEqual(found, expected, accuracy: 4e-6 * max(1, abs(expected)), "\(name): logits")
    }
    XCTAssertEqual(classifier.logits(of: batch.packed), result.logits, "with and without a backward pass to follow")
    let loss = try XCTUnwrap(golden["loss"]?.first)
    XCTAssertEqual(result.lossSum / Double(batch.labels.count), Double(loss), accuracy: 4e-6 * Double(max(1, loss)))
    try compare(gradients, with: golden, name)
  }

  func testMaskedLanguageModel() throws { try compareMasked("masked") }
  func testPreNormMaskedLanguageModel() throws { try compareMasked("megatron-masked") }
  func testMaskedRoBERTa() throws { try compareMasked("roberta-masked") }
  func testTheGeneratorOfELECTRA() throws { try compareMasked("electra-masked") }
  func testMaskedDistilBERTWithADecoderOfItsOwn() throws { try compareMasked("distilbert-masked") }
  func testCausalLanguageModel() throws { try compareMasked("gpt2-next") }
  func testMaskedALBERT() throws { try compareMasked("albert-masked") }

  func testPretrainingWithTwoSentences() throws { try comparePairs("pairs") }
  func testPreNormPretrainingWithTwoSentences() throws { try comparePairs("megatron-pairs") }

  /// Hugging Face's `ForPreTraining` classes, whose loss is that of the words plus that of the pairs, under the same tolerances.
  private func comparePairs(_ name: String) throws {
    struct Batch: Decodable {
      var input_ids: [[Int32]]
      var token_type_ids: [[Int32]]
      var labels: [[Int32]]
      var pairs: [Int32]
    }
    let golden = try Goldens.tensors(of: TensorFile(safetensors: "\(Goldens.path)/\(name).safetensors"))
    let batch = try JSONDecoder().decode(
      Batch.self, from: Data(contentsOf: URL(fileURLWithPath: "\(Goldens.path)/\(name).json")))
    let sequences = PackedSequences(
      tokenIdentifiers: batch.input_ids.flatMap { $0 }, typeIdentifiers: batch.token_type_ids.flatMap { $0 },
      offsets: batch.input_ids.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
    let labels = batch.labels.flatMap { $0 }
    let places = labels.indices.filter { labels[$0] >= 0 }
    let masked = MaskedTokens(indices: places, targets: places.map { labels[$0] })
    let folder = try ModelFolder("\(Goldens.path)/\(name)")
    XCTAssertTrue(folder.holdsPooler)
    let model = LanguageModel(configuration: folder.configuration, relatesPairs: true)
    try folder.load(into: model)
    let relation = try XCTUnwrap(golden["relation"])
    let loss = Double(try XCTUnwrap(golden["loss"]?.first))
    for arithmetic in Arithmetic.allCases {
      model.arithmetic = arithmetic
      let gradients = GradientArena(model.layout)
      let found = model.lossesAndGradients(
        of: sequences, masked: masked, pairs: batch.pairs, dropout: nil, into: gradients)
      var correctCount = 0
      for (sequence, pair) in batch.pairs.enumerated() {
        let own = [0, 1].map { Double(relation[2 * sequence + $0]) }
        let expected = log(own.map(exp).reduce(0, +)) - own[Int(pair)]
        XCTAssertEqual(found.pairs[sequence], expected, accuracy: 8e-6 * max(1, expected), "\(name), \(arithmetic)")
        if (own[1] > own[0]) == (pair == 1) { correctCount += 1 }
      }
      XCTAssertEqual(found.correctPairCount, correctCount)
      XCTAssertEqual(found, model.losses(of: sequences, masked: masked, pairs: batch.pairs))
      let sum =
        found.tokens.reduce(0, +) / Double(found.tokens.count) + found.pairs.reduce(0, +) / Double(found.pairs.count)
      XCTAssertEqual(sum, loss, accuracy: 4e-6 * max(1, loss))
      try Self.compare(gradients, with: golden, "\(name), \(arithmetic)")
    }
    // The words alone are those of the model without the head for two sentences, bit by bit where a row does not depend on others.
    let words = LanguageModel(configuration: folder.configuration)
    (words.arithmetic, model.arithmetic) = (.portable, .portable)
    try folder.load(into: words)
    XCTAssertEqual(words.losses(of: sequences, masked: masked), model.losses(of: sequences, masked: masked))
  }

  /// Hugging Face's classes of language models, under the same tolerances.
  private func compareMasked(_ name: String) throws {
    struct Batch: Decodable {
      var input_ids: [[Int32]]
      var token_type_ids: [[Int32]]
      var labels: [[Int32]]
    }
    let golden = try Goldens.tensors(of: TensorFile(safetensors: "\(Goldens.path)/\(name).safetensors"))
    let batch = try JSONDecoder().decode(
      Batch.self, from: Data(contentsOf: URL(fileURLWithPath: "\(Goldens.path)/\(name).json")))
    let sequences = PackedSequences(
      tokenIdentifiers: batch.input_ids.flatMap { $0 }, typeIdentifiers: batch.token_type_ids.flatMap { $0 },
      offsets: batch.input_ids.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
    let folder = try ModelFolder("\(Goldens.path)/\(name)")
    // A causal model's labels are those of the tokens before them.
    let isCausal = folder.configuration.architecture.mask == .causal
    let labels = batch.labels.flatMap { isCausal ? $0.dropFirst() + [-100] : $0 }
    let places = labels.indices.filter { labels[$0] >= 0 }
    let masked = MaskedTokens(indices: places, targets: places.map { labels[$0] })
    let model = LanguageModel(configuration: folder.configuration)
    try folder.load(into: model)
    for arithmetic in Arithmetic.allCases {
      model.arithmetic = arithmetic
      try Self.compare(model, sequences, masked, with: golden, "\(name), \(arithmetic)")
    }
  }

  private static func compare(
    _ model: LanguageModel, _ sequences: PackedSequences, _ masked: MaskedTokens, with golden: [String: [Float]],
    _ name: String
  ) throws {
    let gradients = GradientArena(model.layout)
    let losses = model.lossesAndGradients(of: sequences, masked: masked, dropout: nil, into: gradients)
    let logits = try XCTUnwrap(golden["logits"])
    let size = model.configuration.vocabularySize
    XCTAssertEqual(logits.count, masked.targets.count * size)
    for (row, target) in masked.targets.enumerated() {
      let own = logits[row * size..<(row + 1) * size].map(Double.init)
      let expected = log(own.map(exp).reduce(0, +)) - own[Int(target)]
      XCTAssertEqual(losses[row], expected, accuracy: 8e-6 * max(1, expected))
    }
    XCTAssertEqual(losses, model.losses(of: sequences, masked: masked), "with and without a backward pass to follow")
    let loss = Double(try XCTUnwrap(golden["loss"]?.first))
    XCTAssertEqual(losses.reduce(0, +) / Double(losses.count), loss, accuracy: 4e-6 * max(1, loss))
    try compare(gradients, with: golden, name)
  }

  static func compare(_ gradients: GradientArena, with golden: [String: [Float]], _ name: String) throws {
    let global = norm(golden.filter { $0.key.hasPrefix("gradient.") }.flatMap(\.value))
    for tensor in gradients.layout.tensors {
      let stored = try XCTUnwrap(golden["gradient." + tensor.name], tensor.name)
      let expected = tensor.isStoredTransposed ? transposed(stored, columns: tensor.storedShape[1]) : stored
      let difference = norm(zip(gradients.values[tensor.range], expected).map { $0 - $1 })
      let allowed = 5e-7 * norm(expected) + 1e-6 * global
      XCTAssertLessThanOrEqual(
        difference, allowed, "\(name): the gradient of \(tensor.name), of norm \(norm(expected))")
    }
    XCTAssertEqual(golden.keys.filter { $0.hasPrefix("gradient.") }.count, gradients.layout.tensors.count)
  }
}
