// Reads `seeds`: how many trials a configuration has and which causes of randomness vary together.

import JSON5
import KeyValues
import Trials

extension SweepReader {
  /// How the seeds of the three causes are combined.
  private enum Design: String, CaseIterable {
    /// Every initialization seed with every order seed.
    case crossed
    /// The first with the first, the second with the second.
    case zipped
    /// One seed for everything.
    case tied
  }

  private static let seedsForm =
    "a count such as 25, a list such as [1, 2, 3], { first, count }, or { init, order, dropout, design }"

  /// The seeds of every configuration; empty if something is wrong with them.
  mutating func seeds(_ node: JSONNode) -> [TrialSeeds] {
    guard let members = node.members else {
      return seedList(node, key: "seeds", form: Self.seedsForm).map(TrialSeeds.init(tied:))
    }
    let keys = Set(members.map(\.key))
    let isRun = keys.contains("first") || keys.contains("count")
    let allowed = isRun ? ["first", "count", "design"] : ["init", "order", "dropout", "design"]
    for member in members where !allowed.contains(member.key) {
      let near = Suggestion.phrase(Suggestion.nearest(to: member.key, among: allowed))
      let list = "; allowed \(isRun ? "beside first and count" : "in seeds"): \(allowed.joined(separator: ", "))"
      note(member.keyRange, "unknown key \(JSONWriter.quoted("seeds.\(member.key)"))\(near.isEmpty ? list : near)")
    }
    guard keys.isSubset(of: allowed), let design = design(node["design"], standard: isRun ? .tied : .crossed) else {
      return []
    }
    if isRun {
      if design != .tied, let node = node["design"] {
        note(node.range, "seeds.design: first and count give one seed for everything, which is \"tied\"")
        return []
      }
      return seedRun(node, key: "seeds").map(TrialSeeds.init(tied:))
    }
    return design == .tied ? tied(node, members) : combined(node, design)
  }

  private mutating func design(_ node: JSONNode?, standard: Design) -> Design? {
    guard let node else { return standard }
    if let word = node.stringValue, let design = Design(rawValue: word) { return design }
    let allowed = alternatives(Design.allCases.map { JSONWriter.quoted($0.rawValue) })
    note(node.range, "seeds.design: expected \(allowed), found \(found(node))")
    return nil
  }

  /// `{ init: ..., design: "tied" }`.
  private mutating func tied(_ node: JSONNode, _ members: [JSONMember]) -> [TrialSeeds] {
    guard let list = node["init"] else {
      note(node.range, "seeds.init: missing; the design \"tied\" uses these seeds for everything")
      return []
    }
    for member in members where member.key == "order" || member.key == "dropout" {
      note(member.keyRange, "seeds.\(member.key): the design \"tied\" takes seeds.init for everything; remove this key")
      return []
    }
    return seedList(list, key: "seeds.init").map(TrialSeeds.init(tied:))
  }

  private mutating func combined(_ node: JSONNode, _ design: Design) -> [TrialSeeds] {
    for key in ["init", "order"] where node[key] == nil {
      note(node.range, "seeds.\(key): missing; the design \"\(design.rawValue)\" needs init and order")
    }
    guard let initNode = node["init"], let orderNode = node["order"] else { return [] }
    let repeats = design == .zipped
    let initialization = seedList(initNode, key: "seeds.init", allowsRepeats: repeats)
    let order = seedList(orderNode, key: "seeds.order", allowsRepeats: repeats)
    guard !initialization.isEmpty, !order.isEmpty, let dropout = dropoutSeeds(node["dropout"], repeats: repeats) else {
      return []
    }
    return design == .zipped
      ? zipped(node, initialization, order, dropout) : crossed(node, initialization, order, dropout)
  }

  /// Where the dropout seeds come from.
  private enum DropoutSeeds {
    case order
    case initialization
    case list([UInt64])
  }

  private mutating func dropoutSeeds(_ node: JSONNode?, repeats: Bool) -> DropoutSeeds? {
    guard let node else { return .order }
    if node.stringValue == "order" { return .order }
    if node.stringValue == "init" { return .initialization }
    let form = "\"order\", \"init\", a count or a list of seeds"
    let list = seedList(node, key: "seeds.dropout", form: form, allowsRepeats: repeats)
    return list.isEmpty ? nil : .list(list)
  }

