// A strict JSON reader (RFC 8259) over bytes, for safetensors headers and the configuration files of a model folder.
// Unlike Foundation's it refuses duplicate keys, keeps the keys in order and names the byte where the text goes wrong.
// It writes nothing but escaped strings, and it knows no comments: a sweep file's reader is another.

/// A JSON value; numbers keep their text until someone knows what they must be.
indirect enum JSONValue: Equatable {
  case null
  case boolean(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key of an object and its value.
  struct Member: Equatable {
    var key: String
    var value: JSONValue
  }

  /// The value of a key, or nil where this is no object or has no such key.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The integer a number stands for, or nil for anything else; `12.0` and `1e3` are not integers here.
  var integer: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text)
  }

  /// The value in one short line for an error message.
  var summary: String {
    switch self {
    case .null: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .number(let text): return text.count > 40 ? text.prefix(40) + "..." : text
    case .string(let text): return JSONText.quoted(text.count > 40 ? text.prefix(40) + "..." : text)
    case .array(let elements): return "an array of \(elements.count)"
    case .object(let members): return "an object of \(members.count) keys"
    }
  }
}

/// Where and why a text is not the JSON it should be.
struct JSONFault: Error {
  /// The byte, counted from 0.
  var offset: Int
  var reason: String
}

/// Reading and quoting of JSON text.
struct JSONText {
  /// Deeper nesting is refused so that no input can exhaust the stack.
  static let maximumDepth = 64

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The one value that some bytes hold, with white space around it.
  static func parse(_ bytes: [UInt8]) throws -> JSONValue {
    var text = JSONText(bytes)
    let value = try text.value(depth: 0)
    text.skipWhiteSpace()
    guard text.position == bytes.count else { throw text.fault("more text after the value") }
    return value
  }

  /// A text as a JSON string, quotes included.
  static func quoted(_ text: some StringProtocol) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private func fault(_ reason: String) -> JSONFault { JSONFault(offset: position, reason: reason) }

  private mutating func skipWhiteSpace() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
  }

  /// Steps over a byte if it comes next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth < Self.maximumDepth else { throw fault("nested deeper than \(Self.maximumDepth) levels") }
    skipWhiteSpace()
    guard position < bytes.count else { throw fault("the text ends where a value must stand") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw fault("no JSON value starts like this") }
    position += word.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    var keys: Set<String> = []
    skipWhiteSpace()
    if take("}") { return .object([]) }
    while true {
      skipWhiteSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw fault("a key in quotes must stand here")
      }
      let start = position
      let key = try string()
      guard keys.insert(key).inserted else {
        throw JSONFault(offset: start, reason: "the key \(Self.quoted(key)) appears twice")
      }
      skipWhiteSpace()
      guard take(":") else { throw fault("a colon must follow the key \(Self.quoted(key))") }
      members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
      skipWhiteSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw fault("a comma or } must follow the value of \(Self.quoted(key))") }
    }
  }

  private mutating func array(depth: Int) throws -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipWhiteSpace()
    if take("]") { return .array([]) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipWhiteSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw fault("a comma or ] must follow an array's element") }
    }
  }

  private mutating func number() throws -> String {
    let start = position
    _ = take("-")
    if !take("0") { try digits("no JSON value starts like this") }
    if take(".") { try digits("a digit must follow the decimal point") }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits("a digit must follow the exponent's sign")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// Steps over one or more decimal digits.
  private mutating func digits(_ complaint: String) throws {
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    guard position > start else { throw fault(complaint) }
  }

  private mutating func string() throws -> String {
    position += 1
    var content: [UInt8] = []
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw JSONFault(offset: start, reason: "the string is not valid UTF-8")
        }
        position += 1
        return text
      case UInt8(ascii: "\\"): content.append(contentsOf: try escape())
      case 0..<0x20: throw fault("a control character stands unescaped in a string")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw JSONFault(offset: start, reason: "the string never ends")
  }

  /// The UTF-8 of the escape sequence at the position.
  private mutating func escape() throws -> [UInt8] {
    position += 1
    guard position < bytes.count else { throw fault("the text ends in an escape") }
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
    ]
    if let byte = plain[bytes[position]] {
      position += 1
      return [byte]
    }
    guard take("u") else { throw fault("no JSON escape starts like this") }
    var code = try fourDigits()
    if (0xD800..<0xDC00).contains(code) {
      guard take("\\"), take("u") else { throw fault("half of a surrogate pair") }
      let low = try fourDigits()
      guard (0xDC00..<0xE000).contains(low) else { throw fault("half of a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair") }
    return Array(String(scalar).utf8)
  }

  private mutating func fourDigits() throws -> UInt32 {
    guard position + 4 <= bytes.count,
      bytes[position..<position + 4].allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
      let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw fault("four hexadecimal digits must follow \\u") }
    position += 4
    return code
  }
}
