// What a JSON text may hold. Files that people write for this program are JSON5; files that other programs write are read as
// strictly as those programs read them, so that no file means something here alone.

/// The rules that a text is read by.
package enum JSONDialect: Sendable {
  /// JSON5, with comments, bare keys, trailing commas and hexadecimal numbers.
  case json5
  /// JSON (RFC 8259).
  case json
  /// JSON as Python's json module writes and reads it: with `NaN`, `Infinity` and `-Infinity`, and with escapes of half
  /// surrogate pairs, each of which becomes U+FFFD.
  case python

  /// Whether the text is JSON5.
  var isJSON5: Bool {
    switch self {
    case .json5: true
    case .json, .python: false
    }
  }
}
