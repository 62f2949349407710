import Foundation
import XCTest

@testable import Digests

final class DigestTests: XCTestCase {
  /// The examples of FIPS 180-4 and the empty message; `sha256sum` gives the same.
  func testSHA256KnownAnswers() {
    XCTAssertEqual(SHA256.hex(of: ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    XCTAssertEqual(SHA256.hex(of: "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    XCTAssertEqual(
      SHA256.hex(of: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    XCTAssertEqual(
      SHA256.hex(of: String(repeating: "a", count: 1_000_000)),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  func testSHA256DoesNotDependOnThePieces() {
    let text = String((0..<1000).map { Character(Unicode.Scalar(UInt8(33 + $0 % 90))) })
    for size in [1, 3, 55, 56, 63, 64, 65, 200] {
      var digest = SHA256()
      var rest = Substring(text)
      while !rest.isEmpty {
        digest.update(String(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      XCTAssertEqual(digest.finalizedHex(), SHA256.hex(of: text), "pieces of \(size) bytes")
    }
  }

  /// Every length around the ends of blocks and random longer ones, in pieces cut at random.
  func testProcessorInstructionsGiveTheSameDigests() throws {
    try XCTSkipUnless(SHA256.hasInstructions, "this processor has no SHA-256 instructions")
    var generator = SplitMix64(state: 1)
    for length in Array(0...260) + (0..<60).map({ _ in Int.random(in: 261...100_000, using: &generator) }) {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      var digests = [SHA256(isAccelerated: true), SHA256(isAccelerated: false)]
      var start = 0
      while start < length {
        let end = min(length, start + Int.random(in: 1...1000, using: &generator))
        bytes[start..<end].withUnsafeBytes { piece in
          for index in digests.indices { digests[index].update(piece) }
        }
        start = end
      }
      XCTAssertEqual(digests[0].finalized(), digests[1].finalized(), "\(length) bytes")
    }
  }

  func testKnownAnswersWithoutInstructions() {
    var digest = SHA256(isAccelerated: false)
    digest.update("abc")
    XCTAssertEqual(digest.finalizedHex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  func testFileDigestEqualsMemoryDigest() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("digest-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    let text = String(repeating: "seed\n", count: 300_000)
    try Data(text.utf8).write(to: url)
    XCTAssertEqual(try SHA256.hex(ofFile: url.path), SHA256.hex(of: text))
    XCTAssertThrowsError(try SHA256.hex(ofFile: url.path + ".missing"))
  }

  /// The check value that every catalogue of CRCs gives for "123456789".
  func testCRC32KnownAnswer() {
    XCTAssertEqual(Array("123456789".utf8).withUnsafeBytes { CRC32.checksum($0) }, 0xCBF4_3926)
    XCTAssertEqual([UInt8]().withUnsafeBytes { CRC32.checksum($0) }, 0)
  }
}

/// The generator of Steele, Lea and Flood (2014): the same test bytes in every run.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A device may have no end.
  func testADeviceHasNoDigest() {
    XCTAssertThrowsError(try SHA256.hex(ofFile: "/dev/zero")) {
      XCTAssertEqual("\($0)", "a device, where a file is needed")
    }
  }
}
