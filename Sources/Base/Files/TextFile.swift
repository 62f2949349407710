// Reads files of text from outside, whatever their path names.

import Foundation

/// A file of text.
package enum TextFile {
  /// Why there is no text, such as "no such file".
  package struct ReadError: Error, CustomStringConvertible {
    /// The reason, to be put behind the path.
    package let description: String
  }

  /// The bytes of a file.
  ///
  /// - Throws: `ReadError` for what cannot be read, a folder, or a device, which may have no end.
  package static func contents(of path: String) throws -> Data {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw ReadError(description: errno == ENOENT ? "no such file" : String(cString: strerror(errno)))
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw ReadError(description: "a folder, where a file is needed")
    case S_IFCHR, S_IFBLK: throw ReadError(description: "a device, where a file is needed")
    default: break
    }
    guard let data = FileManager.default.contents(atPath: path) else { throw ReadError(description: "cannot be read") }
    return data
  }
}
