import Kernels
import XCTest

@testable import Architectures
@testable import Transformer
@testable import WeightFiles

final class ArchitectureTests: XCTestCase {
  /// Families that differ from BERT in what a family may choose; only tests know them.
  static let causal = Architecture(
    modelType: "test-causal", documentation: "", className: "Causal", firstPosition: .afterPadding(usually: 1),
    mask: .causal,
    embeddings: [.words, .positions],
    head: HeadShape(token: .last, dropsInput: true, dense: .classifierDense, nonlinearity: .tanh),
    languageModelHead: LanguageModelHead(transform: .fixed(.gelu)),
    keys: ModelKeys(activation: ModelKey("function", .relu)), prefix: "bert.",
    nameOfRole: { role, layers in Architecture.bert.name(of: role, layerCount: layers) })
  static let local = Architecture(
    modelType: "test-local", documentation: "", className: "Local", normPosition: .beforePart, firstPosition: .row(1),
    mask: .local(reach: 1),
    head: HeadShape(dropsInput: true, dense: .classifierDense, nonlinearity: .activation(.gelu)),
    keys: ModelKeys(activation: ModelKey("hidden_act", .geluTanh)), prefix: "bert.",
    nameOfRole: { role, layers in Architecture.megatronBERT.name(of: role, layerCount: layers) })
  static let shared = Architecture(
    modelType: "test-shared", documentation: "", className: "Shared", sharesLayers: true, prefix: "bert.",
    nameOfRole: { role, layers in Architecture.bert.name(of: role, layerCount: layers) })
  static let others = [causal, local, shared]

  static func configuration(_ architecture: Architecture, layerCount: Int = 2) -> EncoderConfiguration {
    EncoderConfiguration(
      architecture: architecture, vocabularySize: 7, hiddenSize: 12, layerCount: layerCount, headCount: 3,
      intermediateSize: 10, positionCount: 11)
  }

  /// Embeddings that are narrower than the encoder.
  static let projected = narrow(.electra)
  static let albert = narrow(.albert)

  private static func narrow(_ architecture: Architecture) -> EncoderConfiguration {
    var configuration = configuration(architecture)
    configuration.embeddingSize = 5
    return configuration
  }

  // MARK: - The registry

  /// Files of a decoder that is not the word table have had its bias under either name, as those of one that is.
  func testADecodersBiasIsFoundUnderEitherName() {
    for architecture in [Architecture.bert, .roberta, .albert] {
      let names = [TensorRole.decoderBias, .linear(.decoder, .bias)].map { architecture.name(of: $0, layerCount: 1) }
      XCTAssertNotEqual(names[0], names[1])
      XCTAssertEqual(architecture.otherNames(names[0]), [names[1]])
      XCTAssertEqual(architecture.otherNames(names[1]), [names[0]])
    }
  }

  func testEveryTensorOfAFamilyHasANameOfItsOwn() {
    for architecture in Architecture.all + Self.others {
      for head in [ParameterLayout.Head.classification(labelCount: 2), .languageModel] {
        for sharesWordTable in [true, false] {
          let roles = architecture.roles(
            layerCount: 3, head: head, projectsEmbeddings: architecture.embeddingProjection != .never,
            sharesWordTable: sharesWordTable)
          XCTAssertEqual(Set(roles).count, roles.count)
          let names = roles.map { architecture.name(of: $0, layerCount: 3) }
          XCTAssertEqual(Set(names).count, names.count, architecture.modelType)
          XCTAssertTrue(names[0].hasPrefix(architecture.prefix))
        }
      }
    }
  }

  func testFamiliesAreFoundByTheirModelType() {
    XCTAssertEqual(
      Architecture.all.map(\.modelType),
      [
        "bert", "megatron-bert", "gpt2", "roberta", "xlm-roberta", "camembert", "electra", "distilbert", "albert",
      ])
    for architecture in Architecture.all {
      XCTAssertEqual(Architecture(rawValue: architecture.modelType), architecture)
    }
    XCTAssertNil(Architecture(rawValue: "Bert"))
  }

  func testEveryActivationHasItsNames() {
    for (name, activation) in Activation.names { XCTAssertEqual(Activation(named: name), activation) }
    for activation in Activation.allCases { XCTAssertEqual(Activation(named: activation.name), activation) }
    XCTAssertNil(Activation(named: "tanh"))
  }

  /// Query, key and value are one matrix in memory.
  func testProjectionsAreNeighbours() {
    for architecture in Architecture.all + Self.others where !architecture.joinsProjections {
      let layout = ParameterLayout(Self.configuration(architecture), labelCount: 2)
      for layer in 0..<architecture.ownLayerCount(of: 2) {
        for part in [TensorPart.weight, .bias] {
          let ranges = [LinearRole.query(layer), .key(layer), .value(layer)].map {
            layout.tensors[layout.index(of: .linear($0, part))].range
          }
          XCTAssertEqual(ranges[0].upperBound, ranges[1].lowerBound)
          XCTAssertEqual(ranges[1].upperBound, ranges[2].lowerBound)
        }
      }
    }
  }

