// Which runs of each recipe count where a sweep declares when to stop. The answer rests on the first seeds in plan order and
// on nothing else, so neither the number of ranks nor the order in which trials end changes it; results beyond a stop stay
// in the journal and out of the tables.

import Host
import Statistics
import Storage
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
  package let rule: SequentialStop
  private let seedCount: Int
  private var fates: [Fate]
  /// The seeds, of each configuration, before the first without a result.
  private var prefixCounts: [Int]
  private var failedCounts: [Int]
  /// The look at which each configuration stopped; nil for one that did not.
  package private(set) var stoppedAt: [Int?]

  /// The progress of a plan without results; nil for one that declares no stop.
  package init?(_ plan: SweepPlan) {
    guard let rule = plan.stop else { return nil }
    self.rule = rule
    seedCount = plan.seeds.count
    fates = Array(repeating: .unknown, count: plan.trials.count)
    prefixCounts = Array(repeating: 0, count: plan.configurations.count)
    failedCounts = prefixCounts
    stoppedAt = Array(repeating: nil, count: plan.configurations.count)
  }

  /// The progress of a plan with the results of a journal; nil for a plan that declares no stop.
  ///
  /// - Throws: `FileError`, `CodecError` for an outcome that cannot be read.
  package init?(_ plan: SweepPlan, from index: JournalIndex) throws {
    self.init(plan)
    for trialIndex in plan.trials.indices {
      let identifier = plan.trialIdentifier(at: trialIndex)
      guard index[identifier]?.hasResult == true, let record = try index.record(of: identifier) else { continue }
      note(trialIndex, Fate(try record.outcome().judged(as: plan.trials[trialIndex].configuration)))
    }
  }

  /// What happened to the trial at an index in plan order.
  package func fate(_ trialIndex: Int) -> Fate { fates[trialIndex] }

  /// Whether the trial at an index in plan order is reported: its configuration did not stop before it.
  package func counts(_ trialIndex: Int) -> Bool {
    trialIndex % seedCount < stoppedAt[trialIndex / seedCount] ?? seedCount
  }

  /// The number of looks that come before the trial at an index in plan order: trials before an early look go first.
  package func lookCount(before trialIndex: Int) -> Int { rule.looks.prefix { $0 <= trialIndex % seedCount }.count }

  /// Notes a result and returns the index of its configuration if that stops now.
  @discardableResult
  package mutating func note(_ trialIndex: Int, _ fate: Fate) -> Int? {
    fates[trialIndex] = fate
    let configuration = trialIndex / seedCount
    guard stoppedAt[configuration] == nil else { return nil }
    while prefixCounts[configuration] < seedCount {
      let next = fates[configuration * seedCount + prefixCounts[configuration]]
      if next == .unknown { return nil }
      prefixCounts[configuration] += 1
      if next != .successful { failedCounts[configuration] += 1 }
      let count = prefixCounts[configuration]
      guard rule.looks.contains(count), count < seedCount else { continue }
      let interval = rule.interval(count: failedCounts[configuration], total: count)
      if (interval.high - interval.low) / 2 <= rule.halfWidth {
        stoppedAt[configuration] = count
        return configuration
      }
    }
    return nil
  }

  /// Notes in the rows of all configurations where they stopped.
  func mark(_ rows: inout [SummaryRow]) {
    for trialIndex in rows.indices { rows[trialIndex].stop = (rule, stoppedAt[trialIndex]) }
  }

  /// What a stopped configuration is reported as.
  package func description(ofConfiguration trialIndex: Int) -> String {
    let (count, failed) = (prefixCounts[trialIndex], failedCounts[trialIndex])
    let interval = rule.interval(count: failed, total: count)
    return "stopped after \(count) of \(seedCount) seeds: \(failed) failed, rate within "
      + decimal(interval.low, digits: 2) + " to " + decimal(interval.high, digits: 2)
  }
}

extension SequentialStop {
  /// The confidence sequence of the failure rate after some runs.
  package func interval(count: Int, total: Int) -> ConfidenceInterval {
    Proportion.confidenceSequence(count: count, total: total, level: level)
  }
}
