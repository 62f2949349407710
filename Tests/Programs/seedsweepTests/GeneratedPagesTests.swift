// The generated pages of the catalog are what the program prints. scripts/develop/generate.sh writes them anew.

import Analyses
import CommandLine
import SweepLanguage
import TestSupport
import Trials
import XCTest

@testable import seedsweep

final class GeneratedPagesTests: XCTestCase {
  private func page(_ name: String) throws -> String {
    try String(contentsOf: Checkout.catalog.appendingPathComponent("Reference/\(name)"), encoding: .utf8)
  }

  func testVerbs() throws {
    XCTAssertEqual(
      try page("Verbs.md"), HelpText.markdown(.seedsweep) + "\n", "scripts/develop/generate.sh writes the page anew")
    for command in Program.seedsweep.commands {
      XCTAssertTrue(try page("Verbs.md").contains("\n## \(command.syntax.name)\n"), command.syntax.name)
    }
  }

  func testColumns() throws {
    XCTAssertEqual(
      try page("Columns.md"), ColumnReference.markdown() + "\n", "scripts/develop/generate.sh writes the page anew")
    for table in ColumnReference.tables {
      XCTAssertTrue(try page("Columns.md").contains("\n## \(table.file)\n"), table.file)
    }
  }

  func testKeys() throws {
    XCTAssertEqual(
      try page("Keys.md"), KeyReference.markdown() + "\n", "scripts/develop/generate.sh writes the page anew")
    for key in ConfigurationSchema.keys {
      XCTAssertTrue(try page("Keys.md").contains("\n| `\(key.path)` | "), key.path)
    }
  }
}
