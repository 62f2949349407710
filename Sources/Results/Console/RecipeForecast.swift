// When a run and each of its recipes are done, from what its trials cost and the order in which they are handed out. It measures no time.

/// Foretells when the last trial of a run and of each recipe ends.
package struct RecipeForecast {
  /// Seconds that are left.
  package struct Left: Equatable {
    /// Until the last trial ends; nil before a trial of this run has a result.
    package fileprivate(set) var total: Double?
    /// Until the last trial of each recipe ends, by its identifier.
    package fileprivate(set) var recipes: [String: Double] = [:]
  }

  /// The plan indices of the run's trials in the order in which they are handed out.
  private let trials: [Int]
  private let cost: (_ trial: Int) -> Double
  private var last = (left: Left(), elapsed: -Double.infinity)
  /// The cost of what was done in this run.
  package private(set) var doneWork = 0.0
  /// The shares of their work that paused trials need not do again.
  private var keptShares: [Int: Double] = [:]

  /// A forecast for trials by their plan indices; `cost` is in any unit.
  package init(_ trials: [Int], cost: @escaping (_ trial: Int) -> Double) {
    self.trials = trials
    self.cost = cost
  }

  /// Notes that a trial paused before this run, and that a checkpoint keeps a share of its work.
  package mutating func noteKept(_ share: Double, ofTrial trial: Int) { keptShares[trial] = share }

  /// Notes that a trial paused in this run after a share of its work, which a checkpoint keeps or not.
  package mutating func notePause(after share: Double, isKept: Bool, ofTrial trial: Int) {
    doneWork += cost(trial) * max(0, share - (keptShares[trial] ?? 0))
    keptShares[trial] = isKept ? share : nil
  }

  /// Notes that a trial got a result in this run.
  package mutating func noteResult(ofTrial trial: Int) {
    doneWork += work(ofTrial: trial)
    keptShares[trial] = nil
  }

  /// The cost of what is left of a trial without a result.
  package func work(ofTrial trial: Int) -> Double { cost(trial) * (1 - (keptShares[trial] ?? 0)) }

  /// The seconds that are left if trials end in the order in which they are handed out. All trials are looked at for that, so it
  /// is done so rarely that it takes a thousandth of the time at most; in between, time passes.
  ///
  /// - Parameters:
  ///   - elapsed: Seconds that this run has taken.
  ///   - exhausted: Plan indices of trials that get no further attempt.
  package mutating func left(_ counts: RunCounts, elapsed: Double, exhausted: Set<Int>) -> Left {
    let since = elapsed - last.elapsed
    guard since >= max(0.5, Double(trials.count) * 2e-5) else { return last.left.after(since) }
    guard doneWork > 0 else { return Left() }
    var work = 0.0
    var ends: [Int: Double] = [:]
    for trial in trials where !counts.hasResult(trial) && counts.counts(trial) && !exhausted.contains(trial) {
      work += self.work(ofTrial: trial)
      ends[counts.plan.configurationIndex(trialIndex: trial)] = work
    }
    let left = ends.map { (counts.plan.configurations[$0].identifier, elapsed * $1 / doneWork) }
    last = (Left(total: elapsed * work / doneWork, recipes: Dictionary(uniqueKeysWithValues: left)), elapsed)
    return last.left
  }
}

extension RecipeForecast.Left {
  /// What is left some seconds later.
  fileprivate func after(_ seconds: Double) -> Self {
    Self(total: total.map { max(0, $0 - seconds) }, recipes: recipes.mapValues { max(0, $0 - seconds) })
  }
}
