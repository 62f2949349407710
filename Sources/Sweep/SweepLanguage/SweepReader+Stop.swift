// Reads `stop`: the rule by which a recipe's further seeds are left out.

import JSON5
import Trials

extension SweepReader {
  private static let stopForm = "an object such as { half_width: 0.1, looks: [25, 50, 100] }"

  /// The rule that a value of `stop` gives; nil for null and where something is wrong with it.
  mutating func stop(_ node: JSONNode) -> SequentialStop? {
    if case .null = node.content { return nil }
    guard let members = node.members else {
      note(node.range, "stop: expected \(Self.stopForm), found \(found(node))")
      return nil
    }
    let allowed = SweepMember.names(in: "stop")
    for member in members where !allowed.contains(member.key) {
      let near = Suggestion.phrase(Suggestion.nearest(to: member.key, among: allowed))
      note(
        member.keyRange,
        "unknown key \(JSONWriter.quoted("stop.\(member.key)"))"
          + (near.isEmpty ? "; allowed in stop: \(allowed.joined(separator: ", "))" : near))
    }
    for key in ["half_width", "looks"] where node[key] == nil {
      note(node.range, "stop.\(key): missing; stop is \(Self.stopForm)")
    }
    let width = node["half_width"].flatMap { stopNumber($0, "half_width", above: 0, below: 0.5) }
    let level = node["level"].flatMap { stopNumber($0, "level", above: 0.5, below: 1) } ?? 0.95
    guard let looks = node["looks"].flatMap({ stopLooks($0) }), let width else { return nil }
    return SequentialStop(halfWidth: width, looks: looks, level: level)
  }

  private mutating func stopNumber(_ node: JSONNode, _ key: String, above low: Double, below high: Double) -> Double? {
    if let number = node.doubleValue, number > low, number < high { return number }
    note(node.range, "stop.\(key): expected a number above \(low) and below \(high), found \(found(node))")
    return nil
  }

  private mutating func stopLooks(_ node: JSONNode) -> [Int]? {
    let looks = node.elements?.compactMap { $0.wholeNumber.flatMap { Int($0) } } ?? []
    let isIncreasing = zip(looks, looks.dropFirst()).allSatisfy { $0 < $1 }
    if let first = looks.first, first > 0, isIncreasing, looks.count == node.elements?.count { return looks }
    note(
      node.range, "stop.looks: expected increasing numbers of seeds such as [25, 50, 100], found \(text(node.range))")
    return nil
  }

  /// Notes a rule for seeds that repeat an initialization or an order: such runs do not tell the failure rate one by one.
  mutating func check(_ stop: Named, with seeds: [TrialSeeds]) {
    guard Set(seeds.map(\.initialization)).count < seeds.count || Set(seeds.map(\.order)).count < seeds.count else {
      return
    }
    note(
      stop.range,
      "stop: the seeds repeat an initialization or a data order, so runs depend on each other; stop needs seeds such as "
        + "seeds: 200")
  }
}
