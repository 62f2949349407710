// Normalizers and splitters on every Unicode scalar, against the tokenizers library (Goldens/make_form_goldens.py).

import Foundation
import XCTest

@testable import Tokenization

final class UnicodeFormTests: XCTestCase {
  private static func lines() throws -> [[UInt64]] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/forms.txt")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map { line in
      line.split(separator: " ").compactMap { UInt64($0, radix: 16) }
    }
  }

  /// The entry of a, whose replacement begins at `start`: a>A.
  private static func clusters(_ replacements: String = "A\0", from start: UInt32 = 0) throws -> CharacterMap {
    var units = [UInt32](repeating: 0, count: 0x400)
    units[0] = 0x100 << 10
    units[0x161] = 0x200 << 10 | 1 << 8 | 0x61
    units[0x161 ^ 0x200] = 0x8000_0000 | start
    let array = units.flatMap { unit in (0..<4).map { UInt8(truncatingIfNeeded: unit >> (8 * $0)) } }
    return try CharacterMap([0x00, 0x10, 0, 0] + array + Array(replacements.utf8), source: "map")
  }

  /// FNV-1a, 64 bits, as in the script.
  private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private static func text(block: UInt64) -> [UInt8] {
    var text: [UInt8] = []
    for value in UInt32(block) << 12..<UInt32(block + 1) << 12 where !(0xD800..<0xE000).contains(value) {
      text.append(UInt8(ascii: "a"))
      appendScalar(value, to: &text)
      text += [0xCC, 0x81, UInt8(ascii: "b"), 0x20]
      appendScalar(value, to: &text)
      text.append(UInt8(ascii: "1"))
    }
    return text
  }

  /// In a damaged map a replacement may begin inside a character, or behind all of them.
  func testReplacementsAreWholeCharacters() throws {
    for (start, expected) in [(0, "€b"), (1, "ab"), (2, "ab"), (3, "b"), (4, "b"), (5, "ab")] as [(UInt32, String)] {
      let map = try Self.clusters("€\0", from: start)
      var output: [UInt8] = []
      Array("ab".utf8).withUnsafeBufferPointer { map.normalize($0, into: &output) }
      XCTAssertEqual(String(decoding: output, as: UTF8.self), expected, "\(start)")
    }
  }

  func testEveryScalarAsTheLibrary() throws {
    let steps: [any NormalizationStep] = [
      UnicodeForm.decomposed, UnicodeForm.composed, UnicodeForm.compatiblyDecomposed, UnicodeForm.compatiblyComposed,
      Lowercase(), AccentStrip(), try Self.clusters(),
    ]
    let splitters: [any Splitter] = [ByteLevelSplitter(prepends: false), BlankSplitter()]
    let lines = try Self.lines()
    XCTAssertEqual(lines.count, 0x110)
    for line in lines {
      Self.text(block: line[0]).withUnsafeBufferPointer { text in
        for (index, step) in steps.enumerated() {
          var output: [UInt8] = []
          step.normalize(text, into: &output)
          XCTAssertEqual(Self.checksum(output), line[1 + index], "\(step.rules), block \(line[0])")
        }
        for (index, splitter) in splitters.enumerated() {
          var words: [UInt8] = []
          splitter.split(text) { words += (words.isEmpty ? [] : [UInt8(ascii: "|")]) + Array($0) }
          XCTAssertEqual(Self.checksum(words), line[1 + steps.count + index], "\(splitter.rules), block \(line[0])")
        }
      }
    }
  }
}
