// Reads values that are objects of names with objects, such as `task.dev_sets`: what is wrong inside one is told where it
// stands, and so is a file that one names.

import JSON5
import KeyValues
import Trials

extension ValueKind {
  /// Whether a value is an object of named objects.
  var hasObjects: Bool {
    if case .objects = self { true } else { false }
  }
}

extension SweepReader {
  /// Notes what is wrong inside a value that is an object of named objects; returns whether anything was.
  mutating func noteProblems(ofObjectsIn node: JSONNode, of key: ConfigurationKey) -> Bool {
    guard case .objects(let known, let limit) = key.kind, let entries = node.members else { return false }
    if entries.count > limit {
      note(entries[limit].keyRange, "\(key.path): \(entries.count) entries are more than the \(limit) allowed")
    }
    var isNoted = entries.count > limit
    for entry in entries {
      let path = "\(key.path).\(entry.key)"
      if !ValueKind.isName(entry.key) {
        note(
          entry.keyRange, "\(key.path): expected a \(ValueKind.allowedName), found \(JSONWriter.quoted(entry.key))")
        isNoted = true
      } else if let members = entry.value.members {
        for member in members where noteProblem(of: member, at: path, known) { isNoted = true }
      } else {
        note(
          entry.value.range,
          "\(path): expected an object of \(ObjectMember.list(known)), found \(found(entry.value))")
        isNoted = true
      }
    }
    return isNoted
  }

  private mutating func noteProblem(of member: JSONMember, at path: String, _ known: [ObjectMember]) -> Bool {
    guard let expected = known.first(where: { $0.name == member.key }) else {
      let near = Suggestion.phrase(Suggestion.nearest(to: member.key, among: known.map(\.name)))
      note(
        member.keyRange,
        "unknown key \(JSONWriter.quoted("\(path).\(member.key)"))"
          + (near.isEmpty ? "; allowed are \(ObjectMember.list(known))" : near))
      return true
    }
    guard expected.kind.value(of: member.value) == nil else { return false }
    var cure = ""
    if case .choice(let words) = expected.kind, let text = member.value.stringValue {
      cure = Suggestion.phrase(Suggestion.nearest(to: text, among: words))
    }
    note(
      member.value.range,
      "\(path).\(member.key): expected \(expected.kind.allowed), found \(found(member.value))\(cure)")
    return true
  }

  /// The value of a key whose paths are made absolute, with where each of them stands.
  func located(_ value: KeyValue, _ node: JSONNode, kind: ValueKind) -> (value: KeyValue, paths: [Sweep.GivenPath]) {
    guard case .objects(let known, _) = kind, case .table(let entries) = value else { return (value, []) }
    let directory = sources[Int(node.range.source)].directory
    let pathNames = known.filter { $0.kind == .path }.map(\.name)
    let located = entries.map { entry -> NamedValue in
      guard case .table(let members) = entry.value else { return entry }
      return NamedValue(
        entry.name,
        .table(
          members.map { member in
            pathNames.contains(member.name)
              ? NamedValue(member.name, .text(Self.resolve(member.value.text, against: directory))) : member
          }))
    }
    let given = (node.members ?? []).flatMap { $0.value.members ?? [] }.filter { pathNames.contains($0.key) }
    let paths = given.compactMap { member in
      member.value.stringValue.map {
        Sweep.GivenPath(path: Self.resolve($0, against: directory), range: member.value.range)
      }
    }
    return (.table(located), paths)
  }
}
