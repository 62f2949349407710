// Which runs of each recipe count where a sweep declares when to stop. The answer rests on the first seeds in plan order and
// on nothing else, so neither the number of ranks nor the order in which trials end changes it; results beyond a stop stay
// in the journal and out of the tables. Rules that stop runs rather than recipes are `EarlyProgress`' business.

import Host
import Statistics
import StopRules
import Storage
import Tasks
import Trials

/// How far each recipe of a plan with a declared stop has got.
package struct SequentialProgress: Sendable {
  /// What happened to a trial, as far as stopping goes.
  package enum Fate: UInt8, Sendable {
    /// No result yet.
    case unknown
    /// It did not fail.
    case successful
    /// It failed.
    case failed
    /// It diverged, which is a failure.
    case diverged

    /// What an outcome means: the rule that `failed` in trials.csv has by default, at the last evaluation.
    package init(_ outcome: Outcome) {
      switch FailureRule.baseline.failure(of: outcome, score: .final) {
      case nil: self = .successful
      case .diverged: self = .diverged
      default: self = .failed
      }
    }
  }

  /// The rule.
  package let rule: StopRule
  /// The identifiers of the configurations.
  private let identifiers: [String]
  private let seedCount: Int
  private var fates: [Fate]
  /// The scores of runs, where they are compared; empty elsewhere.
  private var scores: [Double]
  /// The seeds, of each configuration, before the first without a result.
  private var prefixCounts: [Int]
  private var failedCounts: [Int]
  /// The comparisons, where they decide; nil elsewhere.
  private var course: PairedCourse?
  /// The same without a result.
  private let start: PairedCourse?
  /// The number of seeds after which each configuration stopped; nil for one that did not.
  package private(set) var stoppedAt: [Int?]
  /// The runs that the rule stops early, where it is such a rule; nil elsewhere.
  package private(set) var early: EarlyProgress?

  /// The progress of a plan without results; nil for one that declares no stop.
  package init?(_ plan: SweepPlan) {
    guard let rule = plan.stop else { return nil }
    self.rule = rule
    identifiers = plan.configurations.map(\.identifier)
    seedCount = plan.seeds.count
    fates = Array(repeating: .unknown, count: plan.trials.count)
    prefixCounts = Array(repeating: 0, count: plan.configurations.count)
    failedCounts = prefixCounts
    stoppedAt = Array(repeating: nil, count: plan.configurations.count)
    start = Self.course(plan)
    course = start
    scores = rule.readsScores ? Array(repeating: .nan, count: plan.trials.count) : []
    early = EarlyProgress(plan)
  }

  private static func course(_ plan: SweepPlan) -> PairedCourse? {
    guard case .pairs(let rule) = plan.stop else { return nil }
    let pairs = ComparisonPairs.indices(plan)
    let tasks = pairs.map { plan.configurations[$0.candidate].configuration.taskName }
    let described = zip(pairs, tasks).map { pair, task in
      PairedCourse.Pair(
        candidate: pair.candidate, reference: pair.reference, familySize: tasks.count { $0 == task },
        range: plan.configurations[pair.candidate].configuration.reportedMetric.bounds ?? 0...1)
    }
    return PairedCourse(rule, described, recipeCount: plan.configurations.count, seedCount: plan.seeds.count)
  }

  /// The progress of a plan with the results of a journal; nil for a plan that declares no stop.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package init?(_ plan: SweepPlan, from index: JournalIndex) throws {
    self.init(plan)
    let trials = plan.trials.indices.lazy.map { (trial: $0, identifier: plan.trialIdentifier(at: $0)) }
    try index.forEachResult(of: trials, orStopped: early != nil) { trialIndex, outcome in
      let planned = plan.configurations[plan.configurationIndex(trialIndex: trialIndex)]
      if let outcome { note(trialIndex, outcome.judged(as: planned.configuration)) }
    }
  }

  /// What happened to the trial at an index in plan order.
  package func fate(_ trialIndex: Int) -> Fate { fates[trialIndex] }

  /// Whether the trial at an index in plan order is reported with a result: its configuration did not stop before it, and no rule
  /// stopped it early for good.
  package func counts(_ trialIndex: Int) -> Bool {
    if let early { return early.fate(trialIndex) != .stopped }
    return trialIndex % seedCount < stoppedAt[trialIndex / seedCount] ?? seedCount
  }

  /// The number of looks that come before the trial at an index in plan order: trials before an early look go first.
  package func lookCount(before trialIndex: Int) -> Int {
    let seed = trialIndex % seedCount
    return switch rule {
    case .precision(let rule): rule.looks.prefix { $0 <= seed }.count
    case .pairs(let rule): seed / rule.lookEvery
    case .early: 0
    }
  }

  /// Notes a result, or where a rule stopped a trial, and returns the indices of the configurations that stop now.
  @discardableResult
  package mutating func note(_ trialIndex: Int, _ outcome: Outcome) -> [Int] {
    if early != nil { return noteEarly(trialIndex, outcome) }
    return note(trialIndex, Fate(outcome), score: rule.readsScores ? outcome.comparedScore : .nan)
  }

  /// Notes what happened to a trial, and its score where scores are compared, and returns the indices of the configurations that
  /// stop now.
  @discardableResult
  package mutating func note(_ trialIndex: Int, _ fate: Fate, score: Double = .nan) -> [Int] {
    fates[trialIndex] = fate
    if rule.readsScores { scores[trialIndex] = score }
    switch rule {
    case .precision(let rule): return noteRate(trialIndex / seedCount, rule)
    case .pairs: return notePair(trialIndex)
    case .early: return []
    }
  }

  /// Notes another result of a trial, or that it has none any more, in place of an earlier one.
  package mutating func replace(_ trialIndex: Int, with outcome: Outcome?) {
    if early != nil {
      noteEarly(trialIndex, outcome)
      return
    }
    let (fates, scores) = (fates, scores)
    self.fates = Array(repeating: .unknown, count: fates.count)
    prefixCounts = Array(repeating: 0, count: prefixCounts.count)
    (failedCounts, stoppedAt) = (prefixCounts, Array(repeating: nil, count: stoppedAt.count))
    course = start
    for index in fates.indices where index != trialIndex && fates[index] != .unknown {
      note(index, fates[index], score: scores.isEmpty ? .nan : scores[index])
    }
    if let outcome { note(trialIndex, outcome) }
  }

  /// Notes what a trial came to where a rule stops runs early, nil for nothing, and returns the indices of the configurations of which
  /// it is now decided which runs stop.
  @discardableResult
  package mutating func noteEarly(_ trialIndex: Int, _ outcome: Outcome?) -> [Int] {
    early?.note(trialIndex, outcome) ?? []
  }

  private mutating func noteRate(_ configuration: Int, _ rule: SequentialStop) -> [Int] {
    guard stoppedAt[configuration] == nil else { return [] }
    while prefixCounts[configuration] < seedCount {
      let next = fates[configuration * seedCount + prefixCounts[configuration]]
      if next == .unknown { return [] }
      prefixCounts[configuration] += 1
      if next != .successful { failedCounts[configuration] += 1 }
      let count = prefixCounts[configuration]
      guard rule.looks.contains(count), count < seedCount else { continue }
      let interval = self.rule.interval(count: failedCounts[configuration], total: count)
      if (interval.high - interval.low) / 2 <= rule.halfWidth {
        stoppedAt[configuration] = count
        return [configuration]
      }
    }
    return []
  }

  private mutating func notePair(_ trialIndex: Int) -> [Int] {
    let (configuration, seed) = (trialIndex / seedCount, trialIndex % seedCount)
    let run = PairedCourse.Run(
      isFailed: fates[trialIndex] != .successful, score: scores.isEmpty ? .nan : scores[trialIndex])
    course?.note(run, of: configuration, seed: seed)
    guard let course else { return [] }
    var changed = [configuration]
    for comparison in course.comparisons(of: configuration) {
      changed += [comparison.candidate, comparison.reference].filter { !changed.contains($0) }
    }
    return changed.filter { index in
      guard stoppedAt[index] == nil, let count = course.stop(of: index) else { return false }
      stoppedAt[index] = count
      return true
    }
  }

  /// The comparisons that a configuration takes part in; none where others decide when to stop.
  package func comparisons(ofConfiguration number: Int) -> [PairedComparison] {
    course?.comparisons(of: number) ?? []
  }

  /// Where a configuration stopped, and its comparisons by the identifiers of the other recipes.
  package func stop(ofConfiguration number: Int) -> RecipeStop {
    let comparisons = comparisons(ofConfiguration: number).map { comparison in
      let other = comparison.candidate == number ? comparison.reference : comparison.candidate
      return (other: identifiers[other], comparison: comparison)
    }
    return RecipeStop(
      rule: rule, count: stoppedAt[number], seedCount: seedCount,
      candidateOf: Dictionary(
        comparisons.filter { $0.comparison.candidate == number }.map { ($0.other, $0.comparison) },
        uniquingKeysWith: { first, _ in first }))
  }

  /// Notes in the rows of all configurations where they stopped.
  func mark(_ rows: inout [SummaryRow]) {
    for number in rows.indices { mark(&rows[number], ofConfiguration: number) }
  }

  /// Notes in the row of a configuration where it stopped, or which of its runs did.
  package func mark(_ row: inout SummaryRow, ofConfiguration number: Int) {
    guard let early else { return row.stop = stop(ofConfiguration: number) }
    row.early = RecipeEarlyStop(
      rule: early.stop.rule, step: early.step(ofConfiguration: number), isRead: early.isRead(number),
      stoppedCount: early.stoppedCount(ofConfiguration: number))
  }

  /// Whether a trial is one of those that are finished although the rule stops them.
  package func isFinishedAnyway(_ trialIndex: Int) -> Bool { early?.fate(trialIndex) == .finished }

  /// What a stopped configuration is reported as.
  package func description(ofConfiguration number: Int) -> String {
    switch rule {
    case .precision:
      let (count, failed) = (prefixCounts[number], failedCounts[number])
      let interval = rule.interval(count: failed, total: count)
      return "stopped after \(count) of \(seedCount) seeds: \(failed) failed, rate within "
        + decimal(interval.low, digits: 2) + " to " + decimal(interval.high, digits: 2)
    case .pairs:
      let own = comparisons(ofConfiguration: number)
      let decided = own.count { $0.ending == .decided }
      return "stopped after \(stoppedAt[number] ?? seedCount) of \(seedCount) seeds: of its "
        + "\(counted(own.count, "comparison")), \(decided) decided and \(own.count - decided) given up"
    case .early: return early?.description(ofConfiguration: number) ?? ""
    }
  }
}

