// What to say about a sweep file that is no JSON5 because it was written in another language: YAML, TOML, or JSON5 without its
// braces. One look at the first line that says something; nothing is translated but that line.

import JSON5

/// Recognizes other languages of configuration files.
enum OtherFormats {
  /// What is wrong with a text that is no JSON5, and the byte where its first line begins; nil where it looks like JSON5.
  static func problem(of bytes: [UInt8]) -> (offset: Int, message: String)? {
    guard let (offset, line) = firstLine(of: bytes) else { return nil }
    if line.hasPrefix("[") {
      let isHeading = line.hasSuffix("]") && line.dropFirst().dropLast().allSatisfy(isNameCharacter)
      return isHeading && line.count > 2 ? (offset, message("TOML", nil)) : nil
    }
    if line.hasPrefix("- ") { return (offset, message("YAML", nil)) }
    let name = line.prefix(while: isNameCharacter)
    let rest = line.dropFirst(name.count).drop { $0 == " " }
    guard let sign = rest.first, !name.isEmpty, sign == ":" || sign == "=" else { return nil }
    let value = rest.dropFirst().drop { $0 == " " }
    if sign == "=" { return (offset, message("TOML", (name, value))) }
    if value.hasSuffix(",") || value.hasSuffix("{") {
      return (offset, "a sweep stands in braces: write { before this line and } at the end of the file")
    }
    return (offset, message("YAML", (name, value)))
  }

  private static func message(_ language: String, _ line: (name: Substring, value: Substring)?) -> String {
    let rewritten = line.flatMap { line in scalar(line.value).map { ", such as { \(line.name): \($0), ... }" } }
    return
      "this looks like \(language); a sweep file is JSON5, with braces around objects, quotes around texts and commas "
      + "between keys" + (rewritten ?? "")
  }

  /// The first line with something other than spaces, comments and YAML's `---`, without spaces around it.
  private static func firstLine(of bytes: [UInt8]) -> (offset: Int, line: Substring)? {
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      let indent = bytes[start..<end].prefix { $0 == 0x20 || $0 == 0x09 }.count
      let text = Substring(decoding: bytes[(start + indent)..<end], as: UTF8.self)
      let line = text.drop { $0 == " " }
      let isComment = line.hasPrefix("#") || line.hasPrefix("//")
      if !line.isEmpty, !isComment, !line.hasPrefix("---"), !line.hasPrefix("%") {
        return (start + indent, Substring(String(line.reversed().drop { $0 == " " }.reversed())))
      }
      start = end + 1
    }
    return nil
  }

  /// A value of another language as JSON5; nil for anything but one plain text, number or truth value.
  private static func scalar(_ value: Substring) -> String? {
    var value = String(value)
    if let comment = value.firstRange(of: " #") { value = String(value[..<comment.lowerBound]) }
    while value.last == " " { value.removeLast() }
    guard let first = value.first, !"[{&*|>!%@`-".contains(first) || value.isNumber else { return nil }
    if value.isNumber || ["true", "false", "null"].contains(value) || first == "\"" || first == "'" { return value }
    return JSONWriter.quoted(value)
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "." || character == "-"
  }
}

extension String {
  /// Whether the text is a number of JSON5.
  fileprivate var isNumber: Bool {
    guard let node = try? JSONReader.read(self, name: "") else { return false }
    return node.doubleValue != nil
  }
}