  // MARK: - The passes

  func testEveryGradientOfOtherFamiliesEqualsTheReference() {
    let classes: Targets = .classes([2, 0, 1, 1, 2])
    for architecture in [Self.causal, Self.local, .gpt2] {
      for layerCount in [1, 2] {
        for plan in [nil, ClassifierTests.plan] {
          ClassifierTests.check(Self.configuration(architecture, layerCount: layerCount), 3, classes, plan)
        }
      }
    }
    for architecture in [Architecture.roberta, .electra, .distilBERT] {
      ClassifierTests.check(Self.configuration(architecture), 3, classes, ClassifierTests.plan)
    }
    for configuration in [Self.projected, Self.albert] {
      ClassifierTests.check(configuration, 1, .values([0.5, -1, 2, 0, 1.25]), ClassifierTests.plan)
    }
    var silu = Self.configuration(.bert)
    silu.activation = .silu
    ClassifierTests.check(silu, 1, .values([0.5, -1, 2, 0, 1.25]), ClassifierTests.plan)
  }

  /// What a layer adds to its two sums is dropped where the modules of Transformers 5.24 have a dropout layer: DistilBERT's
  /// attention and ALBERT's feed-forward part have none.
  func testEachFamilyDropsWhatTransformersDrops() throws {
    let kept: [Architecture: LinearRole] = [.distilBERT: .attentionOutput(0), .albert: .output(0)]
    let plan = DropoutPlan(
      seed: 3, step: 1, embeddingProbability: 0, hiddenProbability: 0.5, attentionProbability: 0,
      classifierProbability: 0)
    for architecture in Architecture.all {
      for part in [LinearRole.attentionOutput(0), .output(0)] {
        let configuration = Self.configuration(architecture, layerCount: 1)
        let classifier = ClassifierTests.classifier(configuration, labelCount: 2)
        // The other part adds zeros, and whether zeros are dropped shows nowhere.
        let other: LinearRole = part == .output(0) ? .attentionOutput(0) : .output(0)
        for tensorPart in [TensorPart.weight, .bias] {
          let index = classifier.layout.index(of: .linear(other, tensorPart))
          classifier.values(of: classifier.layout.tensors[index]).update(repeating: 0)
        }
        let (batch, targets) = (ClassifierTests.batch(configuration), Targets.classes([0, 1, 1, 0, 1]))
        let logits = [plan, nil].map { ClassifierTests.logits(classifier, batch, targets, $0) }
        XCTAssertEqual(logits[0] == logits[1], kept[architecture] == part, "\(architecture.modelType): \(part)")
      }
    }
  }

  func testEveryGradientOfALanguageModelEqualsTheReference() {
    for architecture in [Self.causal, Self.local] {
      LanguageModelTests.check(Self.configuration(architecture), ClassifierTests.plan)
    }
    for sharesWordTable in [true, false] {
      for var configuration in [Self.configuration(.bert), Self.projected, Self.configuration(.gpt2), Self.albert] {
        configuration.sharesWordTable = sharesWordTable
        LanguageModelTests.check(configuration, ClassifierTests.plan)
      }
    }
  }

  func testPositionsBeginWhereTheFamilySays() {
    let configuration = Self.configuration(Self.causal)
    XCTAssertEqual(configuration.longestSequence, 9)
    let batch = PackedSequences(tokenIdentifiers: [5, 3, 5], typeIdentifiers: [9, 9, 9], offsets: [0, 3])
    let layout = ParameterLayout(configuration, labelCount: 2)
    XCTAssertEqual(layout.touchedRows(batch).map(\.rows), [[3, 5], [2, 3, 4]])
    let classifier = ClassifierTests.classifier(configuration, labelCount: 2)
    let before = classifier.logits(of: batch)
    let positions = layout.tensors[layout.index(of: .embedding(.positions))]
    for row in [0, 1, 5] {
      for index in positions.row(row) { classifier.parameters[index] += 1 }
    }
    XCTAssertEqual(
      classifier.logits(of: batch), before, "rows before the first position and after the last are not read")
    for index in positions.row(2) { classifier.parameters[index] += 1 }
    XCTAssertNotEqual(classifier.logits(of: batch), before)
    var short = configuration
    short.positionCount = 2
    XCTAssertEqual(short.problems, ["max_position_embeddings is 2, it must exceed 2, the first position"])
    var other = configuration
    other.firstPosition = 1
    XCTAssertEqual(ParameterLayout(other, labelCount: 2).touchedRows(batch).map(\.rows), [[3, 5], [1, 2, 3]])
  }

