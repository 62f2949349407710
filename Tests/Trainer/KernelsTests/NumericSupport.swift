// What the kernel tests share: seeded random values, central differences of a Double function, and comparison.

import SeedStreams
import XCTest

@testable import Kernels

/// 2^-24, the largest relative error of rounding to float once.
let unitRoundoff = 0x1p-24

/// Standard normal floats, different for every site.
func normals(_ count: Int, site: UInt32, scale: Double = 1) -> [Float] {
  var stream = SeedStream(seed: 1, purpose: .synthesis, site: site)
  return (0..<count).map { _ in Float(stream.normal() * scale) }
}

/// A matrix in memory of its own that holds numbers and is never freed, as tests are short.
func matrix(_ values: [Float], columns: Int, stride: Int? = nil) -> Rows {
  let start = UnsafeMutablePointer<Float>.allocate(capacity: max(1, values.count))
  start.initialize(from: values, count: values.count)
  return Rows(start, count: values.count / (stride ?? columns), columns: columns, stride: stride)
}

/// A matrix of one row, like `matrix`.
func vector(_ values: [Float]) -> UnsafeMutablePointer<Float> { matrix(values, columns: values.count).start }

extension Rows {
  /// The numbers from the first row to the last, with those between the rows.
  var values: [Float] { Array(UnsafeBufferPointer(start: start, count: count * stride)) }

  /// A matrix of the same shape, in memory of its own, full of NaN.
  static func unset(_ count: Int, _ columns: Int) -> Rows {
    matrix([Float](repeating: .nan, count: count * columns), columns: columns)
  }
}

extension UnsafeMutablePointer<Float> {
  /// The numbers of a vector.
  func values(_ count: Int) -> [Float] { Array(UnsafeBufferPointer(start: self, count: count)) }
}

/// The gradient of `function` at `point` by central differences of step 1e-5: with third derivatives of order one the
/// error is about 1e-10, and rounding adds 1e-11.
func centralDifferences(_ point: [Float], _ function: ([Double]) -> Double) -> [Double] {
  var values = point.map(Double.init)
  return values.indices.map { index in
    let kept = values[index]
    defer { values[index] = kept }
    values[index] = kept + 1e-5
    let above = function(values)
    values[index] = kept - 1e-5
    return (above - function(values)) / 2e-5
  }
}

/// The sum of products.
func dot(_ left: [Double], _ right: [Float]) -> Double { zip(left, right).reduce(0) { $0 + $1.0 * Double($1.1) } }

/// Every element within `roundings` roundings of the largest expected one.
func assertEqual(
  _ values: [Float], _ expected: [Double], roundings: Double, _ message: String = "",
  file: StaticString = #filePath, line: UInt = #line
) {
  XCTAssertEqual(values.count, expected.count, message, file: file, line: line)
  let allowed = roundings * unitRoundoff * (expected.map(abs).max() ?? 0) + 1e-9
  for (index, (value, reference)) in zip(values, expected).enumerated() {
    let error = abs(Double(value) - reference)
    if !(error <= allowed) {
      XCTFail("\(message) element \(index) is \(value), not \(reference) within \(allowed)", file: file, line: line)
      return
    }
  }
}

/// A mask of `count` elements with its storage, and its factors (0 or the scale).
final class TestMask {
  let storage: UnsafeMutablePointer<UInt8>
  let mask: DropoutMask
  let factors: [Double]

  init(_ count: Int, probability: Double = 0.3, site: UInt32 = 0) {
    storage = .allocate(capacity: DropoutMask.capacity(for: count))
    let drawn = DropoutMask(
      drawing: count, into: storage, from: SeedStream(seed: 2, purpose: .dropout, site: site),
      probability: probability)
    mask = drawn
    factors = (0..<count).map { Double(drawn.marks[$0]) * Double(drawn.scale) }
  }

  deinit { storage.deallocate() }
}
