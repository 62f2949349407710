// Reads `stop`: the rule by which a recipe's further seeds, or a run's further steps, are left out.

import JSON5
import StopRules
import Trials

extension SweepReader {
  private static let stopForm = "an object such as { half_width: 0.1, looks: [25, 50, 100] }"

  /// The members that belong to each rule.
  private static let (precisionMembers, pairMembers, earlyMembers) = (
    ["half_width", "looks", "level"], ["pairs", "alpha", "look_every", "give_up"], ["early", "finish"]
  )

  /// The rule that a value of `stop` gives; nil for null and where something is wrong with it.
  mutating func stop(_ node: JSONNode) -> StopRule? {
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
    if let early = members.first(where: { $0.key == "early" }) {
      noteOthers(
        members, Self.precisionMembers + Self.pairMembers,
        "does not go together with stop.early (\(location(early.keyRange, seenFrom: node.range))): a sweep leaves out either seeds or "
          + "steps; give one of the two rules")
      return earlyStop(node, early).map { .early($0) }
    }
    noteOthers(
      members, Self.earlyMembers,
      "belongs to stop.early, which is not given; remove it, or add early: \"score=baseline@25%\"")
    guard let pairs = members.first(where: { $0.key == "pairs" }) else {
      noteOthers(
        members, Self.pairMembers, "belongs to stop.pairs, which is not given; remove it, or add pairs: \"failures\"")
      return precisionStop(node).map { .precision($0) }
    }
    noteOthers(
      members, Self.precisionMembers,
      "has no effect beside stop.pairs (\(location(pairs.keyRange, seenFrom: node.range))); give one of the two rules")
    return pairedStop(node, pairs).map { .pairs($0) }
  }

  private mutating func noteOthers(_ members: [JSONMember], _ names: [String], _ reason: String) {
    for member in members where names.contains(member.key) { note(member.keyRange, "stop.\(member.key) \(reason)") }
  }