  /// A dense layer of the head's own is drawn anew with the head, from another site of its stream.
  func testADenseHeadIsDrawnAsAHead() {
    let classifier = Classifier(configuration: Self.configuration(Self.causal), labelCount: 12)
    classifier.initialize(seed: 4)
    let head = classifier.layout.tensors.filter { $0.group == .head }
    XCTAssertEqual(
      head.map(\.role),
      [
        .linear(.classifierDense, .weight), .linear(.classifierDense, .bias), .linear(.classifier, .weight),
        .linear(.classifier, .bias),
      ])
    XCTAssertFalse(classifier.layout.tensors.contains { $0.group == .pooler })
    XCTAssertEqual(head[0].shape, head[2].shape)
    XCTAssertNotEqual(Array(classifier.values(of: head[0])), Array(classifier.values(of: head[2])))
  }

  /// As GPT-2 has it: one tensor of all projections, matrices as (inputs, outputs) in files but for the head's, and smaller
  /// weights before residual sums.
  func testAFamilyWithJointTransposedProjections() throws {
    var configuration = Self.configuration(.gpt2)
    (configuration.hiddenSize, configuration.embeddingSize) = (96, 96)
    let classifier = Classifier(configuration: configuration, labelCount: 2)
    classifier.initialize(seed: 3)
    let layout = classifier.layout
    func tensor(_ role: LinearRole) -> ParameterLayout.Tensor {
      layout.tensors[layout.index(of: .linear(role, .weight))]
    }
    let projections = tensor(.queryKeyValue(1))
    XCTAssertEqual(projections.shape, [288, 96])
    XCTAssertEqual(projections.storedShape, [96, 288])
    XCTAssertEqual(tensor(.intermediate(0)).storedShape, [96, 10])
    XCTAssertEqual(tensor(.classifier).storedShape, [2, 96])
    XCTAssertFalse(layout.tensors.contains { $0.role == .linear(.query(0), .weight) })
    for (role, range) in [
      (LinearRole.queryKeyValue(0), 0.02), (.intermediate(1), 0.02), (.attentionOutput(0), 0.01), (.output(1), 0.01),
    ] {
      let values = classifier.values(of: tensor(role)).map(Double.init)
      let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      // Five standard errors of a variance.
      XCTAssertEqual(
        variance, range * range, accuracy: 5 * range * range * (2 / Double(values.count)).squareRoot(), "\(role)")
    }
  }

  /// The head reads the last token that is not the padding token, and no token reads a later one.
  func testAHeadOfTheLastTokenPassesOverPadding() {
    var configuration = Self.configuration(.gpt2)
    let tokens: [Int32] = [3, 5, 1, 4, 1, 1, 1, 6, 2]
    let batch = PackedSequences(
      tokenIdentifiers: tokens, typeIdentifiers: tokens.map { _ in 0 }, offsets: [0, 2, 6, 7, 9])
    XCTAssertEqual(batch.lastTokens(but: nil), [1, 5, 6, 8])
    XCTAssertEqual(batch.lastTokens(but: 1), [1, 3, 6, 8], "all are padding: the first")
    let whole = ClassifierTests.classifier(configuration, labelCount: 2)
    configuration.paddingToken = 1
    let passing = ClassifierTests.classifier(configuration, labelCount: 2)
    let cut = PackedSequences(tokenIdentifiers: [1, 4], typeIdentifiers: [0, 0], offsets: [0, 2])
    let padded = PackedSequences(tokenIdentifiers: [1, 4, 1, 1], typeIdentifiers: [0, 0, 0, 0], offsets: [0, 4])
    for (found, expected) in zip(passing.logits(of: padded), whole.logits(of: cut)) {
      XCTAssertEqual(found, expected, accuracy: 1e-5 * max(1, abs(expected)))
    }
    XCTAssertNotEqual(whole.logits(of: padded), passing.logits(of: padded))
  }

