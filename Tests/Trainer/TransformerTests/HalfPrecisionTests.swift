// Numbers of 16 bits: every one that exists survives both ways, and the rounding of Floats between them is that of Swift's
// own `Float16`, which is derived from the processor's.

import Foundation
import XCTest

@testable import Transformer
@testable import WeightFiles

final class HalfPrecisionTests: XCTestCase {
  func testEveryHalfSurvives() {
    for bits in UInt16.min...UInt16.max where bits & 0x7C00 != 0x7C00 || bits & 0x3FF == 0 {
      XCTAssertEqual(halfFromFloat(floatFromHalf(bits)), bits)
    }
    XCTAssertTrue(floatFromHalf(halfFromFloat(.nan)).isNaN)
  }

  #if !(os(macOS) && arch(x86_64))
    func testRoundingIsThatOfFloat16() {
      func check(_ value: Float) {
        XCTAssertEqual(halfFromFloat(value), Float16(value).bitPattern, "\(value)")
      }
      for bits in UInt16(0)..<0x7C00 {
        let (low, high) = (floatFromHalf(bits), bits < 0x7BFF ? floatFromHalf(bits + 1) : 65536)
        let middle = (low + high) / 2
        for value in [middle, middle.nextUp, middle.nextDown, low.nextUp, high.nextDown] {
          check(value)
          check(-value)
        }
      }
      for value: Float in [1e-30, 65519.996, 65520, 1e30, .infinity, -.infinity, .leastNonzeroMagnitude] {
        check(value)
      }
    }
  #endif

  func testAFileOfHalvesIsReadBack() throws {
    let path = NSTemporaryDirectory() + "halves-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let values: [Float] = [1, -0.5, 0.1, 1e-6, 65504, 0]
    try values.withUnsafeBufferPointer {
      try SafetensorsFile.write([NamedTensor(name: "a", shape: [2, 3], values: $0)], as: .float16, to: path)
    }
    let file = try TensorFile(safetensors: path)
    XCTAssertEqual(file["a"]?.element, .float16)
    let tensor = try XCTUnwrap(file["a"])
    var found = [Float](repeating: 1, count: 6)
    try found.withUnsafeMutableBufferPointer { try file.read(tensor, into: $0) }
    XCTAssertEqual(found, values.map { floatFromHalf(halfFromFloat($0)) })
    let large: [Float] = [65520]
    XCTAssertThrowsError(
      try large.withUnsafeBufferPointer {
        try SafetensorsFile.write([NamedTensor(name: "b", shape: [1], values: $0)], as: .float16, to: path)
      }
    ) { XCTAssertEqual("\($0)", "\(path): tensor \"b\": 65520.0 is beyond the 65504 that F16 can hold; write F32") }
  }
}
