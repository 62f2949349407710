// The error of files that people bring: data sets, tables of results. What is wrong with one is told in a whole text, on one line
// whatever the file holds.

import JSON5

/// Why data cannot be used.
package struct DataError: Error, CustomStringConvertible, Equatable, Sendable {
  /// What was wrong, in which file and line, what was found and what is allowed.
  package let description: String

  /// An error from its whole text.
  package init(_ description: String) { self.description = description.escapingControlCharacters() }
}