  /// A layer that is applied three times, against three layers of the same weights.
  func testTheGradientsOfASharedLayerAreSumsOverItsApplications() {
    let configuration = Self.configuration(Self.shared, layerCount: 3)
    let classifier = ClassifierTests.classifier(configuration, labelCount: 2)
    var unshared = configuration
    unshared.architecture = .bert
    let twin = Classifier(configuration: unshared, labelCount: 2)
    func own(_ tensor: ParameterLayout.Tensor) -> ParameterLayout.Tensor {
      let name = tensor.name.replacing(/layer\.\d/, with: "layer.0")
      return classifier.layout[name]!
    }
    for tensor in twin.layout.tensors {
      _ = twin.values(of: tensor).update(fromContentsOf: classifier.values(of: own(tensor)))
    }
    let batch = ClassifierTests.batch(configuration)
    let gradients = (GradientArena(classifier.layout), GradientArena(twin.layout))
    for seed in [1, 2] as [UInt64] {
      let plan = DropoutPlan(seed: seed, step: 1, configuration)
      let results = [(classifier, gradients.0), (twin, gradients.1)].map {
        $0.lossAndGradients(of: batch, targets: .classes([0, 1, 1, 0, 1]), dropout: plan, into: $1)
      }
      XCTAssertEqual(results[0].logits, results[1].logits)
      var sums = [Float](repeating: 0, count: classifier.layout.count)
      for tensor in twin.layout.tensors.reversed() {
        for (index, value) in zip(own(tensor).range, gradients.1.values[tensor.range]) { sums[index] += value }
      }
      XCTAssertEqual(Array(gradients.0.values), sums, "the last application first")
    }
    let shared = classifier.layout.tensors[classifier.layout.sharedTensors]
    XCTAssertEqual(shared.map(\.group), shared.map { _ in .sharedLayer })
    for layer in 0..<3 {
      let tensors = twin.layout.tensors.filter { $0.group == .layer(layer) }
      let norms = tensors.map { tensor in
        gradients.1.values[tensor.range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      }
      XCTAssertEqual(gradients.0.applicationNorms[layer].count, norms.count)
      for (found, expected) in zip(gradients.0.applicationNorms[layer], norms) {
        XCTAssertEqual(found, expected, accuracy: 1e-12 * expected)
      }
    }
    XCTAssertEqual(gradients.1.applicationNorms, [])
    XCTAssertEqual(
      classifier.layout.gradientNames.suffix(2),
      ["weight", "bias"].map { "bert.encoder.layer.0.output.LayerNorm.\($0)#2" })
  }

  // MARK: - Folders

  /// Transposed matrices, no bias, tied decoder: as they were read, to the bit, and again.
  func testGPT2FoldersAreWrittenAsTheyAreRead() throws {
    let temporary = try TemporaryFolder()
    let folder = try ModelFolder(Goldens.path + "/gpt2")
    XCTAssertEqual(folder.configuration.paddingToken, 1)
    let classifier = Classifier(configuration: folder.configuration, labelCount: 3)
    try folder.load(into: classifier, keepHead: true, seed: 1)
    try ModelFolder.write(
      classifier, labelNames: ["a", "b", "c"], vocabulary: .file(folder.vocabularyPath), lowercases: true,
      to: temporary("classifier"))
    let model = LanguageModel(configuration: folder.configuration)
    try folder.load(into: model)
    try ModelFolder.write(
      model, vocabulary: .file(folder.vocabularyPath), lowercases: true, to: temporary("model"))
    for (name, golden) in [("classifier", "gpt2"), ("model", "gpt2")] {
      let written = try ModelFolder(temporary(name))
      XCTAssertEqual(written.configuration, folder.configuration)
      let stored = try Goldens.tensors(of: TensorFile(safetensors: temporary(name) + "/model.safetensors"))
      var expected = try Goldens.tensors(of: TensorFile(safetensors: "\(Goldens.path)/\(golden)/model.safetensors"))
      if name == "model" { expected["score.weight"] = nil }
      XCTAssertEqual(stored, expected)
      let settings = try String(contentsOfFile: temporary(name) + "/tokenizer_config.json", encoding: .utf8)
      XCTAssertTrue(settings.contains(#""model_input_names": ["input_ids", "attention_mask"]"#))
    }
    let keys = try String(contentsOfFile: temporary("model") + "/config.json", encoding: .utf8)
    XCTAssertTrue(keys.contains(#""architectures": ["GPT2LMHeadModel"]"#))
    XCTAssertEqual(
      errorText(try ModelFolder(temporary("model")).checkHead(labelCount: 3)),
      temporary("model")
        + "/model.safetensors: there is no classification head to keep: score.weight is not in the file; "
        + "a fine-tuned folder has it, and a new head needs none")
  }

  func testAnActivationIsReadAndWritten() throws {
    for (name, activation) in Activation.names {
      let temporary = try TemporaryFolder()
      let path = try temporary.copy(of: "classification")
      try replace(#""hidden_act": "gelu""#, with: "\"hidden_act\": \"\(name)\"", in: path + "/config.json")
      let folder = try ModelFolder(path)
      XCTAssertEqual(folder.configuration.activation, activation)
      let classifier = Classifier(configuration: folder.configuration, labelCount: 3)
      try folder.load(into: classifier, keepHead: true, seed: 1)
      let written = temporary("written")
      try ModelFolder.write(
        classifier, labelNames: ["a", "b", "c"], vocabulary: .file(folder.vocabularyPath), lowercases: true,
        to: written)
      XCTAssertEqual(try ModelFolder(written).configuration, folder.configuration)
    }
  }
}
