// Texts of the command line into typed values. What a value means is the command's business.

import JSON5

/// What is wrong with the text of a flag.
package struct WrongValue: Error {
  /// Sentences that go on after the flag's name and a colon.
  package let problems: [String]

  package init(_ problems: [String]) { self.problems = problems }
}

/// Reads a value of one type from its text.
package struct ValueReader<Value: Sendable>: Sendable {
  /// The value of a text.
  package let read: @Sendable (String) throws(WrongValue) -> Value
  /// The text of a value, as help prints a default.
  package let text: @Sendable (Value) -> String

  package init(
    text: @escaping @Sendable (Value) -> String = { "\($0)" },
    read: @escaping @Sendable (String) throws(WrongValue) -> Value
  ) {
    self.read = read
    self.text = text
  }

  /// A reader that refuses the texts for which `value` returns nil; `requirement` says what is allowed instead.
  package init(
    _ requirement: String, text: @escaping @Sendable (Value) -> String = { "\($0)" },
    value: @escaping @Sendable (String) -> Value?
  ) {
    self.init(text: text) { (text) throws(WrongValue) in
      guard let value = value(text) else { throw WrongValue(["found '\(text)', \(requirement)"]) }
      return value
    }
  }
}

extension ValueReader where Value == String {
  /// Any text.
  package static let text = ValueReader { (text) throws(WrongValue) in text }

  /// The path of a folder to write.
  package static let folder = ValueReader { (text) throws(WrongValue) in
    if text.isEmpty { throw WrongValue(["found an empty path, expected a folder"]) }
    return text
  }

  /// The path of a file to write.
  package static func file(endingIn suffix: String) -> Self {
    ValueReader("expected a file name ending in \(suffix)") { $0.hasSuffix(suffix) ? $0 : nil }
  }

  /// One of many names.
  package static func name(_ kind: String, among allowed: [String]) -> Self {
    ValueReader { (text) throws(WrongValue) in
      guard allowed.contains(text) else { throw .unknown(kind, text, among: allowed) }
      return text
    }
  }
}

extension WrongValue {
  /// A name that is none of the allowed ones. Where these are too many for an error, `source` is a clause that says where they are.
  static func unknown(_ kind: String, _ text: String, among allowed: [String], source: String? = nil) -> Self {
    let list = source.map { "\(Suggestion.list(allowed, near: text)); \($0)" } ?? allowed.joined(separator: ", ")
    return WrongValue([
      "unknown \(kind) '\(text)'\(Suggestion.hint(for: text, among: allowed)) Allowed are \(list)."
    ])
  }
}

extension ValueReader where Value: FixedWidthInteger {
  /// A whole number.
  fileprivate static func whole(_ range: ClosedRange<Value>) -> Self {
    ValueReader("expected a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Value(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension ValueReader where Value == Int {
  /// A count. None is larger than those of sweep files, so that products of two never overflow.
  package static func count(atLeast least: Int = 1, atMost most: Int = Int(Int32.max)) -> Self { whole(least...most) }
}

extension ValueReader where Value == UInt64 {
  /// A seed.
  package static let seed = whole(0 ... .max)
}

extension ValueReader where Value == Double {
  /// A number that is not too small, and not larger than `most` where that is given.
  package static func number(atLeast least: Double, atMost most: Double? = nil) -> Self {
    let bound = most.map { " and at most \($0)" } ?? ""
    return decimal("expected a number of at least \(least)\(bound)") {
      $0.isFinite && $0 >= least && $0 <= most ?? .infinity
    }
  }

  /// A number greater than 0.
  package static let positive = decimal("expected a number greater than 0") { $0.isFinite && $0 > 0 }

  /// A number between two bounds.
  package static func number(above low: Double, below high: Double) -> Self {
    decimal("expected a number above \(low) and below \(high)") { $0 > low && $0 < high }
  }

  /// A probability in 0 ..< 1.
  package static let probability = decimal("expected a number of at least 0 and below 1") { $0 >= 0 && $0 < 1 }

  /// Seconds, or hours, minutes and seconds.
  package static let duration = time("expected seconds or HH:MM:SS") { text in
    text.clockSeconds.flatMap { $0 > 0 ? $0 : nil }
  }

  /// A number of seconds that is not too small.
  package static func seconds(atLeast least: Double) -> Self {
    time("expected a number of seconds, at least \(least.decimalText)") { text in
      text.decimalNumber.flatMap { $0.isFinite && $0 >= least ? $0 : nil }
    }
  }

  /// A time that `value` reads. Where it reads nothing of one with a unit, the error says how many seconds that is.
  private static func time(_ requirement: String, _ value: @escaping @Sendable (String) -> Double?) -> Self {
    ValueReader(text: \.decimalText) { (text) throws(WrongValue) in
      if let seconds = value(text) { return seconds }
      let meant = text.secondsWithUnit.flatMap { value($0.decimalText) }
      throw WrongValue(["found '\(text)', \(requirement)" + (meant.map { "; write \($0.decimalText)" } ?? "")])
    }
  }

  private static func decimal(_ requirement: String, _ isAllowed: @escaping @Sendable (Double) -> Bool) -> Self {
    ValueReader(requirement, text: \.decimalText) { $0.decimalNumber.flatMap { isAllowed($0) ? $0 : nil } }
  }
}

extension ValueReader where Value: RawRepresentable, Value.RawValue == String {
  /// One of a few words.
  package static func choice(_ allowed: [Value]) -> Self {
    ValueReader("allowed are \(allowed.map(\.rawValue).joined(separator: ", "))", text: \.rawValue) { text in
      allowed.first { $0.rawValue == text }
    }
  }
}

extension ValueReader where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of a type's words.
  package static var choice: Self { choice(Array(Value.allCases)) }
}

extension ValueReader {
  /// Names between commas, each of which `value` knows and none of which is given twice.
  ///
  /// - Parameter source: A clause that says where the names are, for more of them than an error should list.
  package static func list<Element: Equatable & Sendable>(
    of kind: String, among allowed: [String], source: String? = nil,
    _ value: @escaping @Sendable (String) -> Element?
  ) -> Self where Value == [Element] {
    ValueReader(text: { _ in "" }) { (text) throws(WrongValue) in
      var (values, problems): ([Element], [String]) = ([], [])
      for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
        guard let value = value(word) else {
          problems += WrongValue.unknown(kind, word, among: allowed, source: source).problems
          continue
        }
        if values.contains(value) { problems.append("the \(kind) '\(word)' is given twice") }
        values.append(value)
      }
      if !problems.isEmpty { throw WrongValue(problems) }
      return values
    }
  }
}
