import SeedStreams
import XCTest

@testable import Kernels

final class DropoutMaskTests: XCTestCase {
  func testMarksFollowTheirDefinitionAndStayInTheirStorage() {
    for count in [1, 63, 64, 65, 200] {
      let capacity = DropoutMask.capacity(for: count)
      var storage = [UInt8](repeating: 77, count: capacity + 64)
      let stream = SeedStream(seed: 9, purpose: .dropout, site: 4, step: 2)
      storage.withUnsafeMutableBufferPointer {
        _ = DropoutMask(drawing: count, into: $0.baseAddress!, from: stream, probability: 0.25)
      }
      for element in 0..<count {
        let word = stream.block(at: UInt64(element / 8))[element % 8 / 2]
        let half = element % 2 == 0 ? word & 0xFFFF : word >> 16
        XCTAssertEqual(storage[element], half < 16_384 ? 0 : 1)
      }
      XCTAssertEqual(Array(storage[capacity...]), [UInt8](repeating: 77, count: 64))
    }
  }

  func testTheShareDroppedIsTheProbability() {
    let count = 1 << 18
    for probability in [0.1, 0.5, 0.9] {
      for site in 0..<3 as Range<UInt32> {
        let kept = TestMask(count, probability: probability, site: site).factors.filter { $0 > 0 }.count
        // Five standard deviations of a binomial count, and the grid's 2^-17.
        let allowed = 5 * (probability * (1 - probability) * Double(count)).squareRoot() + Double(count) * 0x1p-17
        XCTAssertEqual(Double(kept), (1 - probability) * Double(count), accuracy: allowed)
      }
    }
  }

  func testTheScaleKeepsTheExpectation() {
    let mask = TestMask(64, probability: 0.1).mask
    XCTAssertEqual(mask.scale, Float(65_536.0 / (65_536 - 6_554)))
    XCTAssertEqual(TestMask(64, probability: 0.5).mask.scale, 2)
  }

  func testNeighbouringSitesAndStepsAgreeAsOftenAsChanceSays() {
    let count = 1 << 16
    func marks(_ site: UInt32, _ step: UInt32) -> [UInt8] {
      var storage = [UInt8](repeating: 0, count: count)
      let stream = SeedStream(seed: 1, purpose: .dropout, site: site, step: step)
      storage.withUnsafeMutableBufferPointer {
        _ = DropoutMask(drawing: count, into: $0.baseAddress!, from: stream, probability: 0.5)
      }
      return storage
    }
    let base = marks(4, 10)
    for other in [marks(5, 10), marks(4, 11), marks(0, 10)] {
      let agreements = zip(base, other).filter { $0 == $1 }.count
      XCTAssertEqual(Double(agreements), Double(count) / 2, accuracy: 5 * Double(count).squareRoot() / 2)
    }
  }

  func testApplyingKeepsNotANumber() {
    let mask = TestMask(21)
    let values = matrix(normals(21, site: 1), columns: 7)
    let expected = zip(values.values, mask.factors).map { Double($0) * $1 }
    applyDropout(mask.mask, to: values)
    assertEqual(values.values, expected, roundings: 1)
    let invalid = Rows.unset(3, 7)
    applyDropout(mask.mask, to: invalid)
    XCTAssertTrue(invalid.values.allSatisfy(\.isNaN))
  }
}
