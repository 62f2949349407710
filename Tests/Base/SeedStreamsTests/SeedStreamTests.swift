import XCTest

@testable import SeedStreams

final class SeedStreamTests: XCTestCase {
  /// The known-answer vectors that Random123 publishes for philox4x32-10.
  func testPhiloxKnownAnswers() {
    XCTAssertEqual(
      SeedStream.philox(counter: .zero, key: .zero),
      SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    XCTAssertEqual(
      SeedStream.philox(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max)),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    XCTAssertEqual(
      SeedStream.philox(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0)),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  func testOneSeedGivesEveryPurposeSiteAndStepItsOwnBits() {
    var seen = Set<SIMD4<UInt32>>()
    for purpose in StreamPurpose.allCases {
      for site in 0..<4 as Range<UInt32> {
        for step in 0..<4 as Range<UInt32> {
          seen.insert(SeedStream(seed: 1, purpose: purpose, site: site, step: step).block(at: 0))
        }
      }
    }
    XCTAssertEqual(seen.count, StreamPurpose.allCases.count * 16)
  }

  func testSequentialReadingEqualsRandomAccess() {
    var stream = SeedStream(seed: 7, purpose: .dataOrder, site: 3, step: 9)
    let fixed = stream
    for index in 0..<5 as Range<UInt64> {
      let words = fixed.block(at: index)
      XCTAssertEqual(stream.next(), UInt64(words[1]) << 32 | UInt64(words[0]))
      XCTAssertEqual(stream.next(), UInt64(words[3]) << 32 | UInt64(words[2]))
    }
  }

  func testUniformAndNormalMoments() {
    var stream = SeedStream(seed: 11, purpose: .bootstrap)
    let count = 200_000
    var sums = (uniform: 0.0, normal: 0.0, square: 0.0, fourth: 0.0)
    for _ in 0..<count {
      let uniform = stream.uniform()
      XCTAssertTrue(uniform >= 0 && uniform < 1)
      let normal = stream.normal()
      sums.uniform += uniform
      sums.normal += normal
      sums.square += normal * normal
      sums.fourth += normal * normal * normal * normal
    }
    let scale = 1 / Double(count)
    // Five standard errors of each mean.
    let root = Double(count).squareRoot()
    XCTAssertEqual(sums.uniform * scale, 0.5, accuracy: 5 * 0.2887 / root)
    XCTAssertEqual(sums.normal * scale, 0, accuracy: 5 / root)
    XCTAssertEqual(sums.square * scale, 1, accuracy: 5 * 1.4143 / root)
    XCTAssertEqual(sums.fourth * scale, 3, accuracy: 5 * 9.8 / root)
  }

  func testPermutationsAreUniform() {
    var stream = SeedStream(seed: 3, purpose: .dataOrder)
    var counts: [[Int]: Int] = [:]
    let draws = 24_000
    for _ in 0..<draws { counts[stream.permutation(4), default: 0] += 1 }
    XCTAssertEqual(counts.count, 24)
    let expected = Double(draws) / 24
    let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    // The .999 quantile of chi-square with 23 degrees of freedom.
    XCTAssertLessThan(chiSquare, 49.73)
  }
}