extension StopRule {
  /// Whether the rule reads scores, and not only whether runs failed.
  fileprivate var readsScores: Bool { if case .pairs(let rule) = self { rule.measure == .scores } else { false } }
}

extension Outcome {
  /// The score that comparisons of scores read: the last one; for a run that diverged the constant classifier's.
  fileprivate var comparedScore: Double {
    let value = value(.final)
    return (judge?.direction ?? 1) * (value.isNaN ? constantScore ?? .nan : value)
  }
}

extension MetricName {
  /// The bounds between which the metric lies; nil where nobody knows them.
  package var bounds: ClosedRange<Double>? {
    switch self {
    case .accuracy, .f1, .macroF1, .accuracyAndF1: 0...1
    case .matthews, .pearson, .spearman: -1...1
    case .score: nil
    }
  }
}

/// Where the rule of a sweep left a recipe.
package struct RecipeStop: Equatable, Sendable {
  /// The runs that were left out.
  package var savedCount: Int { count.map { seedCount - $0 } ?? 0 }
  /// The rule.
  package let rule: StopRule
  /// The number of seeds after which the recipe stopped; nil if it did not.
  package let count: Int?
  /// The number of seeds that the plan has.
  package let seedCount: Int
  /// The comparisons in which the recipe is the candidate, by the identifier of the reference.
  package let candidateOf: [String: PairedComparison]
}
