// After how many seeds each recipe of a plan stops: once its failure rate is known well enough, or its comparisons have ended. It looks at
// the first seeds in plan order only.

import Host
import Statistics
import StopRules
import Trials

/// The recipes of a plan under a rule by which they get no further seeds.
struct SeedProgress: Sendable {
  typealias Fate = SequentialProgress.Fate

  /// What a recipe has enough of.
  private enum Rule {
    /// Runs that tell its failure rate.
    case rate(SequentialStop)
    /// Runs that decide its comparisons.
    case pairs(PairedStop)

    /// Whether the rule reads scores, and not only whether runs failed.
    var readsScores: Bool { if case .pairs(let stop) = self { stop.measure == .scores } else { false } }
  }

  private let rule: Rule
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
  private(set) var stoppedAt: [Int?]

  /// The progress of a plan without results; nil for a plan that declares no such rule.
  init?(_ plan: SweepPlan) {
    switch plan.stop {
    case .precision(let stop):
      rule = .rate(stop)
      start = nil
    case .pairs(let stop):
      rule = .pairs(stop)
      start = Self.course(plan, stop)
    case .early, nil: return nil
    }
    course = start
    seedCount = plan.seeds.count
    fates = Array(repeating: .unknown, count: plan.trials.count)
    prefixCounts = Array(repeating: 0, count: plan.configurations.count)
    failedCounts = prefixCounts
    stoppedAt = Array(repeating: nil, count: plan.configurations.count)
    scores = rule.readsScores ? Array(repeating: .nan, count: plan.trials.count) : []
  }

  private static func course(_ plan: SweepPlan, _ rule: PairedStop) -> PairedCourse {
    let pairs = ComparisonPairs.indices(plan)
    let tasks = pairs.map { plan.configurations[$0.candidate].configuration.taskName }
    let described = zip(pairs, tasks).map { pair, task in
      PairedCourse.Pair(
        candidate: pair.candidate, reference: pair.reference, familySize: tasks.count { $0 == task },
        range: plan.configurations[pair.candidate].configuration.reportedMetric.bounds ?? 0...1)
    }
    return PairedCourse(rule, described, recipeCount: plan.configurations.count, seedCount: plan.seeds.count)
  }

  /// Notes a result, and returns the indices of the configurations that stop now.
  @discardableResult
  mutating func note(_ trialIndex: Int, _ outcome: Outcome) -> [Int] {
    note(trialIndex, Fate(outcome), score: rule.readsScores ? outcome.comparedScore : .nan)
  }

  /// Notes what happened to a trial, and its score where scores are compared, and returns the indices of the configurations that
  /// stop now.
  @discardableResult
  mutating func note(_ trialIndex: Int, _ fate: Fate, score: Double) -> [Int] {
    fates[trialIndex] = fate
    if rule.readsScores { scores[trialIndex] = score }
    switch rule {
    case .rate(let stop): return noteRate(trialIndex / seedCount, stop)
    case .pairs: return notePair(trialIndex)
    }
  }

  /// Notes another result of a trial, or that it has none any more, in place of an earlier one.
  mutating func replace(_ trialIndex: Int, with outcome: Outcome?) {
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

  private mutating func noteRate(_ configuration: Int, _ stop: SequentialStop) -> [Int] {
    guard stoppedAt[configuration] == nil else { return [] }
    while prefixCounts[configuration] < seedCount {
      let next = fates[configuration * seedCount + prefixCounts[configuration]]
      if next == .unknown { return [] }
      prefixCounts[configuration] += 1
      if next != .successful { failedCounts[configuration] += 1 }
      let count = prefixCounts[configuration]
      guard stop.looks.contains(count), count < seedCount else { continue }
      let interval = StopRule.precision(stop).interval(count: failedCounts[configuration], total: count)
      if (interval.high - interval.low) / 2 <= stop.halfWidth {
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

  /// The comparisons that a configuration takes part in; none where they do not decide when to stop.
  func comparisons(ofConfiguration number: Int) -> [PairedComparison] { course?.comparisons(of: number) ?? [] }

  /// What a stopped configuration is reported as.
  func description(ofConfiguration number: Int) -> String {
    switch rule {
    case .rate(let stop):
      let (count, failed) = (prefixCounts[number], failedCounts[number])
      let interval = StopRule.precision(stop).interval(count: failed, total: count)
      return "stopped after \(count) of \(seedCount) seeds: \(failed) failed, rate within "
        + decimal(interval.low, digits: 2) + " to " + decimal(interval.high, digits: 2)
    case .pairs:
      let own = comparisons(ofConfiguration: number)
      let decided = own.count { $0.ending == .decided }
      return "stopped after \(stoppedAt[number] ?? seedCount) of \(seedCount) seeds: of its "
        + "\(counted(own.count, "comparison")), \(decided) decided and \(own.count - decided) given up"
    }
  }
}

extension Outcome {
  /// The score that comparisons of scores read: the last one; for a run that diverged the constant classifier's.
  fileprivate var comparedScore: Double {
    let value = value(.final)
    return (judge?.direction ?? 1) * (value.isNaN ? constantScore ?? .nan : value)
  }
}
