// Reads sweep files. A file that extends another starts from what that one says: keys replace keys, axes replace axes of
// the same key, variants of the same name are merged, and a null takes away what was inherited.

import Files
import Glibc
import JSON5
import KeyValues
import Trials

extension SweepReader {
  /// What a file and those it extends say; nil if it cannot be read, which was noted.
  ///
  /// - Parameters:
  ///   - path: The absolute path.
  ///   - name: What the file is called in messages.
  ///   - chain: The files that led here.
  ///   - referrer: Where another file names this one.
  mutating func contents(
    ofFile path: String, name: String, chain: [String] = [], referrer: SourceRange? = nil
  ) -> SweepContents? {
    guard let (source, members) = members(ofFile: path, name: name, referrer: referrer) else { return nil }
    var contents = SweepContents()
    if let member = members.first(where: { $0.key == "extends" }) {
      let chain = chain + [Self.canonical(path)]
      if case .null = member.value.content {
      } else if let inherited = inherited(member.value, by: path, name: name, chain: chain) {
        contents = inherited
      } else {
        lacksInherited = true
      }
    }
    if members.contains(where: { $0.key == "program" && $0.value.content == .null }) {
      program = nil
      contents.removeProgram()
    }
    declareProgram(members)
    // What a file gives by itself replaces inherited tasks and axes; its own tasks and its grid come on top.
    applySettings(of: members, to: &contents)
    for member in members where member.key != "grid" { apply(member, to: &contents) }
    for member in members where member.key == "grid" { apply(member, to: &contents) }
    if chain.isEmpty, contents.name == nil { contents.name = Named(text: Self.stem(name), range: start(of: source)) }
    return contents
  }

  /// The start of a text.
  func start(of source: Int) -> SourceRange { SourceRange(source: source, start: 0, end: 0) }

  private mutating func members(
    ofFile path: String, name: String, referrer: SourceRange?
  ) -> (source: Int, members: [JSONMember])? {
    let source = sources.count
    sources.append(Source(name: name, bytes: [], directory: Self.directory(of: path)))
    do {
      let unwritten = unwrittenFile?.path == path ? unwrittenFile?.bytes : nil
      sources[source].bytes = try unwritten ?? InputFile.contents(of: path, atMost: Self.longestText)
    } catch {
      let reason = (error as? FileError)?.reason ?? "\(error)"
      if let referrer {
        note(referrer, "extends: the file \(name) cannot be read: \(reason)")
      } else {
        note(Diagnostics([Diagnostic(name: name, message: "the file cannot be read: \(reason)")]), source: source)
      }
      return nil
    }
    do throws(Diagnostics) {
      let node = try read(source: source)
      if let members = node.members { return (source, members) }
      note(node.range, "expected a sweep, an object in braces, found \(found(node))")
    } catch {
      if let other = OtherFormats.problem(of: sources[source].bytes) {
        note(SourceRange(source: source, start: other.offset, end: other.offset), other.message)
      } else {
        note(error, source: source)
      }
    }
    return nil
  }

