// Whether what a paper quotes is what its results say: finds the texts that `seedsweep table` made by their marks, and compares
// each with the same text made anew. Reading files is the command's business.

/// A text made by `seedsweep table` that stands in a file.
package struct PaperBlock: Equatable, Sendable {
  /// The line of its first mark, counted from 1.
  package let line: Int
  /// The flags of the command that made it.
  package let words: [String]
  /// The name of the folder that it was made from.
  package let folder: String
  /// Its lines, the marks included.
  package let lines: [String]

  /// The texts in a file, in order; one without an end reaches to the file's.
  package static func all(in text: String) -> [PaperBlock] {
    // To Swift a carriage return and a line feed are one character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
    var blocks: [PaperBlock] = []
    var position = 0
    while position < lines.count {
      defer { position += 1 }
      guard lines[position].hasPrefix(PaperText.start) else { continue }
      let end = lines[position...].firstIndex { $0.hasPrefix(PaperText.end) } ?? lines.count - 1
      let contents = Array(lines[position...end])
      let folder = contents.first { $0.hasPrefix(PaperText.folder) }.map { $0.dropFirst(PaperText.folder.count) } ?? ""
      blocks.append(
        PaperBlock(
          line: position + 1,
          words: lines[position].dropFirst(PaperText.start.count).split(separator: " ").map(String.init),
          folder: String(folder), lines: contents))
      position = end
    }
    return blocks
  }
}

/// A line of a paper that is not what its results say.
package struct StaleLine: Equatable, Sendable {
  /// The line, counted from 1.
  package let line: Int
  /// What stands there and what should.
  package let message: String

  package init(line: Int, message: String) {
    self.line = line
    self.message = message
  }
}

extension PaperBlock {
  /// The names of the files that a text includes by `\\input{...}`, by TeX's own `\\input name` or by the same with `\\include`, comments
  /// apart.
  package static func inputs(in text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).flatMap { line -> [String] in
      var rest = uncommented(line)
      var names: [String] = []
      while let backslash = rest.firstIndex(of: "\\") {
        rest = rest[rest.index(after: backslash)...]
        // A command's name is all letters behind the backslash, `@` among them, or one other character, such as a second backslash.
        let command = rest.prefix { $0.isASCII && $0.isLetter || $0 == "@" }
        rest = command.isEmpty ? rest.dropFirst() : rest[command.endIndex...]
        guard command == "input" || command == "include" else { continue }
        let name = fileName(rest)
        if !name.isEmpty { names.append(name) }
      }
      return names
    }
  }

  /// The name of the file behind `\\input`: what stands in braces, or the word up to a space, brace or backslash; empty where nothing
  /// does.
  private static func fileName(_ text: Substring) -> String {
    let text = text.drop { $0 == " " || $0 == "\t" }
    guard text.first == "{" else { return String(text.prefix { !" \t{}\\".contains($0) }) }
    guard let end = text.firstIndex(of: "}") else { return "" }
    return text[..<end].dropFirst().filter { $0 != " " }
  }

  /// A line up to its comment.
  private static func uncommented(_ line: Substring) -> Substring {
    var isEscaped = false
    for position in line.indices {
      if line[position] == "%" && !isEscaped { return line[..<position] }
      isEscaped = line[position] == "\\" && !isEscaped
    }
    return line
  }

  /// The lines that are no longer so.
  ///
  /// - Parameter current: The same text made anew.
  package func stale(against current: String) -> [StaleLine] {
    let now = current.split(separator: "\n").map(String.init)
    return lines.contains { Self.macro($0) != nil } ? staleMacros(now) : staleLines(now)
  }

  /// The name and value of a line that defines a macro of numbers.
  private static func macro(_ line: String) -> (name: String, value: String)? {
    let start = "\\newcommand{\\"
    guard line.hasPrefix(start), line.hasSuffix("}"), let end = line.firstRange(of: "}{") else { return nil }
    return (
      String(line[line.index(line.startIndex, offsetBy: start.count)..<end.lowerBound]),
      String(line[end.upperBound...].dropLast())
    )
  }

  private func staleMacros(_ now: [String]) -> [StaleLine] {
    let values = Dictionary(now.compactMap(Self.macro).map { ($0.name, $0.value) }, uniquingKeysWith: { one, _ in one })
    return lines.enumerated().compactMap { position, text in
      guard let macro = Self.macro(text) else { return digest(position, text, now) }
      guard let value = values[macro.name] else {
        return StaleLine(
          line: line + position, message: "\\\(macro.name) is '\(macro.value)', the results have no such number")
      }
      guard value != macro.value else { return nil }
      return StaleLine(
        line: line + position,
        message: Self.isLong(value)
          ? "\\\(macro.name) is stale, the results say '\(value)'"
          : "\\\(macro.name) is '\(macro.value)', the results say '\(value)'")
    }
  }

  private func staleLines(_ now: [String]) -> [StaleLine] {
    var result: [StaleLine] = []
    for (position, text) in lines.enumerated() where position >= now.count || now[position] != text {
      if let stale = digest(position, text, now) {
        result.append(stale)
      } else if !text.hasPrefix("%") {
        let shown =
          position < now.count ? "the results say '\(Self.trimmed(now[position]))'" : "the table is shorter now"
        let found =
          text.contains("\\caption{") && Self.isLong(text)
          ? "'\(Self.trimmed(text).prefix(30))...'" : "'\(Self.trimmed(text))'"
        result.append(StaleLine(line: line + position, message: "\(found), \(shown)"))
      }
    }
    if now.count > lines.count {
      result.append(
        StaleLine(line: line + lines.count - 1, message: "the table is \(now.count - lines.count) lines longer now"))
    }
    return result
  }

  /// A comment that names other results than those there are.
  private func digest(_ position: Int, _ text: String, _ now: [String]) -> StaleLine? {
    let mark = " sha256: "
    guard text.hasPrefix("% "), let end = text.firstRange(of: mark)?.upperBound,
      let other = now.first(where: { $0.hasPrefix("% ") && $0.contains(mark) }), other != text,
      let otherEnd = other.firstRange(of: mark)?.upperBound
    else { return nil }
    return StaleLine(
      line: line + position,
      message: "made from results \(text[end...].prefix(12)), which are \(other[otherEnd...].prefix(12)) now")
  }

  /// Whether a text is a paragraph or a caption, which is printed once: what stands in the paper, its reader sees there.
  private static func isLong(_ text: String) -> Bool { text.count > 120 }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " })
  }
}
