// Splits the bytes of a table into records: tabs with literal quotes, and RFC 4180 commas, whose quotes inside an unquoted field
// are text as in Python's csv module and in spreadsheets. Lines count from 1, also those inside quoted fields; blank lines at the
// end of a file are no records. Column names mean nothing here.

import Files

/// One record: the line it begins on and its fields as bytes.
package struct Record {
  package var line: Int
  package var fields: [ArraySlice<UInt8>]
}

/// Yields the records of a file one after another.
package protocol RecordReader {
  /// The next record, or nil at the end.
  mutating func next() throws -> Record?
}

/// Reads one record per line, with tabs between fields; quotes are text. A carriage return at a line's end is dropped.
struct TabReader: RecordReader {
  private let bytes: [UInt8]
  private let end: Int
  private let lineEnd: UInt8
  private var position = 0
  private var line = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    end = endOfContent(bytes)
    lineEnd = TextLines.lineEnd(of: bytes)
  }

  mutating func next() -> Record? {
    guard position < end else { return nil }
    line += 1
    let endOfLine = bytes[position..<end].firstIndex(of: lineEnd) ?? end
    var content = bytes[position..<endOfLine]
    if content.last == 13 { content.removeLast() }
    position = endOfLine + 1
    return Record(line: line, fields: content.split(separator: 9, omittingEmptySubsequences: false))
  }
}

/// Reads RFC 4180: fields may be quoted, quotes inside are doubled, quoted fields may hold line breaks.
package struct CommaReader: RecordReader {
  private let bytes: [UInt8]
  private let path: String
  private let end: Int
  private var position = 0
  private var line = 1

  package init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
    end = endOfContent(bytes)
  }

  package mutating func next() throws -> Record? {
    guard position < end else { return nil }
    var record = Record(line: line, fields: [])
    while true {
      let field = position < end && bytes[position] == 34 ? try quotedField() : plainField()
      record.fields.append(field)
      guard position < end, bytes[position] == 44 else { break }
      position += 1
    }
    if position < end, bytes[position] == 13, position + 1 < end, bytes[position + 1] == 10 { position += 1 }
    position += 1
    line += 1
    return record
  }

  /// A field that does not begin with a quote, up to the comma or the line's end. Quotes inside it are text.
  private mutating func plainField() -> ArraySlice<UInt8> {
    let start = position
    while position < end, bytes[position] != 44, !isAtLineEnd { position += 1 }
    return bytes[start..<position]
  }

  /// A field in quotes, its doubled quotes made single.
  private mutating func quotedField() throws -> ArraySlice<UInt8> {
    let openingLine = line
    var field: [UInt8] = []
    position += 1
    while position < end {
      let byte = bytes[position]
      position += 1
      if byte != 34 {
        if byte == 10 || byte == 13 && (position == end || bytes[position] != 10) { line += 1 }
        field.append(byte)
      } else if position < end, bytes[position] == 34 {
        field.append(34)
        position += 1
      } else if position == end || bytes[position] == 44 || isAtLineEnd {
        return field[...]
      } else {
        throw DataError("\(path):\(line): text after a field's closing quote; a quote inside a field is doubled")
      }
    }
    throw DataError("\(path):\(openingLine): the quote opened here is never closed")
  }

  private var isAtLineEnd: Bool { bytes[position] == 10 || bytes[position] == 13 }
}

/// Where a file's content ends, blank lines at its end left out.
private func endOfContent(_ bytes: [UInt8]) -> Int {
  var end = bytes.count
  while end > 0, bytes[end - 1] == 10 || bytes[end - 1] == 13 { end -= 1 }
  return end
}
