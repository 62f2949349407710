// One entry of the configuration table: everything that the program knows about a key, from its values and its meaning to
// how it is stored in a `TrialConfiguration`. The entries stand beside the fields of their section.

import KeyValues

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

  /// When a key has an effect, for keys that do not always have one.
  package struct Usage: Sendable {
    /// What another key does where this one has no effect.
    package enum Obstacle: Equatable, Sendable {
      /// The other key is given.
      case isSet
      /// The other key is missing.
      case isNotSet
      /// The other key has a value, and this predicate says which.
      case isOther(String)
    }

    /// The condition, as a clause in Markdown: "`model.path` is not set".
    package let condition: String
    /// The path of the key that decides.
    package let decider: String
    /// What that key does where this one has no effect.
    package let obstacle: Obstacle
    /// Whether this key may stay without effect where the deciding key is given over it, in a higher layer of the sweep.
    package let yields: Bool
  }

  /// The path of the key in a sweep file, such as `optimizer.learning_rate`.
  package let path: String
  /// The key's column in CSV files; nil if it has none.
  package let column: String?
  /// What values it may have.
  package let kind: ValueKind
  /// What the key means: sentences in Markdown for the reference of all keys.
  package let documentation: String
  package private(set) var role = Role.value
  /// When the key has an effect; nil for always.
  package private(set) var usage: Usage?
  /// What leaving the key out stands for, as a clause in Markdown, where its default is no value.
  package private(set) var missingMeaning: String?
  /// The Transformers library's names for the key: `TrainingArguments`, its example scripts' arguments, `config.json`.
  package private(set) var transformersNames: [String] = []
  /// Whether something reads the key in a configuration.
  package private(set) var isRead: @Sendable (TrialConfiguration) -> Bool = { _ in true }
  /// The value of the key that identifiers take for the same as no value, where other keys decide that; otherwise null.
  private(set) var implied: @Sendable (TrialConfiguration) -> KeyValue = { _ in .null }
  /// Why the key must have a value where it is read; nil where it may be missing.
  package private(set) var requirement: (@Sendable (TrialConfiguration) -> String)?
  /// Says what is wrong with the key's value beside other keys, nil for nothing; nil where there is no such check.
  package private(set) var problem: (@Sendable (TrialConfiguration) -> String?)?
  /// Whether identifiers hash the key's value; a key that changes no byte of a result is left out of them.
  private(set) var isHashed = true
  /// Whether `sweep.json` has the key where it is at its default and read.
  private(set) var isWrittenAtDefault = true
  /// What a sweep file without the key means, where it may be another value than the one that identifiers leave out; otherwise
  /// null.
  package private(set) var sweepDefault = KeyValue.null
  /// Whether the value is a seed from which data is drawn, which `--shift-data` shifts.
  package private(set) var drawsData = false
  /// Whether tables have the key's column only where a configuration of the plan sets it, so that those of sweeps without it are
  /// what they were before the key came.
  package private(set) var isShownWhereSet = false
  /// The values that fine-tuning uses, and what to look for where one is outside; nil where nothing is said.
  package private(set) var usual: (values: ClosedRange<Double>, hint: String?)?
  /// What the cost of a trial depends on of the key; null for nothing. A key whose entry says nothing counts whole.
  private(set) var costValue: @Sendable (TrialConfiguration) -> KeyValue
  let get: @Sendable (TrialConfiguration) -> KeyValue
  /// What identifiers hash of the key's value.
  private(set) var hashedValue: @Sendable (TrialConfiguration) -> KeyValue
  package let set: @Sendable (inout TrialConfiguration, KeyValue) -> Void

  init(
    path: String, column: String?, kind: ValueKind, documentation: String,
    get: @escaping @Sendable (TrialConfiguration) -> KeyValue,
    set: @escaping @Sendable (inout TrialConfiguration, KeyValue) -> Void
  ) {
    self.path = path
    self.column = column
    self.kind = kind
    self.documentation = documentation
    self.get = get
    self.set = set
    hashedValue = get
    costValue = get
  }

  /// The key's value in a configuration, null where it is left to the model or task.
  package func value(in configuration: TrialConfiguration) -> KeyValue { self.get(configuration) }

  /// The CSV field: empty where nothing reads the key, the last component of a path.
  package func columnText(in configuration: TrialConfiguration) -> String {
    guard isRead(configuration) else { return "" }
    let value = get(configuration)
    let text = (value == .null ? implied(configuration) : value).text
    guard kind == .path else { return text }
    return text.split(separator: "/").last.map(String.init) ?? text
  }
}

