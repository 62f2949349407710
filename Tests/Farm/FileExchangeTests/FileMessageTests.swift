// The wire format of file requests and responses: every kind there and back, and nothing but a clear error for other bytes.

import Farm
import XCTest

@testable import FileExchange

final class FileMessageTests: XCTestCase {
  private let requests: [FileRequest] = [
    .inventory, .read(file: 3, offset: 1 << 40), .readCheckpoint(offset: 0),
    .store(.weights, name: "model.safetensors", offset: 7, bytes: [1, 2, 3]),
    .store(.predictions, name: "0123abcd.csv", offset: 0, bytes: []),
    .close(.checkpoint, name: "a_b-c.d", digest: "ff"),
    .keep(.gradientNorms),
  ]
  private let responses: [FileResponse] = [
    .inventory([]),
    .inventory([
      FileIdentity(path: "/a/b", byteCount: 1 << 40, digest: "00"), FileIdentity(path: "/ü", byteCount: 0, digest: ""),
    ]), .bytes([]), .bytes([0, 255]), .done, .refused("no \u{1F4A5}"),
  ]

  func testRoundTrip() throws {
    for request in requests { XCTAssertEqual(try FileRequest(request.encoded), request) }
    for response in responses { XCTAssertEqual(try FileResponse(response.encoded), response) }
  }

  func testTheBytesOfARequest() {
    let expected: [UInt8] =
      [4, 3] + [1, 0, 0, 0, 0, 0, 0, 0, 97] + [2, 1, 0, 0, 0, 0, 0, 0] + [2, 0, 0, 0, 0, 0, 0, 0, 9, 8]
    XCTAssertEqual(FileRequest.store(.weights, name: "a", offset: 258, bytes: [9, 8]).encoded, expected)
  }

  func testEveryTruncationAndEveryExtraByteIsRefused() {
    for bytes in requests.map(\.encoded) {
      for count in 0..<bytes.count { assertMalformed(Array(bytes[..<count])) { _ = try FileRequest($0) } }
      assertMalformed(bytes + [0]) { _ = try FileRequest($0) }
    }
    for bytes in responses.map(\.encoded) {
      for count in 0..<bytes.count { assertMalformed(Array(bytes[..<count])) { _ = try FileResponse($0) } }
      assertMalformed(bytes + [0]) { _ = try FileResponse($0) }
    }
  }

  func testNumbersThatCannotBe() {
    let huge: [UInt8] = Array(repeating: 255, count: 7)
    for bytes in [[2] + huge + [255], [2] + huge + [127], [0], [7], [6, 0], [6, 8]] as [[UInt8]] {
      assertMalformed(bytes) { _ = try FileRequest($0) }
    }
    // A count of files that no message could hold neither crashes nor takes memory.
    for bytes in [[1] + huge + [127], [1] + huge + [255], [0], [5]] as [[UInt8]] {
      assertMalformed(bytes) { _ = try FileResponse($0) }
    }
    let tooLong = FileRequest.store(
      .weights, name: "a", offset: 0, bytes: [UInt8](repeating: 0, count: largestPiece + 1))
    assertMalformed(tooLong.encoded) { _ = try FileRequest($0) }
    assertMalformed(FileResponse.bytes([UInt8](repeating: 0, count: largestPiece + 1)).encoded) {
      _ = try FileResponse($0)
    }
  }

  func testNamesThatLeadOut() {
    for name in ["", ".", "..", "../a", "a/b", "/a", ".hidden", "a\0b", "ü", String(repeating: "a", count: 201)] {
      assertMalformed(FileRequest.store(.weights, name: name, offset: 0, bytes: []).encoded) { _ = try FileRequest($0) }
      assertMalformed(FileRequest.close(.weights, name: name, digest: "").encoded) { _ = try FileRequest($0) }
    }
  }

  private func assertMalformed(_ bytes: [UInt8], line: UInt = #line, _ body: ([UInt8]) throws -> Void) {
    XCTAssertThrowsError(try body(bytes), "\(bytes.prefix(40))", line: line) {
      guard case .malformedMessage = $0 as? FarmError else { return XCTFail("\($0)", line: line) }
    }
  }
}
