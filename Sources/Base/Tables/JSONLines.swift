// JSON lines: one object a line, blank lines skipped. Texts must be strings; a label may be a string, a number or a
// Boolean and becomes its text. Nested values are nobody's column.

import Foundation

/// Reads the asked-for members of a JSON-lines file.
struct JSONLines {
  /// A member's value, as far as a table needs it.
  private enum Value: Decodable {
    case text(String)
    case integer(Int)
    case number(Double)
    case truth(Bool)
    case other

    init(from decoder: any Decoder) throws {
      guard let container = try? decoder.singleValueContainer() else {
        self = .other
        return
      }
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let truth = try? container.decode(Bool.self) {
        self = .truth(truth)
      } else if let integer = try? container.decode(Int.self) {
        self = .integer(integer)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .other
      }
    }

    /// The value as a field's text, or nil for null, arrays and objects.
    var field: String? {
      switch self {
      case .text(let text): text
      case .integer(let integer): "\(integer)"
      case .number(let number): "\(number)"
      case .truth(let truth): "\(truth)"
      case .other: nil
      }
    }
  }

  /// The file, for messages.
  let path: String

  /// The asked-for members of every line's object.
  func rows(_ bytes: [UInt8], columns: [String]) throws -> [TextTable.Row] {
    let decoder = JSONDecoder()
    var rows: [TextTable.Row] = []
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { continue }
      let number = index + 1
      guard String(validating: line, as: UTF8.self) != nil else {
        throw DataError("\(path):\(number): not valid UTF-8; save the file as UTF-8")
      }
      guard let object = try? decoder.decode([String: Value].self, from: Data(line)) else {
        throw DataError(
          "\(path):\(number): not a JSON object; each line holds one, such as {\"text\": \"...\", \"label\": 1}")
      }
      rows.append(TextTable.Row(line: number, fields: try columns.map { try field($0, of: object, line: number) }))
    }
    return rows
  }

  private func field(_ column: String, of object: [String: Value], line: Int) throws -> String {
    guard let value = object[column] else {
      throw DataError("\(path):\(line): \(TextTable.missing([column], among: object.keys.sorted()))")
    }
    guard let field = value.field else {
      throw DataError(
        "\(path):\(line): \"\(column)\" is null, an array or an object; allowed: a string, a number, a Boolean")
    }
    return field
  }
}
