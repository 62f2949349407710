// What stands in the way of an analysis.

/// Why an analysis cannot be made: what was wrong, where, and what is allowed.
public struct AnalysisError: Error, Equatable, CustomStringConvertible {
  /// One sentence for people.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }
}
