// Where the lines of a text end: at LF, CR LF and CR, as Python's text files have it. In a table with tabs a CR ends a line only
// where the file has no LF, because fields may hold one. Other separators, such as U+2028, are text everywhere.

/// The lines of a text file.
package enum TextLines {
  /// LF.
  package static let lineFeed = UInt8(ascii: "\n")
  /// CR.
  package static let carriageReturn = UInt8(ascii: "\r")

  /// The byte that ends the lines of a table: CR where the file has no LF. A CR before an LF belongs to the line's end.
  package static func lineEnd(of bytes: [UInt8]) -> UInt8 {
    !bytes.contains(lineFeed) && bytes.contains(carriageReturn) ? carriageReturn : lineFeed
  }

  /// The lines of a text; after the last line's end there is none.
  package static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == lineFeed || byte == carriageReturn {
      if byte == carriageReturn, index + 1 < bytes.count, bytes[index + 1] == lineFeed {
        lines.append(bytes[start..<index])
        start = index + 2
      } else if index >= start {
        lines.append(bytes[start..<index])
        start = index + 1
      }
    }
    if start < bytes.count { lines.append(bytes[start...]) }
    return lines
  }
}
