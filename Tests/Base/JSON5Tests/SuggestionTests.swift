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

  func testListsAreShort() {
    let names = ["task", "model", "data_seed", "epochs", "Seed_of_all"]
    XCTAssertEqual(Suggestion.list(names, near: "seed", most: 5), names.joined(separator: ", "))
    XCTAssertEqual(Suggestion.list(names, near: "seed", most: 3), "data_seed, Seed_of_all, task and 2 more")
    XCTAssertEqual(Suggestion.list(names, near: "my-seed", most: 1), "data_seed and 4 more")
    for word in ["", "zzz", "--"] {
      XCTAssertEqual(Suggestion.list(names, near: word, most: 2), "task, model and 3 more", word)
    }
    XCTAssertEqual(Suggestion.list([]), "")
  }
}
