// The error of a mask set that cannot be drawn or read.

/// Why a mask set cannot be drawn or read: what was wrong, where, and what is allowed.
package struct MaskSetError: Error, Equatable, CustomStringConvertible {
  /// One sentence for people.
  package let description: String

  /// An error with its sentence.
  init(_ description: String) { self.description = description }
}
