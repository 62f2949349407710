import Foundation
import XCTest

@testable import Transformer
@testable import WeightFiles

/// Model folders as Hugging Face writes them are opened, loaded and written.
final class ModelFolderTests: XCTestCase {
  private func golden(_ name: String) throws -> ModelFolder { try ModelFolder(Goldens.path + "/" + name) }

  func testWhatAFineTunedFolderSays() throws {
    let folder = try golden("classification")
    XCTAssertEqual(
      folder.configuration,
      EncoderConfiguration(
        vocabularySize: 50, hiddenSize: 16, layerCount: 3, headCount: 4, intermediateSize: 24, positionCount: 16))
    XCTAssertEqual(folder.tokenizer.kind, .wordPiece(lowercases: false))
    XCTAssertEqual(try folder.labelNames(), ["entailment", "neutral", "contradiction"])
    XCTAssertEqual(folder.headLabelCount, 3)
    XCTAssertEqual(folder.notes, [])
    XCTAssertEqual(folder.vocabularyPath, folder.path + "/vocab.txt")
    XCTAssertEqual(
      folder.filePaths,
      ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"].map { folder.path + "/" + $0 })
  }

  func testWhatOtherFoldersSay() throws {
    let regression = try golden("regression-f16")
    XCTAssertEqual(regression.headLabelCount, 1)
    XCTAssertEqual(try regression.labelNames(), ["LABEL_0"])
    let bare = try golden("bare")
    XCTAssertNil(try bare.labelNames())
    XCTAssertNil(bare.headLabelCount)
    XCTAssertEqual(
      bare.tokenizer.kind, .wordPiece(lowercases: true),
      "Hugging Face's BertTokenizer lower-cases where nothing is said")
    XCTAssertEqual(
      bare.filePaths, ["config.json", "vocab.txt", "model.safetensors"].map { bare.path + "/" + $0 })
    let old = try golden("pretraining-bf16")
    XCTAssertNil(old.headLabelCount)
    XCTAssertEqual(old.notes, [])
    let withoutPooler = try golden("no-pooler")
    XCTAssertEqual(
      withoutPooler.notes,
      ["\(withoutPooler.path) has no pooler; it is initialized from each trial's seed."])
  }

  /// BERT folders of before the key, as `BertConfig.from_pretrained` reads them.
  func testAFolderWithoutModelTypeIsABERTWhereItsTensorsAre() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "classification")
    let original = try golden("classification")
    try replace(#""model_type": "bert","#, with: "", in: path + "/config.json")
    let folder = try ModelFolder(path)
    XCTAssertEqual(folder.configuration, original.configuration)
    let note = "\(path)/config.json has no model_type; it is read as \"bert\", whose names and shapes its tensors have."
    XCTAssertEqual(folder.notes, [note])
    // An encoder that was saved by itself.
    try rewriteWeights(of: path) { ($0.hasPrefix("bert.") ? String($0.dropFirst(5)) : $0, $1) }
    XCTAssertEqual(try ModelFolder(path).notes, [note])
    try replace(#""hidden_act": "gelu""#, with: #""hidden_act": "gelu_python""#, in: path + "/config.json")
    XCTAssertEqual(try ModelFolder(path).configuration.activation, .gelu, "the same function, written in Python")
  }

  /// Labels of a head are read where the head is kept: a new one has others. As BertConfig of Transformers 4.57 reads them.
  func testLabelsAreReadWhereAHeadIsKept() throws {
    let cases: [(String, [String]?)] = [
      (#""id2label": {"0": 0, "1": 1, "2": 2.5}"#, ["0", "1", "2.5"]), (#""id2label": null"#, nil),
      (#""id2label": {"2": "c", "0": "a", "1": "b"}"#, ["a", "b", "c"]),
    ]
    for (new, expected) in cases {
      let temporary = try TemporaryFolder()
      let path = try temporary.copy(of: "classification")
      try replaceLabels(in: path, with: new)
      XCTAssertEqual(try ModelFolder(path).labelNames(), expected)
    }
    let refused: [(String, String)] = [
      (
        #""id2label": {"1": "a", "2": "b"}"#,
        #"id2label has the key "2"; the keys of a head that is kept must be "0" to "1""#
      ),
      (#""id2label": {}"#, #"id2label is an object of 0 keys; an object from "0", "1", ... to names is allowed"#),
      (#""id2label": {"0": null}"#, "id2label gives label 0 the name null; a string or a number is allowed"),
    ]
    for (new, expected) in refused {
      let temporary = try TemporaryFolder()
      let path = try temporary.copy(of: "classification")
      try replaceLabels(in: path, with: new)
      let folder = try ModelFolder(path)
      XCTAssertEqual(errorText(try folder.labelNames()), "\(path)/config.json: \(expected)")
    }
  }

  /// Puts another value in the place of `id2label`, whatever lines it stands on.
  private func replaceLabels(in path: String, with new: String) throws {
    let file = path + "/config.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let start = try XCTUnwrap(text.range(of: "\"id2label\""))
    let end = try XCTUnwrap(text.range(of: "}", range: start.lowerBound..<text.endIndex))
    try text.replacingCharacters(in: start.lowerBound..<end.upperBound, with: new)
      .write(toFile: file, atomically: false, encoding: .utf8)
  }

  /// Every name that a tensor had in the file lands in the arena under the layout's name.
  func testEveryTensorIsLoaded() throws {
    for name in ["classification", "regression-f16", "pretraining-bf16", "bare"] {
      let folder = try golden(name)
      let classifier = Classifier(configuration: folder.configuration, labelCount: folder.headLabelCount ?? 2)
      try folder.load(into: classifier, keepHead: folder.headLabelCount != nil, seed: 1)
      let stored = try Goldens.tensors(of: TensorFile(safetensors: folder.path + "/model.safetensors"))
      for tensor in classifier.layout.tensors where tensor.group != .head || folder.headLabelCount != nil {
        var spelling = tensor.name
        if name == "bare", spelling.hasPrefix("bert.") { spelling.removeFirst(5) }
        if name == "pretraining-bf16" {
          spelling = spelling.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
            .replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")
        }
        XCTAssertEqual(Array(classifier.parameters[tensor.range]), stored[spelling], "\(name): \(tensor.name)")
      }
    }
  }

  func testAMissingPoolerComesFromTheSeed() throws {
    let folder = try golden("no-pooler")
    let configuration = folder.configuration
    func pooler(seed: UInt64, _ prepare: (Classifier) throws -> Void) throws -> [Float] {
      let classifier = Classifier(configuration: configuration, labelCount: 2)
      try prepare(classifier)
      return classifier.layout.tensors.filter { $0.group == .pooler }.flatMap { classifier.parameters[$0.range] }
    }
    let loaded = try pooler(seed: 7) { try folder.load(into: $0, keepHead: false, seed: 7) }
    XCTAssertEqual(loaded, try pooler(seed: 7) { $0.initialize(seed: 7) }, "as in a model drawn anew")
    XCTAssertNotEqual(loaded, try pooler(seed: 8) { try folder.load(into: $0, keepHead: false, seed: 8) })
  }

  func testAWrittenFolderIsReadBackToTheBit() throws {
    let temporary = try TemporaryFolder()
    let original = try golden("classification")
    let classifier = Classifier(configuration: original.configuration, labelCount: 3)
    classifier.initialize(seed: 3)
    let path = temporary("a/new/folder")
    func write() throws {
      try ModelFolder.write(
        classifier, labelNames: ["no \"é\"", "yes", "maybe"], vocabulary: .file(original.vocabularyPath),
        lowercases: false, to: path)
    }
    func bytes() throws -> [Data] {
      try ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"].map {
        try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0))
      }
    }
    try write()
    let first = try bytes()
    try write()
    XCTAssertEqual(try bytes(), first)
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: path).count, 4)
    let folder = try ModelFolder(path)
    XCTAssertEqual(folder.configuration, original.configuration)
    XCTAssertEqual(try folder.labelNames(), ["no \"é\"", "yes", "maybe"])
    XCTAssertEqual(folder.tokenizer.kind, .wordPiece(lowercases: false))
    let copy = Classifier(configuration: folder.configuration, labelCount: 3)
    try folder.load(into: copy, keepHead: true, seed: 1)
    XCTAssertEqual(copy.parameters.map(\.bitPattern), classifier.parameters.map(\.bitPattern))
    XCTAssertEqual(first[1], try Data(contentsOf: URL(fileURLWithPath: original.vocabularyPath)))
  }

  func testTheWrittenConfiguration() throws {
    let temporary = try TemporaryFolder()
    let configuration = EncoderConfiguration(
      vocabularySize: 4, hiddenSize: 6, layerCount: 1, headCount: 2, intermediateSize: 5, positionCount: 8,
      typeCount: 1, layerNormEpsilon: 1e-5, initializerRange: 0.05, hiddenDropoutProbability: 0,
      attentionDropoutProbability: 0.25, classifierDropoutProbability: 0.5)
    let classifier = Classifier(configuration: configuration, labelCount: 1)
    try ModelFolder.write(
      classifier, labelNames: [], vocabulary: .tokens(["[UNK]", "[PAD]", "[CLS]", "[SEP]"]), lowercases: true,
      to: temporary.path)
    XCTAssertEqual(
      try String(contentsOfFile: temporary("config.json"), encoding: .utf8),
      """
      {
        "architectures": ["BertForSequenceClassification"],
        "attention_probs_dropout_prob": 0.25,
        "classifier_dropout": 0.5,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "hidden_size": 6,
        "id2label": {"0": "LABEL_0"},
        "initializer_range": 0.05,
        "intermediate_size": 5,
        "label2id": {"LABEL_0": 0},
        "layer_norm_eps": 1e-05,
        "max_position_embeddings": 8,
        "model_type": "bert",
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "pad_token_id": 1,
        "position_embedding_type": "absolute",
        "problem_type": "regression",
        "type_vocab_size": 1,
        "vocab_size": 4
      }

      """)
    XCTAssertEqual(try String(contentsOfFile: temporary("vocab.txt"), encoding: .utf8), "[UNK]\n[PAD]\n[CLS]\n[SEP]\n")
    let folder = try ModelFolder(temporary.path)
    XCTAssertEqual(folder.configuration, configuration)
    XCTAssertEqual(folder.tokenizer.kind, .wordPiece(lowercases: true))
    XCTAssertEqual(folder.headLabelCount, 1)
  }
}
