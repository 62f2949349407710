// What a progress line says of trials under way.

import XCTest

@testable import Console

final class RunningStepsTests: XCTestCase {
  func testWords() {
    var steps = RunningSteps()
    XCTAssertNil(steps.text(ofJobs: []))
    XCTAssertEqual(steps.text(ofJobs: [3]), "reading model and data", "nothing was said yet")
    steps.note(0, of: 0, ofJob: 3)
    XCTAssertEqual(steps.text(ofJobs: [3]), "reading model and data")
    steps.note(37, of: 189, ofJob: 3)
    XCTAssertEqual(steps.text(ofJobs: [3, 4]), "at step 37 of 189", "a job that waits for its rank says nothing")
    steps.note(52, of: 189, ofJob: 4)
    XCTAssertEqual(steps.text(ofJobs: [3, 4]), "at steps 37 to 52 of 189")
    steps.note(10, of: 1000, ofJob: 5)
    XCTAssertEqual(steps.text(ofJobs: [3, 5]), "at 1 to 19 % of their steps")
    // A trial that ended is forgotten, and so is what an earlier attempt at it said.
    XCTAssertEqual(steps.text(ofJobs: [5]), "at step 10 of 1000")
    XCTAssertEqual(steps.text(ofJobs: [3, 5]), "at step 10 of 1000")
  }

  /// A program need not say how many steps there will be, or at which one it is.
  func testWordsOfPrograms() {
    var steps = RunningSteps(isOfProgram: true)
    steps.note(0, of: 0, ofJob: 3)
    XCTAssertNil(steps.text(ofJobs: [3]))
    steps.note(12, of: 0, ofJob: 3)
    XCTAssertEqual(steps.text(ofJobs: [3]), "at step 12")
    steps.note(15, of: 0, ofJob: 4)
    XCTAssertEqual(steps.text(ofJobs: [3, 4]), "at steps 12 to 15")
    steps.note(15, of: 189, ofJob: 4)
    XCTAssertEqual(steps.text(ofJobs: [3, 4]), "at step 15 of 189")
  }
}
