import SeedStreams
import XCTest

@testable import Kernels

final class MixoutTests: XCTestCase {
  /// By hand: p = 1/2, the first column kept and the second replaced.
  func testAKeptColumnOvershootsAndAReplacedOneIsTheAnchor() {
    for columns in [2, 19, 64] {
      let rows = 3
      var marks = (0..<DropoutMask.capacity(for: columns)).map { UInt8(($0 + 1) % 2) }
      let weight = (0..<rows * columns).map { Float($0) }
      let anchor = (0..<rows * columns).map { Float($0 % 5) }
      let mixed = Rows.unset(rows, columns)
      marks.withUnsafeMutableBufferPointer { storage in
        let drawn = DropoutMask(
          drawing: columns, into: storage.baseAddress!, from: SeedStream(seed: 1, purpose: .mixout), probability: 0.5)
        for column in 0..<columns { storage[column] = UInt8((column + 1) % 2) }
        mixoutForward(
          matrix(weight, columns: columns), anchor: matrix(anchor, columns: columns), mask: drawn, into: mixed)
        let gradientRows = matrix(weight, columns: columns)
        mixoutBackward(gradientRows, mask: drawn, scale: 3)
        let (mixed, gradient) = (mixed.values, gradientRows.values)
        for index in mixed.indices {
          let isKept = index % columns % 2 == 0
          XCTAssertEqual(mixed[index], isKept ? 2 * weight[index] - anchor[index] : anchor[index])
          XCTAssertEqual(gradient[index], isKept ? 3 * weight[index] : 0)
        }
      }
    }
  }
}
