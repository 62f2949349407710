// When comparisons end, and with them the recipes that take part.

import JSON5
import XCTest

@testable import StopRules

final class PairedCourseTests: XCTestCase {
  private func course(
    _ rule: PairedStop, _ pairs: [(Int, Int)] = [(1, 0)], recipes: Int = 2, seeds: Int = 30
  ) -> PairedCourse {
    PairedCourse(
      rule, pairs.map { PairedCourse.Pair(candidate: $0.0, reference: $0.1, familySize: pairs.count, range: 0...1) },
      recipeCount: recipes, seedCount: seeds)
  }

  /// Notes the runs of each recipe, by whether they failed, in an order of (recipe, seed).
  private func note(_ failed: [[Bool]], to course: inout PairedCourse, shuffled: Bool = false) {
    var runs = failed.indices.flatMap { recipe in failed[recipe].indices.map { (recipe, $0) } }
    if shuffled { runs.shuffle() }
    for (recipe, seed) in runs { course.note(PairedCourse.Run(isFailed: failed[recipe][seed]), of: recipe, seed: seed) }
  }

  /// 2^6 B(.5, 6.5) / B(.5, .5) = 14.4, and 26.8 with seven pairs.
  func testDecidedAfterSevenDiscordantPairs() {
    var course = course(PairedStop(.failures))
    // The second pair is concordant.
    let reference = (0..<30).map { $0 != 1 }
    note([reference, Array(repeating: false, count: 30)], to: &course)
    let found = course.comparisons[0]
    XCTAssertEqual(found.ending, .decided)
    XCTAssertEqual(found.pairCount, 8)
    XCTAssertEqual([found.candidateFailedCount, found.referenceFailedCount], [0, 7])
    XCTAssertEqual(found.evidence, 26.8125, accuracy: 1e-9)
    XCTAssertTrue(found.favorsCandidate)
    XCTAssertEqual([0, 1].map { course.stop(of: $0) }, [8, 8])
    var turned = self.course(PairedStop(.failures), [(0, 1)])
    note([reference, Array(repeating: false, count: 30)], to: &turned)
    XCTAssertFalse(turned.comparisons[0].favorsCandidate)
  }

  /// Three comparisons need 60: nine pairs (94.96), eight give 50.3. The reference goes on until the last has ended; a recipe in no
  /// comparison runs with all seeds.
  func testSeveralComparisons() {
    var course = course(PairedStop(.failures), [(1, 0), (2, 0), (3, 0)], recipes: 5, seeds: 30)
    let never = Array(repeating: false, count: 30)
    let late = (0..<30).map { $0 < 4 }
    note([Array(repeating: true, count: 30), never, late, never, never], to: &course, shuffled: true)
    XCTAssertEqual(course.comparisons.map(\.pairCount), [9, 13, 9])
    XCTAssertEqual(course.comparisons.map(\.threshold), [60, 60, 60])
    XCTAssertEqual(course.comparisons[0].evidence, 94.9609375, accuracy: 1e-9)
    XCTAssertEqual((0..<5).map { course.stop(of: $0) }, [13, 9, 13, 9, nil])
  }

  /// With eight seeds, seven of one kind decide: after two concordant pairs six are left, which cannot.
  func testGivingUp() {
    let never = [Bool](repeating: false, count: 8)
    var course = course(PairedStop(.failures), seeds: 8)
    note([never, never], to: &course)
    XCTAssertEqual(course.comparisons[0].ending, .undecided)
    XCTAssertEqual(course.comparisons[0].pairCount, 2)
    XCTAssertEqual(course.stop(of: 0), 2)
    course = self.course(PairedStop(.failures, givesUp: false), seeds: 8)
    note([never, never], to: &course)
    XCTAssertEqual(course.comparisons[0].pairCount, 8)
    XCTAssertEqual(course.comparisons[0].ending, .undecided)
    XCTAssertNil(course.stop(of: 0), "all seeds were needed")
    course = self.course(PairedStop(.failures, lookEvery: 3), seeds: 8)
    note([never, never], to: &course)
    XCTAssertEqual(course.comparisons[0].pairCount, 3, "nobody looks before")
  }

  func testTheOrderOfRunsDoesNotMatter() {
    for step in 1...7 {
      let failed = (0..<3).map { recipe in (0..<30).map { ($0 * step + recipe) % 5 < [0, 3, 2][recipe] } }
      var inOrder = course(PairedStop(.failures), [(1, 0), (2, 0)], recipes: 3)
      note(failed, to: &inOrder)
      for _ in 0..<10 {
        var other = course(PairedStop(.failures), [(1, 0), (2, 0)], recipes: 3)
        note(failed, to: &other, shuffled: true)
        XCTAssertEqual(other.comparisons, inOrder.comparisons)
      }
    }
  }

  /// Goldens/make_paired_stops.py of StatisticsTests: a difference of .3 in every pair is decided after 27 pairs.
  func testScores() {
    var course = course(PairedStop(.scores), seeds: 40)
    for seed in 0..<40 {
      course.note(PairedCourse.Run(isFailed: false, score: 0.5), of: 0, seed: seed)
      course.note(PairedCourse.Run(isFailed: false, score: 0.8), of: 1, seed: seed)
    }
    XCTAssertEqual(course.comparisons[0].pairCount, 27)
    XCTAssertEqual(course.comparisons[0].ending, .decided)
    XCTAssertTrue(course.comparisons[0].favorsCandidate)
    XCTAssertEqual(course.stop(of: 1), 27)
    // A run without a score counts as the worst.
    course = self.course(PairedStop(.scores, lookEvery: 7), seeds: 40)
    for seed in 0..<40 {
      course.note(PairedCourse.Run(isFailed: true), of: 1, seed: seed)
      course.note(PairedCourse.Run(isFailed: false, score: 0.3), of: 0, seed: seed)
    }
    XCTAssertEqual(course.comparisons[0].pairCount, 28, "the first look after 27 pairs")
    XCTAssertFalse(course.comparisons[0].favorsCandidate)
  }

  func testJSON() throws {
    for rule in [
      StopRule.pairs(PairedStop(.scores, alpha: 0.01, lookEvery: 5, givesUp: false)),
      .precision(SequentialStop(halfWidth: 0.1, looks: [5, 10])),
    ] {
      var writer = JSONWriter(indented: false)
      rule.write(to: &writer)
      XCTAssertEqual(try StopRule(JSONReader.read(writer.text, name: "")), rule)
    }
    for (text, message) in [
      (
        "{\"pairs\": \"ranks\", \"alpha\": 0.05, \"look_every\": 1, \"give_up\": true}",
        "stop.pairs: expected \"failures\" or \"scores\", found \"ranks\""
      ),
      (
        "{\"pairs\": \"scores\", \"alpha\": 0, \"look_every\": 1, \"give_up\": true}",
        "stop: expected an alpha between 0 and 1 and a look_every from 1, found 0.0 and 1"
      ),
    ] {
      XCTAssertThrowsError(try StopRule(JSONReader.read(text, name: ""))) { XCTAssertEqual("\($0)", message) }
    }
  }
}
