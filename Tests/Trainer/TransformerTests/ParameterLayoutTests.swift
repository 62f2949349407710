import Architectures
import SeedStreams
import XCTest

@testable import Transformer

final class ParameterLayoutTests: XCTestCase {
  let configuration = EncoderConfiguration(
    vocabularySize: 100, hiddenSize: 64, layerCount: 2, headCount: 4, intermediateSize: 128, positionCount: 20)

  func testTensorsFillTheArenaWithoutGaps() {
    let layout = ParameterLayout(configuration, labelCount: 3)
    var next = 0
    for tensor in layout.tensors {
      XCTAssertEqual(tensor.range.lowerBound, next)
      XCTAssertEqual(tensor.range.count, tensor.shape.reduce(1, *))
      next = tensor.range.upperBound
      XCTAssertEqual(layout[tensor.name]?.range, tensor.range)
    }
    XCTAssertEqual(layout.count, next)
    let layer = 4 * (64 * 64 + 64) + 2 * 64 * 128 + 128 + 64 + 4 * 64
    XCTAssertEqual(next, (100 + 20 + 2) * 64 + 2 * 64 + 2 * layer + 64 * 64 + 64 + 3 * 64 + 3)
    XCTAssertNil(layout["bert.encoder.layer.2.output.dense.weight"])
  }

  func testNamesOfOneLayerAreHuggingFaces() {
    let layout = ParameterLayout(configuration, labelCount: 2)
    let names = layout.tensors.filter { $0.group == .layer(1) }.map(\.name)
    XCTAssertEqual(
      names,
      [
        "attention.self.query.weight", "attention.self.key.weight", "attention.self.value.weight",
        "attention.self.query.bias", "attention.self.key.bias", "attention.self.value.bias",
        "attention.output.dense.weight", "attention.output.dense.bias", "attention.output.LayerNorm.weight",
        "attention.output.LayerNorm.bias", "intermediate.dense.weight", "intermediate.dense.bias",
        "output.dense.weight", "output.dense.bias", "output.LayerNorm.weight", "output.LayerNorm.bias",
      ].map { "bert.encoder.layer.1." + $0 })
    XCTAssertEqual(layout.tensors.first?.name, "bert.embeddings.word_embeddings.weight")
    XCTAssertEqual(layout.tensors.suffix(2).map(\.name), ["classifier.weight", "classifier.bias"])
    XCTAssertEqual(layout["bert.encoder.layer.1.intermediate.dense.weight"]?.shape, [128, 64])
  }

  func testOnlyMatricesDecay() {
    for architecture in Architecture.all {
      var configuration = configuration
      configuration.architecture = architecture
      for tensor in ParameterLayout(configuration, labelCount: 2).tensors {
        XCTAssertEqual(tensor.decays, tensor.shape.count == 2, tensor.name)
      }
    }
  }

  /// A pre-LN model has the same shapes in the same order, so that a seed gives it the post-LN model's weights; only the
  /// norms are called otherwise.
  func testAPreNormTwinDiffersInTheNamesOfItsNormsAlone() {
    var other = configuration
    other.architecture = .megatronBERT
    let (post, pre) = (
      ParameterLayout(configuration, head: .languageModel), ParameterLayout(other, head: .languageModel)
    )
    XCTAssertEqual(post.tensors.map(\.range), pre.tensors.map(\.range))
    let renamed = zip(post.tensors, pre.tensors).filter { $0.name != $1.name }.map { ($0.name, $1.name, $1.group) }
    let layers = "bert.encoder.layer"
    let expected: [(String, String, ParameterLayout.Group)] = [
      ("bert.embeddings.LayerNorm", "\(layers).0.attention.ln", .layer(0)),
      ("\(layers).0.attention.output.LayerNorm", "\(layers).0.ln", .layer(0)),
      ("\(layers).0.output.LayerNorm", "\(layers).1.attention.ln", .layer(1)),
      ("\(layers).1.attention.output.LayerNorm", "\(layers).1.ln", .layer(1)),
      ("\(layers).1.output.LayerNorm", "bert.encoder.ln", .layer(1)),
    ].flatMap { old, new, group in [".weight", ".bias"].map { (old + $0, new + $0, group) } }
    XCTAssertEqual(renamed.map(\.0), expected.map(\.0))
    XCTAssertEqual(renamed.map(\.1), expected.map(\.1))
    XCTAssertEqual(renamed.map(\.2), expected.map(\.2))
  }

  func testImpossibleConfigurationsAreNamed() {
    var wrong = configuration
    wrong.headCount = 5
    wrong.layerCount = 0
    wrong.attentionDropoutProbability = 1
    wrong.layerNormEpsilon = .nan
    XCTAssertEqual(
      wrong.problems,
      [
        "num_hidden_layers is 0, it must be at least 1",
        "num_attention_heads is 5, it must divide hidden_size, which is 64",
        "layer_norm_eps is nan, it must be positive",
        "attention_probs_dropout_prob is 1.0, it must be in 0 ..< 1",
      ])
    XCTAssertEqual(configuration.problems, [])
  }

  // MARK: - Initial weights

  func testInitialWeightsHaveTheirMoments() {
    let classifier = Classifier(configuration: configuration, labelCount: 8)
    classifier.initialize(seed: 1)
    for tensor in classifier.layout.tensors {
      let values = classifier.parameters[tensor.range].map(Double.init)
      switch tensor.initialRule {
      case .zeros: XCTAssertTrue(values.allSatisfy { $0 == 0 }, tensor.name)
      case .ones: XCTAssertTrue(values.allSatisfy { $0 == 1 }, tensor.name)
      case .normal:
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + $1 * $1 } / count
        // Five standard errors: sigma / sqrt n of a mean, sigma^2 sqrt(2 / n) of a variance.
        XCTAssertEqual(mean, 0, accuracy: 5 * 0.02 / count.squareRoot(), tensor.name)
        XCTAssertEqual(variance, 0.0004, accuracy: 5 * 0.0004 * (2 / count).squareRoot(), tensor.name)
      }
    }
  }

  func testInitialWeightsDifferBetweenTensorsAndSeeds() {
    let classifier = Classifier(configuration: configuration, labelCount: 2)
    func firstValues() -> [Float] {
      classifier.layout.tensors.filter { $0.shape.count == 2 }.map { classifier.parameters[$0.range.lowerBound] }
    }
    classifier.initialize(seed: 1)
    let first = firstValues()
    XCTAssertEqual(Set(first).count, first.count)
    classifier.initialize(seed: 2)
    XCTAssertTrue(zip(first, firstValues()).allSatisfy { $0 != $1 })
    classifier.initialize(seed: 1)
    XCTAssertEqual(firstValues(), first)
  }
}
