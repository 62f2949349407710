// JSON values and faults as the errors of model files show them.

import JSON5

extension JSONNode {
  /// The value in one short line: literals as they are, long texts cut, lists and objects by their size.
  package var summary: String {
    switch content {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .integer(let integer): (integer.isNegative ? "-" : "") + "\(integer.magnitude)"
    case .number(let number): JSONWriter.number(number)
    case .string(let text): JSONWriter.quoted(text.count > 40 ? text.prefix(40) + "..." : text)
    case .array(let elements): "a list of \(elements.count)"
    case .object(let members): "an object of \(members.count) keys"
    }
  }
}

extension ModelFileError {
  /// The error of a file, or a part of it, that holds no valid JSON.
  package init(path: String, _ part: String, _ diagnostics: Diagnostics) {
    let first = diagnostics.all[0]
    let position = first.position.map { " at \($0)" } ?? ""
    self.init(path: path, reason: "\(part) is not valid JSON\(position): \(first.message)")
  }
}