  private mutating func earlyStop(_ node: JSONNode, _ early: JSONMember) -> EarlyStop? {
    var share: Double? = EarlyStop.defaultFinishShare
    if let finish = node["finish"] {
      share = finish.doubleValue.flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }
      if share == nil {
        note(finish.range, "stop.finish: expected a number above 0 and at most 1, found \(found(finish))")
      }
    }
    guard let rule = early.value.stringValue.flatMap({ EarlyRule($0) }) else {
      note(early.value.range, "stop.early: \(EarlyRule.form), found \(found(early.value))")
      return nil
    }
    return share.map { EarlyStop(rule, finishShare: $0) }
  }

  private mutating func precisionStop(_ node: JSONNode) -> SequentialStop? {
    for key in ["half_width", "looks"] where node[key] == nil {
      note(node.range, "stop.\(key): missing; stop is \(Self.stopForm)")
    }
    let width = node["half_width"].flatMap { stopNumber($0, "half_width", above: 0, below: 0.5) }
    let level = node["level"].flatMap { stopNumber($0, "level", above: 0.5, below: 1) } ?? 0.95
    guard let looks = node["looks"].flatMap({ stopLooks($0) }), let width else { return nil }
    return SequentialStop(halfWidth: width, looks: looks, level: level)
  }

  private mutating func pairedStop(_ node: JSONNode, _ pairs: JSONMember) -> PairedStop? {
    guard let measure = pairs.value.stringValue.flatMap({ PairedStop.Measure(rawValue: $0) }) else {
      note(pairs.value.range, "stop.pairs: expected \"failures\" or \"scores\", found \(found(pairs.value))")
      return nil
    }
    var rule = PairedStop(measure)
    rule.givesUp = measure == .failures
    if let alpha = node["alpha"].flatMap({ stopNumber($0, "alpha", above: 0, below: 1) }) { rule.alpha = alpha }
    if let every = node["look_every"] {
      if let count = every.wholeNumber.flatMap({ Int($0) }), count > 0 {
        rule.lookEvery = count
      } else {
        note(every.range, "stop.look_every: expected a whole number from 1, found \(found(every))")
      }
    }
    guard let word = node["give_up"] else { return rule }
    guard let givesUp = word.booleanValue else {
      note(word.range, "stop.give_up: expected true or false, found \(found(word))")
      return nil
    }
    if givesUp && measure == .scores {
      note(
        word.range,
        "stop.give_up: comparisons of scores go on until they are decided or the seeds are used up; remove it, or write "
          + "pairs: \"failures\"")
    }
    rule.givesUp = givesUp
    return rule
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

  /// Notes a rule for seeds that repeat an initialization or an order: such runs do not tell the failure rate one by one, and are no
  /// pairs that tell it either. Notes looks for which there are too few seeds as well.
  mutating func check(_ stop: (rule: StopRule, name: Named), with seeds: [TrialSeeds]) {
    if Set(seeds.map(\.initialization)).count < seeds.count || Set(seeds.map(\.order)).count < seeds.count {
      return note(
        stop.name.range,
        "stop: the seeds repeat an initialization or a data order, so runs depend on each other; stop needs seeds such as "
          + "seeds: 200")
    }
    // Seeds that are wrong were told of.
    if seeds.isEmpty { return }
    switch stop.rule {
    case .precision(let rule): checkLooks(rule.looks, stop.name, seedCount: seeds.count)
    case .pairs, .early: break
    }
  }

  /// Notes a rule none of whose looks ever comes, which would be no rule at all.
  private mutating func checkLooks(_ looks: [Int], _ name: Named, seedCount: Int) {
    guard let first = looks.first, first > seedCount else { return }
    note(
      name.range,
      "stop.looks: no look ever comes, because the first one is after \(first) seeds and the number of seeds is \(seedCount); remove stop "
        + "(stop=null on the command line), or give at least \(first) seeds")
  }

  /// Notes a rule that cannot be kept with these configurations.
  mutating func check(_ stop: (rule: StopRule, name: Named), with configurations: [TrialConfiguration]) {
    switch stop.rule {
    case .precision: break
    case .pairs(let rule): check(rule, stop.name, with: configurations)
    case .early(let early): check(early.rule, stop.name, with: configurations)
    }
  }

  /// Notes a rule for stopping runs early where a program trains, which cannot be paused, and where chance gives nothing that is known.
  private mutating func check(_ rule: EarlyRule, _ name: Named, with configurations: [TrialConfiguration]) {
    if configurations.contains(where: \.hasProgram) {
      note(
        name.range,
        "stop.early: a program of your own (program.command) cannot be paused at a step and go on from there; remove stop, let the "
          + "program stop by itself, or replay the rule on finished runs: seedsweep replay DIR --rule \(rule.name)")
    }
    if rule.measure == .trainLoss, rule.bound == .chance, let task = configurations.first(where: \.task.predictsNumbers)
    {
      note(
        name.range,
        "stop.early: what chance gives is not known for the regression task \(task.taskName); give a number in place of flat, such as "
          + "train_loss=0.5@25%")
    }
  }

  /// Notes a rule for comparisons where there is nothing to compare, or scores without bounds.
  private mutating func check(_ rule: PairedStop, _ name: Named, with configurations: [TrialConfiguration]) {
    let tasks = Dictionary(grouping: configurations, by: \.taskName)
    if tasks.values.allSatisfy({ $0.count == 1 }) {
      note(
        name.range,
        "stop.pairs: every task has one recipe, so there is nothing to compare; add variants or a grid, or give "
          + "half_width and looks")
    }
    if rule.measure == .scores, configurations.contains(where: \.hasProgram) {
      note(
        name.range,
        "stop.pairs: the scores of a program have no bounds that are known, which comparisons of scores need; write pairs: "
          + "\"failures\"")
    }
  }
}
