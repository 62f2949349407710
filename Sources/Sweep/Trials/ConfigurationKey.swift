// One row of the configuration table: a key's name, its values, what reads it, and how it is stored in a
// `TrialConfiguration`. The rows themselves stand in `ConfigurationSchema`.

/// One key of the configuration.
package struct ConfigurationKey: Sendable {
  /// What a key does with its value.
  package enum Role: Equatable, Sendable {
    /// It holds a value of the configuration.
    case value
    /// It sets several other keys at once.
    case alias([String])
    /// It states what other keys imply and is only checked against them.
    case statement
  }

  /// The path of the key in a sweep file, such as `optimizer.learning_rate`.
  package let path: String
  /// The key's column in CSV files; nil if it has none.
  package let column: String?
  /// What values it may have.
  package let kind: ValueKind
  /// What the key means, for tables of all keys.
  package let documentation: String
  package private(set) var role = Role.value
  /// Whether something reads the key in a configuration.
  package private(set) var isRead: @Sendable (TrialConfiguration) -> Bool = { _ in true }
  /// Who reads the key, for keys that are refused where nobody does.
  package private(set) var reader: String?
  /// The key that can take this one's place, for keys that may go unread where it is given over them.
  package private(set) var replacement: String?
  /// What leaving the key out stands for where other keys decide it; null where nothing or a file does.
  var implied: @Sendable (TrialConfiguration) -> KeyValue = { _ in .null }
  let get: @Sendable (TrialConfiguration) -> KeyValue
  package let set: @Sendable (inout TrialConfiguration, KeyValue) -> Void

  /// The key's value in a configuration, null where it is left to the model or task.
  package func value(in configuration: TrialConfiguration) -> KeyValue { self.get(configuration) }

  /// The CSV field: empty where nothing reads the key, the last component of a path.
  func columnText(in configuration: TrialConfiguration) -> String {
    guard isRead(configuration) else { return "" }
    let value = get(configuration)
    let text = (value == .null ? implied(configuration) : value).text
    guard kind == .path else { return text }
    return text.split(separator: "/").last.map(String.init) ?? text
  }

  /// The key with what reads it; `reader` finishes the sentence "only ... reads it" where it is refused elsewhere.
  func read(
    by reader: String, unlessReplacedBy replacement: String? = nil,
    where isRead: @escaping @Sendable (TrialConfiguration) -> Bool
  ) -> Self {
    var key = self
    key.isRead = isRead
    key.reader = reader
    key.replacement = replacement
    return key
  }

  /// The key with what leaving it out stands for: giving that value explicitly is the same trial.
  func implies(_ implied: @escaping @Sendable (TrialConfiguration) -> KeyValue) -> Self {
    var key = self
    key.implied = implied
    return key
  }
}

extension ConfigurationKey {
  typealias Path<Value> = WritableKeyPath<TrialConfiguration, Value> & Sendable

  /// A key stored through a conversion; null stores the default.
  private static func stored<Value>(
    _ path: String, _ column: String?, _ kind: ValueKind, _ place: Path<Value>, _ documentation: String,
    to: @escaping @Sendable (Value) -> KeyValue, from: @escaping @Sendable (KeyValue) -> Value?
  ) -> Self {
    Self(
      path: path, column: column, kind: kind, documentation: documentation,
      get: { to($0[keyPath: place]) },
      set: { $0[keyPath: place] = from($1) ?? TrialConfiguration()[keyPath: place] })
  }

  static func boolean(_ path: String, _ column: String?, _ place: Path<Bool>, _ documentation: String) -> Self {
    stored(path, column, .boolean, place, documentation, to: KeyValue.boolean) {
      if case .boolean(let flag) = $0 { flag } else { nil }
    }
  }

  static func integer(
    _ path: String, _ column: String?, _ place: Path<Int>, minimum: Int, maximum: Int = Int(Int32.max),
    _ documentation: String
  ) -> Self {
    stored(
      path, column, .integer(minimum: minimum, maximum: maximum), place, documentation, to: KeyValue.integer,
      from: integer)
  }

  static func integer(
    _ path: String, _ column: String?, _ place: Path<Int?>, minimum: Int, _ documentation: String
  ) -> Self {
    stored(
      path, column, .integer(minimum: minimum), place, documentation,
      to: { $0.map(KeyValue.integer) ?? .null }, from: { integer($0) })
  }

  static func seed(_ path: String, _ column: String?, _ place: Path<UInt64>, _ documentation: String) -> Self {
    stored(path, column, .seed, place, documentation, to: KeyValue.seed) {
      if case .seed(let seed) = $0 { seed } else { nil }
    }
  }

  static func seed(_ path: String, _ column: String?, _ place: Path<UInt64?>, _ documentation: String) -> Self {
    stored(path, column, .seed, place, documentation, to: { $0.map(KeyValue.seed) ?? .null }) {
      if case .seed(let seed) = $0 { .some(seed) } else { nil }
    }
  }

  static func number(
    _ path: String, _ column: String?, _ place: Path<Double>, _ limits: NumberLimits, _ documentation: String
  ) -> Self {
    stored(path, column, .number(limits), place, documentation, to: KeyValue.number, from: number)
  }

  static func number(
    _ path: String, _ column: String?, _ place: Path<Double?>, _ limits: NumberLimits, _ documentation: String
  ) -> Self {
    stored(
      path, column, .number(limits), place, documentation,
      to: { $0.map(KeyValue.number) ?? .null }, from: { number($0) })
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ path: String, _ column: String?, _ place: Path<Value>, _ documentation: String
  ) -> Self where Value.RawValue == String {
    stored(
      path, column, .choice(Value.allCases.map(\.rawValue)), place, documentation,
      to: { .text($0.rawValue) }, from: { text($0).flatMap(Value.init) })
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ path: String, _ column: String?, _ place: Path<Value?>, _ documentation: String
  ) -> Self where Value.RawValue == String {
    stored(
      path, column, .choice(Value.allCases.map(\.rawValue)), place, documentation,
      to: { $0.map { .text($0.rawValue) } ?? .null }, from: { text($0).flatMap(Value.init) })
  }

  static func text(_ path: String, _ column: String?, _ place: Path<String>, _ documentation: String) -> Self {
    stored(path, column, .text, place, documentation, to: KeyValue.text, from: text)
  }

  static func text(
    _ path: String, _ column: String?, _ place: Path<String?>, kind: ValueKind = .text, _ documentation: String
  ) -> Self {
    stored(
      path, column, kind, place, documentation, to: { $0.map(KeyValue.text) ?? .null }, from: { text($0) })
  }

  static func alias(_ path: String, for others: [String], kind: ValueKind, _ documentation: String) -> Self {
    var key = Self(
      path: path, column: nil, kind: kind, documentation: documentation, get: { _ in .null }, set: { _, _ in })
    key.role = .alias(others)
    return key
  }

  static func statement(_ path: String, kind: ValueKind, _ documentation: String) -> Self {
    var key = Self(
      path: path, column: nil, kind: kind, documentation: documentation, get: { _ in .null }, set: { _, _ in })
    key.role = .statement
    return key
  }

  private static func integer(_ value: KeyValue) -> Int? {
    if case .integer(let integer) = value { integer } else { nil }
  }

  private static func number(_ value: KeyValue) -> Double? {
    if case .number(let number) = value { number } else { nil }
  }

  private static func text(_ value: KeyValue) -> String? {
    if case .text(let text) = value { text } else { nil }
  }
}
