// Tokenizers of model folders against Transformers, on the goldens of Goldens/make_tokenizer_goldens.py.

import Foundation
import ModelFiles
import Tokenization
import XCTest

@testable import FolderTokenizers

final class TokenizerGoldenTests: XCTestCase {
  private struct Golden: Decodable {
    struct Encoded: Decodable {
      var text: String
      var ids: [Int32]
    }
    struct Case: Decodable {
      var name: String
      var files: [String: String]
      var special: Set<Int32>
      var texts: [Encoded]
    }
    var vocabulary: [String]
    var cases: [Case]
  }

  private func goldens() throws -> Golden {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/tokenizers.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
  }

  /// A folder with a vocabulary and other files, removed when the test ends.
  private func folder(_ vocabulary: [String], _ files: [String: String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    addTeardownBlock { try? FileManager.default.removeItem(atPath: folder) }
    let vocabulary = ["vocab.txt": vocabulary.map { $0 + "\n" }.joined()]
    for (name, text) in files.merging(vocabulary, uniquingKeysWith: { $1 }) {
      try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
    }
    return folder
  }

  func testFoldersAsTransformersReadsThem() throws {
    let goldens = try goldens()
    XCTAssertGreaterThan(goldens.cases.count, 80)
    for golden in goldens.cases {
      let path = try folder(goldens.vocabulary, golden.files)
      let tokenizer = try TokenizerFiles.read(path, limit: 64).files.tokenizer()
      for text in golden.texts {
        XCTAssertEqual(
          tokenizer.encode(text.text, maximumLength: 1000).tokenIdentifiers, text.ids, "\(golden.name): \(text.text)")
      }
      XCTAssertEqual(tokenizer.special.identifiers, golden.special, golden.name)
    }
  }

  /// What a written folder says is what it was read from.
  func testWrittenTokensComeBack() throws {
    let goldens = try goldens()
    for golden in goldens.cases {
      let files = try TokenizerFiles.read(folder(goldens.vocabulary, golden.files), limit: 64).files
      guard case .wordPiece(let lowercases, let added) = files.kind else {
        XCTFail("\(golden.name): not known by its vocab.txt")
        continue
      }
      let text = TokenizerFiles.configurationText(lowercases: lowercases, added: added, maximumLength: 512)
      let again = try TokenizerFiles.read(
        folder(goldens.vocabulary, ["tokenizer_config.json": text]), limit: 64)
      XCTAssertEqual(
        again.files.kind,
        .wordPiece(lowercases: lowercases, added: added.sorted { $0.identifier < $1.identifier }),
        golden.name)
      XCTAssertEqual(again.notes.filter { !$0.contains("vocab.txt has") }, [], golden.name)
    }
  }

  /// Files that change no encoding are none of those that decide it.
  func testFilesThatDecideEncodings() throws {
    let goldens = try goldens()
    func names(_ files: [String: String]) throws -> [String] {
      let reading = try TokenizerFiles.read(folder(goldens.vocabulary, files), limit: 64)
      return (reading.paths + reading.tokenPaths).map { String($0.split(separator: "/").last ?? "") }
    }
    XCTAssertEqual(try names([:]), ["vocab.txt"])
    let plain = ["special_tokens_map.json": #"{"unk_token": "[UNK]"}"#, "added_tokens.json": #"{"[MASK]": 4}"#]
    XCTAssertEqual(try names(plain), ["vocab.txt"])
    XCTAssertEqual(
      try names(plain.merging(["tokenizer_config.json": "{}"]) { $1 }), ["vocab.txt", "tokenizer_config.json"])
    XCTAssertEqual(
      try names(["special_tokens_map.json": "{}", "added_tokens.json": #"{"<e>": 26}"#]),
      ["vocab.txt", "special_tokens_map.json", "added_tokens.json"])
  }

  /// Where tokenizer.json makes other tokens than vocab.txt it counts, and the reading says so.
  func testATokenizerFileThatDisagrees() throws {
    let goldens = try goldens()
    let path = try folder(
      goldens.vocabulary,
      [
        "tokenizer.json":
          ##"{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "cat": 3}}}"##
      ])
    let reading = try TokenizerFiles.read(path, limit: 64)
    XCTAssertEqual(try reading.files.tokenizer().encode("cat", maximumLength: 8).tokenIdentifiers, [3])
    XCTAssertEqual(
      reading.notes.first, "\(path)/tokenizer.json and vocab.txt make other tokens; the former counts.")
    XCTAssertEqual(reading.paths, ["\(path)/tokenizer.json"])
  }

  /// Transformers replaces the normalizer of tokenizer.json by the configuration's, and keeps what the former made of added
  /// tokens: "Cat" would be looked for in lower-cased texts.
  func testATokenizerFileThatNormalizesTokensInAnotherWay() throws {
    let path = try folder(
      try goldens().vocabulary,
      [
        "tokenizer.json":
          ##"""
        {"added_tokens": [{"id": 3, "content": "Cat", "normalized": true}], \##
        "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}}, \##
        "normalizer": {"type": "BertNormalizer", "lowercase": false}}
        """##
      ])
    XCTAssertThrowsError(try TokenizerFiles.read(path, limit: 64)) {
      XCTAssertEqual(
        "\($0)",
        "\(path)/tokenizer.json: normalizer.lowercase is false, and do_lower_case of tokenizer_config.json is true")
    }
  }

  /// A key that nobody knows is refused although Transformers replaces the normalizer.
  func testANormalizerWithAnUnknownKey() throws {
    let path = try folder(
      try goldens().vocabulary,
      [
        "tokenizer.json":
          ##"""
        {"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}}, \##
        "normalizer": {"type": "BertNormalizer", "colour": "red"}}
        """##
      ])
    XCTAssertThrowsError(try TokenizerFiles.read(path, limit: 64)) {
      XCTAssertEqual("\($0)", "\(path)/tokenizer.json: normalizer.colour is not a key that is supported there")
    }
  }

  /// The tokenizers library finds such a token between all letters and cuts there (observed with 0.22 and 0.23).
  func testATokenOfWhichTheNormalizerLeavesNothing() throws {
    let settings =
      #"{"do_lower_case": true, "added_tokens_decoder": {"26": {"content": "\u0301", "normalized": true, "special": false}}}"#
    let path = try folder(try goldens().vocabulary, ["tokenizer_config.json": settings])
    XCTAssertThrowsError(try TokenizerFiles.read(path, limit: 64)) {
      XCTAssertEqual(
        "\($0)",
        "\(path)/vocab.txt: the normalizer leaves nothing of the added token 26, \"\u{301}\", so that the tokenizers library cuts "
          + "texts into single letters; set normalized to false for this token, or remove it")
    }
    let cased = settings.replacingOccurrences(of: "true, \"added", with: "false, \"added")
    XCTAssertNoThrow(
      try TokenizerFiles.read(folder(goldens().vocabulary, ["tokenizer_config.json": cased]), limit: 64))
  }

  /// Each token stands in the space that the first one takes, whose end is looked for once: else this takes many seconds.
  func testTokensInTheSpaceOfAToken() throws {
    let settings = """
      {"added_tokens_decoder": {"26": {"content": " ", "rstrip": true, "normalized": false, "special": false}, \
      "27": {"content": "\\t", "normalized": false, "special": false}}}
      """
    let path = try folder(try goldens().vocabulary, ["tokenizer_config.json": settings])
    let tokenizer = try TokenizerFiles.read(path, limit: 64).files.tokenizer()
    let text = String(repeating: " \t", count: 100_000)
    let tokens = tokenizer.encode(text, maximumLength: 200_002).tokenIdentifiers
    XCTAssertTrue(tokens.dropFirst().dropLast().elementsEqual((0..<200_000).map { Int32(26 + $0 % 2) }))
  }

  func testTheNoteCountsAddedTokens() throws {
    let goldens = try goldens()
    let path = try folder(goldens.vocabulary, ["added_tokens.json": #"{"<e>": 26}"#])
    XCTAssertEqual(
      try TokenizerFiles.read(path, limit: 30).notes,
      ["\(path)/vocab.txt has 26 tokens and 1 added ones for the 30 of vocab_size."])
    XCTAssertEqual(try TokenizerFiles.read(path, limit: 27).notes, [])
  }
}
