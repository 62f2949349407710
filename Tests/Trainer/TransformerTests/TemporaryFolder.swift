// A folder for one test, removed with it, and the text of an expected error.

import Foundation
import XCTest

/// A folder under the system's temporary one that lives as long as this object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("seedsweep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes a file in the folder and returns its path.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    // Foundation's writing flushes every file to the disk, and some file systems flush one that is cut and written
    // again: the tests of many small files would wait for that.
    unlink(self(name))
    let file = try XCTUnwrap(fopen(self(name), "w"))
    let bytes = Array(bytes)
    XCTAssertEqual(fwrite(bytes, 1, bytes.count, file), bytes.count)
    XCTAssertEqual(fclose(file), 0)
    return self(name)
  }
}

/// The description of the error that an expression throws; fails the test where it throws none.
func errorText<Value>(
  _ expression: @autoclosure () throws -> Value, _ message: String = "", file: StaticString = #filePath,
  line: UInt = #line
) -> String {
  do {
    _ = try expression()
    XCTFail("no error: \(message)", file: file, line: line)
    return ""
  } catch {
    return "\(error)"
  }
}
