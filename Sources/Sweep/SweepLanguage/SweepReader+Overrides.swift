// Reads `KEY=VALUE` arguments. The value is JSON5, and what is no JSON5 is taken as a text; a list is a grid axis, unless the
// key's values are lists themselves. What the command line gives wins over file, variants and grid. The order of the arguments
// does not matter.

import JSON5
import KeyValues
import Trials

extension SweepReader {
  /// Folds the arguments into what the files say.
  mutating func apply(_ arguments: [String], workingDirectory: String, to contents: inout SweepContents) {
    var firstByKey: [String: String] = [:]
    contents.replacedAxes = []
    var (settings, axes, gridAxes): ([JSONMember], [JSONMember], [JSONMember]) = ([], [], [])
    for argument in arguments {
      let source = sources.count
      sources.append(
        Source(name: argument, bytes: Array(argument.utf8), isArgument: true, directory: workingDirectory))
      guard let member = member(source: source) else { continue }
      let key = member.key == "compare.reference" ? "compare" : member.key
      if let first = firstByKey[key] {
        note(member.keyRange, "\(key) is given twice on the command line; first as \(first)")
        continue
      }
      firstByKey[key] = argument
      if key == "grid", let entries = member.value.members {
        // Each of its axes wins as a list by itself does.
        gridAxes = entries.filter { $0.value.content != .null }
        let nulls = entries.filter { $0.value.content == .null }
        apply(
          JSONMember(key: key, keyRange: member.keyRange, value: JSONNode(.object(nulls), at: member.value.range)),
          to: &contents)
      } else if Self.wholeKeys.contains(key) {
        apply(argument: member, to: &contents)
      } else if isAxis(member) {
        axes.append(member)
      } else {
        settings.append(member)
      }
    }
    apply(settings: settings, axes: gridAxes + axes, to: &contents)
    if let range = contents.lostComparisons {
      note(
        range,
        "no declared comparison is left among these variants; select a reference too, or add compare={reference:\"NAME\"}, or compare=null for none"
      )
    }
  }

  /// Whether an argument is an axis of the grid: a list, of lists or objects where the key's own values are lists.
  private func isAxis(_ member: JSONMember) -> Bool {
    guard let elements = member.value.elements else { return false }
    switch ConfigurationSchema.key(at: fullPath(member.key))?.kind {
    case .texts, .files: return !elements.isEmpty && elements.allSatisfy { $0.elements != nil || $0.members != nil }
    default: return true
    }
  }

  /// Folds in the arguments that give configuration keys: lists as axes of the grid, other values all at once.
  private mutating func apply(
    settings members: [JSONMember], axes lists: [JSONMember], to contents: inout SweepContents
  ) {
    let axes = lists.compactMap { axis($0) }
    var layer = layer(ofMembersOf: members)
    layer.removeAll { setting in
      setting.yields && axes.contains { axis in axis.values.contains { $0.layer[setting.index] != nil } }
    }
    let values = layer
    func isGiven(_ setting: Setting) -> Bool {
      values[setting.index] != nil
        || axes.contains { axis in axis.values.allSatisfy { $0.layer[setting.index] != nil } }
    }
    if contents.hasOverridingTasks {
      let common = contents.commonOfTasks
      let loss = contents.loss(by: [common]) { common[$0.index] != nil || isGiven($0) }
      noteLoss(loss, by: [common], toA: "list") {
        "give \($0.keys.count == 1 ? "it" : "them") to every task as well, or take the axis away with grid="
          + "{ \(Self.written($0.axis.path)): null }"
      }
      contents.overrideWithTasks()
    }
    for (index, axis) in axes.enumerated() {
      let earlier = axes[..<index].compactMap { other in other.conflict(with: axis).map { ($0, other.range) } }.first
      if let setting = axis.conflict(with: layer) {
        noteTwice(setting.key.path, axis.range, setting.range)
      } else if let (setting, range) = earlier {
        noteTwice(setting.key.path, axis.range, range)
      }
      let layers = axis.values.map(\.layer)
      noteLoss(contents.loss(by: layers, except: [axis.path], isGiven: isGiven), by: layers, toA: "list") { _ in
        "give objects with all these keys"
      }
      contents.override(with: axis)
    }
    noteLoss(contents.loss(by: [layer], isGiven: isGiven), by: [layer], toA: "value") {
      "give \($0.keys.map { "\($0)=VALUE" }.joined(separator: " ")) as well"
    }
    contents.override(with: layer)
  }

