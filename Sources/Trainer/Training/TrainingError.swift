// What can stop a trial that is not about its numbers.

/// Why a trial cannot be trained: what was wrong, where, what was found and what is allowed.
package struct TrainingError: Error, Equatable, CustomStringConvertible {
  /// One sentence for people.
  package let description: String

  /// An error with its sentence.
  package init(_ description: String) { self.description = description }
}
