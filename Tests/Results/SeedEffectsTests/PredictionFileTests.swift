// Prediction files as ranks write them, read back; what is not one of ours is refused.

import XCTest

@testable import SeedEffects

final class PredictionFileTests: XCTestCase {
  private func file(_ text: String) -> PredictionFile? { PredictionFile(Array(text.utf8)) }

  func testFields() throws {
    let read = try XCTUnwrap(
      file(
        "index,label,prediction,logit_0,logit_1\n0,\"a,\"\"b\",\"a,\"\"b\",1.5,-2\n7,\"line\nbreak\",c,-1e-3,0.25\n"))
    XCTAssertEqual(read.areCorrect, [true, false])
    XCTAssertEqual(read.logits, [1.5, -2, -0.001, 0.25])
    XCTAssertEqual(read.predictions, [0, 1])
    XCTAssertEqual(read.classCount, 2)
    XCTAssertEqual(read.exampleCount, 2)
    XCTAssertEqual(String(decoding: read.indices, as: UTF8.self), "0\n7\n")
  }

  /// A kept head may have the classes the other way round than the task, in whose order the journal counts.
  func testTheJournalTellsTheOrderOfTwoClasses() throws {
    let mixed = try XCTUnwrap(file("i,l,p,a,b\n0,x,x,2,1\n1,x,x,2,1\n2,y,x,2,1\n"))
    let alike = try XCTUnwrap(file("i,l,p,a,b\n0,x,y,1,2\n1,y,x,2,1\n"))
    func isReversed(_ file: PredictionFile, _ labels: [Int], _ confusion: [[Int]]) -> Bool {
      RecipeEnsembles.isReversed([file], labels: labels, [confusion])
    }
    XCTAssertFalse(isReversed(mixed, [0, 0, 1], [[2, 0], [1, 0]]))
    XCTAssertTrue(isReversed(mixed, [0, 0, 1], [[0, 1], [0, 2]]))
    XCTAssertFalse(isReversed(mixed, [0, 0, 1], []), "an old journal tells nothing")
    XCTAssertFalse(isReversed(alike, [0, 1], [[0, 1], [1, 0]]), "both orders count the same")
  }

  func testEqualLogitsAreTheFirstClass() throws {
    XCTAssertEqual(try XCTUnwrap(file("i,l,p,a,b,c\n0,x,x,1,2,2\n")).predictions, [1])
  }

  func testOtherFiles() {
    for text in ["", "a,b\n", "i,l,p,a\n0\n", "i,l,p,a,b\n0,x,x,1\n", "i,l,p,a\n0,x,x,1,2\n", "i,l,p,a\n0,x,x,y\n"] {
      XCTAssertNil(file(text), text)
    }
    XCTAssertThrowsError(try PredictionFile(path: "/nowhere", digest: "")) {
      XCTAssertEqual($0 as? PredictionFile.Fault, .missing)
    }
    XCTAssertThrowsError(try PredictionFile(path: "/dev/null", digest: "")) {
      XCTAssertEqual($0 as? PredictionFile.Fault, .damaged)
    }
  }
}
