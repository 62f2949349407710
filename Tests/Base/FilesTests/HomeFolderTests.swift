import Files
import XCTest

/// `~` as a shell expands it at the beginning of a word.
final class HomeFolderTests: XCTestCase {
  func testOnlyALeadingTildeIsTheHomeFolder() {
    func expanded(_ path: String) -> String { HomeFolder.expanded(path, home: "/home/ada") }
    XCTAssertEqual(expanded("~"), "/home/ada")
    XCTAssertEqual(expanded("~/models/minilm"), "/home/ada/models/minilm")
    for path in ["", "a/~/b", "./~", "./~/b", "~grace/x", "~x", "/~/x", "a~"] { XCTAssertEqual(expanded(path), path) }
    XCTAssertEqual(HomeFolder.expanded("~/x", home: nil), "~/x")
    XCTAssertEqual(HomeFolder.expanded("~/x", home: ""), "~/x")
  }
}
