// Which runs of a recipe go on, from what a rule has read of them: never from the order in which it did.

import Digests
import JSON5
import XCTest

@testable import StopRules

final class EarlyCourseTests: XCTestCase {
  private let names = (1...12).map { "t\($0)" }

  private func stop(_ rule: String, _ share: Double = 0.25) throws -> EarlyStop {
    EarlyStop(try XCTUnwrap(EarlyRule(rule)), finishShare: share)
  }

  /// Seven of twelve runs stop, those with even numbers and the eleventh.
  private var readings: [EarlyRule.Reading] {
    (1...12).map { .measured(Double($0), stops: $0 % 2 == 0 || $0 == 11) }
  }

  /// The five stopped runs with the smallest hashes, by a sort of their own.
  private func smallest(_ count: Int, of names: [String]) -> Set<String> {
    Set(names.map { (SHA256.hex(of: "finish \($0)"), $0) }.sorted { $0.0 < $1.0 }.prefix(count).map(\.1))
  }

  func testFinishedRunsAreKnownOnceAllWereRead() throws {
    var course = EarlyCourse(try stop("score=baseline@25%"), identifiers: names)
    for (index, reading) in readings.enumerated().dropLast() { XCTAssertFalse(course.note(reading, at: index)) }
    XCTAssertFalse(course.isRead)
    XCTAssertEqual(course.stoppedCount, 0)
    XCTAssertEqual(course.fates.prefix(4), [.goesOn, .waiting, .goesOn, .waiting])
    XCTAssertEqual(course.fates.last, .unread)
    XCTAssertTrue(course.note(readings[11], at: 11), "the last run decides about the others")
    XCTAssertTrue(course.isRead)
    let stopped = [2, 4, 6, 8, 10, 11, 12].map { "t\($0)" }
    let finished = smallest(5, of: stopped)
    XCTAssertEqual(finished.count, 5)
    XCTAssertEqual(course.stoppedCount, 7)
    for (name, fate) in zip(names, course.fates) {
      XCTAssertEqual(
        fate, finished.contains(name) ? .finished : stopped.contains(name) ? .stopped : .goesOn, name)
    }
    XCTAssertFalse(course.note(readings[3], at: 3), "the same again")
  }

  func testTheOrderDoesNotMatter() throws {
    for rule in ["score=baseline@25%", "score=top25%@10", "train_loss=top50%@10"] {
      var inOrder = EarlyCourse(try stop(rule), identifiers: names)
      for (index, reading) in readings.enumerated() { _ = inOrder.note(reading, at: index) }
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<20 {
        var other = EarlyCourse(try stop(rule), identifiers: names)
        for index in names.indices.shuffled(using: &generator) {
          // A reading that was taken back and given again changes nothing.
          _ = other.note(.ended, at: index)
          _ = other.note(nil, at: index)
          _ = other.note(readings[index], at: index)
        }
        XCTAssertEqual(other.fates, inOrder.fates, rule)
      }
    }
  }

  /// A quarter of 12 runs goes on: 12, 11 and 10. Of the 9 others a share of 0.6 makes 6.
  func testACohortWaitsForAllOfItsRuns() throws {
    var course = EarlyCourse(try stop("score=top25%@10", 0.6), identifiers: names)
    for index in 0..<11 { _ = course.note(readings[index], at: index) }
    XCTAssertEqual(Set(course.fates.dropLast().map { "\($0)" }), ["waiting"])
    _ = course.note(readings[11], at: 11)
    XCTAssertEqual(course.fates.suffix(3), [.goesOn, .goesOn, .goesOn])
    let finished = smallest(6, of: Array(names.prefix(9)))
    XCTAssertEqual(Set(zip(names, course.fates).filter { $1 == .finished }.map(\.0)), finished)
    XCTAssertEqual(course.fates.count { $0 == .stopped }, 3)
  }

  /// Runs that have ended count with their ranks, and equal measures rank in plan order.
  func testRanksOfACohort() {
    XCTAssertEqual(
      EarlyRule.stops(
        [.ended, .measured(1, stops: false), .measured(1, stops: false), .measured(2, stops: false)], keeping: 0.5),
      [false, false, true, false])
    XCTAssertEqual(
      EarlyRule.stops([.measured(-.infinity, stops: false), .ended, .ended], keeping: 0.1), [false, false, false])
    XCTAssertEqual(
      EarlyRule.stops([.measured(1, stops: false), .unmeasured, .measured(2, stops: false)], keeping: 0.1),
      [false, false, false])
  }

  func testFewStoppedRunsAreAllFinished() throws {
    var course = EarlyCourse(try stop("score=baseline@25%", 0.1), identifiers: Array(names.prefix(5)))
    for index in 0..<5 { _ = course.note(.measured(0, stops: true), at: index) }
    XCTAssertEqual(course.fates, Array(repeating: .finished, count: 5))
  }

  /// Once read, a run may be read anew, as where its result was replaced.
  func testAReadingThatIsTakenBack() throws {
    var course = EarlyCourse(try stop("score=baseline@25%", 1), identifiers: ["a", "b"])
    _ = course.note(.measured(0, stops: true), at: 0)
    _ = course.note(.measured(0, stops: true), at: 1)
    XCTAssertEqual(course.fates, [.finished, .finished])
    XCTAssertTrue(course.note(nil, at: 0))
    XCTAssertEqual(course.fates, [.unread, .waiting])
    XCTAssertTrue(course.note(.ended, at: 0))
    XCTAssertEqual(course.fates, [.goesOn, .finished])
  }

  func testTheRuleAsJSON() throws {
    var stop = try stop("score=top50%@100", 0.2)
    stop.steps = ["0000000000000001": 100, "0000000000000000": 90]
    var writer = JSONWriter()
    StopRule.early(stop).write(to: &writer)
    XCTAssertEqual(
      writer.text,
      #"{"early":"score=top50%@100","finish":0.2,"steps":{"0000000000000000":90,"0000000000000001":100}}"#)
    XCTAssertEqual(try StopRule(JSONReader.read(writer.text, name: "stop")), .early(stop))
    XCTAssertThrowsError(try StopRule(JSONReader.read(#"{"early":"best","finish":0.2}"#, name: "stop"))) {
      XCTAssertEqual("\($0)", "stop.early: \(EarlyRule.form), found \"best\"")
    }
    XCTAssertThrowsError(try StopRule(JSONReader.read(#"{"early":"score=0.5@3","finish":0}"#, name: "stop"))) {
      XCTAssertEqual("\($0)", "stop.finish: expected a number above 0 and at most 1, found 0.0")
    }
  }
}
