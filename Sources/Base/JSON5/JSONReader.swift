// A reader of JSON5 (spec.json5.org) and of strict JSON over bytes in memory. The same code reads sweep files, with comments
// and bare keys, other people's files, which get what their own libraries allow, and the journal's one-line records, so it
// copies only strings. It stops at the first syntax error and reports every duplicate key. No input makes it crash.

/// Reads one JSON or JSON5 value.
package struct JSONReader {
  /// How deep objects and lists may nest.
  package static let maximumDepth = 128
  /// Reading ends after this number of duplicate keys, because finding the line and column of each takes time in a long text.
  package static let maximumDuplicateCount = 100

  let bytes: UnsafeBufferPointer<UInt8>
  let name: String
  let source: Int
  let dialect: JSONDialect
  /// The number of the text's first line.
  let firstLine: Int
  var index = 0
  var depth = 0
  var duplicates: [Diagnostic] = []

  /// Reads the one value that some bytes hold.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8 text, with or without a byte order mark.
  ///   - name: What the text is called in diagnostics.
  ///   - source: The number that the nodes' ranges carry.
  ///   - dialect: What the text may hold: JSON5, unless it is a file of somebody else's.
  ///   - firstLine: The number of the text's first line, where it is a part of a file.
  package static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, source: Int = 0, as dialect: JSONDialect = .json5,
    firstLine: Int = 1
  ) throws(Diagnostics) -> JSONNode {
    var duplicates: [Diagnostic] = []
    let node = try read(
      bytes, name: name, source: source, as: dialect, firstLine: firstLine, duplicates: &duplicates)
    guard duplicates.isEmpty else { throw Diagnostics(duplicates) }
    return node
  }

  /// Reads the one value that some bytes hold, for a caller that goes on to look for other mistakes: it keeps the first of
  /// duplicate keys and appends the others to `duplicates`.
  package static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, source: Int = 0, as dialect: JSONDialect = .json5,
    firstLine: Int = 1, duplicates: inout [Diagnostic]
  ) throws(Diagnostics) -> JSONNode {
    guard bytes.count < Int(UInt32.max) else {
      throw Diagnostics([Diagnostic(name: name, message: "the text has \(bytes.count) bytes; 4294967294 are allowed")])
    }
    var reader = JSONReader(bytes: bytes, name: name, source: source, dialect: dialect, firstLine: firstLine)
    do throws(Diagnostic) {
      let node = try reader.document()
      duplicates += reader.duplicates
      return node
    } catch {
      throw Diagnostics(reader.duplicates + [error])
    }
  }

  /// Reads the one value that a text holds.
  package static func read(
    _ text: String, name: String, source: Int = 0, as dialect: JSONDialect = .json5
  ) throws(Diagnostics) -> JSONNode {
    var text = text
    return try text.withUTF8 { result(of: $0, name: name, source: source, dialect) }.get()
  }

  /// Reads the one value that some bytes hold.
  package static func read(
    _ bytes: [UInt8], name: String, source: Int = 0, as dialect: JSONDialect = .json5
  ) throws(Diagnostics) -> JSONNode {
    try bytes.withUnsafeBufferPointer { result(of: $0, name: name, source: source, dialect) }.get()
  }

  private static func result(
    of bytes: UnsafeBufferPointer<UInt8>, name: String, source: Int, _ dialect: JSONDialect
  ) -> Result<JSONNode, Diagnostics> {
    do throws(Diagnostics) { return .success(try read(bytes, name: name, source: source, as: dialect)) } catch {
      return .failure(error)
    }
  }

  private init(
    bytes: UnsafeBufferPointer<UInt8>, name: String, source: Int, dialect: JSONDialect, firstLine: Int
  ) {
    self.bytes = bytes
    self.name = name
    self.source = source
    self.dialect = dialect
    self.firstLine = firstLine
  }

  private mutating func document() throws(Diagnostic) -> JSONNode {
    if let invalid = UTF8Check.firstInvalidByte(in: bytes) {
      throw failure(at: invalid, "the byte 0x\(hexadecimal(bytes[invalid])) is not UTF-8 text")
    }
    if !dialect.isJSON5 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw failure(at: 0, "the text begins with a byte order mark, which JSON does not have; save it without one")
    }
    try skipSpace()
    let node = try value()
    try skipSpace()
    guard index == bytes.count else {
      throw failure(at: index, "expected the end of the text after the value, found \(found(at: index))")
    }
    return node
  }

  /// Reads the value that starts at `index`.
  private mutating func value() throws(Diagnostic) -> JSONNode {
    let start = index
    guard index < bytes.count else {
      throw failure(at: index, "expected a value, found \(bytes.isEmpty ? "an empty text" : "the end of the text")")
    }
    switch bytes[index] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let text = try string()
      return node(.string(text), from: start)
    case UInt8(ascii: "-") where !dialect.isJSON5 && startsIdentifier(at: index + 1):
      guard dialect == .python, take("-Infinity") else { return try word() }
      return node(.number(-.infinity), from: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      let content = try number()
      return node(content, from: start)
    default: return try word()
    }
  }

  /// Reads `null`, `true`, `false`, `Infinity` or `NaN`.
  private mutating func word() throws(Diagnostic) -> JSONNode {
    let start = index
    if take("null") { return node(.null, from: start) }
    if take("true") { return node(.boolean(true), from: start) }
    if take("false") { return node(.boolean(false), from: start) }
    if dialect != .json {
      if take("NaN") { return node(.number(.nan), from: start) }
      if take("Infinity") { return node(.number(.infinity), from: start) }
    }
    let what = found(at: start)
    let cure =
      switch what {
      case "\"True\"": "; write true"
      case "\"False\"": "; write false"
      case "\"None\"": "; write null"
      default: startsIdentifier(at: start) ? "; a string needs quotes" : Self.cure(ofQuote: what)
      }
    throw failure(at: start, "expected a value, found \(what)\(cure)")
  }

  /// What to do about a curly quote, as word processors write it.
  private static func cure(ofQuote found: String) -> String {
    let quotes = ["\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}"]
    return quotes.contains { found == "\"\($0)\"" } ? "; write straight quotes" : ""
  }

  private mutating func array() throws(Diagnostic) -> JSONNode {
    let start = index
    try enter()
    var elements: [JSONNode] = []
    elements.reserveCapacity(4)
    while true {
      try skipSpace()
      if take(UInt8(ascii: "]")) { break }
      elements.append(try value())
      try skipSpace()
      if take(UInt8(ascii: "]")) { break }
      guard take(UInt8(ascii: ",")) else {
        throw unfinished("a list", from: start, expected: "a comma or ]")
      }
      try refuseTrailingComma(before: UInt8(ascii: "]"))
    }
    depth -= 1
    return node(.array(elements), from: start)
  }

  private mutating func object() throws(Diagnostic) -> JSONNode {
    let start = index
    try enter()
    var members: [JSONMember] = []
    members.reserveCapacity(4)
    var indices: [String: Int] = [:]
    while true {
      try skipSpace()
      if take(UInt8(ascii: "}")) { break }
      let keyStart = index
      let key = try key(inObjectFrom: start)
      let keyRange = SourceRange(source: source, start: keyStart, end: index)
      try skipSpace()
      guard take(UInt8(ascii: ":")) else {
        let cure = peek() == UInt8(ascii: ".") ? "; a key with a dot needs quotes" : ""
        throw failure(at: index, "expected a colon after the key \(quoted(key)), found \(found(at: index))\(cure)")
      }
      try skipSpace()
      let isDuplicate = try noteDuplicate(key, at: keyStart, members: members, indices: &indices)
      let member = JSONMember(key: key, keyRange: keyRange, value: try value())
      if !isDuplicate { members.append(member) }
      try skipSpace()
      if take(UInt8(ascii: "}")) { break }
      guard take(UInt8(ascii: ",")) else {
        throw unfinished("an object", from: start, expected: "a comma or }")
      }
      try refuseTrailingComma(before: UInt8(ascii: "}"))
    }
    depth -= 1
    return node(.object(members), from: start)
  }

  /// Refuses a comma that nothing follows, where the text is strict JSON.
  private mutating func refuseTrailingComma(before closing: UInt8) throws(Diagnostic) {
    guard !dialect.isJSON5 else { return }
    let comma = index - 1
    try skipSpace()
    if peek() == closing { throw failure(at: comma, "JSON has no comma after the last element") }
  }

  private mutating func key(inObjectFrom start: Int) throws(Diagnostic) -> String {
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return try string()
    case nil: throw unfinished("an object", from: start, expected: "a key or }")
    default:
      let isBare = startsIdentifier(at: index)
      if isBare, dialect.isJSON5 { return try identifier() }
      let what = found(at: index)
      throw failure(
        at: index, "expected a key\(isBare ? " in quotes" : "") or }, found \(what)\(Self.cure(ofQuote: what))")
    }
  }

  /// Returns whether the object already has the key, and records the duplicate. Small objects are searched, large ones indexed.
  private mutating func noteDuplicate(
    _ key: String, at offset: Int, members: [JSONMember], indices: inout [String: Int]
  ) throws(Diagnostic) -> Bool {
    let first: JSONMember?
    if members.count < 16 {
      first = members.first { dialect.isJSON5 ? $0.key == key : $0.key.utf8.elementsEqual(key.utf8) }
    } else {
      if indices.isEmpty {
        for (number, member) in members.enumerated() where indices[identity(of: member.key)] == nil {
          indices[identity(of: member.key)] = number
        }
      }
      first = indices[identity(of: key)].map { members[$0] }
      if first == nil { indices[identity(of: key)] = members.count }
    }
    guard let first else { return false }
    guard duplicates.count < Self.maximumDuplicateCount else {
      throw failure(at: offset, "more than \(Self.maximumDuplicateCount) duplicate keys; what follows is not read")
    }
    let position = position(of: Int(first.keyRange.start))
    duplicates.append(failure(at: offset, "duplicate key \(quoted(key)); it is first given at \(position)"))
    return true
  }

  /// A text that is equal for equal keys: two spellings of one text are one key in a file that people write, and two for the
  /// programs that read JSON.
  private func identity(of key: String) -> String {
    dialect.isJSON5 || key.utf8.allSatisfy { $0 < 0x80 }
      ? key : String(String.UnicodeScalarView(key.utf8.map { Unicode.Scalar(0x4E00 + UInt32($0))! }))
  }

  private mutating func enter() throws(Diagnostic) {
    guard depth < Self.maximumDepth else {
      throw failure(at: index, "objects and lists nest deeper than the \(Self.maximumDepth) levels allowed")
    }
    depth += 1
    index += 1
  }

  private func node(_ content: JSONNode.Content, from start: Int) -> JSONNode {
    JSONNode(content, at: SourceRange(source: source, start: start, end: index))
  }
}

