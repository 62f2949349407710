// A position in a text and what is wrong there, printed as compilers do: `file:line:column: message`.
// It does not know what the text means.

/// A stretch of bytes in one of the texts that were read together.
package struct SourceRange: Hashable, Sendable {
  /// The number the caller gave the text.
  package var source: UInt32
  /// The first byte.
  package var start: UInt32
  /// The byte after the last.
  package var end: UInt32

  /// The bytes `start ..< end` of a text.
  package init(source: Int, start: Int, end: Int) {
    self.source = UInt32(source)
    self.start = UInt32(start)
    self.end = UInt32(end)
  }
}

/// A line and a column, both counted from 1; columns count Unicode scalars.
package struct SourcePosition: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The line; LF, CR and CR LF end one.
  package var line: Int
  /// The column.
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The position of a byte of a UTF-8 text, or of its end.
  package init(offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    line = 1
    column = 1
    let end = min(offset, bytes.count)
    for index in 0..<end {
      let byte = bytes[index]
      let continuesLineEnd = byte == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
      if byte == 0x0A || byte == 0x0D && !continuesLineEnd {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 && !continuesLineEnd {
        column += 1
      }
    }
  }

  /// The position as compilers print it.
  package var description: String { "\(line):\(column)" }

  /// Whether one position stands before another.
  package static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// One thing that is wrong with an input.
package struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's name, or the argument of the command line.
  package var name: String
  /// Where in the file; nil for an argument of the command line.
  package var position: SourcePosition?
  /// What is wrong, what was found and what is allowed.
  package var message: String

  package init(name: String, position: SourcePosition? = nil, message: String) {
    self.name = name
    self.position = position
    self.message = message
  }

  /// `file:line:column: message`.
  package var description: String {
    position.map { "\(name):\($0): \(message)" } ?? "\(name): \(message)"
  }
}

/// Everything that is wrong with an input, in the order of the text.
package struct Diagnostics: Error, Equatable, Sendable, CustomStringConvertible {
  /// The diagnostics, at least one.
  package var all: [Diagnostic]

  /// Some diagnostics.
  package init(_ all: [Diagnostic]) { self.all = all }

  /// One diagnostic a line.
  package var description: String { all.map(\.description).joined(separator: "\n") }
}
