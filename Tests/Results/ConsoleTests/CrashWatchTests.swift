// When a run does nothing but crash.

import XCTest

@testable import Console

final class CrashWatchTests: XCTestCase {
  func testThreeTrialsThatCrashAlikeAreHopeless() {
    var watch = CrashWatch()
    XCTAssertNil(watch.note(crash: "no file of a1", of: "a1"))
    XCTAssertNil(watch.note(crash: "no file of a1", of: "a1"), "the same trial once more")
    XCTAssertNil(watch.note(crash: "no file of b2", of: "b2"))
    XCTAssertEqual(watch.note(crash: "no file of c3", of: "c3"), "no file of c3")
  }

  /// Each rank writes under temporary names, and in folders, of its own.
  func testRanksThatCrashAlikeAreHopeless() {
    func message(_ trial: String, _ rank: Int, _ reason: String = "Permission denied (error 13)") -> String {
      "cannot create /tmp/node/rank-\(rank)/weights/.partial-\(trial)-node01.\(rank).47\(rank)/config.json: \(reason)"
    }
    var watch = CrashWatch()
    XCTAssertNil(watch.note(crash: message("a1", 0), of: "a1"))
    XCTAssertNil(watch.note(crash: message("b2", 1), of: "b2"))
    var other = watch
    XCTAssertEqual(watch.note(crash: message("c3", 11), of: "c3"), message("c3", 11))
    XCTAssertNil(other.note(crash: message("c3", 11, "Read-only file system (error 30)"), of: "c3"))
  }

  func testOneOtherCrashGivesHope() {
    var watch = CrashWatch()
    for trial in ["a", "b"] { XCTAssertNil(watch.note(crash: "full disk", of: trial)) }
    XCTAssertNil(watch.note(crash: "no memory", of: "c"))
    XCTAssertNil(watch.note(crash: "no memory", of: "d"))
  }

  func testAResultGivesHope() {
    var watch = CrashWatch()
    watch.noteResult()
    for trial in ["a", "b", "c", "d"] { XCTAssertNil(watch.note(crash: "full disk", of: trial)) }
  }
}
