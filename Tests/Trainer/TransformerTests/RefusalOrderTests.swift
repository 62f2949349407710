import Foundation
import XCTest

@testable import Transformer

/// Folders with more than one thing wrong, or with files that do not fit each other: what kind of model it is comes first, and the
/// error names the file that is to be mended.
final class RefusalOrderTests: XCTestCase {
  /// The error of opening a spoilt copy of a golden folder, without the folder's path.
  private func complaint(_ spoil: (String) throws -> Void) throws -> String {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "classification")
    try spoil(path)
    return errorText(try ModelFolder(path)).replacingOccurrences(of: path, with: "DIR")
  }

  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  /// A family, an activation, an attention or a position type that is not supported is refused by name, with what is supported,
  /// before a word about tokenizers or weights.
  func testTheKindOfModelComesBeforeTokenizersAndWeights() throws {
    let cases: [(key: String, found: String, new: String)] = [
      ("model_type", #""longformer""#, #""model_type": "longformer""#),
      ("hidden_act", #""tanh""#, #""model_type": "bert", "hidden_act": "tanh""#),
      (
        "position_embedding_type", #""relative_key""#,
        #""model_type": "bert", "position_embedding_type": "relative_key""#
      ),
      ("is_decoder", "true", #""model_type": "bert", "is_decoder": true"#),
    ]
    for (key, found, new) in cases {
      let text = try complaint { path in
        let file = path + "/config.json"
        // A key that the golden has already is taken out.
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
          .filter { !$0.contains("\"\(key)\"") && !$0.contains("\"model_type\"") }
        try write(lines.joined(separator: "\n"), to: file)
        try replace(#""hidden_size": 16"#, with: #""hidden_size": 16, \#(new)"#, in: file)
        try FileManager.default.removeItem(atPath: path + "/vocab.txt")
        try write("{", to: path + "/tokenizer.json")
        try write("", to: path + "/model.safetensors")
      }
      XCTAssertTrue(text.hasPrefix("DIR/config.json: \(key) is \(found); "), text)
      XCTAssertTrue(text.contains("supported"), text)
    }
  }

  func testVocabulariesThatDoNotFitTheEmbeddings() throws {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<51).map { "w\($0)" }
    let words = tokens.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let more = try complaint { path in
      try FileManager.default.removeItem(atPath: path + "/vocab.txt")
      try write(
        ##"{"model": {"type": "WordPiece", "vocab": {\##(words)}}}"##,
        to: path + "/tokenizer.json")
    }
    XCTAssertEqual(
      more, "DIR/tokenizer.json: it has 51 tokens; 1 to 50, the vocab_size of config.json, are allowed")
    let size = try complaint { path in
      try replace(#""vocab_size": 50"#, with: #""vocab_size": 60"#, in: path + "/config.json")
    }
    XCTAssertEqual(
      size,
      #"DIR/model.safetensors: tensor "bert.embeddings.word_embeddings.weight": its shape is [50, 16], and [60, 16] is expected"#
    )
  }

  /// A pytorch_model.bin that is cut or that asks for more than tensors is named, and nothing of it is executed.
  func testHostileWeights() throws {
    func complaint(_ name: String, cut: Double = 1) throws -> String {
      try self.complaint { path in
        try FileManager.default.removeItem(atPath: path + "/model.safetensors")
        let bytes = try Data(
          contentsOf: URL(fileURLWithPath: Goldens.path + "/../../WeightFilesTests/Goldens/\(name)"))
        try bytes.prefix(Int(cut * Double(bytes.count))).write(
          to: URL(fileURLWithPath: path + "/pytorch_model.bin"))
      }
    }
    for name in ["refused-zip.bin", "refused-stacked.bin"] {
      let text = try complaint(name)
      XCTAssertTrue(text.hasPrefix("DIR/pytorch_model.bin: "), text)
      XCTAssertTrue(text.contains(#"asks for "posix.system""#), text)
    }
    for (name, reason) in [("zip-2.bin", "it is cut short"), ("stacked-4.bin", "the file is cut short")] {
      for cut in [0.1, 0.5, 0.99] {
        let text = try complaint(name, cut: cut)
        XCTAssertTrue(text.hasPrefix("DIR/pytorch_model.bin: "), text)
        XCTAssertTrue(text.contains(reason), "\(name), \(cut): \(text)")
      }
    }
  }
}
