// The error of an analysis that cannot be made.

/// Why an analysis cannot be made: what was wrong, where, and what is allowed.
package struct AnalysisError: Error, Equatable, CustomStringConvertible {
  /// One sentence for people.
  package let description: String

  /// An error with its sentence.
  package init(_ description: String) { self.description = description }
}
