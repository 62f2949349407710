import Statistics
import XCTest

/// p-values that are 1 by definition, because the observed table is a likeliest one and every table is at least as extreme; and
/// p-values as the ratios of whole numbers that they are.
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

  /// The nearest numbers to the p-values as Python's fractions give them from math.comb.
  func testPValuesOfMcNemarAreTheNearestNumbers() {
    let counts: [(first: Int, second: Int, p: Double)] = [
      (0, 2, 0.5), (0, 3, 0.25), (1, 3, 0.625), (2, 4, 0.6875), (0, 8, 0.0078125), (3, 10, 0.09228515625),
      (10, 25, 0.01667384780012071), (20, 33, 0.09837064844049181), (0, 54, 1.1102230246251565e-16),
      (30, 70, 7.85013964559367e-05), (50, 70, 0.08240747932752655), (0, 120, 1.504632769052528e-36),
    ]
    for (first, second, p) in counts {
      for (onlyFirst, onlySecond) in [(first, second), (second, first)] {
        let pairs = PairedProportions(both: 1, onlyFirst: onlyFirst, onlySecond: onlySecond, neither: 2)
        XCTAssertEqual(pairs.mcNemar, p, "\(onlyFirst) \(onlySecond)")
      }
    }
    // Beyond the totals that are counted: 2 P(X >= 70) of Binomial(121, 1/2).
    let many = PairedProportions(both: 0, onlyFirst: 51, onlySecond: 70, neither: 0)
    XCTAssertEqual(many.mcNemar, 0.10136765353309228, accuracy: 1e-13)
  }

  /// Likewise Fisher's, whose fractions have other denominators than powers of 2: those that a `Double` holds give the nearest number.
  func testPValuesOfFisherAreTheNearestNumbers() {
    let tables: [(first: Int, firstTotal: Int, second: Int, secondTotal: Int, above: Double, below: Double)] = [
      (2, 2, 0, 2, 1, 3), (0, 5, 3, 5, 1, 6), (0, 20, 8, 20, 4, 1221), (1, 3, 2, 7, 1, 1), (4, 10, 6, 10, 30313, 46189),
      (0, 60, 7, 60, 66, 5083),
    ]
    for (first, firstTotal, second, secondTotal, above, below) in tables {
      XCTAssertEqual(
        TwoProportions.fisher(first: first, firstTotal: firstTotal, second: second, secondTotal: secondTotal),
        above / below, "\(first) of \(firstTotal), \(second) of \(secondTotal)")
    }
    XCTAssertEqual(
      TwoProportions.fisher(first: 13, firstTotal: 50, second: 29, secondTotal: 70), 0.11991449266671324,
      accuracy: 4e-17)
    // Beyond the totals that are counted.
    XCTAssertEqual(
      TwoProportions.fisher(first: 13, firstTotal: 50, second: 29, secondTotal: 71), 0.12091840826882853,
      accuracy: 1e-12)
  }

  /// Two groups whose ranks alternate about the middle: U is as near to its mean as it can be.
  func testMannAndWhitneyAtTheMiddle() {
    XCTAssertEqual(LocationTests.mannWhitney([1, 4], [2, 3]).p, 1)
    XCTAssertEqual(LocationTests.mannWhitney([1, 4, 5, 8], [2, 3, 6, 7]).p, 1)
    XCTAssertEqual(LocationTests.mannWhitney([2], [1, 3]).p, 1)
  }
}
