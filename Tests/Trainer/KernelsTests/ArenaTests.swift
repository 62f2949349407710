import XCTest

@testable import Kernels

final class ArenaTests: XCTestCase {
  /// Sizes around pages and huge pages; memory that was used before comes back as zeros.
  func testMemoryIsZeroedAlignedAndWritableToItsEnd() {
    let huge = 2 << 20
    for byteCount in [1, 4, 4095, 4096, 4097, huge - 1, huge, huge + 1, 3 * huge + 5000] {
      for _ in 0..<2 {
        let arena = Arena(byteCount: byteCount)
        XCTAssertEqual(arena.bytes.count, byteCount)
        XCTAssertEqual(Int(bitPattern: arena.bytes.baseAddress) % (byteCount < huge ? 64 : huge), 0)
        XCTAssertTrue(arena.bytes.allSatisfy { $0 == 0 }, "\(byteCount) bytes")
        arena.bytes.initializeMemory(as: UInt8.self, repeating: 0xFF)
      }
    }
    XCTAssertEqual(Arena(floatCount: 1001).floats.count, 1001)
  }

  /// More than a process can address on any machine.
  func testMemoryThatThereIsNotIsRefused() {
    XCTAssertNoThrow(try Arena.require(byteCount: 1 << 20))
    XCTAssertThrowsError(try Arena.require(byteCount: 1 << 60)) {
      XCTAssertTrue(
        "\($0)".hasPrefix("cannot get 1152921504606846976 bytes of memory: Cannot allocate memory"), "\($0)")
    }
  }

  /// A NaN of any sign and payload becomes the one that Swift writes, and everything else keeps its bits.
  func testNaNsBecomeCanonical() {
    let bits: [UInt32] = [0xFFC0_0000, 0x7FC0_1234, 0xFF80_0001, 0x7F80_0000, 0xFF80_0000, 0x8000_0000, 0x3F80_0000, 1]
    var values = bits.map { Float(bitPattern: $0) }
    values.withUnsafeMutableBufferPointer { makeNaNsCanonical(in: $0) }
    XCTAssertEqual(values.map(\.bitPattern), [UInt32](repeating: Float.nan.bitPattern, count: 3) + bits[3...])
  }
}
