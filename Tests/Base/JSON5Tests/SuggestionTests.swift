import XCTest

@testable import JSON5

final class SuggestionTests: XCTestCase {
  func testTheNearestWord() {
    XCTAssertEqual(Suggestion.editDistance("kitten", "sitting"), 3)
    XCTAssertEqual(Suggestion.editDistance("", "abc"), 3)
    XCTAssertEqual(Suggestion.editDistance("mnil", "mnli"), 1)
    XCTAssertEqual(Suggestion.nearest(to: "sumarize", among: ["status", "summarize"]), "summarize")
    XCTAssertNil(Suggestion.nearest(to: "zzzzzz", among: ["run", "plan"]))
    XCTAssertEqual(Suggestion.nearest(to: "summarizeabc", among: ["status", "summarize"]), "summarize")
    XCTAssertNil(Suggestion.nearest(to: "summarizeabcd", among: ["status", "summarize"]))
  }
}
