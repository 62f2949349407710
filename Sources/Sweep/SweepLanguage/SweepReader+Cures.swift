// What to type instead of a value that is not allowed: the end of an error's sentence, or nothing where no cure is known.

import JSON5
import KeyValues
import Trials

extension SweepReader {
  /// What to write instead of a value that a key does not take.
  func cure(for node: JSONNode, of key: ConfigurationKey) -> String {
    switch node.content {
    case .string(let text):
      if case .choice(let words) = key.kind {
        if let advice = ForeignValues.advice(for: text, of: key.path) { return "; \(advice)" }
        return Suggestion.phrase(Suggestion.nearest(to: text, among: words))
      }
      return cure(forText: text, key.kind)
    case .array(let elements): return cure(forList: elements, node, of: key)
    case .object(let members) where key.kind == .textTable:
      let bare = members.first { $0.value.booleanValue != nil || $0.value.doubleValue != nil }
      return bare.map { "; \(text($0.value.range)) of \($0.key) needs quotes" } ?? ""
    default: return ""
    }
  }

  /// What to write instead of a list: an axis of the grid, or texts where the key's own values are lists.
  private func cure(forList elements: [JSONNode], _ node: JSONNode, of key: ConfigurationKey) -> String {
    switch key.kind {
    case .texts, .files:
      if !elements.isEmpty, elements.allSatisfy({ key.kind.value(of: $0) != nil }) { return gridCure(node, key.path) }
      let bare = elements.first { $0.stringValue == nil && $0.elements == nil && $0.members == nil }
      return bare.map { "; \(text($0.range)) needs quotes" } ?? ""
    default: return elements.isEmpty ? "" : gridCure(node, key.path)
    }
  }

  /// A value of the kind in quotes or with a unit, or a truth value of another language.
  private func cure(forText text: String, _ kind: ValueKind) -> String {
    if let node = try? JSONReader.read(text, name: ""), let value = kind.value(of: node), value != .null {
      return "; remove the quotes"
    }
    if case .number(let limits) = kind, let number = limits.number(meantBy: text) {
      return "; write \(number.decimalText)"
    }
    guard kind == .boolean else { return "" }
    switch text.lowercased() {
    case "yes", "on", "true", "1": return "; write true"
    case "no", "off", "false", "0": return "; write false"
    default: return ""
    }
  }

  /// What to write instead of something that is no object for a section.
  func cure(for node: JSONNode, ofSection path: String) -> String {
    if let elements = node.elements {
      if elements.isEmpty || isReadingAxis { return "" }
      if path == "task" { return "; several tasks go into tasks: [...], in place of task" }
      if elements.allSatisfy({ $0.members != nil }) { return gridCure(node, path) }
      guard let key = plainKey(ofSection: path), elements.allSatisfy({ key.kind.value(of: $0) != nil }) else {
        return ""
      }
      return gridCure(node, key.path)
    }
    guard let key = plainKey(ofSection: path), key.kind.value(of: node) != nil else { return "" }
    let name = key.path.dropFirst(path.count + 1)
    return sources[Int(node.range.source)].isArgument
      ? "; write \(key.path)=\(text(node.range))" : "; write \(path): { \(name): \(text(node.range)) }"
  }

  /// The key of a section that a plain value means, such as the path of a model: its first.
  private func plainKey(ofSection path: String) -> ConfigurationKey? {
    ConfigurationSchema.keys.first { $0.path.hasPrefix(path + ".") }
  }

  /// Where several values of a key belong.
  private func gridCure(_ node: JSONNode, _ path: String) -> String {
    if isReadingAxis { return "" }
    if sources[Int(node.range.source)].isArgument { return "; several values are written \(path)=\(text(node.range))" }
    return "; several values go into the grid: grid: { \(Self.written(path)): \(text(node.range)) }"
  }

  /// Notes keys that are lost with an axis in whose place layers are put, and what to write instead.
  ///
  /// - Parameters:
  ///   - loss: The keys and the axis; nil for none.
  ///   - what: What gives the layers: a value or a list.
  ///   - cure: The end of the sentence.
  mutating func noteLoss(_ loss: AxisLoss?, by layers: [Layer], toA what: String, cure: (AxisLoss) -> String) {
    guard let loss, let setting = layers.lazy.compactMap({ loss.axis.conflict(with: $0) }).first else { return }
    let axis = "the axis \(loss.axis.path) (\(location(loss.axis.range, seenFrom: setting.range)))"
    note(
      setting.range,
      "\(enumeration(loss.keys)) would be lost with \(axis) that this \(what) replaces; \(cure(loss))")
  }

  /// Notes keys that a value would take away with an inherited axis, unless the grid beside the value says which values they have.
  mutating func noteLoss(from axes: AxisList, by layer: Layer, grid: JSONNode?) {
    if grid?.content == .null { return }
    let paths = Set((grid?.members ?? []).map { fullPath($0.key) })
    let names = Set(paths.map { parameterName($0) ?? $0 })
    let loss = axes.loss(by: [layer], except: names) { layer[$0.index] != nil || paths.contains($0.key.path) }
    noteLoss(loss, by: [layer], toA: "value") {
      "give \($0.keys.count == 1 ? "it" : "them") as well, or take the axis away with grid: "
        + "{ \(Self.written($0.axis.path)): null }"
    }
  }

  /// A key as a sweep file has it: in quotes if it has a dot.
  static func written(_ path: String) -> String { path.contains(".") ? JSONWriter.quoted(path) : path }
}

/// The words as a list in a sentence: "a, b and c".
func enumeration(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}
