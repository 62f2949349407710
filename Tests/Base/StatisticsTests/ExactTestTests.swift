import Statistics
import XCTest

/// p-values that are 1 by definition: the observed table is a likeliest one, so that every table is at least as extreme.
final class ExactTestTests: XCTestCase {
  func testEqualRatesHaveThePValueOne() {
    for total in 1...60 {
      for count in 0...total {
        XCTAssertEqual(TwoProportions.fisher(first: count, firstTotal: total, second: count, secondTotal: total), 1)
      }
    }
    for total in [1, 2, 3, 7, 10, 25] {
      for count in 0...total {
        XCTAssertEqual(TwoProportions.barnard(first: count, firstTotal: total, second: count, secondTotal: total), 1)
        XCTAssertEqual(
          TwoProportions.fisher(first: count, firstTotal: total, second: 2 * count, secondTotal: 2 * total), 1)
      }
    }
  }

  /// Tables that are not likeliest: Barnard's p-value is 1 for equal rates alone, however near to 1 it comes (1 - 2^-15 for 3 of 7
  /// against 4 of 9, whose only less extreme tables are those of equal rates).
  func testOtherRatesHaveASmallerPValue() {
    for total in 1...4 {
      for (first, second) in (0...total).flatMap({ first in (0...total + 2).map { (first, $0) } }) {
        let barnard = TwoProportions.barnard(
          first: first, firstTotal: total, second: second, secondTotal: total + 2)
        XCTAssertEqual(
          barnard == 1, first * (total + 2) == second * total, "\(first) \(second) of \(total): \(barnard)")
        let fisher = TwoProportions.fisher(
          first: first, firstTotal: total, second: second, secondTotal: total + 2)
        XCTAssertTrue(fisher == 1 || fisher < 1 - 1e-3, "\(first) \(second) of \(total): \(fisher)")
      }
    }
    XCTAssertEqual(
      TwoProportions.barnard(first: 3, firstTotal: 7, second: 4, secondTotal: 9), 1 - 0x1p-15, accuracy: 1e-13)
  }

  /// P(X >= k) of Binomial(2k - 1, 1/2) is 1/2 by symmetry, and P(X >= k) of Binomial(2k, 1/2) is more.
  func testDiscordantPairsThatDifferByOneHaveThePValueOne() {
    for count in 0...600 {
      for other in [count, count + 1] {
        let pairs = PairedProportions(both: 3, onlyFirst: count, onlySecond: other, neither: 1)
        XCTAssertEqual(pairs.mcNemar, 1, "\(count) \(other)")
      }
    }
  }

  /// The largest p-values below 1: Fisher's 1 - P(mode), by hand from binomial coefficients, and McNemar's 1 - P(X = n / 2).
  func testTheNextSmallerPValuesStay() {
    // 1 of 2 against 1 of 2 has the probability 4 / 6, the two others 1 / 6 each.
    XCTAssertEqual(TwoProportions.fisher(first: 2, firstTotal: 2, second: 0, secondTotal: 2), 2.0 / 6, accuracy: 1e-15)
    // 4 of 10 against 6 of 10: all but the middle table, whose probability is C(10, 5)^2 / C(20, 10).
    XCTAssertEqual(
      TwoProportions.fisher(first: 4, firstTotal: 10, second: 6, secondTotal: 10), 1 - 252.0 * 252 / 184756,
      accuracy: 1e-14)
    // 2 against 4 of 6: 1 - C(6, 3) / 64.
    let pairs = PairedProportions(both: 0, onlyFirst: 2, onlySecond: 4, neither: 0)
    XCTAssertEqual(pairs.mcNemar, 1 - 20.0 / 64, accuracy: 1e-15)
  }

  /// Two groups whose ranks alternate about the middle: U is as near to its mean as it can be.
  func testMannAndWhitneyAtTheMiddle() {
    XCTAssertEqual(LocationTests.mannWhitney([1, 4], [2, 3]).p, 1)
    XCTAssertEqual(LocationTests.mannWhitney([1, 4, 5, 8], [2, 3, 6, 7]).p, 1)
    XCTAssertEqual(LocationTests.mannWhitney([2], [1, 3]).p, 1)
  }
}
