import Architectures
import Arithmetics
import Kernels
import SeedStreams
import XCTest

@testable import Transformer

final class LanguageModelTests: XCTestCase {
  /// Five of 22 tokens; the second sequence, of one token, and the fourth have none.
  static func masked(_ configuration: EncoderConfiguration) -> MaskedTokens {
    let places = [0, 2, 5, 10, 21]
    return MaskedTokens(indices: places, targets: places.map { Int32($0 % configuration.vocabularySize) })
  }

  static func model(_ configuration: EncoderConfiguration, team: ThreadTeam = .alone) -> LanguageModel {
    let model = LanguageModel(configuration: configuration, team: team)
    ClassifierTests.scatter(model, seed: 4)
    return model
  }

  func testLossesAndEveryGradientEqualTheReference() {
    var single = ClassifierTests.odd
    single.layerCount = 1
    Self.check(ClassifierTests.even, nil)
    Self.check(ClassifierTests.even, ClassifierTests.plan)
    Self.check(ClassifierTests.odd, ClassifierTests.plan)
    Self.check(single, ClassifierTests.plan)
    Self.check(ClassifierTests.preNorm, ClassifierTests.plan)
  }

  /// The tolerances are `ClassifierTests.check`'s.
  static func check(_ configuration: EncoderConfiguration, _ dropout: DropoutPlan?, line: UInt = #line) {
    let model = Self.model(configuration)
    let (batch, masked) = (ClassifierTests.batch(configuration), Self.masked(configuration))
    let reference = ReferenceEncoder(model, dropout: dropout)
    let mean = reference.maskedLoss(batch, masked).mean
    let gradients = Arithmetic.allCases.map { arithmetic in
      model.arithmetic = arithmetic
      let gradients = GradientArena(model.layout)
      let losses = model.lossesAndGradients(of: batch, masked: masked, dropout: dropout, into: gradients)
      XCTAssertEqual(losses.reduce(0, +) / 5, mean, accuracy: 2e-5 * max(1, mean), line: line)
      return Array(gradients.values)
    }
    ClassifierTests.assert(gradients, of: model.layout, equal: reference, line: line) {
      $0.maskedLoss(batch, masked).mean
    }
  }

  func testAnArenaThatAnotherBatchWasWrittenToGivesTheSameGradients() {
    let model = Self.model(ClassifierTests.even)
    let (batch, masked) = (ClassifierTests.batch(ClassifierTests.even), Self.masked(ClassifierTests.even))
    func step(_ gradients: GradientArena) -> [Double] {
      model.lossesAndGradients(of: batch, masked: masked, dropout: ClassifierTests.plan, into: gradients)
    }
    let (fresh, used) = (GradientArena(model.layout), GradientArena(model.layout))
    let expected = step(fresh)
    let other = PackedSequences(
      tokenIdentifiers: [1, 2, 3], typeIdentifiers: [0, 0, 1], offsets: [0, 3])
    _ = model.lossesAndGradients(
      of: other, masked: MaskedTokens(indices: [1], targets: [4]), dropout: nil, into: used)
    XCTAssertEqual(used.touched.map(\.rows), [[0, 1, 2]], "of the positions; the word table's gradient is dense")
    XCTAssertEqual(step(used), expected)
    XCTAssertEqual(Array(used.values), Array(fresh.values))
  }

  func testLossesWithoutDropoutAreThoseOfTheStepToTheBit() {
    let model = Self.model(ClassifierTests.odd)
    let (batch, masked) = (ClassifierTests.batch(ClassifierTests.odd), Self.masked(ClassifierTests.odd))
    let gradients = GradientArena(model.layout)
    XCTAssertEqual(
      model.lossesAndGradients(of: batch, masked: masked, dropout: nil, into: gradients),
      model.losses(of: batch, masked: masked))
  }

  func testAStepHasTheSameBytesForAnyNumberOfThreads() throws {
    for architecture in Architecture.all {
      for arithmetic in Arithmetic.allCases { try checkThreads(architecture, arithmetic) }
    }
  }

