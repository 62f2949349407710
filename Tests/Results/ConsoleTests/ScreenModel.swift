// A terminal as these tests need one: text, line feeds, carriage returns and the two sequences that the program sends, in a
// window that can be resized. Anything else that is sent fails the test.

import CommandLine
import XCTest

/// A screen with what has scrolled out of it.
final class ScreenModel {
  /// What happens to lines that are longer than a window that became narrower.
  enum Kind: CaseIterable {
    /// They are broken anew, as tmux, kitty, foot and the terminals of GNOME and Windows do.
    case breaking
    /// They are cut, as xterm and the console do.
    case cutting
  }

  private struct Row {
    var cells: [Character] = []
    /// Whether the next row continues it.
    var isContinued = false
  }

  private let kind: Kind
  private(set) var size: TerminalSize
  /// All rows, of which the last `size.rows` are seen.
  private var rows: [Row]
  private var cursor = (row: 0, column: 0)

  init(_ kind: Kind, columns: Int, rows count: Int) {
    self.kind = kind
    size = TerminalSize(columns: columns, rows: count)
    rows = Array(repeating: Row(), count: count)
  }

  private var top: Int { rows.count - size.rows }

  /// What is seen, without spaces and empty rows at the end.
  var text: String { Self.text(rows[top...]) }
  /// The same with what has scrolled out.
  var history: String { Self.text(rows[...]) }
  /// The row of the cursor on the screen.
  var cursorRow: Int { cursor.row - top }

  private static func text(_ rows: ArraySlice<Row>) -> String {
    var lines = rows.map { row in
      var line = String(row.cells)
      while line.last == " " { line.removeLast() }
      return line
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  // MARK: - Output

  func write(_ text: String) {
    var rest = Array(text)[...]
    while let character = rest.popFirst() {
      switch character {
      // A carriage return before a line feed is one character of a string with it.
      case "\r\n": (cursor.column, _) = (0, lineFeed())
      case "\r": cursor.column = 0
      // The terminal's driver adds the carriage return.
      case "\n": (cursor.column, _) = (0, lineFeed())
      case "\u{1B}": obey(&rest)
      default: put(character)
      }
    }
  }

  private func obey(_ rest: inout ArraySlice<Character>) {
    XCTAssertEqual(rest.popFirst(), "[")
    var digits = ""
    while let next = rest.first, next.isNumber { (digits, rest) = (digits + String(next), rest.dropFirst()) }
    switch rest.popFirst() {
    case "A": cursor.row = max(top, cursor.row - (Int(digits) ?? 1))
    case "J":
      // tmux keeps what a program clears all of.
      if cursor == (top, 0) { rows += Array(repeating: Row(), count: size.rows) }
      cursor.row = max(cursor.row, top)
      clearLine()
      for row in rows.indices where row > cursor.row { rows[row] = Row() }
    case "K": clearLine()
    case let other: XCTFail("an unknown sequence that ends in \(String(describing: other))")
    }
  }

  private func clearLine() {
    rows[cursor.row].cells = Array(rows[cursor.row].cells.prefix(cursor.column))
    rows[cursor.row].isContinued = false
  }

  private func lineFeed() {
    cursor.row += 1
    if cursor.row == rows.count { rows.append(Row()) }
  }

  private func put(_ character: Character) {
    let columns = character.isASCII ? 1 : 2
    if cursor.column + columns > size.columns {
      rows[cursor.row].isContinued = true
      lineFeed()
      cursor.column = 0
    }
    while rows[cursor.row].cells.count < cursor.column { rows[cursor.row].cells.append(" ") }
    rows[cursor.row].cells.replaceSubrange(
      cursor.column..<min(cursor.column + 1, rows[cursor.row].cells.count), with: [character])
    cursor.column += 1
    // A wide character's second cell.
    if columns == 2 { put("\u{200B}") }
  }

  // MARK: - The window

  func resize(columns: Int, rows count: Int) {
    if columns != size.columns { setWidth(columns) }
    while rows.count < count { rows.append(Row()) }
    if count < size.rows {
      // Rows below the cursor go first, then rows at the top.
      let below = min(size.rows - count, rows.count - 1 - cursor.row)
      rows.removeLast(below)
    } else if count > size.rows, rows.count < count {
      rows += Array(repeating: Row(), count: count - rows.count)
    }
    size.rows = count
    cursor.row = max(cursor.row, top)
  }

  private func setWidth(_ columns: Int) {
    size.columns = columns
    cursor.column = min(cursor.column, columns - 1)
    guard kind == .breaking else {
      for row in rows.indices { rows[row].cells = Array(rows[row].cells.prefix(columns)) }
      return
    }
    let seen = cursor
    var (result, line): ([Row], [Character]) = ([], [])
    for (index, row) in rows.enumerated() {
      if index == seen.row { cursor.row = result.count + (line.count + seen.column) / columns }
      line += row.cells
      guard !row.isContinued else { continue }
      repeat {
        result.append(Row(cells: Array(line.prefix(columns)), isContinued: line.count > columns))
        line = Array(line.dropFirst(columns))
      } while !line.isEmpty
    }
    rows = result
    while rows.count < size.rows { rows.append(Row()) }
    // A cursor that scrolled out comes to the first cell of the window.
    if cursor.row < top { cursor = (top, 0) }
  }
}
