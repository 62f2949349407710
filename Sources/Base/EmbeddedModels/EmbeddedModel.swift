// The pre-trained models inside the program: the files of Hugging Face model folders, read where they lie. Wherever the
// program is copied, they are with it; no file is unpacked and no path is searched. What the files mean is not known here.

import CEmbeddedModels

/// The pre-trained models that are part of the program.
///
/// A model path of `embedded` means the first of them, and `embedded:town` the one whose folder is `town`; a folder of such a name on the
/// disk is written `./embedded`.
package enum EmbeddedModel {
  /// The name of the first one, and of its folder in the sources.
  package static let first = "embedded"

  /// The names of all, sorted, the first one first.
  package static let names = Set(files.keys.map { String($0.prefix { $0 != "/" }) }).sorted()

  /// A file of a model.
  package struct File: Sendable {
    /// Its bytes, which live as long as the program.
    package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  }

  /// Whether a model's path names one inside the program (`embedded`, `embedded:NAME`), known or not, and no folder.
  package static func isInside(_ path: String) -> Bool { path.prefix { $0 != ":" } == first && !path.contains("/") }

  /// Why a path names no model inside the program although it is written as if it did; nil for one of their names, and for a folder.
  package static func problem(_ path: String) -> String? {
    guard isInside(path), !names.contains(path) else { return nil }
    return
      "no model inside the program has this name; there are: \(names.joined(separator: ", ")). A folder of this name is ./\(path)"
  }

  /// The folder below `Sources/Base/C/CEmbeddedModels/models` of a name.
  package static func folder(of name: String) -> String {
    name == first ? name : String(name.dropFirst(first.count + 1))
  }

  /// The name of a folder.
  static func name(ofFolder folder: String) -> String { folder == first ? folder : "\(first):\(folder)" }

  /// The bytes of an embedded model's file such as `embedded/vocab.txt`; nil for every other path.
  package static func contents(of path: String) -> UnsafeRawBufferPointer? { file(path)?.bytes }

  /// An embedded model's file; nil for every other path.
  package static func file(_ path: String) -> File? { files[path] }

  /// Whether a path is that of an embedded model or of one of its files.
  package static func holds(_ path: String) -> Bool { files[path] != nil || names.contains(path) }

  /// The path of a file that the C target calls `FOLDER/FILE`.
  static func path(ofFile file: String) -> String {
    let folder = file.prefix { $0 != "/" }
    return name(ofFolder: String(folder)) + file.dropFirst(folder.count)
  }

  private static let files: [String: File] = {
    var files: [String: File] = [:]
    for index in 0..<cembedded_file_count() {
      guard let path = cembedded_file_path(index), let bytes = cembedded_file_bytes(index) else { continue }
      files[Self.path(ofFile: String(cString: path))] = File(
        bytes: UnsafeRawBufferPointer(start: bytes, count: cembedded_file_size(index)))
    }
    return files
  }()
}
