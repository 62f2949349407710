// Finding a program in the folders of a search path.

import Foundation
import TestSupport
import XCTest

@testable import Host

final class ChildProcessTests: XCTestCase {
  /// What a shell would pass over hides no program behind it: a folder of its name, and a file that nobody may execute.
  func testOnlyAnExecutableFileIsAProgram() throws {
    let folder = try TemporaryFolder()
    for name in ["a/tool", "b", "c"] {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
    }
    for name in ["b/tool", "c/program"] { try folder.write("#!/bin/sh\n", to: name) }
    XCTAssertEqual(chmod(folder.path + "/c/program", 0o755), 0)
    XCTAssertEqual(symlink("program", folder.path + "/c/tool"), 0)
    let places = ["a", "b", "c"].map { folder.path + "/" + $0 }
    XCTAssertEqual(
      ChildProcess.path(of: "tool", searchPath: places.joined(separator: ":")), folder.path + "/c/tool")
    XCTAssertNil(ChildProcess.path(of: "tool", searchPath: places.prefix(2).joined(separator: ":")))
  }
}
