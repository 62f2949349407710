import Architectures
import Foundation
import XCTest

@testable import Transformer

/// Folders of the families beside BERT: what is written is read again, and what is not supported is refused by name.
final class FamilyFolderTests: XCTestCase {
  private let batch = PackedSequences(
    tokenIdentifiers: [2, 7, 9, 3, 2, 11, 3], typeIdentifiers: [0, 0, 0, 0, 0, 0, 0], offsets: [0, 4, 7])

  /// A classifier with the kept head, its values as written.
  private func classifier(_ folder: ModelFolder, _ labelCount: Int) throws -> Classifier {
    let classifier = Classifier(configuration: folder.configuration, labelCount: labelCount)
    try folder.load(into: classifier, keepHead: true, seed: 1)
    return classifier
  }

  func testAWrittenClassifierIsReadAgain() throws {
    for (name, labels) in [
      ("roberta", ["a", "b", "c"]), ("electra", []), ("distilbert", ["no", "yes"]), ("albert", ["no", "yes"]),
    ] {
      let temporary = try TemporaryFolder()
      let folder = try ModelFolder(Goldens.path + "/" + name)
      let model = try classifier(folder, max(1, labels.count))
      let written = temporary("written")
      try ModelFolder.write(
        model, labelNames: labels, vocabulary: .file(folder.vocabularyPath), lowercases: true, to: written)
      let again = try ModelFolder(written)
      XCTAssertEqual(again.configuration, folder.configuration, name)
      XCTAssertEqual(try classifier(again, max(1, labels.count)).logits(of: batch), model.logits(of: batch), name)
      XCTAssertEqual(again.notes, [], name)
    }
  }

  func testAWrittenLanguageModelIsReadAgain() throws {
    for name in ["roberta-masked", "electra-masked", "distilbert-masked", "albert-masked"] {
      let temporary = try TemporaryFolder()
      let folder = try ModelFolder(Goldens.path + "/" + name)
      let model = LanguageModel(configuration: folder.configuration)
      try folder.load(into: model)
      let written = temporary("written")
      try ModelFolder.write(model, vocabulary: .file(folder.vocabularyPath), lowercases: true, to: written)
      let again = try ModelFolder(written)
      XCTAssertTrue(again.holdsLanguageModelHead, name)
      XCTAssertEqual(again.configuration, folder.configuration, name)
      let other = LanguageModel(configuration: again.configuration)
      try again.load(into: other)
      XCTAssertEqual(Array(other.parameters), Array(model.parameters), name)
    }
  }

