// Configurations and trials as JSON through the schema's table: nested and whole for `sweep.json`, flat and without
// defaults for the wire. Paths are taken as they are; resolving them is the sweep file's reader's work.

import JSON5
import KeyValues
import StopRules

extension TrialConfiguration {
  /// Appends an object with every key under its section; keys that nothing reads are left out unless they are set, as are
  /// those that came later.
  func writeNested(to writer: inout JSONWriter) {
    let entries = ConfigurationSchema.keys.enumerated().compactMap { index, key -> Entry? in
      guard key.role == .value else { return nil }
      let value = key.get(self)
      let isWritten = key.isRead(self) && key.isWrittenAtDefault
      guard isWritten || value != ConfigurationSchema.defaultValues[index] else { return nil }
      return (ConfigurationSchema.components[index][...], value)
    }
    Self.writeSection(entries[...], to: &writer)
  }

  private typealias Entry = (path: ArraySlice<String>, value: KeyValue)

  private static func writeSection(
    _ entries: ArraySlice<Entry>, to writer: inout JSONWriter
  ) {
    writer.object { writer in
      var rest = entries
      while let first = rest.first {
        let section = rest.prefix { $0.path.first == first.path.first }
        rest = rest.dropFirst(section.count)
        writer.key(first.path.first ?? "")
        if first.path.count == 1 {
          first.value.write(to: &writer)
        } else {
          writeSection(section.map { ($0.path.dropFirst(), $0.value) }[...], to: &writer)
        }
      }
    }
  }

  /// Appends an object with the dotted path of every key that is not at its default.
  func writeFlat(to writer: inout JSONWriter) {
    writer.object { writer in
      for (index, key) in ConfigurationSchema.keys.enumerated() where key.role == .value {
        let value = key.get(self)
        guard value != ConfigurationSchema.defaultValues[index] else { continue }
        writer.key(key.path)
        value.write(to: &writer)
      }
    }
  }

  /// The configuration that an object holds, its keys nested or dotted.
  init(_ node: JSONNode) throws {
    self.init()
    var values: [Int: KeyValue] = [:]
    try Self.collect(node, at: "", into: &values)
    for index in values.keys.sorted() {
      if let value = values[index] { ConfigurationSchema.keys[index].set(&self, value) }
    }
    if let problem = model.shape.sizeProblems.first {
      throw CodecError("configuration.\(problem.paths[0]): \(problem.message)")
    }
  }

  private static func collect(_ node: JSONNode, at path: String, into values: inout [Int: KeyValue]) throws {
    if let index = ConfigurationSchema.indexByPath[path] {
      let key = ConfigurationSchema.keys[index]
      guard let value = key.kind.value(of: node), key.role == .value else {
        throw JSONObject.mismatch("configuration.\(path)", key.kind.allowed, node)
      }
      values[index] = value
      return
    }
    guard path.isEmpty || ConfigurationSchema.sections.contains(path) else {
      throw CodecError("configuration.\(path): there is no such key")
    }
    for member in try JSONObject(node, prefix: "configuration.\(path).").members {
      try collect(member.value, at: path.isEmpty ? member.key : "\(path).\(member.key)", into: &values)
    }
  }
}

extension Trial {
  /// The whole trial as one line of JSON, for the rank that runs it.
  package func encodedJSON() -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("trial_id", identifier)
      writer.field("configuration_id", configurationIdentifier)
      writer.field("variant", variant)
      writer.field("label", label)
      writer.key("seeds")
      seeds.write(to: &writer)
      writer.key("configuration")
      configuration.writeFlat(to: &writer)
      if let pause {
        writer.key("pause")
        writer.object { writer in
          writer.field("step", pause.step)
          writer.field("rule", pause.rule.name)
        }
      }
      guard !shorterTrials.isEmpty else { return }
      writer.key("shorter")
      writer.object { writer in
        for shorter in shorterTrials { writer.field(shorter.identifier, shorter.stepCount) }
      }
    }
    return writer.text
  }

  /// The trial that one line of JSON holds.
  ///
  /// - Throws: `Diagnostics` for text that is no JSON, `CodecError` for a field that is missing or of another kind.
  package init(json: String) throws {
    let fields = try JSONObject(JSONReader.read(json, name: "trial"))
    self.init(
      identifier: try Self.identifier(fields.text("trial_id"), "trial_id"),
      configurationIdentifier: try fields.text("configuration_id"),
      variant: try fields.text("variant"), label: try fields.text("label"),
      configuration: try TrialConfiguration(fields.required("configuration")),
      seeds: try TrialSeeds(fields.required("seeds")))
    if let node = fields.optional("pause") {
      let fields = try JSONObject(node, prefix: "pause.")
      pause = PausePoint(step: try fields.count("step"), rule: try fields.earlyRule("rule"))
    }
    guard let node = fields.optional("shorter") else { return }
    shorterTrials = try JSONObject(node, prefix: "shorter.").members.map { member in
      ShorterTrial(
        identifier: try Self.identifier(member.key, "shorter"),
        stepCount: try JSONObject.count(member.value, "shorter.\(member.key)"))
    }
  }
}

extension TrialSeeds {
  /// Appends `[init, order, dropout]` to JSON text.
  package func write(to writer: inout JSONWriter) {
    writer.array(inline: true) { writer in
      writer.value(initialization)
      writer.value(order)
      writer.value(dropout)
    }
  }

  /// The seeds that a list `[init, order, dropout]` holds.
  ///
  /// - Throws: `CodecError` for anything else.
  package init(_ node: JSONNode) throws {
    let seeds = try JSONObject.list(node, "seeds").map { try JSONObject.seed($0, "seeds") }
    guard seeds.count == 3 else { throw CodecError("seeds: expected 3 integers, found \(seeds.count)") }
    self.init(initialization: seeds[0], order: seeds[1], dropout: seeds[2])
  }
}
