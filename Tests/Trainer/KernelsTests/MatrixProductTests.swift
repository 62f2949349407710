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
        var c = (0..<m * n).map { _ in Float(stream.normal()) }
        let before = c
        multiply(
          a, aOrientation, stride: aOrientation == .plain ? k : m,
          by: b, bOrientation, stride: bOrientation == .plain ? n : k,
          into: &c, stride: n, m: m, n: n, k: k, alpha: 0.5, beta: 2)
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

  func testBLASRunsOnOneThread() {
    XCTAssertEqual(useSingleBLASThread(), 1)
  }
}
