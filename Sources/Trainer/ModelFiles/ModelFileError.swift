// The error for a model file that cannot be used: one sentence that tells the user what to change. The program never recovers.

import Foundation

/// A model file whose content cannot be used: which file, and what was found and is allowed.
package struct ModelFileError: Error, Equatable, CustomStringConvertible, LocalizedError {
  /// The file or folder as the caller named it.
  package let path: String
  /// What was found, where, and what is allowed.
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { "\(path): \(reason)" }

  package var errorDescription: String? { description }
}
