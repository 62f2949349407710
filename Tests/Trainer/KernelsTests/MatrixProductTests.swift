import Arithmetics
import SeedStreams
import XCTest

@testable import Kernels

final class MatrixProductTests: XCTestCase {
  func testEveryOrientationEqualsANaiveDoubleLoop() {
    var stream = SeedStream(seed: 1, purpose: .bootstrap)
    let (m, n, k) = (5, 7, 11)
    for aOrientation in [Orientation.plain, .transposed] {
      for bOrientation in [Orientation.plain, .transposed] {
        let a = (0..<m * k).map { _ in Float(stream.normal()) }
        let b = (0..<k * n).map { _ in Float(stream.normal()) }
        let before = (0..<m * n).map { _ in Float(stream.normal()) }
        let product = matrix(before, columns: n)
        multiply(
          matrix(a, columns: aOrientation == .plain ? k : m), aOrientation,
          by: matrix(b, columns: bOrientation == .plain ? n : k), bOrientation, into: product, alpha: 0.5, beta: 2)
        let c = product.values
        for row in 0..<m {
          for column in 0..<n {
            var sum = 0.0
            var magnitude = 0.0
            for inner in 0..<k {
              let left = aOrientation == .plain ? a[row * k + inner] : a[inner * m + row]
              let right = bOrientation == .plain ? b[inner * n + column] : b[column * k + inner]
              sum += Double(left) * Double(right)
              magnitude += abs(Double(left) * Double(right))
            }
            let expected = 0.5 * sum + 2 * Double(before[row * n + column])
            // The forward error bound of a dot product: k units of roundoff times the sum of magnitudes.
            XCTAssertEqual(
              Double(c[row * n + column]), expected, accuracy: Double(k + 3) * 0x1p-24 * (magnitude + abs(expected)))
          }
        }
      }
    }
  }

  func testAProductOfArraysIsTheSame() {
    let (a, b) = (normals(15, site: 1), normals(35, site: 2))
    var c = [Float](repeating: .nan, count: 21)
    Arithmetic.openblas.multiply(a, by: b, into: &c, columns: 7)
    let product = Rows.unset(3, 7)
    multiply(matrix(a, columns: 5), by: matrix(b, columns: 7), into: product)
    XCTAssertEqual(c, product.values)
    XCTAssertFalse(c.contains { $0.isNaN })
  }

  func testBLASRunsOnOneThread() {
    XCTAssertEqual(useSingleBLASThread(), 1)
  }
}
