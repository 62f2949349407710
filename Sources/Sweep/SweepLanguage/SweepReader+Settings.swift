// Reads objects of configuration keys, nested or dotted, into layers of settings, strictly: an unknown key, a key given
// twice or a value of the wrong kind is a problem.

import EmbeddedModels
import JSON5
import KeyValues
import Trials

extension SweepReader {
  /// The settings that a value at a path gives: those of a section's members, or one.
  mutating func layer(_ node: JSONNode, at path: String, keyRange: SourceRange) -> Layer {
    var layer = Layer()
    collect(node, at: path, keyRange: keyRange, into: &layer)
    return expandAliases(in: layer)
  }

  /// The settings of an object's members, keys in `except` left aside. Where `namesParameters` is false, a parameter of a program is
  /// not known by its bare name.
  mutating func layer(
    ofMembersOf members: [JSONMember], at path: String = "", except: Set<String> = [], namesParameters: Bool = true
  ) -> Layer {
    var layer = Layer()
    for member in members where !except.contains(member.key) {
      let name = namesParameters ? fullPath(member.key) : member.key
      let memberPath = path.isEmpty ? name : "\(path).\(member.key)"
      collect(member.value, at: memberPath, keyRange: member.keyRange, into: &layer)
    }
    return expandAliases(in: layer)
  }

  private mutating func collect(_ node: JSONNode, at path: String, keyRange: SourceRange, into layer: inout Layer) {
    if path == ProgramSpecification.parametersPath, case .object(let members) = node.content {
      for member in members {
        let path = "\(path).\(member.key)"
        if case .null = member.value.content, let setting = parameterRemoval(member.key, at: member.value.range) {
          add(setting, at: path, member.keyRange, to: &layer)
        } else {
          collect(member.value, at: path, keyRange: member.keyRange, into: &layer)
        }
      }
    } else if path == ProgramSpecification.parametersPath, case .null = node.content {
      removeParameters(at: node.range, from: &layer)
    } else if let name = parameterName(path) {
      guard let parameter = parameterSetting(node, name, keyRange) else { return }
      add(parameter, at: path, keyRange, to: &layer)
    } else if let index = ConfigurationSchema.indexByPath[path] {
      add(setting(node, index: index), at: path, keyRange, to: &layer)
    } else if ConfigurationSchema.sections.contains(path) {
      switch node.content {
      case .object(let members):
        for member in members {
          collect(member.value, at: "\(path).\(member.key)", keyRange: member.keyRange, into: &layer)
        }
      case .null:
        for (index, key) in ConfigurationSchema.keys.enumerated() where key.path.hasPrefix(path + ".") {
          if layer[index] == nil { layer.set(Setting(index: index, value: .null, range: node.range, yields: true)) }
        }
        if path == "program" { removeParameters(at: node.range, from: &layer) }
      default: note(node.range, "\(path): expected an object, found \(found(node))\(cure(for: node, ofSection: path))")
      }
    } else {
      noteUnknownKey(path, keyRange)
    }
  }

  private mutating func add(_ setting: Setting, at path: String, _ keyRange: SourceRange, to layer: inout Layer) {
    if let first = layer[setting.index], !first.yields {
      note(keyRange, "\(path) is given twice; it is first given \(atLocation(first.range, seenFrom: keyRange))")
    } else {
      layer.set(setting)
    }
  }

  private mutating func setting(_ node: JSONNode, index: Int) -> Setting {
    let key = ConfigurationSchema.keys[index]
    let source = sources[Int(node.range.source)]
    var value = key.kind.value(of: node)
    if value == nil, source.isArgument { value = bareText(node, kind: key.kind) }
    if value == nil, !noteProblems(ofObjectsIn: node, of: key) {
      note(node.range, "\(key.path): expected \(key.kind.allowed), found \(found(node))\(cure(for: node, of: key))")
    }
    if key.kind == .path, case .text(let path) = value, !(key.path == "model.path" && EmbeddedModel.isInside(path)) {
      value = .text(Self.resolve(path, against: source.directory))
    }
    if key.kind == .files, case .table(let files) = value {
      value = .table(
        files.map { NamedValue($0.name, .text(Self.resolve($0.value.text, against: source.directory))) })
    }
    var setting = Setting(index: index, value: value, range: node.range)
    if let value { (setting.value, setting.paths) = located(value, node, kind: key.kind) }
    return setting
  }

