// The tokenizer against Hugging Face's fast BERT tokenizer, on the goldens of Goldens/make_goldens.py.

import Foundation
import XCTest

@testable import Tokenization

final class GoldenTests: XCTestCase {
  private struct HardLine: Decodable {
    var text: String
    var uncased: [Int32]
    var cased: [Int32]
  }

  private static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/\(name)").path
  }

  private static func lines(_ name: String) throws -> [String] {
    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  func testHardLinesAsHuggingFace() throws {
    let uncased = try TextTokenizer(wordPiecesOf: Self.path("vocabulary.txt"), lowercases: true)
    let cased = try TextTokenizer(wordPiecesOf: Self.path("vocabulary.txt"), lowercases: false)
    let lines = try Self.lines("lines.jsonl").map { try JSONDecoder().decode(HardLine.self, from: Data($0.utf8)) }
    XCTAssertGreaterThan(lines.count, 400)
    for (index, line) in lines.enumerated() {
      let scalars = line.text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
      XCTAssertEqual(
        uncased.encode(line.text, maximumLength: 10_000).tokenIdentifiers, line.uncased, "line \(index): \(scalars)")
      XCTAssertEqual(
        cased.encode(line.text, maximumLength: 10_000).tokenIdentifiers, line.cased, "line \(index): \(scalars)")
    }
  }

  func testPairsAreCutAsHuggingFace() throws {
    let tokenizer = try TextTokenizer(
      wordPieces: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"], lowercases: true)
    for line in try Self.lines("truncation.txt") {
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      let encoding = tokenizer.encode(
        String(repeating: "a ", count: numbers[0]), pair: String(repeating: "b ", count: numbers[1]),
        maximumLength: numbers[2])
      let expected =
        [2] + [Int32](repeating: 5, count: numbers[3]) + [3] + [Int32](repeating: 6, count: numbers[4]) + [3]
      XCTAssertEqual(encoding.tokenIdentifiers, expected, line)
      XCTAssertEqual(
        encoding.typeIdentifiers,
        [Int32](repeating: 0, count: numbers[3] + 2) + [Int32](repeating: 1, count: numbers[4] + 1), line)
    }
  }

  /// Every Unicode scalar between two letters: the words, joined by spaces, hashed by blocks of 4,096 scalars.
  func testEveryScalarAsHuggingFace() throws {
    let uncased = TextNormalizer(lowercases: true)
    let cased = TextNormalizer(lowercases: false)
    let blocks = try Self.lines("scalars.txt")
    XCTAssertEqual(blocks.count, 0x110)
    for line in blocks {
      let fields = line.split(separator: " ").compactMap { UInt64($0, radix: 16) }
      XCTAssertEqual(Self.checksum(block: UInt32(fields[0]), uncased), fields[1], "uncased, block \(line)")
      XCTAssertEqual(Self.checksum(block: UInt32(fields[0]), cased), fields[2], "cased, block \(line)")
    }
  }

  /// FNV-1a, 64 bits, of the words of a block, as in the script.
  private static func checksum(block: UInt32, _ normalizer: TextNormalizer) -> UInt64 {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    var isFirst = true
    for value in block << 12..<(block + 1) << 12 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var text = "a"
      text.unicodeScalars.append(scalar)
      text += "b"
      var normalized: [UInt8] = []
      text.withUTF8 { normalizer.normalize($0, into: &normalized) }
      normalized.withUnsafeBufferPointer { bytes in
        forEachWord(in: bytes) { word in
          if !isFirst { sum = (sum ^ 0x20) &* 0x100_0000_01B3 }
          isFirst = false
          for byte in bytes[word] { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
      }
    }
    return sum
  }
}