  /// XLM-RoBERTa and CamemBERT are RoBERTa under other names.
  func testTwinsOfRoBERTaComputeTheSame() throws {
    let expected = try classifier(ModelFolder(Goldens.path + "/roberta"), 3).logits(of: batch)
    for modelType in ["xlm-roberta", "camembert"] {
      let temporary = try TemporaryFolder()
      let path = try temporary.copy(of: "roberta")
      try replace(#""model_type": "roberta""#, with: "\"model_type\": \"\(modelType)\"", in: path + "/config.json")
      let folder = try ModelFolder(path)
      XCTAssertEqual(folder.configuration.architecture.modelType, modelType)
      XCTAssertEqual(try classifier(folder, 3).logits(of: batch), expected)
    }
  }

  /// Positions begin after whatever number config.json gives the padding token, and usually after 1.
  func testPositionsFollowThePaddingToken() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "roberta")
    XCTAssertEqual(try ModelFolder(path).configuration.firstPosition, 2)
    try replace(#""pad_token_id": 1"#, with: #""pad_token_id": 4"#, in: path + "/config.json")
    let moved = try ModelFolder(path).configuration
    XCTAssertEqual(moved.firstPosition, 5)
    XCTAssertEqual(moved.longestSequence, 13)
    try replace(#""pad_token_id": 4,"#, with: "", in: path + "/config.json")
    XCTAssertEqual(try ModelFolder(path).configuration.firstPosition, 2)
    // Transformers cannot count from null either.
    for wrong in ["-1", "null"] {
      let other = try TemporaryFolder()
      let path = try other.copy(of: "roberta")
      try replace(#""pad_token_id": 1"#, with: "\"pad_token_id\": \(wrong)", in: path + "/config.json")
      XCTAssertEqual(
        errorText(try ModelFolder(path)),
        "\(path)/config.json: pad_token_id is \(wrong); a whole number from 0 to 16777215 is allowed")
    }
  }

  /// `MegatronBertForSequenceClassification` has the hidden dropout before its classifier and knows no other key.
  func testAMegatronHasTheHiddenDropoutBeforeItsHead() throws {
    for (name, expected) in [("megatron", 0.25), ("classification", 0.5)] {
      let temporary = try TemporaryFolder()
      let path = try temporary.copy(of: name)
      let file = path + "/config.json"
      if name == "classification" { try replace(#""classifier_dropout": null,"#, with: "", in: file) }
      try replace(
        #""hidden_dropout_prob": 0.1"#, with: #""hidden_dropout_prob": 0.25, "classifier_dropout": 0.5"#, in: file)
      let folder = try ModelFolder(path)
      XCTAssertEqual(DropoutPlan(seed: 1, step: 0, folder.configuration).classifierProbability, expected, name)
      let written = temporary("written")
      try ModelFolder.write(
        Classifier(configuration: folder.configuration, labelCount: 2), labelNames: ["no", "yes"],
        vocabulary: .file(folder.vocabularyPath), lowercases: true, to: written)
      XCTAssertEqual(try ModelFolder(written).configuration, folder.configuration, name)
      // Digests of folders have counted the megatron's null.
      let line = name == "megatron" ? #""classifier_dropout": null,"# : #""classifier_dropout": 0.5,"#
      XCTAssertTrue(try String(contentsOfFile: written + "/config.json", encoding: .utf8).contains(line), name)
    }
  }

  func testWhatIsNotSupportedIsRefusedByName() throws {
    let cases = [
      (
        "distilbert", #""sinusoidal_pos_embds": false"#, #""sinusoidal_pos_embds": true"#,
        "sinusoidal_pos_embds is true; only positions that are learned are supported"
      ),
      (
        "albert", #""num_hidden_groups": 1"#, #""num_hidden_groups": 2"#,
        "num_hidden_groups is 2; only one group of one layer is supported"
      ),
      (
        "albert", #""inner_group_num": 1"#, #""inner_group_num": 2"#,
        "inner_group_num is 2; only one group of one layer is supported"
      ),
      ("distilbert", #""dim": 12"#, #""dim": 13"#, "n_heads is 3, it must divide dim, which is 13"),
      (
        "electra", #""is_decoder": false"#, #""position_embedding_type": "relative_key""#,
        #"position_embedding_type is "relative_key"; only "absolute" is supported"#
      ),
      ("roberta", #""is_decoder": false"#, #""is_decoder": true"#, "is_decoder is true; only encoders are supported"),
      ("gpt2", #""pad_token_id": 1"#, #""pad_token_id": "1""#, #"pad_token_id is "1"; a whole number is allowed"#),
    ]
    for (name, old, new, complaint) in cases {
      let temporary = try TemporaryFolder()
      let path = try temporary.copy(of: name)
      // Nothing is said about a tokenizer before that.
      try FileManager.default.removeItem(atPath: path + "/vocab.txt")
      try replace(old, with: new, in: path + "/config.json")
      XCTAssertEqual(errorText(try ModelFolder(path)), "\(path)/config.json: \(complaint)")
    }
  }

  /// The layers of the names in tables are those of the layout, for the applications of a shared layer as well.
  func testNamesTellTheLayersOfEveryFamily() throws {
    for architecture in Architecture.all {
      for role in architecture.roles(layerCount: 12, head: .classification(labelCount: 1)) {
        let name = architecture.name(of: role, layerCount: 12)
        let layer = architecture.layer(of: role, layerCount: 12)
        XCTAssertEqual(Architecture.layer(ofTensor: name), layer, name)
        guard architecture.group(of: role, layerCount: 12) == .sharedLayer else { continue }
        XCTAssertEqual(Architecture.layer(ofTensor: Architecture.name(of: name, asLayer: 11)), 11, name)
      }
    }
  }

  /// `plan` and `run` print it.
  func testAFolderSaysWhatItIs() throws {
    let facts = [
      "classification":
        "bert, tokenizer WordPiece; a classifier reads the first token through the pooler, tanh and dropout",
      "roberta":
        "roberta, tokenizer WordPiece; a classifier reads the first token through dropout, a dense layer of its own, tanh "
        + "and dropout",
      "distilbert":
        "distilbert, tokenizer WordPiece; a classifier reads the first token through a dense layer of its own, relu and "
        + "dropout",
      "gpt2": "gpt2, tokenizer WordPiece; a classifier reads the last token",
    ]
    for (name, fact) in facts {
      XCTAssertEqual(try ModelFolder(Goldens.path + "/" + name).fact, "model \(name): \(fact)")
    }
  }

  func testNamesTellTheTensorsOfEveryFamily() throws {
    for architecture in Architecture.all {
      let roles = architecture.roles(layerCount: 2, head: .classification(labelCount: 1))
      let names = roles.map { architecture.name(of: $0, layerCount: 2) }
      let tensors = try XCTUnwrap(NamedTensors(Set(names)), architecture.modelType)
      XCTAssertEqual(names.map { tensors[$0]?.role }, roles, architecture.modelType)
    }
  }
}
