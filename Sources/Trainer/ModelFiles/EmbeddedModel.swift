// The pre-trained models inside the program: the files of Hugging Face model folders, read where they lie. Wherever the
// program is copied, they are with it; no file is unpacked and no path is searched.

import CEmbeddedModels

/// The pre-trained models that are part of the program.
///
/// A model path of `embedded` means the model inside the program; a folder of that name is written `./embedded`.
package enum EmbeddedModel {
  package static let names = Set(files.keys.map { String($0.prefix { $0 != "/" }) }).sorted()

  struct File: Sendable {
    /// Its bytes, which live as long as the program.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  }

  /// The bytes of an embedded model's file such as `embedded/vocab.txt`; nil for every other path.
  package static func contents(of path: String) -> UnsafeRawBufferPointer? { file(path)?.bytes }

  static func file(_ path: String) -> File? { files[path] }

  /// Whether a path is that of an embedded model or of one of its files.
  static func holds(_ path: String) -> Bool { files[path] != nil || names.contains(path) }

  private static let files: [String: File] = {
    var files: [String: File] = [:]
    for index in 0..<cembedded_file_count() {
      guard let path = cembedded_file_path(index), let bytes = cembedded_file_bytes(index) else { continue }
      files[String(cString: path)] = File(
        bytes: UnsafeRawBufferPointer(start: bytes, count: cembedded_file_size(index)))
    }
    return files
  }()
}