  private func checkThreads(_ architecture: Architecture, _ arithmetic: Arithmetic) throws {
    let configuration = EncoderConfiguration(
      architecture: architecture, vocabularySize: 3000, hiddenSize: 96, layerCount: 2, headCount: 3,
      intermediateSize: 400,
      positionCount: 102)
    let batch = PackedSequences(
      tokenIdentifiers: (0..<1000).map { Int32($0 * 31 % 3000) }, typeIdentifiers: [Int32](repeating: 0, count: 1000),
      offsets: Array(stride(from: 0, through: 1000, by: 100)))
    let places = Array(stride(from: 3, to: 1000, by: 6))
    let masked = MaskedTokens(indices: places, targets: places.map { Int32($0 * 7 % 3000) })
    func step(_ team: ThreadTeam) -> ([Double], [Float]) {
      let model = LanguageModel(configuration: configuration, team: team)
      model.arithmetic = arithmetic
      model.initialize(seed: 5)
      let gradients = GradientArena(model.layout)
      let plan = DropoutPlan(seed: 8, step: 2, configuration)
      return (
        model.lossesAndGradients(of: batch, masked: masked, dropout: plan, into: gradients), Array(gradients.values)
      )
    }
    let alone = step(.alone)
    for threadCount in [2, 3] {
      let found = step(try ThreadTeam(threadCount: threadCount))
      XCTAssertEqual(found.0, alone.0)
      XCTAssertEqual(found.1, alone.1, "gradients on \(threadCount) threads")
    }
  }

  func testTheHeadIsInitializedAsHuggingFaceDoes() throws {
    let model = LanguageModel(configuration: ClassifierTests.even)
    model.initialize(seed: 1)
    XCTAssertEqual(
      model.layout.tensors.filter { $0.group == .head }.map(\.name),
      [
        "cls.predictions.bias", "cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias",
        "cls.predictions.transform.LayerNorm.weight", "cls.predictions.transform.LayerNorm.bias",
      ])
    XCTAssertFalse(model.layout.tensors.contains { $0.group == .pooler })
    let gain = try XCTUnwrap(model.layout["cls.predictions.transform.LayerNorm.weight"])
    XCTAssertFalse(gain.decays)
    XCTAssertTrue(gain.range.allSatisfy { model.parameters[$0] == 1 })
    let dense = try XCTUnwrap(model.layout["cls.predictions.transform.dense.weight"])
    XCTAssertTrue(dense.range.contains { model.parameters[$0] != 0 })
  }

  // MARK: - Folders

  func testAWrittenFolderGivesTheSameModelAndAClassifierWithoutPooler() throws {
    for configuration in [ClassifierTests.even, ClassifierTests.preNorm] { try checkFolder(configuration) }
  }

  private func checkFolder(_ configuration: EncoderConfiguration) throws {
    let folder = try TemporaryFolder()
    let model = Self.model(configuration)
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<configuration.vocabularySize).map { "w\($0)" }
    try ModelFolder.write(model, vocabulary: .tokens(words), lowercases: true, to: folder("mlm"))
    let written = try ModelFolder(folder("mlm"))
    XCTAssertTrue(written.holdsLanguageModelHead)
    XCTAssertNil(written.headLabelCount)
    XCTAssertNil(try written.labelNames())
    XCTAssertEqual(written.configuration, model.configuration)
    let again = LanguageModel(configuration: written.configuration)
    try written.load(into: again)
    XCTAssertEqual(Array(again.parameters), Array(model.parameters))
    let classifier = Classifier(configuration: written.configuration, labelCount: 2)
    try written.load(into: classifier, keepHead: false, seed: 3)
    for tensor in classifier.layout.tensors where tensor.name.hasPrefix("bert.") && tensor.group != .pooler {
      let source = try XCTUnwrap(model.layout[tensor.name])
      XCTAssertEqual(Array(classifier.parameters[tensor.range]), Array(model.parameters[source.range]), tensor.name)
    }
    let pooler = try XCTUnwrap(classifier.layout["bert.pooler.dense.weight"])
    XCTAssertTrue(pooler.range.contains { classifier.parameters[$0] != 0 }, "drawn anew")
  }

  func testAFolderWithoutAHeadOrWithoutItsDecoderIsRefused() throws {
    let temporary = try TemporaryFolder()
    let untied = try temporary.copy(of: "masked")
    try replace("\"tie_word_embeddings\": true", with: "\"tie_word_embeddings\": false", in: untied + "/config.json")
    for path in [untied, Goldens.path + "/classification"] {
      let folder = try ModelFolder(path)
      XCTAssertFalse(folder.holdsLanguageModelHead)
      XCTAssertThrowsError(try folder.load(into: LanguageModel(configuration: folder.configuration))) {
        XCTAssertEqual(
          "\($0)",
          "\(path)/model.safetensors: there is no masked-language-model head (cls.predictions.*) with a decoder")
      }
    }
  }
}
