// JSON lines: one object a line, blank lines skipped, as Python's json module reads them. Texts must be strings; a label may be a
// string, a number or a Boolean and becomes its text. Nested values, and values in other columns, are nobody's business.

import Files
import JSON5

/// Reads the objects of a JSON-lines file.
package struct JSONLines {
  /// The file, for messages.
  let path: String
  /// Whether NaN and the infinities are numbers here.
  let allowsNaN: Bool
  /// What a line may hold, for messages.
  private let example: String

  /// A reader of a file.
  ///
  /// - Parameters:
  ///   - path: The file, for messages.
  ///   - example: A line's object, for messages.
  package init(
    path: String, allowsNaN: Bool = true, example: String = "{\"text\": \"...\", \"label\": 1}"
  ) {
    self.path = path
    self.allowsNaN = allowsNaN
    self.example = example
  }

  /// The asked-for members of every line's object.
  func rows(_ bytes: [UInt8], columns: [String]) throws -> [TextTable.Row] {
    var rows: [TextTable.Row] = []
    try forEachObject(bytes) { line, members in
      rows.append(TextTable.Row(line: line, fields: try columns.map { try field($0, of: members, line: line) }))
    }
    return rows
  }

  /// The keys that every object has with a value for a field, those values of every line, and why the other keys are left out.
  func allRows(_ bytes: [UInt8]) throws -> (columns: [String], rows: [TextTable.Row], leftOut: [LeftOutColumn]) {
    var names: [String] = []
    // Of each name its field in every line so far; nil once it is left out.
    var fields: [[String]?] = []
    var known: Set<String> = []
    var (lines, leftOut): ([Int], [LeftOutColumn]) = ([], [])
    try forEachObject(bytes) { line, members in
      if lines.isEmpty {
        names = members.map(\.key).uniqued()
        fields = names.map { _ in [] }
        known = Set(names)
      }
      for name in members.map(\.key) where known.insert(name).inserted {
        let problem = TextTable.missing([name], among: names.sorted())
        leftOut.append(LeftOutColumn(name: name, line: lines[0], problem: problem))
      }
      lines.append(line)
      for index in names.indices where fields[index] != nil {
        do throws(FieldProblem) {
          fields[index]?.append(try Self.field(names[index], of: members, allowsNaN: allowsNaN))
        } catch {
          fields[index] = nil
          leftOut.append(LeftOutColumn(name: names[index], line: line, problem: error.description))
        }
      }
    }
    let kept = fields.compactMap(\.self)
    let rows = lines.enumerated().map { index, line in TextTable.Row(line: line, fields: kept.map { $0[index] }) }
    return (zip(names, fields).compactMap { $1 == nil ? nil : $0 }, rows, leftOut)
  }

  /// Calls `body` with the number and the members of every line's object.
  ///
  /// - Throws: `DataError` for a line that is no object, and what `body` throws.
  package func forEachObject(_ bytes: [UInt8], _ body: (_ line: Int, _ members: [JSONMember]) throws -> Void) throws {
    let lineEnd = TextLines.lineEnd(of: bytes)
    try bytes.withUnsafeBufferPointer { bytes in
      for (index, line) in bytes.split(separator: lineEnd, omittingEmptySubsequences: false).enumerated() {
        if line.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { continue }
        try body(index + 1, members(UnsafeBufferPointer(rebasing: line), line: index + 1))
      }
    }
  }

  /// The members of a line's object.
  private func members(_ line: UnsafeBufferPointer<UInt8>, line number: Int) throws -> [JSONMember] {
    let advice = "each line holds an object, such as \(example)"
    guard String(validating: line, as: UTF8.self) != nil else {
      throw DataError("\(path):\(number): not valid UTF-8; save the file as UTF-8")
    }
    let node: JSONNode
    do throws(Diagnostics) {
      node = try JSONReader.read(line, name: path, as: .python, firstLine: number)
    } catch {
      throw DataError("\(error.all[0]); \(advice)")
    }
    guard let members = node.members else {
      throw DataError("\(path):\(number): the line is \(node.kindName); \(advice)")
    }
    return members
  }

  private func field(_ column: String, of members: [JSONMember], line: Int) throws -> String {
    do throws(FieldProblem) { return try Self.field(column, of: members, allowsNaN: allowsNaN) } catch {
      throw DataError("\(path):\(line): \(error.description)")
    }
  }

  /// Why a line has no field for a column.
  private struct FieldProblem: Error { let description: String }

  private static func field(
    _ column: String, of members: [JSONMember], allowsNaN: Bool
  ) throws(FieldProblem) -> String {
    guard let value = members.first(where: { $0.key == column })?.value else {
      throw FieldProblem(description: TextTable.missing([column], among: members.map(\.key).sorted()))
    }
    func refusal(_ found: String) -> FieldProblem {
      FieldProblem(
        description: "\(JSONWriter.quoted(column)) is \(found); allowed: a string, a number"
          + "\(allowsNaN ? " (NaN where there is none)" : ""), a Boolean")
    }
    if !allowsNaN, case .number(let number) = value.content, !number.isFinite {
      throw refusal(JSONWriter.number(number))
    }
    guard let field = text(of: value) else {
      throw refusal(value.content == .null ? "null" : value.kindName)
    }
    return field
  }

  /// A value as a field's text; nil for null, lists and objects. A whole number has one text however it is written.
  private static func text(of value: JSONNode) -> String? {
    switch value.content {
    case .string(let text): text
    case .boolean(let flag): "\(flag)"
    case .integer(let integer): Int(integer).map { "\($0)" } ?? "\(integer.doubleValue)"
    case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
    case .null, .array, .object: nil
    }
  }
}

/// A column of JSON lines that cannot be read, because a line has no value for it that a field can hold.
package struct LeftOutColumn: Equatable, Sendable {
  /// Its name.
  package let name: String
  /// The first line without such a value.
  package let line: Int
  /// What is wrong there.
  package let problem: String
}
