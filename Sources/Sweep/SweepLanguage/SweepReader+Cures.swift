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
    case .array(let elements): return elements.isEmpty ? "" : gridCure(node, key.path)
    default: return ""
    }
  }

  /// A value of the kind in quotes, or a truth value of another language.
  private func cure(forText text: String, _ kind: ValueKind) -> String {
    if let node = try? JSONReader.read(text, name: ""), let value = kind.value(of: node), value != .null {
      return "; remove the quotes"
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
    let name = path.contains(".") ? JSONWriter.quoted(path) : path
    return "; several values go into the grid: grid: { \(name): \(text(node.range)) }"
  }
}
