// What is best of n, decided or stopped early, against Goldens/make_choosing.py, and what no formula there holds.

import Foundation
import XCTest

@testable import Statistics

final class ChoosingTests: XCTestCase {
  private struct Goldens: Decodable {
    struct Best: Decodable {
      let scores: [Double]
      let best: [[Double]]
    }
    struct Band: Decodable {
      let scores, range, band: [Double]
      let n: Int
      let level: Double
    }
    struct Course: Decodable {
      var design: PairedDesign
      var one, other, power, mean: Double

      init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        let pairCount = try values.decode(Int.self)
        let threshold = try values.decode(Double.self)
        let lookEvery = try values.decode(Int.self)
        let stops = try values.decode(Bool.self)
        design = PairedDesign(
          pairCount: pairCount, alpha: 1 / threshold, lookEvery: lookEvery, stopsForFutility: stops)
        (one, other) = (try values.decode(Double.self), try values.decode(Double.self))
        (power, mean) = (try values.decode(Double.self), try values.decode(Double.self))
      }
    }
    struct Betting: Decodable {
      let values, range, interval: [Double]
      let level: Double
    }
    struct Stopped: Decodable {
      let counts: [Int]
      let rate: Double
      let interval: [Double]
    }
    let best: [Best]
    let band: [Band]
    let e: [[Double]]
    let course: [Course]
    let betting: [Betting]
    let stopped: [Stopped]
  }

  private func goldens() throws -> Goldens {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/choosing.json")
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  func testTheExpectedBestOfEveryNumberOfRuns() throws {
    for golden in try goldens().best {
      let curve = try XCTUnwrap(ExpectedBest(golden.scores.reversed()))
      XCTAssertEqual(curve.runCount, golden.best.count)
      for (index, expected) in golden.best.enumerated() {
        let found = curve.best(of: index + 1)
        XCTAssertEqual(found.mean, expected[0], accuracy: 1e-12)
        // A variance is a difference of squares: its root doubles the digits that are lost.
        XCTAssertEqual(found.deviation, expected[1], accuracy: 1e-7)
      }
    }
    // The published vector, to its digits.
    let published = try XCTUnwrap(ExpectedBest([0.473, 0.527, 0.61, 0.69, 0.71]))
    for (index, value) in [0.602, 0.6657, 0.694, 0.706, 0.71].enumerated() {
      XCTAssertEqual(published.best(of: index + 1).mean, value, accuracy: 1e-12)
    }
    XCTAssertNil(ExpectedBest([]))
    XCTAssertNil(ExpectedBest([0.5, .nan]))
    XCTAssertEqual(try XCTUnwrap(ExpectedBest([-.infinity, 0.5])).best(of: 2).mean, 0.5, "ranked last")
  }

  func testTheBandOfTheExpectedBest() throws {
    for golden in try goldens().band {
      let curve = try XCTUnwrap(ExpectedBest(golden.scores))
      let found = curve.band(of: golden.n, in: golden.range[0]...golden.range[1], level: golden.level)
      XCTAssertEqual(found.low, golden.band[0], accuracy: 1e-12)
      XCTAssertEqual(found.high, golden.band[1], accuracy: 1e-12)
      // The band goes on where no estimate does.
      guard golden.n <= golden.scores.count else { continue }
      let clipped = try XCTUnwrap(ExpectedBest(golden.scores.map { min(max($0, golden.range[0]), golden.range[1]) }))
      let mean = clipped.best(of: golden.n).mean
      XCTAssertLessThanOrEqual(found.low, mean)
      XCTAssertGreaterThanOrEqual(found.high, mean)
    }
  }

  func testEvidenceFromPairs() throws {
    for golden in try goldens().e {
      let (k, d) = (Int(golden[0]), Int(golden[1]))
      XCTAssertEqual(
        log(PairedEvidence.value(k, of: d)), golden[2], accuracy: 1e-9 * max(1, abs(golden[2])), "\(k) \(d)")
      XCTAssertEqual(
        PairedEvidence.value(k, of: d), PairedEvidence.value(d - k, of: d), accuracy: 1e-9 * exp(golden[2]))
    }
    XCTAssertEqual(PairedEvidence.value(0, of: 0), 1, accuracy: 1e-15)
    // Under "either way is as likely" the expectation stays 1: the definition of an e-value.
    for d in 0...30 {
      let mean = (0...d).reduce(0.0) { sum, k in
        let chance = exp(lgamma(Double(d + 1)) - lgamma(Double(k + 1)) - lgamma(Double(d - k + 1)) - Double(d) * log(2))
        return sum + chance * PairedEvidence.value(k, of: d)
      }
      XCTAssertEqual(mean, 1, accuracy: 1e-11)
    }
    // Seven discordant pairs all one way are the fewest that decide at .05.
    XCTAssertFalse(PairedEvidence.decides(6, of: 6, threshold: 20))
    XCTAssertTrue(PairedEvidence.decides(7, of: 7, threshold: 20))
    XCTAssertTrue(PairedEvidence.canDecide(3, of: 3, remaining: 4, threshold: 20))
    XCTAssertFalse(PairedEvidence.canDecide(3, of: 3, remaining: 3, threshold: 20))
  }

  func testHowAComparisonThatStopsGoes() throws {
    for golden in try goldens().course {
      let found = golden.design.course(one: golden.one, other: golden.other)
      XCTAssertEqual(found.power, golden.power, accuracy: 1e-12)
      XCTAssertEqual(found.meanPairCount, golden.mean, accuracy: 1e-12)
    }
    // Ville's bound, for looks after every pair and comparisons of any length.
    for rate in [0.05, 0.2, 0.5] {
      let design = PairedDesign(pairCount: 120, stopsForFutility: false)
      XCTAssertLessThanOrEqual(design.course(one: rate, other: rate).power, 0.05)
    }
    // Of 25 pairs at .56 against 0, about half are spared; at .5 against .12 it is decided every second time.
    let apart = PairedDesign(pairCount: 25).course(one: 0.56, other: 0)
    XCTAssertGreaterThan(apart.power, 0.99)
    XCTAssertEqual(apart.meanPairCount, 12.5, accuracy: 0.2)
    let near = PairedDesign(pairCount: 25).course(one: 0.5 * 0.88, other: 0.5 * 0.12)
    XCTAssertEqual(near.power, 0.5, accuracy: 0.1)
  }

  func testTheBettingSequence() throws {
    for golden in try goldens().betting {
      let range = golden.range[0]...golden.range[1]
      let found = BettingSequence.interval(ofMeanOf: golden.values, in: range, level: golden.level)
      XCTAssertEqual(found.low, golden.interval[0], accuracy: 1e-9)
      XCTAssertEqual(found.high, golden.interval[1], accuracy: 1e-9)
      let turned = BettingSequence.interval(
        ofMeanOf: golden.values.map { -$0 }, in: -range.upperBound...(-range.lowerBound), level: golden.level)
      XCTAssertEqual(turned.low, -found.high, accuracy: 1e-9)
      XCTAssertEqual(turned.high, -found.low, accuracy: 1e-9)
    }
    XCTAssertEqual(BettingSequence.interval(ofMeanOf: [], in: -1...1), ConfidenceInterval(low: -1, high: 1))
    XCTAssertTrue(BettingSequence.interval(ofMeanOf: [2], in: -1...1).low.isNaN)
  }

  func testTheRateOfRunsOfWhichSomeWereStopped() throws {
    for golden in try goldens().stopped {
      let counts = golden.counts
      let runs = StoppedRuns(
        endedCount: counts[0], endedFailedCount: counts[1], stoppedCount: counts[2], finishedCount: counts[3],
        finishedFailedCount: counts[4])
      XCTAssertEqual(runs.rate, golden.rate, accuracy: 1e-12)
      XCTAssertEqual(runs.interval().low, golden.interval[0], accuracy: 1e-9)
      XCTAssertEqual(runs.interval().high, golden.interval[1], accuracy: 1e-9)
    }
    for (stopped, share, expected) in [
      (0, 0.25, 0), (3, 0.25, 3), (5, 0.1, 5), (12, 0.25, 5), (40, 0.25, 10), (41, 0.25, 11), (8, 1, 8),
      (100, 0.07, 7),
    ] {
      XCTAssertEqual(StoppedRuns.finishedCount(of: stopped, share: share), expected)
    }
    let few = StoppedRuns(
      endedCount: 20, endedFailedCount: 0, stoppedCount: 9, finishedCount: 4, finishedFailedCount: 4)
    XCTAssertTrue(few.interval().low.isNaN, "four of nine are too few")
    let all = StoppedRuns(
      endedCount: 20, endedFailedCount: 3, stoppedCount: 9, finishedCount: 9, finishedFailedCount: 7)
    XCTAssertEqual(all.interval(), Proportion.wilson(count: 10, total: 29))
  }
}