extension ConfigurationKey {
  /// The key with the condition under which it has an effect. A sweep in which it never has one is refused.
  ///
  /// - Parameters:
  ///   - condition: A clause in Markdown.
  ///   - decider: The path of the key that decides.
  ///   - obstacle: What that key does where this one has no effect.
  ///   - yields: Whether this key may stay without effect where the deciding key is given over it.
  func used(
    where condition: String, unless decider: String, _ obstacle: Usage.Obstacle, yields: Bool = false,
    isRead: @escaping @Sendable (TrialConfiguration) -> Bool
  ) -> Self {
    var key = self
    key.usage = Usage(condition: condition, decider: decider, obstacle: obstacle, yields: yields)
    key.isRead = isRead
    return key
  }

  /// The key with what leaving it out stands for, in words.
  func whenMissing(_ meaning: String) -> Self {
    var key = self
    key.missingMeaning = meaning
    return key
  }

  /// The key with what leaving it out stands for, as a value: giving that value explicitly is the same trial.
  func implies(_ implied: @escaping @Sendable (TrialConfiguration) -> KeyValue) -> Self {
    var key = self
    key.implied = implied
    return key
  }

  /// The key with the Transformers library's names for it.
  func inTransformers(_ names: String...) -> Self {
    var key = self
    key.transformersNames = names
    return key
  }

  /// The key as one that must be given where it is read; `reason` ends the sentence "task.data: missing; ...".
  func required(_ reason: @escaping @Sendable (TrialConfiguration) -> String) -> Self {
    var key = self
    key.requirement = reason
    key.missingMeaning = "must be given"
    return key
  }

  /// The key with a check of its value beside other keys, which returns what is wrong and what to do.
  func checked(_ problem: @escaping @Sendable (TrialConfiguration) -> String?) -> Self {
    var key = self
    key.problem = problem
    return key
  }

  /// The key as one that changes no byte of a result, so that identifiers leave it out and `sweep.json` has it only where it is set.
  func withoutIdentity() -> Self {
    var key = writtenWhereSet()
    key.isHashed = false
    return key
  }

  /// The key with what identifiers hash of its value, where that is not the value itself.
  func hashed(as value: @escaping @Sendable (TrialConfiguration) -> KeyValue) -> Self {
    var key = self
    key.hashedValue = value
    return key
  }

  /// The key as one that `sweep.json` has only where it is not at its default, so that the file of a sweep without it is what
  /// it was before the key came.
  func writtenWhereSet() -> Self {
    var key = self
    key.isWrittenAtDefault = false
    return key
  }

  /// The key as one that `sweep.json` and tables have only where it is set.
  func shownWhereSet() -> Self {
    var key = writtenWhereSet()
    key.isShownWhereSet = true
    return key
  }

  /// The key as one for which a sweep file that does not give it means `value`, while identifiers leave out what a configuration
  /// holds that says nothing, and `sweep.json` has the key only where it is not that.
  func inSweepFiles(_ value: KeyValue) -> Self {
    var key = writtenWhereSet()
    key.sweepDefault = value
    return key
  }

  /// The key as a seed from which data is drawn: examples, a choice among them or the order of their labels.
  func drawingData() -> Self {
    var key = self
    key.drawsData = true
    return key
  }

  /// The key as one that our own trainer reads, and nothing where a program trains.
  func ofTrainer() -> Self {
    var key = self
    let isRead = key.isRead
    key.isRead = { !$0.hasProgram && isRead($0) }
    return key
  }

  /// The key as one that is read where a program trains.
  func ofProgram() -> Self {
    var key = self
    key.isRead = \.hasProgram
    return key
  }

  /// The key with the values that fine-tuning uses: others are allowed, and remarked on with `hint`, or with the value that was
  /// probably meant.
  func usual(_ values: ClosedRange<Double>, _ hint: String? = nil) -> Self {
    var key = self
    key.usual = (values, hint)
    return key
  }

  /// The key as one that changes nothing of what a trial costs.
  func withoutCost() -> Self { cost { _ in .null } }

  /// The key with what the cost of a trial depends on of it.
  func cost(_ value: @escaping @Sendable (TrialConfiguration) -> KeyValue) -> Self {
    var key = self
    key.costValue = value
    return key
  }
}

extension ConfigurationKey {
  typealias Path<Value> = WritableKeyPath<TrialConfiguration, Value> & Sendable

  /// A key stored through a conversion; null stores the default.
  private static func stored<Value>(
    _ path: String, _ column: String?, _ kind: ValueKind, _ field: Path<Value>, _ documentation: String,
    to: @escaping @Sendable (Value) -> KeyValue, from: @escaping @Sendable (KeyValue) -> Value?
  ) -> Self {
    Self(
      path: path, column: column, kind: kind, documentation: documentation,
      get: { to($0[keyPath: field]) },
      set: { $0[keyPath: field] = from($1) ?? TrialConfiguration()[keyPath: field] })
  }