  /// On the command line 12 may be a text, too.
  func bareText(_ node: JSONNode, kind: ValueKind) -> KeyValue? {
    switch (kind, node.content) {
    case (.text, .integer), (.text, .number), (.text, .boolean), (.path, .integer), (.path, .number), (.path, .boolean):
      .text(wholeText(node.range))
    default: nil
    }
  }

  /// Gives each key of an alias its value unless the same layer gives the key itself.
  private func expandAliases(in layer: Layer) -> Layer {
    var expanded = layer
    for setting in layer.settings {
      guard case .alias(let paths) = setting.key.role else { continue }
      expanded.removeAll { $0.index == setting.index }
      for path in paths {
        guard let index = ConfigurationSchema.indexByPath[path], layer[index]?.yields ?? true else { continue }
        expanded.set(Setting(index: index, value: setting.value, range: setting.range, yields: true))
      }
    }
    return expanded
  }

  /// Notes a key that does not exist. What was meant is looked for only where there is room for the message.
  mutating func noteUnknownKey(_ path: String, _ range: SourceRange) {
    if hasRoom { note(range, unknownKey(path)) }
  }

  /// The message for a key that does not exist.
  private func unknownKey(_ path: String) -> String {
    let last = path.split(separator: ".").last.map(String.init) ?? path
    let start = "unknown key \(JSONWriter.quoted(path))"
    if path == "configurations" {
      return "\(start); this is the plan of a run folder: give the sweep file that it was made from, which "
        + "command_line in the folder's provenance.json names"
    }
    if let sign = path.first, "+~".contains(sign) {
      return "\(start); a key is written without \(sign), and a value replaces what the sweep file says"
    }
    if let cure = cureInItsPlace(path) ?? cure(forKeyOfProgram: path) { return start + cure }
    if let whole = ConfigurationSchema.keys.first(where: { $0.kind.hasObjects && path.hasPrefix($0.path + ".") }) {
      return "\(start); \(whole.path) is given as a whole, as \(whole.kind.allowed)"
    }
    if let first = path.split(separator: ".").first.map(String.init), Self.wholeKeys.contains(first) {
      return "\(start); \(first) is given as a whole, at the top of the sweep"
    }
    if let key = TransformersNames.key(for: last), key != path {
      let forms = key == "seeds" ? ForeignNames.seedForms : ""
      return key.hasSuffix("." + last)
        ? start + Suggestion.phrase(key) : "\(start); the Transformers library's \(last) is \(key) here\(forms)"
    }
    if let advice = ForeignNames.advice(for: path) ?? ForeignNames.advice(for: last) { return "\(start); \(advice)" }
    if !path.contains("."), let near = Suggestion.nearest(to: path, among: Self.topLevelKeys) {
      return start + Suggestion.phrase(near)
    }
    if let key = Suggestion.key(for: path) { return start + Suggestion.phrase(key) }
    let section = path.split(separator: ".").dropLast().joined(separator: ".")
    let position =
      section.isEmpty ? "here" : ConfigurationSchema.sections.contains(section) ? "in \(section)" : "at the top"
    return "\(start); allowed \(position): \(Self.children(of: section).joined(separator: ", "))"
  }

  /// What a key means that is unknown because of where it stands: a member of variants, or a key that names its section once more; nil
  /// for other keys.
  private func cureInItsPlace(_ path: String) -> String? {
    if isReadingVariant, let near = Suggestion.nearest(to: path, among: ["label", "grid"]) {
      return Suggestion.phrase(near)
    }
    let parts = path.split(separator: ".").map(String.init)
    guard parts.count > 1, parts[0] == parts[1] else { return nil }
    let whole = parts.dropFirst().joined(separator: ".")
    if parts.count == 2, ConfigurationSchema.sections.contains(whole) {
      return "; the keys of \(whole) stand in it without another \(whole) around them"
    }
    return isKey(whole) ? "; inside \(parts[0]) it is written \(parts.dropFirst(2).joined(separator: "."))" : nil
  }

  /// The keys of a sweep file's top level.
  static let topLevelKeys = SweepMember.topLevel.map(\.name)

  /// Those of them that are no part of a configuration: no grid, variant or dotted key reaches into them.
  static let wholeKeys = Set(SweepMember.topLevel.filter { !$0.isSection }.map(\.name))

  static func children(of section: String) -> [String] {
    guard ConfigurationSchema.sections.contains(section) else { return topLevelKeys }
    var children: [String] = []
    for key in ConfigurationSchema.keys where key.path.hasPrefix(section + ".") {
      let child = String(key.path.dropFirst(section.count + 1).prefix { $0 != "." })
      if !children.contains(child) { children.append(child) }
    }
    return children
  }
}
