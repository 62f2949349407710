// Which runs of each recipe count where a sweep declares when to stop. The answer rests on the first seeds in plan order and
// on nothing else, so neither the number of ranks nor the order in which trials end changes it; results beyond a stop stay
// in the journal and out of the tables. When recipes stop is `SeedProgress`' business, which runs do `EarlyProgress`'.

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
  /// The recipes under a rule by which they get no further seeds; nil where the rule is another one.
  private var seeds: SeedProgress?
  /// The runs that the rule stops early, where it is such a rule; nil elsewhere.
  package private(set) var early: EarlyProgress?

  /// The progress of a plan without results; nil for one that declares no stop.
  package init?(_ plan: SweepPlan) {
    guard let rule = plan.stop else { return nil }
    self.rule = rule
    identifiers = plan.configurations.map(\.identifier)
    seedCount = plan.seeds.count
    seeds = SeedProgress(plan)
    early = EarlyProgress(plan)
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

  /// Whether the trial at an index in plan order is reported with a result: its configuration did not stop before it, and no rule
  /// stopped it early for good.
  package func counts(_ trialIndex: Int) -> Bool {
    if let early { return early.fate(trialIndex) != .stopped }
    return trialIndex % seedCount < seeds?.stoppedAt[trialIndex / seedCount] ?? seedCount
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
    early == nil ? seeds?.note(trialIndex, outcome) ?? [] : noteEarly(trialIndex, outcome)
  }

  /// Notes what happened to a trial where recipes get no further seeds, and its score where scores are compared, and returns the
  /// indices of the configurations that stop now.
  @discardableResult
  package mutating func note(_ trialIndex: Int, _ fate: Fate, score: Double = .nan) -> [Int] {
    seeds?.note(trialIndex, fate, score: score) ?? []
  }

  /// Notes another result of a trial, or that it has none any more, in place of an earlier one.
  package mutating func replace(_ trialIndex: Int, with outcome: Outcome?) {
    noteEarly(trialIndex, outcome)
    seeds?.replace(trialIndex, with: outcome)
  }

  /// Notes what a trial came to where a rule stops runs early, nil for nothing, and returns the indices of the configurations of which
  /// it is now decided which runs stop.
  @discardableResult
  package mutating func noteEarly(_ trialIndex: Int, _ outcome: Outcome?) -> [Int] {
    early?.note(trialIndex, outcome) ?? []
  }

  /// The comparisons that a configuration takes part in; none where others decide when to stop.
  package func comparisons(ofConfiguration number: Int) -> [PairedComparison] {
    seeds?.comparisons(ofConfiguration: number) ?? []
  }

  /// Where a configuration stopped, and its comparisons by the identifiers of the other recipes.
  package func stop(ofConfiguration number: Int) -> RecipeStop {
    let comparisons = comparisons(ofConfiguration: number).map { comparison in
      let other = comparison.candidate == number ? comparison.reference : comparison.candidate
      return (other: identifiers[other], comparison: comparison)
    }
    return RecipeStop(
      rule: rule, count: seeds?.stoppedAt[number], seedCount: seedCount,
      candidateOf: Dictionary(
        comparisons.filter { $0.comparison.candidate == number }.map { ($0.other, $0.comparison) },
        uniquingKeysWith: { first, _ in first }))
  }

  /// The number of seeds after which each configuration stopped; nil for one that did not.
  package var stoppedAt: [Int?] { seeds?.stoppedAt ?? [] }

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
    seeds?.description(ofConfiguration: number) ?? early?.description(ofConfiguration: number) ?? ""
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
