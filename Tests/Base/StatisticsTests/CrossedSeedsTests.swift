// Crossed designs against statsmodels and SciPy (Goldens/make_crossed.py), a table worked by hand, and what the published
// test of best against worst does to noise.

import Foundation
import SeedStreams
import XCTest

@testable import Statistics

final class CrossedSeedsTests: XCTestCase {
  private struct Goldens: Decodable {
    struct Design: Decodable {
      let scores: [[Double]]
      let rows, columns, rest: Double
      let f, p: Double?
      let best: [Double?]
      let interval, chi2: [Double]
    }
    struct ThreeFactors: Decodable {
      let sizes: [Int]
      let scores: [Double]
      let rest: Double
    }
    struct Permutation: Decodable {
      let scores: [[Double]]
      let p: Double
    }
    let designs: [Design]
    let three: [ThreeFactors]
    let permutations: [Permutation]
  }

  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Goldens/crossed.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  /// `anova_lm(ols("y ~ C(row) + C(column)"))`, `f_oneway(best, worst)`, `f.ppf` and `chi2.ppf`.
  func testGoldens() throws {
    let cases = try goldens().designs
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let design = CrossedSeeds(golden.scores)
      let squares = design.meanSquares
      for (found, expected) in [
        (squares.rows, golden.rows), (squares.columns, golden.columns), (squares.rest, golden.rest),
      ] { XCTAssertEqual(found, expected, accuracy: 1e-12, "case \(index)") }
      let interval = design.rowInterval()
      XCTAssertEqual(interval.low, golden.interval[0], accuracy: 1e-9, "case \(index)")
      XCTAssertEqual(interval.high, golden.interval[1], accuracy: 1e-9 * max(1, golden.interval[1]), "case \(index)")
      XCTAssertEqual(
        ChiSquared.quantile(golden.chi2[0], degrees: golden.chi2[1]), golden.chi2[2], accuracy: 1e-9 * golden.chi2[2])
      let (test, best) = (design.rowTest, design.bestAgainstWorst)
      for (found, expected) in [
        (test.f, golden.f), (test.p, golden.p), (best.f, golden.best[0]), (best.p, golden.best[1]),
      ] {
        guard let expected else { continue }
        XCTAssertEqual(found, expected, accuracy: 1e-9 * max(1, expected), "case \(index)")
      }
    }
  }

  /// `anova_lm(ols("y ~ C(a) + C(b) + C(c)"))`.
  func testRestOfThreeFactors() throws {
    let cases = try goldens().three
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let factors = golden.sizes.indices.map { factor -> CrossedSeeds in
        // Scores are in the order of the levels of a, b, c, the last one running fastest.
        let stride = golden.sizes[(factor + 1)...].reduce(1, *)
        return CrossedSeeds(
          (0..<golden.sizes[factor]).map { level in
            golden.scores.indices.filter { $0 / stride % golden.sizes[factor] == level }.map { golden.scores[$0] }
          })
      }
      XCTAssertEqual(
        CrossedSeeds.rest(of: golden.scores, factors: factors), golden.rest, accuracy: 1e-12, "case \(index)")
    }
  }

  /// Random arrangements agree with all of them, gone through, within five standard errors.
  func testPermutationTests() throws {
    let cases = try goldens().permutations
    XCTAssertGreaterThanOrEqual(cases.count, 50)
    for (index, golden) in cases.enumerated() {
      let p = CrossedSeeds(golden.scores).permutationTest(count: 4000, seed: UInt64(index))
      let error = (golden.p * (1 - golden.p) / 4000).squareRoot()
      XCTAssertEqual(p, golden.p, accuracy: 5 * error + 1.0 / 4000, "case \(index)")
    }
  }

  /// Rows 1, 3 and columns -1, 1 without a rest: row means differ by 2, so MS_rows = 2 * 2 = 4 over 2 columns.
  func testComponents() {
    let design = CrossedSeeds([[0, 2], [2, 4]])
    XCTAssertEqual(design.components, CrossedSeeds.Components(rows: 2, columns: 2, rest: 0))
    XCTAssertTrue(design.rowTest.p.isNaN)
    let noRows = CrossedSeeds([[0, 3], [1, 2]])
    XCTAssertEqual(noRows.components.rows, 0, "never below zero")
  }

  /// Two factors leave what the two-way table leaves; of three, the sum of an additive table and of one cell's disturbance d
  /// leaves d^2 (1 - 1/8 - 3/8) over the 4 degrees of 2 x 2 x 2.
  func testRestOfSeveralFactors() {
    let two = CrossedSeeds([[0, 3, 1], [1, 2, 7]])
    XCTAssertEqual(
      CrossedSeeds.rest(of: two.scores.flatMap { $0 }, factors: [two, two.transposed]), two.components.rest,
      accuracy: 1e-12)
    let cells: [Double] = (0..<8).map { place in
      let additive = [0, 1, 4, 5, -3, -2, 1, 2][place]
      return Double(additive + (place == 5 ? 2 : 0))
    }
    let factors = (0..<3).map { bit -> CrossedSeeds in
      let rows: [[Double]] = [0, 1].map { level in
        cells.indices.filter { ($0 >> bit) & 1 == level }.map { cells[$0] }
      }
      return CrossedSeeds(rows)
    }
    XCTAssertEqual(CrossedSeeds.rest(of: cells, factors: factors), 4 * 0.5 / 4, accuracy: 1e-12)
  }

  /// Of the 24 arrangements of 0, 1, 2, 3 in two rows, 8 put 0 with 1 or 2 with 3, for the largest range.
  func testPermutationTest() {
    let p = CrossedSeeds([[0, 1], [2, 3]]).permutationTest(count: 4000)
    XCTAssertEqual(p, 1.0 / 3, accuracy: 5 * (2.0 / 9 / 4000).squareRoot())
    XCTAssertEqual(CrossedSeeds([[1, 1], [1, 1]]).permutationTest(count: 50), 1)
  }

  /// On noise the published test of best against worst is significant nine times in ten; the permutation test is not.
  func testBestAgainstWorstOnNoise() {
    var stream = SeedStream(seed: 5, purpose: .bootstrap)
    var counts = (published: 0, permutation: 0)
    for number in 0..<100 {
      let design = CrossedSeeds((0..<25).map { _ in (0..<25).map { _ in stream.normal() } })
      if design.bestAgainstWorst.p < 0.05 { counts.published += 1 }
      if number < 40, design.permutationTest(count: 199, seed: UInt64(number)) < 0.05 { counts.permutation += 1 }
    }
    XCTAssertGreaterThan(counts.published, 80)
    // 40 tests at 5 %: 2 expected, 8 are 4 standard deviations above.
    XCTAssertLessThan(counts.permutation, 8)
  }
}
