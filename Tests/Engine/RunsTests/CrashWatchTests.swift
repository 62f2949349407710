// When a run does nothing but crash.

import XCTest

@testable import Runs

final class CrashWatchTests: XCTestCase {
  func testThreeTrialsThatCrashAlikeAreHopeless() {
    var watch = CrashWatch()
    XCTAssertNil(watch.note(crash: "no file of a1", of: "a1"))
    XCTAssertNil(watch.note(crash: "no file of a1", of: "a1"), "the same trial once more")
    XCTAssertNil(watch.note(crash: "no file of b2", of: "b2"))
    XCTAssertEqual(watch.note(crash: "no file of c3", of: "c3"), "no file of c3")
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
