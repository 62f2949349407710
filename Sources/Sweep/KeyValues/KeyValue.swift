// The value of one configuration key, the kinds of values there are and the limits they keep. Which keys there are, and limits
// between several of them, are Trials' business.

import JSON5

/// The value of one configuration key.
package enum KeyValue: Hashable, Sendable {
  /// Nothing given: the default, or a choice left to the model or task.
  case null
  /// A switch.
  case boolean(Bool)
  /// A count.
  case integer(Int)
  /// A seed.
  case seed(UInt64)
  /// A real number.
  case number(Double)
  /// A name, a path or a choice.
  case text(String)
  /// Several texts in an order.
  case list([String])
  /// Values with names, sorted by name.
  case table([NamedValue])

  /// The value as CSV and canonical text hold it: empty for null, shortest round-trip floats.
  package var text: String {
    switch self {
    case .null: ""
    case .boolean(let flag): flag ? "true" : "false"
    case .integer(let integer): String(integer)
    case .seed(let seed): String(seed)
    case .number(let number): number.description
    case .text(let text): text
    case .list, .table: json
    }
  }

  private var json: String {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  /// The value as a number; nil for anything else.
  package var magnitude: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .null, .boolean, .seed, .text, .list, .table: nil
    }
  }

  /// Every text in the value, names among them.
  package var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .list(let texts): texts
    case .table(let entries): entries.flatMap { [$0.name] + $0.value.texts }
    case .null, .boolean, .integer, .seed, .number: []
    }
  }

  /// Appends the value to JSON text.
  package func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .boolean(let flag): writer.value(flag)
    case .integer(let integer): writer.value(integer)
    case .seed(let seed): writer.value(seed)
    case .number(let number): writer.value(number)
    case .text(let text): writer.value(text)
    case .list(let texts):
      writer.array(inline: true) { writer in for text in texts { writer.value(text) } }
    case .table(let entries):
      writer.object(inline: true) { writer in
        for entry in entries {
          writer.key(entry.name)
          entry.value.write(to: &writer)
        }
      }
    }
  }
}

/// A value with the name under which a sweep gives it.
package struct NamedValue: Hashable, Sendable {
  /// The name.
  package var name: String
  /// The value.
  package var value: KeyValue

  package init(_ name: String, _ value: KeyValue) {
    self.name = name
    self.value = value
  }
}

/// What values a key may have.
package enum ValueKind: Hashable, Sendable {
  /// `true` or `false`.
  case boolean
  /// An integer within two limits, the upper one by default 2^31 - 1, so that products of two never overflow.
  case integer(minimum: Int, maximum: Int = Int(Int32.max))
  /// An integer of 0 to 2^64 - 1.
  case seed
  /// A finite number within limits.
  case number(NumberLimits)
  /// One of some words.
  case choice([String])
  /// Any text but the empty one.
  case text
  /// A path, resolved against the sweep file or, on the command line, the working directory.
  case path
  /// A number, a text, `true` or `false`.
  case scalar
  /// A list of at least one text.
  case texts
  /// An object of names with scalars.
  case scalarTable
  /// An object of names with texts.
  case textTable
  /// A list of paths, or an object of names with paths.
  case files
  /// An object of names, at most `limit` of them, with objects that may have these members.
  case objects([ObjectMember], limit: Int)

  /// What is allowed, in words.
  package var allowed: String {
    switch self {
    case .boolean: "true or false"
    case .integer(let minimum, let maximum): "an integer from \(minimum) to \(maximum)"
    case .seed: "an integer from 0 to 18446744073709551615"
    case .number(let limits): limits.allowed
    case .choice(let words): alternatives(words.map(JSONWriter.quoted))
    case .text: "a text in quotes"
    case .path: "a path in quotes"
    case .scalar: "a number, a text in quotes, true or false"
    case .texts: "a list of texts such as [\"python3\", \"train.py\"]"
    case .scalarTable: "an object of names with numbers, texts, true or false"
    case .textTable: "an object of names with texts"
    case .files: "a list of paths such as [\"train.py\"]"
    case .objects(let known, let limit):
      "an object of at most \(limit) names with objects of \(ObjectMember.list(known))"
    }
  }

  /// Whether a text may be a name of `objects`, which tables put into the names of columns and files.
  package static func isName(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
      }
  }

  /// Such a name in words.
  package static let allowedName = "name of 1 to 40 of a-z, 0-9 and _"

  /// The value a JSON5 literal stands for; nil where it is not allowed.
  package func value(of node: JSONNode) -> KeyValue? {
    switch (self, node.content) {
    case (_, .null): .null
    case (.boolean, .boolean(let flag)): .boolean(flag)
    case (.integer(let minimum, let maximum), .integer), (.integer(let minimum, let maximum), .number):
      node.wholeNumber.flatMap { Int($0) }.flatMap { $0 >= minimum && $0 <= maximum ? .integer($0) : nil }
    case (.seed, .integer), (.seed, .number): node.wholeNumber.flatMap { UInt64($0) }.map(KeyValue.seed)
    case (.number(let limits), .integer), (.number(let limits), .number):
      // Adding 0 makes 0 of -0, which is the same value and has the same identifier.
      node.doubleValue.flatMap { limits.contains($0) ? .number($0 + 0) : nil }
    case (.choice(let words), .string(let word)): words.contains(word) ? .text(word) : nil
    case (.text, .string(let text)), (.path, .string(let text)): text.isEmpty ? nil : .text(text)
    case (.scalar, _): scalar(node)
    case (.texts, .array(let elements)): texts(elements).flatMap { $0.isEmpty ? nil : .list($0) }
    case (.scalarTable, .object(let members)): table(members) { scalar($0) }
    case (.textTable, .object(let members)): table(members) { $0.stringValue.map(KeyValue.text) }
    case (.files, .object(let members)): table(members) { ValueKind.path.value(of: $0) }
    case (.files, .array(let elements)):
      texts(elements).flatMap { $0.contains("") ? nil : Self.sorted($0.map { NamedValue($0, .text($0)) }) }
    case (.objects(let known, let limit), .object(let members)):
      members.count <= limit && members.allSatisfy { Self.isName($0.key) } ? table(members) { object($0, known) } : nil
    default: nil
    }
  }

  /// An object of some of the known members; nil for another one, or where one has a value that it may not have.
  private func object(_ node: JSONNode, _ known: [ObjectMember]) -> KeyValue? {
    guard let members = node.members else { return nil }
    var entries: [NamedValue] = []
    for member in members {
      guard let value = known.first(where: { $0.name == member.key })?.kind.value(of: member.value) else { return nil }
      if value != .null { entries.append(NamedValue(member.key, value)) }
    }
    return Self.sorted(entries)
  }

  /// The texts of a list; nil where an element is something else.
  private func texts(_ elements: [JSONNode]) -> [String]? {
    let texts = elements.compactMap(\.stringValue)
    return texts.count == elements.count ? texts : nil
  }

  /// A scalar; a number with a fraction of zero is a whole one, so that 3.0 and 3 are the same trial.
  private func scalar(_ node: JSONNode) -> KeyValue? {
    switch node.content {
    case .boolean(let flag): return .boolean(flag)
    case .string(let text): return .text(text)
    case .integer, .number:
      if let whole = node.wholeNumber.flatMap({ Int($0) }) { return .integer(whole) }
      return node.doubleValue.flatMap { $0.isFinite ? .number($0) : nil }
    case .null, .array, .object: return nil
    }
  }

  private func table(_ members: [JSONMember], _ value: (JSONNode) -> KeyValue?) -> KeyValue? {
    let entries = members.compactMap { member -> NamedValue? in
      guard let value = value(member.value), value != .null, !member.key.isEmpty else { return nil }
      return NamedValue(member.key, value)
    }
    return entries.count == members.count ? Self.sorted(entries) : nil
  }

  private static func sorted(_ entries: [NamedValue]) -> KeyValue {
    .table(entries.sorted { $0.name < $1.name })
  }
}