  private mutating func crossed(
    _ node: JSONNode, _ initialization: [UInt64], _ order: [UInt64], _ dropout: DropoutSeeds
  ) -> [TrialSeeds] {
    var dropoutCount = 1
    if case .list(let list) = dropout { dropoutCount = list.count }
    guard initialization.count * order.count <= SweepPlan.maximumTrialCount / dropoutCount else {
      note(node.range, "seeds: crossing them gives more than the \(SweepPlan.maximumTrialCount) trials allowed")
      return []
    }
    var seeds: [TrialSeeds] = []
    seeds.reserveCapacity(initialization.count * order.count * dropoutCount)
    for first in initialization {
      for second in order {
        switch dropout {
        case .order: seeds.append(TrialSeeds(initialization: first, order: second, dropout: second))
        case .initialization: seeds.append(TrialSeeds(initialization: first, order: second, dropout: first))
        case .list(let list):
          for third in list { seeds.append(TrialSeeds(initialization: first, order: second, dropout: third)) }
        }
      }
    }
    return seeds
  }

  private mutating func zipped(
    _ node: JSONNode, _ initialization: [UInt64], _ order: [UInt64], _ dropout: DropoutSeeds
  ) -> [TrialSeeds] {
    let third: [UInt64] =
      switch dropout {
      case .order: order
      case .initialization: initialization
      case .list(let list): list
      }
    guard initialization.count == order.count, order.count == third.count else {
      note(
        node.range,
        "seeds: the design \"zipped\" needs lists of one length, found init \(initialization.count), "
          + "order \(order.count), dropout \(third.count)")
      return []
    }
    let seeds = initialization.indices.map {
      TrialSeeds(initialization: initialization[$0], order: order[$0], dropout: third[$0])
    }
    var seen: Set<TrialSeeds> = []
    for trial in seeds where !seen.insert(trial).inserted {
      note(node.range, "seeds: zipping gives \(trial.title) twice")
      return []
    }
    return seeds
  }

  /// The seeds of a count, a list or `{ first, count }`; empty if something is wrong.
  private mutating func seedList(
    _ node: JSONNode, key: String, form: String = "a count, a list of seeds or { first, count }",
    allowsRepeats: Bool = false
  ) -> [UInt64] {
    switch node.content {
    case .integer,
      .number where node.wholeNumber != nil:
      guard let count = node.wholeNumber.flatMap({ Int($0) }), (1...SweepPlan.maximumTrialCount).contains(count) else {
        note(node.range, "\(key): expected a count from 1 to \(SweepPlan.maximumTrialCount), found \(found(node))")
        return []
      }
      return (1...UInt64(count)).map { $0 }
    case .array(let elements) where !elements.isEmpty:
      return listedSeeds(elements, key: key, allowsRepeats: allowsRepeats)
    case .object where key != "seeds":
      return seedRun(node, key: key)
    default:
      note(node.range, "\(key): expected \(form), found \(found(node))")
      return []
    }
  }

  private mutating func listedSeeds(_ elements: [JSONNode], key: String, allowsRepeats: Bool) -> [UInt64] {
    var seeds: [UInt64] = []
    var firstRange: [UInt64: SourceRange] = [:]
    var isSound = true
    for element in elements {
      guard let seed = element.wholeNumber.flatMap({ UInt64($0) }) else {
        note(element.range, "\(key): expected \(ValueKind.seed.allowed), found \(found(element))")
        isSound = false
        continue
      }
      if let first = firstRange[seed], !allowsRepeats {
        note(
          element.range,
          "\(key): the seed \(seed) is given twice; it is first given \(atLocation(first, seenFrom: element.range))")
        isSound = false
      }
      firstRange[seed] = element.range
      seeds.append(seed)
    }
    return isSound ? seeds : []
  }

  /// The seeds `first ..< first + count`.
  private mutating func seedRun(_ node: JSONNode, key: String) -> [UInt64] {
    let problemCount = problems.count
    // Only the seeds as a whole have a design.
    let allowed = ["first", "count"] + (key == "seeds" ? ["design"] : [])
    for member in node.members ?? [] where !allowed.contains(member.key) {
      note(member.keyRange, "unknown key \(JSONWriter.quoted("\(key).\(member.key)")); allowed: first, count")
    }
    for name in ["first", "count"] where node[name] == nil {
      note(node.range, "\(key).\(name): missing; give both, such as { first: 1001, count: 20 }")
    }
    guard let firstNode = node["first"], let countNode = node["count"], problems.count == problemCount else {
      return []
    }
    guard let first = firstNode.wholeNumber.flatMap({ UInt64($0) }) else {
      note(firstNode.range, "\(key).first: expected \(ValueKind.seed.allowed), found \(found(firstNode))")
      return []
    }
    guard let count = countNode.wholeNumber.flatMap({ Int($0) }), (1...SweepPlan.maximumTrialCount).contains(count),
      first <= UInt64.max - UInt64(count - 1)
    else {
      note(
        countNode.range,
        "\(key).count: expected a count from 1 to \(SweepPlan.maximumTrialCount) with seeds below 2^64, "
          + "found \(found(countNode))")
      return []
    }
    return (0..<UInt64(count)).map { first + $0 }
  }
}
