// The texts a sweep is read from (its file, the files it extends, the arguments of the command line) and everything found
// wrong in them. Nothing is thrown while reading: all problems are collected, then reported in the order of the texts.

import Files
import Glibc
import JSON5
import Trials

/// Reads sweep files and overrides into `SweepContents`.
struct SweepReader {
  /// A text that was read.
  struct Source {
    var name: String
    var bytes: [UInt8]
    var isArgument = false
    /// What its paths are relative to.
    var directory: String
  }

  var sources: [Source] = []
  /// The path and the bytes of a file that is not written yet.
  var unwrittenFile: (path: String, bytes: [UInt8])?
  /// The program that the sweep names, once a text has named one.
  var program: DeclaredProgram?
  /// Whether the values of a grid's axis are being read, which are no lists themselves.
  var isReadingAxis = false
  /// Whether the keys of a variant are being read, which has members of its own.
  var isReadingVariant = false
  /// Whether a file that another extends could not be used, so that keys seem to be missing.
  var lacksInherited = false
  private(set) var problems: [(range: SourceRange, diagnostic: Diagnostic)] = []

  /// Whether anything was wrong so far.
  var hasProblems: Bool { !problems.isEmpty }

  /// Whether one more problem is noted.
  var hasRoom: Bool { problems.count < Self.mostProblems }

  /// Notes what is wrong with a range of a text.
  mutating func note(_ range: SourceRange, _ message: String) {
    guard hasRoom else { return }
    problems.append((range, diagnostic(range, message)))
  }

  /// Notes what the JSON5 reader found wrong in a text.
  mutating func note(_ diagnostics: Diagnostics, source: Int) {
    for diagnostic in diagnostics.all {
      var diagnostic = diagnostic
      if sources[source].isArgument { diagnostic.position = nil }
      problems.append((SourceRange(source: source, start: 0, end: 0), diagnostic))
    }
  }

  func diagnostic(_ range: SourceRange, _ message: String) -> Diagnostic {
    let source = sources[Int(range.source)]
    return Diagnostic(
      name: source.name, position: source.isArgument ? nil : position(of: range), message: message)
  }

  private func position(of range: SourceRange) -> SourcePosition {
    sources[Int(range.source)].bytes.withUnsafeBufferPointer { SourcePosition(offset: Int(range.start), in: $0) }
  }

  /// Every problem once, by text and position.
  var diagnostics: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    let sorted = problems.enumerated().sorted { left, right in
      let (one, other) = (left.element, right.element)
      if one.range.source != other.range.source { return one.range.source < other.range.source }
      let (position, otherPosition) = (one.diagnostic.position, other.diagnostic.position)
      if let position, let otherPosition, position != otherPosition { return position < otherPosition }
      return left.offset < right.offset
    }
    return sorted.map(\.element.diagnostic).filter { seen.insert($0).inserted }
  }

  /// Where a range stands, for a message about another range: `2:37`, `base.json5:2:37`, or the argument.
  func location(_ range: SourceRange, seenFrom other: SourceRange) -> String {
    let source = sources[Int(range.source)]
    if source.isArgument { return source.name }
    let position = position(of: range)
    return range.source == other.source ? "\(position)" : "\(source.name):\(position)"
  }

  /// Where a range stands, as the end of a sentence: `at 2:37`, or `in` an argument.
  func atLocation(_ range: SourceRange, seenFrom other: SourceRange) -> String {
    (sources[Int(range.source)].isArgument ? "in " : "at ") + location(range, seenFrom: other)
  }

  /// The text of a range.
  func wholeText(_ range: SourceRange) -> String {
    String(decoding: sources[Int(range.source)].bytes[Int(range.start)..<Int(range.end)], as: UTF8.self)
  }

  /// The text of a range as messages show it, cut after 40 characters.
  func text(_ range: SourceRange) -> String {
    let text = wholeText(range)
    return text.count <= 40 ? text : text.prefix(40) + "..."
  }

  /// What was found, for a message.
  func found(_ node: JSONNode) -> String {
    switch node.content {
    case .null: "null"
    case .boolean(let flag): flag ? "true" : "false"
    case .integer: "the integer \(text(node.range))"
    case .number: "the number \(text(node.range))"
    case .string(let text): "the text \(JSONWriter.quoted(text.count <= 40 ? text : text.prefix(40) + "..."))"
    case .array(let elements): elements.isEmpty ? "an empty list" : "a list"
    case .object: "an object"
    }
  }

  /// A path made absolute against a directory, `~` being the home folder.
  static func resolve(_ path: String, against directory: String) -> String {
    let path = HomeFolder.expanded(path)
    let whole = path.hasPrefix("/") ? path : "\(directory)/\(path)"
    let parts = whole.split(separator: "/").filter { $0 != "." }
    return "/" + parts.joined(separator: "/")
  }

  /// The directory of a file.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Problems after which no more are noted: each is told with its line and column, which takes time in a long text.
  private static let mostProblems = 1000
  /// The most bytes of a sweep file.
  static let longestText = 64_000_000
}