  /// Notes a key that two arguments give, at the later one.
  private mutating func noteTwice(_ path: String, _ one: SourceRange, _ other: SourceRange) {
    let (first, second) = one.source < other.source ? (one, other) : (other, one)
    note(second, "\(path) is given twice; it is first given \(atLocation(first, seenFrom: second))")
  }

  /// The key and the value of an argument.
  private mutating func member(source: Int) -> JSONMember? {
    let bytes = sources[source].bytes
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
      note(start(of: source), "expected KEY=VALUE, such as optimizer.learning_rate=3e-5")
      return nil
    }
    let key = String(decoding: bytes[..<equals], as: UTF8.self)
    let keyRange = SourceRange(source: source, start: 0, end: equals)
    let valueBytes = bytes[(equals + 1)...]
    let range = SourceRange(source: source, start: equals + 1, end: bytes.count)
    do throws(Diagnostics) {
      // With spaces in place of the key, ranges and positions are those of the whole argument.
      let padded: [UInt8] = Array(repeating: UInt8(ascii: " "), count: equals + 1) + valueBytes
      let node = try JSONReader.read(padded, name: sources[source].name, source: source)
      return JSONMember(key: key, keyRange: keyRange, value: node)
    } catch {
      if let first = valueBytes.first, "{[\"'".utf8.contains(first) {
        note(error, source: source)
        return nil
      }
      let text = String(decoding: valueBytes, as: UTF8.self)
      return JSONMember(key: key, keyRange: keyRange, value: JSONNode(.string(text), at: range))
    }
  }

  private mutating func apply(argument member: JSONMember, to contents: inout SweepContents) {
    switch member.key {
    case "extends": note(member.keyRange, "extends belongs into the sweep file")
    case "name": applyName(member, to: &contents)
    case "variants": selectVariants(member, in: &contents)
    case "compare.reference":
      let reference = JSONMember(key: "reference", keyRange: member.keyRange, value: member.value)
      let value = JSONNode(.object([reference]), at: member.value.range)
      apply(JSONMember(key: "compare", keyRange: member.keyRange, value: value), to: &contents)
    case "tasks":
      contents.removeTasks()
      apply(member, to: &contents)
      contents.hasOverridingTasks = true
    default: apply(member, to: &contents)
    }
  }

  private mutating func applyName(_ member: JSONMember, to contents: inout SweepContents) {
    let name = member.value.stringValue ?? wholeText(member.value.range)
    if name.isEmpty { return note(member.value.range, "name: expected a text that is not empty") }
    contents.name = Named(text: name, range: member.value.range)
  }

  /// Keeps the variants that a list, or words joined by commas, names, in the order of the file.
  private mutating func selectVariants(_ member: JSONMember, in contents: inout SweepContents) {
    let names: [String]
    if let text = member.value.stringValue {
      names = text.split(separator: ",").map(String.init)
    } else {
      names = member.value.elements?.compactMap(\.stringValue) ?? []
    }
    guard !names.isEmpty, names.count == member.value.elements?.count ?? names.count else {
      return note(member.value.range, "variants: expected names joined by commas, such as variants=default,corrected")
    }
    let known = contents.variants.map(\.name)
    let hasComparisons = contents.reference != nil || !contents.pairs.isEmpty
    for name in names where !known.contains(name) {
      let near = Suggestion.phrase(Suggestion.nearest(to: name, among: known))
      let allowed = known.isEmpty ? "; the sweep has no variants" : "; it has \(known.joined(separator: ", "))"
      note(member.value.range, "the sweep has no variant \(JSONWriter.quoted(name))\(near.isEmpty ? allowed : near)")
    }
    contents.variants.removeAll { !names.contains($0.name) }
    // A reference that was not selected is nothing to compare with, and no mistake where one variant is left.
    if let reference = contents.reference?.text, known.contains(reference), !names.contains(reference) {
      contents.reference = nil
    }
    contents.pairs.removeAll { pair in
      [pair.first.text, pair.second.text].contains { known.contains($0) && !names.contains($0) }
    }
    if hasComparisons, contents.reference == nil, contents.pairs.isEmpty, contents.variants.count > 1 {
      contents.lostComparisons = member.value.range
    }
  }
}
