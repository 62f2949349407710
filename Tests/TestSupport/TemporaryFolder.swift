// A folder for the files of one test.

import Foundation

/// A folder that lives as long as this object; a test case that keeps it lets it go in `tearDown`.
package final class TemporaryFolder {
  /// Its path.
  package let path: String

  /// A new empty folder.
  package init() throws {
    path = NSTemporaryDirectory() + "seedsweep-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file into the folder.
  package func write(_ text: String, to name: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  /// Writes a file of bytes into the folder and returns its path. It is not flushed to the disk, for which tests of many small
  /// files would wait.
  @discardableResult
  package func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = path + "/" + name
    unlink(file)
    guard let stream = fopen(file, "w") else { throw CocoaError(.fileWriteUnknown) }
    defer { fclose(stream) }
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
    return file
  }

  /// A file's text, empty where there is none.
  package func text(_ name: String) -> String {
    (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
  }

  /// A file's bytes.
  package func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) }

  /// Whether there is such a file or folder.
  package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }
}
