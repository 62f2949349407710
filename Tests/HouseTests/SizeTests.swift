// Modules and folders stay small enough to be read whole. Sizes of single files and functions are not measured here.

import Foundation
import TestSupport
import XCTest

final class SizeTests: XCTestCase {
  /// The files below a folder of the checkout, by their paths from there.
  private func files(below folder: String) throws -> [String] {
    let url = Checkout.root.appendingPathComponent(folder)
    return try FileManager.default.subpathsOfDirectory(atPath: url.path).filter { path in
      var isFolder: ObjCBool = false
      FileManager.default.fileExists(atPath: url.appendingPathComponent(path).path, isDirectory: &isFolder)
      return !isFolder.boolValue && !path.contains("__pycache__")
    }
  }

  func testModulesAreSmall() throws {
    var lineCounts: [String: Int] = [:]
    for path in try files(below: "Sources") where [".swift", ".c", ".h"].contains(where: path.hasSuffix) {
      let parts = path.split(separator: "/")
      // WING/MODULE, but for the C targets, which have a folder of their own.
      let module = parts.prefix(parts.starts(with: ["Base", "C"]) ? 3 : 2).joined(separator: "/")
      let text = try Data(contentsOf: Checkout.root.appendingPathComponent("Sources/\(path)"))
      lineCounts[module, default: 0] += text.count { $0 == UInt8(ascii: "\n") }
    }
    XCTAssertGreaterThan(lineCounts.count, 50)
    XCTAssertEqual(lineCounts.filter { $0.value > 3500 }, [:])
    XCTAssertLessThanOrEqual(try XCTUnwrap(lineCounts["Programs/seedsweep"]), 2600, "the executable only wires")
  }

  /// A verb is one file, and so is a generated page, however many there are.
  func testFoldersHoldFewFiles() throws {
    for top in ["Sources", "scripts"] {
      let folders = Dictionary(grouping: try files(below: top)) { ($0 as NSString).deletingLastPathComponent }
        .mapValues(\.count)
      XCTAssertFalse(folders.isEmpty)
      let large = folders.filter { $0.value > 20 }.keys.filter { folder in
        !["/Commands", "/Reference"].contains { folder.hasSuffix($0) }
      }
      XCTAssertEqual(large.sorted(), [], top)
    }
  }
}
