// Tokenizers of every kind against Transformers, on the goldens of Goldens/make_folder_goldens.py.

import Foundation
import ModelFiles
import Tokenization
import XCTest

@testable import FolderTokenizers

final class FolderGoldenTests: XCTestCase {
  private struct Golden: Decodable {
    struct Request: Decodable {
      var text: String
      var pair: String?
      var length: Int

      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        text = try list.decode(String.self)
        pair = try list.decodeNil() ? nil : list.decode(String.self)
        length = try list.decode(Int.self)
      }
    }
    struct Content: Decodable {
      var text: String?
      var base64: String?

      var bytes: Data { text.map { Data($0.utf8) } ?? base64.flatMap { Data(base64Encoded: $0) } ?? Data() }
    }
    struct Case: Decodable {
      var name: String
      var model_type: String
      var files: [String: Content]
      var special: Set<Int32>
      /// Nil where Transformers' slow tokenizer cuts in another way.
      var tokens: [[Int32]?]
      /// Empty where all types are 0.
      var types: [[Int32]]
    }
    var requests: [Request]
    var cases: [Case]
  }

  private func goldens() throws -> Golden {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/folders.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
  }

  /// A folder with some files, removed when the test ends.
  private func folder(_ files: [String: Data]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    addTeardownBlock { try? FileManager.default.removeItem(atPath: folder) }
    for (name, data) in files { try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    return folder
  }

  private func golden(_ name: String) throws -> Golden.Case {
    try XCTUnwrap(goldens().cases.first { $0.name == name })
  }

  func testFoldersAsTransformersReadsThem() throws {
    let goldens = try goldens()
    XCTAssertGreaterThan(goldens.cases.count, 20)
    XCTAssertGreaterThan(goldens.requests.count, 80)
    for golden in goldens.cases {
      let reading = try TokenizerFiles.read(
        folder(golden.files.mapValues(\.bytes)), modelType: golden.model_type, limit: 1000)
      let tokenizer = try reading.files.tokenizer()
      for (index, request) in goldens.requests.enumerated() {
        guard let tokens = golden.tokens[index] else { continue }
        let encoding = tokenizer.encode(request.text, pair: request.pair, maximumLength: request.length)
        let types = golden.types[index]
        let where_ = "\(golden.name), text \(index): \(request.text.unicodeScalars.map { String($0.value, radix: 16) })"
        XCTAssertEqual(encoding.tokenIdentifiers, tokens, where_)
        XCTAssertEqual(encoding.typeIdentifiers, types.isEmpty ? tokens.map { _ in 0 } : types, where_)
      }
      XCTAssertEqual(tokenizer.special.identifiers, golden.special, golden.name)
      XCTAssertFalse(reading.notes.contains { $0.contains("other tokens") }, golden.name)
    }
  }

  /// A tokenizer.json that says what older files say leaves those to stand for the folder, and another one takes their place.
  func testWhichFilesStandForAFolder() throws {
    func names(_ name: String, _ change: (inout [String: Data]) -> Void = { _ in }) throws -> [String] {
      let golden = try golden(name)
      var files = golden.files.mapValues(\.bytes)
      change(&files)
      let reading = try TokenizerFiles.read(folder(files), modelType: golden.model_type, limit: 1000)
      return reading.paths.map { String($0.split(separator: "/").last ?? "") }
        + reading.notes.filter { $0.contains("other tokens") }.map { _ in "note" }
    }
    let configuration = ["tokenizer_config.json"]
    XCTAssertEqual(try names("bert"), ["vocab.txt"])
    XCTAssertEqual(try names("bert, saved"), ["vocab.txt"] + configuration)
    XCTAssertEqual(try names("bert, saved") { $0["vocab.txt"] = nil }, ["tokenizer.json"] + configuration)
    XCTAssertEqual(try names("roberta"), ["vocab.json", "merges.txt"])
    let merges = try golden("roberta").files["merges.txt"]?.bytes ?? Data()
    let vocabulary = try golden("roberta").files["vocab.json"]?.bytes ?? Data()
    XCTAssertEqual(
      try names("roberta, saved") {
        $0["merges.txt"] = merges
        $0["vocab.json"] = vocabulary
      }, ["vocab.json", "merges.txt"] + configuration)
    let lines = merges.split(separator: 10)
    XCTAssertEqual(
      try names("roberta, saved") {
        $0["merges.txt"] = Data(lines.dropLast().joined(separator: [10])) + [10]
        $0["vocab.json"] = vocabulary
      }, ["tokenizer.json"] + configuration + ["note"])
    let pieces = try golden("albert").files["spiece.model"]?.bytes ?? Data()
    XCTAssertEqual(try names("albert, saved") { $0["spiece.model"] = pieces }, ["spiece.model"] + configuration)
  }

  /// What Transformers 5.24 writes for a tokenizer that is known by its tokenizer.json alone, which has no types there, and for one
  /// of a class.
  func testFoldersOfTransformers5() throws {
    let usual = """
      "backend": "tokenizers", "cls_token": "[CLS]", "is_local": true, "mask_token": "[MASK]",
      "model_max_length": 1000000000000000019884624838656, "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"
      """
    let goldens = try goldens()
    let golden = try golden("bert, saved")
    var files = golden.files.mapValues(\.bytes)
    files["vocab.txt"] = nil
    for (own, hasTypes) in [
      (#""tokenizer_class": "TokenizersBackend""#, false),
      (
        #""do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true, "tokenizer_class": "BertTokenizer""#,
        true
      ),
    ] {
      files["tokenizer_config.json"] = Data("{\(usual), \(own)}".utf8)
      let reading = try TokenizerFiles.read(folder(files), modelType: "bert", limit: 260)
      XCTAssertEqual(reading.notes, [], own)
      let tokenizer = try reading.files.tokenizer()
      for (index, request) in goldens.requests.enumerated() {
        let encoding = tokenizer.encode(request.text, pair: request.pair, maximumLength: request.length)
        XCTAssertEqual(encoding.tokenIdentifiers, golden.tokens[index], own)
        let types = hasTypes ? golden.types[index] : []
        XCTAssertEqual(
          encoding.typeIdentifiers, types.isEmpty ? encoding.tokenIdentifiers.map { _ in 0 } : types, own)
      }
    }
  }

  /// An ALBERT's tokenizer has types in Transformers 4, and in 5 none.
  func testTypesOfALBERTDependOnTheVersionThatWroteIt() throws {
    let goldens = try goldens()
    let golden = try golden("albert, saved")
    var files = golden.files.mapValues(\.bytes)
    let settings = String(decoding: files["tokenizer_config.json"] ?? Data(), as: UTF8.self)
    files["tokenizer_config.json"] = Data((#"{"backend":"tokenizers","# + settings.dropFirst()).utf8)
    let tokenizer = try TokenizerFiles.read(folder(files), modelType: "albert", limit: 1000).files.tokenizer()
    XCTAssertTrue(golden.types.contains { $0.contains(1) })
    for (index, request) in goldens.requests.enumerated() {
      let encoding = tokenizer.encode(request.text, pair: request.pair, maximumLength: request.length)
      XCTAssertEqual(encoding.tokenIdentifiers, golden.tokens[index])
      XCTAssertEqual(Set(encoding.typeIdentifiers).subtracting([0]), [])
    }
  }

  /// Transformers counts a token that stands on two lines of a vocab.txt once, so that the first added token has the number of the
  /// last line as well (observed with 5.24).
  func testAddedTokensBesideAVocabularyWithATokenTwice() throws {
    let vocabulary = Data("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\na\nc\n".utf8)
    for more in ["", #", "added_tokens_decoder": {"8": {"content": "<x>", "special": true}}"#] {
      let settings =
        #"{"tokenizer_class": "BertTokenizer", "additional_special_tokens": ["<x>", "<y>"]"# + more + "}"
      let files = try TokenizerFiles.read(
        folder(["vocab.txt": vocabulary, "tokenizer_config.json": Data(settings.utf8)]), limit: 20
      ).files
      let encoding = try files.tokenizer().encode("a <x> c <y> b", maximumLength: 20)
      XCTAssertEqual(encoding.tokenIdentifiers, [2, 7, 8, 8, 9, 6, 3])
    }
  }

  /// What cannot be a tokenizer is named with its file.
  func testFilesThatAreNoTokenizers() throws {
    func complaint(_ name: String, _ file: String, limit: Int = 1000, _ change: (Data) -> Data) throws -> String {
      let golden = try golden(name)
      var files = golden.files.mapValues(\.bytes)
      files[file] = change(files[file] ?? Data())
      let path = try folder(files)
      do {
        _ = try TokenizerFiles.read(path, modelType: golden.model_type, limit: limit)
      } catch { return "\(error)".replacingOccurrences(of: path, with: "DIR") }
      return "accepted"
    }
    XCTAssertEqual(
      try complaint("roberta", "merges.txt") { $0 + Data("a b c\n".utf8) },
      "DIR/merges.txt: line 161 has 3 tokens; a merge is two tokens with a space between them")
    XCTAssertEqual(
      try complaint("roberta", "merges.txt") { _ in Data("#version\nq zzz\n".utf8) },
      "DIR/merges.txt: merge 1 needs the token \"zzz\", which the vocabulary lacks")
    XCTAssertEqual(
      try complaint("roberta", "vocab.json") { _ in Data("[]".utf8) },
      "DIR/vocab.json: this is a list of 0; it must be an object")
    XCTAssertEqual(
      try complaint("gpt2", "merges.txt", limit: 400) { $0 },
      "DIR/vocab.json: it has 420 tokens; 1 to 400, the vocab_size of config.json, are allowed")
    XCTAssertEqual(
      try complaint("albert", "spiece.model") { $0.prefix(100) },
      "DIR/spiece.model: this is no SentencePiece model: a field of 10 bytes has 1 left")
    XCTAssertEqual(
      try complaint("xlm-roberta", "sentencepiece.bpe.model") { _ in Data([18, 2, 24, 2, 10, 3, 10, 1, 97]) },
      "DIR/sentencepiece.bpe.model: its model is of byte pair encoding; unigrams are supported")
  }
}