// MARK: - Bytes and diagnostics

extension JSONReader {
  func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  /// Takes `word` if it stands here as a whole word.
  mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] { return false }
    guard !continuesIdentifier(at: index + count) else { return false }
    index += count
    return true
  }

  func failure(at offset: Int, _ message: String) -> Diagnostic {
    Diagnostic(name: name, position: position(of: offset), message: message)
  }

  private func position(of offset: Int) -> SourcePosition {
    var position = SourcePosition(offset: offset, in: bytes)
    position.line += firstLine - 1
    return position
  }

  private func unfinished(_ what: String, from start: Int, expected: String) -> Diagnostic {
    let opening = position(of: start)
    let context = index == bytes.count ? " in \(what) opened at \(opening)" : ""
    return failure(at: index, "expected \(expected)\(context), found \(found(at: index))")
  }

  /// What stands at an offset, for a message: a word, a character or the end.
  func found(at offset: Int) -> String {
    guard let scalar = scalar(at: offset) else { return "the end of the text" }
    if startsIdentifier(at: offset) || ("0"..."9").contains(scalar.value) {
      var end = offset
      while end < bytes.count, end - offset < 40, let next = self.scalar(at: end), continuesIdentifier(at: end) {
        end += next.length
      }
      return quoted(String(decoding: bytes[offset..<max(end, offset + scalar.length)], as: UTF8.self))
    }
    if scalar.value == "\n" || scalar.value == "\r" { return "the end of the line" }
    return quoted(String(Character(scalar.value)))
  }

  func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }

  func quoted(_ text: String) -> String { JSONWriter.quoted(text) }
}
