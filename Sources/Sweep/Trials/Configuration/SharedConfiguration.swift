// A plan's configurations differ in a few values each. They are kept in parts that neighbours share, so that a million of
// them fit where a million whole ones would not. The parts are the sections of `ConfigurationSchema`.

/// The value of one section, which several configurations may hold.
class ConfigurationPart: @unchecked Sendable {
  fileprivate init() {}

  /// Whether two parts of one section hold the same value.
  func equals(_ other: ConfigurationPart) -> Bool { self === other }
}

/// A part that never changes.
final class TypedPart<Value: Equatable & Sendable>: ConfigurationPart, @unchecked Sendable {
  let value: Value

  init(_ value: Value) { self.value = value }

  override func equals(_ other: ConfigurationPart) -> Bool {
    self === other || (other as? TypedPart<Value>)?.value == value
  }
}

/// A configuration whose parts may be another one's as well.
package struct SharedConfiguration: Equatable, Sendable {
  /// One part for each of `ConfigurationSchema.sectionList`.
  private let parts: [ConfigurationPart]

  /// A configuration that shares with a neighbour what is equal.
  package init(_ configuration: TrialConfiguration, near neighbor: SharedConfiguration? = nil) {
    parts = ConfigurationSchema.sectionList.enumerated().map { index, section in
      section.part(configuration, neighbor?.parts[index])
    }
  }

  /// The configuration as plain values.
  package var whole: TrialConfiguration {
    var configuration = TrialConfiguration()
    for (section, part) in zip(ConfigurationSchema.sectionList, parts) { section.restore(part, &configuration) }
    return configuration
  }

  package static func == (left: Self, right: Self) -> Bool {
    zip(left.parts, right.parts).allSatisfy { $0.equals($1) }
  }
}
