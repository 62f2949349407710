import XCTest

@testable import Kernels

final class ProductPrecisionTests: XCTestCase {
  /// Rounds to 8 significant bits, ties to even, by adding and subtracting: independent of the product's instructions.
  static func rounded(_ value: Float) -> Double {
    guard value != 0 else { return 0 }
    let unit = scalbn(1.0, Int(value.exponent) - 7)
    return (Double(value) / unit).rounded(.toNearestOrEven) * unit
  }

  func testRoundingToEven() {
    XCTAssertEqual(Self.rounded(1 + 0x1p-8), 1)
    XCTAssertEqual(Self.rounded(1 + 0x3p-8), 1 + 0x1p-6)
    XCTAssertEqual(Self.rounded(-(1 + 0x1p-8 + 0x1p-20)), -(1 + 0x1p-7))
  }

  /// Every orientation, sizes around the block, panel and tile edges, rows longer than their matrix: the sum of products of
  /// rounded operands, within the rounding of float32 sums; nothing outside C is touched.
  func testBFloat16EqualsANaiveDoubleLoopOverRoundedOperands() throws {
    let sizes = [
      (1, 1, 1), (5, 7, 11), (6, 64, 2), (7, 65, 33), (48, 16, 31), (49, 130, 64), (241, 17, 100), (245, 70, 513),
      (13, 80, 1025), (2, 384, 96), (64, 15, 3),
    ]
    for (m, n, k) in sizes {
      for aOrientation in [Orientation.plain, .transposed] {
        for bOrientation in [Orientation.plain, .transposed] {
          check(m, n, k, aOrientation, bOrientation)
        }
      }
    }
  }

  private func check(_ m: Int, _ n: Int, _ k: Int, _ aOrientation: Orientation, _ bOrientation: Orientation) {
    let (aRows, aColumns) = aOrientation == .plain ? (m, k) : (k, m)
    let (bRows, bColumns) = bOrientation == .plain ? (k, n) : (n, k)
    let (aStride, bStride, cStride) = (aColumns + 3, bColumns + 5, n + 2)
    let (a, b) = (normals(aRows * aStride, site: 1), normals(bRows * bStride, site: 2))
    for accumulating in [false, true] {
      let before = normals(m * cStride, site: 3)
      let product = matrix(before, columns: n, stride: cStride)
      Products(.openblas, .bfloat16).multiply(
        matrix(a, columns: aColumns, stride: aStride), aOrientation, by: matrix(b, columns: bColumns, stride: bStride),
        bOrientation, into: product, from: accumulating ? .result : .zero)
      let c = product.values
      for row in 0..<m {
        for column in 0..<cStride {
          let index = row * cStride + column
          guard column < n else {
            XCTAssertEqual(c[index], before[index], "outside C")
            continue
          }
          var (sum, magnitude) = (accumulating ? Double(before[index]) : 0, 0.0)
          for inner in 0..<k {
            let left = Self.rounded(aOrientation == .plain ? a[row * aStride + inner] : a[inner * aStride + row])
            let right = Self.rounded(bOrientation == .plain ? b[inner * bStride + column] : b[column * bStride + inner])
            sum += left * right
            magnitude += abs(left * right)
          }
          let allowed = Double(k + 2) * unitRoundoff * (magnitude + abs(sum))
          guard abs(Double(c[index]) - sum) <= allowed else {
            return XCTFail(
              "(\(m), \(n), \(k)) element (\(row), \(column)) is \(c[index]), not \(sum) within \(allowed)")
          }
        }
      }
    }
  }

  /// What is not finite stays so, and a float beyond the largest bfloat16 becomes infinite.
  func testBFloat16KeepsWhatIsNotFinite() throws {
    for (value, isNaN) in [(Float.nan, true), (.infinity, false), (Float.greatestFiniteMagnitude, false)] {
      let product = matrix([0], columns: 1)
      Products(.openblas, .bfloat16).multiply(
        matrix([value, 0], columns: 2), by: matrix([1, 1], columns: 1), into: product)
      let c = product.values
      XCTAssertEqual(c[0].isNaN, isNaN)
      XCTAssertFalse(c[0].isFinite)
    }
  }
}