  static func boolean(_ path: String, _ column: String?, _ field: Path<Bool>, _ documentation: String) -> Self {
    stored(path, column, .boolean, field, documentation, to: KeyValue.boolean) {
      if case .boolean(let flag) = $0 { flag } else { nil }
    }
  }

  static func integer(
    _ path: String, _ column: String?, _ field: Path<Int>, minimum: Int, maximum: Int = Int(Int32.max),
    _ documentation: String
  ) -> Self {
    stored(
      path, column, .integer(minimum: minimum, maximum: maximum), field, documentation, to: KeyValue.integer,
      from: integer)
  }

  static func integer(
    _ path: String, _ column: String?, _ field: Path<Int?>, minimum: Int, _ documentation: String
  ) -> Self {
    stored(
      path, column, .integer(minimum: minimum), field, documentation,
      to: { $0.map(KeyValue.integer) ?? .null }, from: { integer($0) })
  }

  static func seed(_ path: String, _ column: String?, _ field: Path<UInt64>, _ documentation: String) -> Self {
    stored(path, column, .seed, field, documentation, to: KeyValue.seed) {
      if case .seed(let seed) = $0 { seed } else { nil }
    }
  }

  static func seed(_ path: String, _ column: String?, _ field: Path<UInt64?>, _ documentation: String) -> Self {
    stored(path, column, .seed, field, documentation, to: { $0.map(KeyValue.seed) ?? .null }) {
      if case .seed(let seed) = $0 { .some(seed) } else { nil }
    }
  }

  static func number(
    _ path: String, _ column: String?, _ field: Path<Double>, _ limits: NumberLimits, _ documentation: String
  ) -> Self {
    stored(path, column, .number(limits), field, documentation, to: KeyValue.number, from: number)
  }

  static func number(
    _ path: String, _ column: String?, _ field: Path<Double?>, _ limits: NumberLimits, _ documentation: String
  ) -> Self {
    stored(
      path, column, .number(limits), field, documentation,
      to: { $0.map(KeyValue.number) ?? .null }, from: { number($0) })
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ path: String, _ column: String?, _ field: Path<Value>, _ documentation: String
  ) -> Self where Value.RawValue == String {
    stored(
      path, column, .choice(Value.allCases.map(\.rawValue)), field, documentation,
      to: { .text($0.rawValue) }, from: { text($0).flatMap(Value.init) })
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ path: String, _ column: String?, _ field: Path<Value?>, _ documentation: String
  ) -> Self where Value.RawValue == String {
    stored(
      path, column, .choice(Value.allCases.map(\.rawValue)), field, documentation,
      to: { $0.map { .text($0.rawValue) } ?? .null }, from: { text($0).flatMap(Value.init) })
  }

  static func text(_ path: String, _ column: String?, _ field: Path<String>, _ documentation: String) -> Self {
    stored(path, column, .text, field, documentation, to: KeyValue.text, from: text)
  }

  static func text(
    _ path: String, _ column: String?, _ field: Path<String?>, kind: ValueKind = .text, _ documentation: String
  ) -> Self {
    stored(
      path, column, kind, field, documentation, to: { $0.map(KeyValue.text) ?? .null }, from: { text($0) })
  }

  static func list(_ path: String, _ field: Path<[String]>, _ documentation: String) -> Self {
    stored(path, nil, .texts, field, documentation, to: { $0.isEmpty ? .null : .list($0) }) {
      if case .list(let texts) = $0 { texts } else { nil }
    }
  }

  static func table(
    _ path: String, _ field: Path<[NamedValue]>, kind: ValueKind, _ documentation: String
  ) -> Self {
    stored(path, nil, kind, field, documentation, to: { $0.isEmpty ? .null : .table($0) }) {
      if case .table(let entries) = $0 { entries } else { nil }
    }
  }

  /// The key of one parameter of a program. The table of keys does not hold it, because each sweep names its own.
  package static func parameter(_ name: String) -> Self {
    Self(
      path: "\(ProgramSpecification.parametersPath).\(name)", column: nil, kind: .scalar, documentation: "",
      get: { $0.program.parameters.first { $0.name == name }?.value ?? .null },
      set: { configuration, value in
        var parameters = configuration.program.parameters.filter { $0.name != name }
        if value != .null { parameters.append(NamedValue(name, value)) }
        configuration.program.parameters = parameters.sorted { $0.name < $1.name }
      })
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
