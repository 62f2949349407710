// What is wrong with a file of a model folder, in one sentence a user can act on. Nothing here is recovered from.

import Foundation

/// A model file whose content cannot be used: which file, and what was found and is allowed.
package struct ModelFileError: Error, Equatable, CustomStringConvertible, LocalizedError {
  /// The file or folder as the caller named it.
  package let path: String
  /// What was found, where, and what is allowed.
  package let reason: String

  /// An error about a file.
  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// The file and the reason, on one line.
  package var description: String { "\(path): \(reason)" }

  /// The same text for Foundation's printing of errors.
  package var errorDescription: String? { description }
}
