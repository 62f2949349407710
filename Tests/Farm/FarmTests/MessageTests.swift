// The wire format: every kind there and back, and nothing but a clear error for bytes that are not a message.

import XCTest

@testable import Farm

final class MessageTests: XCTestCase {
  private let messages: [Message] = [
    .hello(identity: Array("node01".utf8)), .hello(identity: []),
    .job(epoch: .max, job: 0, attempt: 1, payload: [1, 2, 3]),
    .answer(
      epoch: 3, job: 1 << 40, attempt: 2, seconds: 0.1, content: .finished(result: [255, 0], remark: [9])),
    .answer(epoch: 3, job: 4, attempt: 2, seconds: -0.0, content: .crashed(message: "\u{1F4A5} no memory")),
    .returned(epoch: 1, job: 2, attempt: 3), .progress(epoch: 1, job: 2, attempt: 3, report: [7]),
    .request(epoch: 1, job: 2, attempt: 3, content: [4, 5]), .response(content: []), .response(content: [1]),
    .recall(epoch: 1, job: 2), .stop, .farewell,
    .answer(epoch: 3, job: 4, attempt: 2, seconds: 0.5, content: .interrupted(remark: [])),
    .answer(epoch: 3, job: 4, attempt: 2, seconds: 0.5, content: .interrupted(remark: [8, 7])),
    .answer(epoch: 3, job: 4, attempt: 2, seconds: 0.5, content: .paused(result: [1, 2], remark: [3])),
    .interrupt(epoch: 1, job: 2), .beat,
  ]

  func testRoundTrip() throws {
    for message in messages { XCTAssertEqual(try Message(message.encoded()), message) }
  }

  func testTheBytesOfAJob() {
    let message = Message.job(epoch: 258, job: 3, attempt: 1, payload: [9, 8])
    let expected: [UInt8] =
      [5, 2] + [2, 1, 0, 0, 0, 0, 0, 0] + [3, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0]
      + [2, 0, 0, 0, 0, 0, 0, 0, 9, 8]
    XCTAssertEqual(message.encoded(), expected)
  }

  func testEveryTruncationAndEveryExtraByteIsRefused() {
    for message in messages {
      let bytes = message.encoded()
      for count in 0..<bytes.count { assertMalformed(Array(bytes[..<count])) }
      assertMalformed(bytes + [0])
    }
  }

  func testLengthsThatCannotBe() {
    let huge: [UInt8] = Array(repeating: 255, count: 8)
    assertMalformed([5, 1] + huge)
    assertMalformed([5, 1, 255, 255, 255, 255, 255, 255, 255, 127])
    XCTAssertThrowsError(try Message([5, 1, 5, 0, 0, 0, 0, 0, 0, 0, 1, 2])) {
      XCTAssertEqual(
        String(describing: $0),
        "A message of 12 bytes cannot be read at byte 10: 5 bytes are needed and 2 are left.")
    }
  }

  private func assertMalformed(_ bytes: [UInt8]) {
    XCTAssertThrowsError(try Message(bytes)) {
      guard case .malformedMessage = $0 as? FarmError else { return XCTFail("\($0) for \(bytes)") }
    }
  }

  func testTheChecksumSeesOrderLengthAndEveryByte() {
    let bytes: [UInt8] = Array(1...21)
    var seen: Set<UInt64> = [checksum(of: bytes)]
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      XCTAssert(seen.insert(checksum(of: changed)).inserted, "byte \(index)")
    }
    for other in [Array(bytes.reversed()), bytes + [0], Array(bytes.dropLast()), []] {
      XCTAssert(seen.insert(checksum(of: other)).inserted)
    }
    XCTAssertEqual(checksum(of: bytes), checksum(of: Array(1...21)))
  }
}
