// A JSON5 value as it was written: key order, literal kinds and positions are kept, because the checks of a sweep's
// keys need them. It is not a general document model: nodes are read, never edited in place.

/// A JSON5 value and where it stands.
package struct JSONNode: Sendable {
  /// What kind of literal a value is, and the value.
  package enum Content: Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number written without fraction and exponent, if its magnitude fits 64 bits.
    case integer(JSONInteger)
    /// Any other number, `Infinity` and `NaN` included.
    case number(Double)
    /// A string, its escapes resolved.
    case string(String)
    /// The elements as written.
    case array([JSONNode])
    /// The members as written.
    case object([JSONMember])
  }

  /// The literal.
  package var content: Content
  /// Where it stands.
  package var range: SourceRange

  /// A value and its range in the text.
  package init(_ content: Content, at range: SourceRange) {
    self.content = content
    self.range = range
  }

  /// What a reader would call this kind of value, such as `an integer`.
  package var kindName: String {
    switch content {
    case .null: "null"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// The value of an object's member; nil if there is none or this is no object.
  package subscript(key: String) -> JSONNode? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The number as a `Double`, whichever way it was written; nil for anything else.
  package var doubleValue: Double? {
    switch content {
    case .integer(let integer): integer.doubleValue
    case .number(let number): number
    default: nil
    }
  }

  /// The integer, if one was written and it fits.
  package var intValue: Int? {
    guard case .integer(let integer) = content else { return nil }
    return Int(integer)
  }

  /// The integer, also if it was written with a fraction of zero or an exponent, such as 25.0, and is below 2^53, up to which
  /// every integer is one number; nil for anything else.
  package var wholeNumber: JSONInteger? {
    switch content {
    case .integer(let integer): return integer
    case .number(let number):
      guard abs(number) < 9_007_199_254_740_992, number == number.rounded() else { return nil }
      return JSONInteger(isNegative: number < 0, magnitude: UInt64(abs(number)))
    default: return nil
    }
  }

  /// The string, if one was written.
  package var stringValue: String? {
    guard case .string(let text) = content else { return nil }
    return text
  }

  /// The boolean, if one was written.
  package var booleanValue: Bool? {
    guard case .boolean(let flag) = content else { return nil }
    return flag
  }

  /// The elements, if this is a list.
  package var elements: [JSONNode]? {
    guard case .array(let elements) = content else { return nil }
    return elements
  }

  /// The members, if this is an object.
  package var members: [JSONMember]? {
    guard case .object(let members) = content else { return nil }
    return members
  }
}

extension JSONNode: Equatable {
  /// Whether the values are equal, wherever they stand.
  package static func == (left: Self, right: Self) -> Bool { left.content == right.content }
}

/// A key and its value.
package struct JSONMember: Sendable, Equatable {
  /// The key, its escapes resolved.
  package var key: String
  /// Where the key stands.
  package var keyRange: SourceRange
  /// The value.
  package var value: JSONNode

  package init(key: String, keyRange: SourceRange, value: JSONNode) {
    self.key = key
    self.keyRange = keyRange
    self.value = value
  }

  /// Whether key and value are equal, wherever they stand.
  package static func == (left: Self, right: Self) -> Bool { left.key == right.key && left.value == right.value }
}

/// An integer literal of up to 64 bits and a sign; -0 keeps its sign.
package struct JSONInteger: Hashable, Sendable {
  /// Whether a minus sign was written.
  package var isNegative: Bool
  /// The number without its sign.
  package var magnitude: UInt64

  /// A sign and a magnitude.
  package init(isNegative: Bool, magnitude: UInt64) {
    self.isNegative = isNegative
    self.magnitude = magnitude
  }

  /// The nearest `Double`.
  package var doubleValue: Double { isNegative ? -Double(magnitude) : Double(magnitude) }
}

extension Int {
  /// The literal's value, if it fits.
  package init?(_ literal: JSONInteger) {
    if literal.isNegative {
      guard literal.magnitude <= Int.min.magnitude else { return nil }
      self = Int(truncatingIfNeeded: 0 &- literal.magnitude)
    } else {
      self.init(exactly: literal.magnitude)
    }
  }
}

extension UInt64 {
  /// The literal's value, if it is not negative.
  package init?(_ literal: JSONInteger) {
    guard !literal.isNegative || literal.magnitude == 0 else { return nil }
    self = literal.magnitude
  }
}