/// A member that the objects of a value may have.
package struct ObjectMember: Hashable, Sendable {
  /// Its name.
  package let name: String
  /// What values it may have.
  package let kind: ValueKind

  package init(_ name: String, _ kind: ValueKind) {
    self.name = name
    self.kind = kind
  }

  /// The names of some members, in words.
  package static func list(_ members: [ObjectMember]) -> String { alternatives(members.map(\.name)) }
}

/// The limits of a real number. Every limit refuses NaN and infinities; those of numbers that training computes with also refuse what
/// float32 would round to infinity or to 0.
package enum NumberLimits: Hashable, Sendable {
  /// Greater than 0, within float32's normal range.
  case positive
  /// 0 or `positive`.
  case nonnegative
  /// From 0 to 1, 1 excluded.
  case fraction
  /// `positive` and at most 1.
  case share
  /// Any.
  case finite
  /// Seconds, more than 0.
  case positiveSeconds
  /// Seconds, 0 or more.
  case nonnegativeSeconds

  /// What is allowed, in words.
  package var allowed: String {
    switch self {
    case .positive: "a number from \(Float.leastNormalMagnitude) to \(Float.greatestFiniteMagnitude), as float32 holds"
    case .nonnegative: "0 or \(Self.positive.allowed)"
    case .fraction: "a number from 0 to 1, 1 excluded"
    case .share: "a number from \(Float.leastNormalMagnitude) to 1"
    case .finite: "a number"
    case .positiveSeconds: "a number of seconds above 0"
    case .nonnegativeSeconds: "a number of seconds from 0"
    }
  }

  /// Whether a number keeps the limits.
  package func contains(_ number: Double) -> Bool {
    switch self {
    case .positive: number >= Double(Float.leastNormalMagnitude) && number <= Double(Float.greatestFiniteMagnitude)
    case .nonnegative: number == 0 || Self.positive.contains(number)
    case .fraction: number >= 0 && number < 1
    case .share: number <= 1 && Self.positive.contains(number)
    case .finite: number.isFinite
    case .positiveSeconds: number.isFinite && number > 0
    case .nonnegativeSeconds: number.isFinite && number >= 0
    }
  }

  /// The number that a text with its unit means, `2h` where seconds are expected and `10%` elsewhere; nil for any other text.
  package func number(meantBy text: String) -> Double? {
    let number: Double? =
      switch self {
      case .positiveSeconds, .nonnegativeSeconds: text.secondsWithUnit
      case .positive, .nonnegative, .fraction, .share, .finite:
        text.hasSuffix("%") ? "\(text.dropLast())e-2".decimalNumber : nil
      }
    return number.flatMap { contains($0) ? $0 : nil }
  }
}