  /// A text as JSON5, its duplicate keys noted.
  private mutating func read(source: Int) throws(Diagnostics) -> JSONNode {
    let (bytes, name) = (sources[source].bytes, sources[source].name)
    var duplicates: [Diagnostic] = []
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONNode, Diagnostics> in
      do throws(Diagnostics) {
        return .success(try JSONReader.read(buffer, name: name, source: source, duplicates: &duplicates))
      } catch {
        return .failure(error)
      }
    }
    if !duplicates.isEmpty { note(Diagnostics(duplicates), source: source) }
    return try result.get()
  }

  private mutating func inherited(_ node: JSONNode, by path: String, name: String, chain: [String]) -> SweepContents? {
    guard let written = node.stringValue, !written.isEmpty else {
      note(node.range, "extends: expected the path of another sweep file, found \(found(node))")
      return nil
    }
    let target = Self.resolve(written, against: Self.directory(of: path))
    let canonical = Self.canonical(target)
    guard !chain.contains(where: { $0.isSpelled(like: canonical) }) else {
      let names = (chain + [target]).map { $0.split(separator: "/").last.map(String.init) ?? $0 }
      note(node.range, "extends: the files extend each other: \(names.joined(separator: " -> "))")
      return nil
    }
    let shown = written.hasPrefix("/") || !name.contains("/") ? written : "\(Self.directory(of: name))/\(written)"
    return contents(ofFile: target, name: shown, chain: chain, referrer: node.range)
  }

  /// The one path of a file, however it was reached.
  private static func canonical(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// A file's name without folder and extension.
  private static func stem(_ name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    guard let dot = last.lastIndex(of: "."), dot > last.startIndex else { return last }
    return String(last[..<dot])
  }

  /// The keys of which each names a task.
  private static let taskNamingKeys = ["task.name", "task.data", "task.train", "task.dev"]

  /// Folds in the configuration keys at the top level of a file, all at once, so that their order does not matter. A `task` that names
  /// one replaces an inherited list of tasks; what else is given of `task` holds for each task of the list.
  private mutating func applySettings(of members: [JSONMember], to contents: inout SweepContents) {
    let settings = members.filter { !Self.wholeKeys.contains($0.key) }
    let layer = layer(ofMembersOf: settings, namesParameters: false)
    let namesTask =
      settings.contains { $0.key == "task" && $0.value.content == .null }
      || layer.settings.contains { Self.taskNamingKeys.contains($0.key.path) && $0.value != .null }
    if let tasks = members.first(where: { $0.key == "tasks" }) {
      contents.removeTasks()
      if namesTask { note(tasks.keyRange, "tasks: give either task or tasks, not both") }
    } else if namesTask, contents.tasks != nil {
      contents.removeTasks()
    }
    contents.giveTasks(layer)
    noteLoss(from: contents.axes, by: layer, grid: members.first { $0.key == "grid" }?.value)
    contents.replacedAxes = contents.axes.remove(touching: layer)
    contents.base.merge(layer)
  }

  /// Folds one top-level member that is no configuration key into what is known so far.
  mutating func apply(_ member: JSONMember, to contents: inout SweepContents) {
    switch member.key {
    case "extends": break
    case "name": contents.name = member.value.content == .null ? nil : text(member) ?? contents.name
    case "seeds": contents.seeds = member.value
    case "tasks": applyTasks(member, to: &contents)
    case "grid": _ = applyGrid(member, replaced: contents.replacedAxes, to: &contents.axes)
    case "variants": applyVariants(member, to: &contents)
    case "compare": applyCompare(member, to: &contents)
    case "stop":
      contents.stop = stop(member.value).map { ($0, Named(text: member.key, range: member.keyRange)) }
    default: break
    }
  }

  /// The text of a member of `parent`.
  private mutating func text(_ member: JSONMember, of parent: String? = nil) -> Named? {
    if let text = member.value.stringValue, !text.isEmpty { return Named(text: text, range: member.value.range) }
    let path = parent.map { "\($0).\(member.key)" } ?? member.key
    note(member.value.range, "\(path): expected a text in quotes, found \(found(member.value))")
    return nil
  }

  private mutating func applyTasks(_ member: JSONMember, to contents: inout SweepContents) {
    guard let elements = member.value.elements, !elements.isEmpty else {
      note(member.value.range, "tasks: expected a list of at least one task, found \(found(member.value))")
      return
    }
    contents.tasks = elements.map { element in
      if let members = element.members { return layer(ofMembersOf: members, at: "task") }
      note(
        element.range,
        "tasks: expected an object such as { name: \"rte\", data: \"glue/RTE\" }, found \(found(element))")
      return Layer()
    }
  }

  /// Folds in a grid; returns the keys that it takes away without their having been axes. Values beside the grid took the place of
  /// the axes `replaced`.
  private mutating func applyGrid(
    _ member: JSONMember, at grid: String = "grid", replaced: Set<String>, to axes: inout AxisList
  ) -> [Named] {
    if case .null = member.value.content {
      axes.removeAll()
      return []
    }
    guard let members = member.value.members else {
      note(member.value.range, "\(grid): expected an object of keys with lists of values, found \(found(member.value))")
      return []
    }
    var given: [String: SourceRange] = [:]
    var idle: [Named] = []
    for entry in members {
      let path = fullPath(entry.key)
      let name = parameterName(path) ?? path
      if let first = given[name] {
        note(entry.keyRange, "\(path) is given twice; it is first given \(atLocation(first, seenFrom: entry.keyRange))")
        continue
      }
      given[name] = entry.keyRange
      guard case .null = entry.value.content else {
        if let axis = axis(entry) { axes.set(axis) }
        continue
      }
      if axes.axes.contains(where: { $0.path == name }) {
        axes.remove(path: name)
      } else if replaced.contains(name) {
        continue
      } else if let other = axes.axis(over: path) {
        note(
          entry.keyRange,
          "\(grid): there is no axis over \(name) that null could take away; write \(Self.written(other.path)): null to take away the "
            + "axis \(other.path) (\(location(other.range, seenFrom: entry.keyRange)))")
      } else if isKey(path) {
        idle.append(Named(text: name, range: entry.keyRange))
      } else {
        noteUnknownKey(path, entry.keyRange)
      }
    }
    return idle
  }

  /// An axis of the grid: a key or section and its values.
  mutating func axis(_ member: JSONMember) -> Axis? {
    let path = fullPath(member.key)
    guard isKey(path) else {
      noteUnknownKey(path, member.keyRange)
      return nil
    }
    guard let elements = member.value.elements, !elements.isEmpty else {
      let isPlain = member.value.members == nil && member.value.elements == nil && member.value.content != .null
      note(
        member.value.range,
        "\(path): expected a list of at least one value, found \(found(member.value))"
          + (isPlain ? "; write [\(text(member.value.range))]" : ""))
      return nil
    }
    isReadingAxis = true
    defer { isReadingAxis = false }
    var axis = Axis(path: parameterName(path) ?? path, range: member.keyRange, values: [])
    var firstValues: [[Int: KeyValue]: Axis.Value] = [:]
    for element in elements {
      let layer = layer(element, at: path, keyRange: element.range)
      let value = Axis.Value(layer: layer, node: element, text: axisText(element, at: path))
      if let values = layer.values {
        // A text that stands in other bytes is noted with those of the whole sweep.
        if let first = firstValues[values], first.text != value.text || first.text.isSpelled(like: value.text) {
          note(
            element.range,
            "\(path): \(text(element.range)) is given twice; it is first given "
              + atLocation(first.range, seenFrom: element.range))
          continue
        }
        firstValues[values] = value
      }
      axis.values.append(value)
    }
    return axis
  }

  /// The text of a value of an axis.
  ///
  /// - Parameters:
  ///   - path: The path of the value's key.
  ///   - shifted: The values of keys that a shift changed, by their paths: they stand in place of those written.
  func axisText(_ node: JSONNode, at path: String, shifted: [String: KeyValue] = [:]) -> String {
    if let value = shifted[path] { return value.text }
    return switch node.content {
    case .null: "null"
    case .boolean(let flag): flag ? "true" : "false"
    case .integer(let integer): (integer.isNegative ? "-" : "") + String(integer.magnitude)
    case .number(let number): JSONWriter.number(number)
    case .string(let text): text
    case .array(let elements): "[" + elements.map { axisText($0, at: path) }.joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + members.map { "\($0.key): \(axisText($0.value, at: "\(path).\($0.key)", shifted: shifted))" }
        .joined(separator: ", ") + "}"
    }
  }

  private mutating func applyVariants(_ member: JSONMember, to contents: inout SweepContents) {
    if case .null = member.value.content { return contents.variants.removeAll() }
    guard let members = member.value.members else {
      note(
        member.value.range, "variants: expected an object of names with objects of keys, found \(found(member.value))")
      return
    }
    let inherited = contents.variants.map(\.name)
    for entry in members {
      if entry.value.content == .null, !inherited.contains(entry.key), !inherited.isEmpty, !lacksInherited {
        let near = Suggestion.phrase(Suggestion.nearest(to: entry.key, among: inherited))
        let list = "; there are \(inherited.joined(separator: ", "))"
        note(
          entry.keyRange,
          "variants.\(entry.key): null takes away a variant of the file that this one extends, which has no variant "
            + JSONWriter.quoted(entry.key) + (near.isEmpty ? list : near))
      }
      applyVariant(entry, to: &contents)
    }
  }

  private mutating func applyVariant(_ entry: JSONMember, to contents: inout SweepContents) {
    if case .null = entry.value.content { return contents.variants.removeAll { $0.name == entry.key } }
    guard let members = entry.value.members else {
      note(entry.value.range, "variants.\(entry.key): expected an object of keys, found \(found(entry.value))")
      return
    }
    if entry.key.isEmpty { note(entry.keyRange, "variants: a variant needs a name that is not empty") }
    var variant = Variant(name: entry.key, range: entry.keyRange)
    let known = contents.variants.firstIndex { $0.name == entry.key }
    if let known { variant = contents.variants[known] }
    variant.range = entry.keyRange
    if let label = members.first(where: { $0.key == "label" }) {
      variant.label =
        label.value.content == .null ? nil : text(label, of: "variants.\(entry.key)") ?? variant.label
    }
    isReadingVariant = true
    let layer = layer(ofMembersOf: members, except: ["label", "grid"])
    isReadingVariant = false
    let grid = members.first { $0.key == "grid" }
    noteLoss(from: variant.axes, by: layer, grid: grid?.value)
    let replaced = variant.axes.remove(touching: layer)
    if let grid {
      variant.idleNulls = applyGrid(
        grid, at: "variants.\(entry.key).grid", replaced: replaced, to: &variant.axes)
    }
    // What the variant's own grid gives replaces an inherited value; beside a value of the same text it is a conflict.
    variant.layer.removeAll(where: variant.axes.gives)
    variant.layer.merge(layer)
    if let known { contents.variants[known] = variant } else { contents.variants.append(variant) }
  }

  private mutating func applyCompare(_ member: JSONMember, to contents: inout SweepContents) {
    contents.lostComparisons = nil
    if case .null = member.value.content { return (contents.reference, contents.pairs) = (nil, []) }
    guard let members = member.value.members else {
      note(
        member.value.range,
        "compare: expected an object such as { reference: \"default\" }, found \(found(member.value))"
          + (member.value.elements == nil ? "" : "; pairs are written as { pairs: [[\"better\", \"default\"]] }"))
      return
    }
    let given = members.filter { $0.value.content != .null }
    if given.contains(where: { $0.key == "reference" }), let pairs = given.first(where: { $0.key == "pairs" }) {
      note(pairs.keyRange, "compare: give either reference or pairs, not both")
    }
    for entry in members {
      switch entry.key {
      case "reference" where entry.value.content == .null: contents.reference = nil
      case "pairs" where entry.value.content == .null: contents.pairs = []
      case "reference": (contents.reference, contents.pairs) = (text(entry, of: "compare") ?? contents.reference, [])
      case "pairs": (contents.reference, contents.pairs) = (nil, pairs(entry.value))
      default:
        let allowed = SweepMember.names(in: "compare")
        let near = Suggestion.phrase(Suggestion.nearest(to: entry.key, among: allowed))
        note(
          entry.keyRange,
          "unknown key \(JSONWriter.quoted("compare.\(entry.key)"))"
            + (near.isEmpty ? "; allowed in compare: \(allowed.joined(separator: ", "))" : near))
      }
    }
  }

  /// `[["a", "b"], ["c", "b"]]`: pairs of two variants.
  private mutating func pairs(_ node: JSONNode) -> [(first: Named, second: Named)] {
    let elements = node.elements ?? []
    let pairs = elements.compactMap { element -> (first: Named, second: Named)? in
      let names = (element.elements ?? []).compactMap { node in
        node.stringValue.map { Named(text: $0, range: node.range) }
      }
      guard names.count == 2, element.elements?.count == 2, names[0].text != names[1].text else { return nil }
      return (names[0], names[1])
    }
    guard !elements.isEmpty, pairs.count == elements.count else {
      note(
        node.range,
        "compare.pairs: expected pairs of two different variants such as [[\"corrected\", \"default\"]], found "
          + text(node.range))
      return []
    }
    var ranges: [Set<String>: SourceRange] = [:]
    for (pair, element) in zip(pairs, elements) {
      let names = Set([pair.first.text, pair.second.text])
      if let first = ranges[names] {
        note(
          element.range,
          "compare.pairs: \(text(element.range)) is compared twice, in either order; it is first given "
            + atLocation(first, seenFrom: element.range))
      } else {
        ranges[names] = element.range
      }
    }
    return pairs
  }
}
