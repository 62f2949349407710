// Which runs of one recipe a rule for stopping early lets go on, from what it has read of them so far. The answer depends on nothing but
// what was read of each run, never on the order in which runs got there.

import Statistics

extension EarlyRule {
  /// What a rule reads of a run at its step.
  package enum Reading: Equatable, Sendable {
    /// The run had ended by then.
    case ended
    /// It had recorded nothing of the kind.
    case unmeasured
    /// Nobody knows what chance gives.
    case chanceUnknown
    /// The measure, larger is better and minus infinity for one that is not finite, and whether the bound stops a run with it; false where other runs
    /// decide that.
    case measured(Double, stops: Bool)
  }

  /// What happens to a run.
  package enum Fate: Equatable, Sendable {
    /// It has not come to the rule's step, as far as is known.
    case unread
    /// It has, and other runs of its recipe decide what happens to it: it waits for them.
    case waiting
    /// The rule does not stop it.
    case goesOn
    /// The rule stops it, and it stays stopped.
    case stopped
    /// The rule stops it, and it is finished anyway.
    case finished
  }

  /// The number of runs of a cohort that go on: the share rounded up, so that at least one does.
  package static func keptCount(_ share: Double, of size: Int) -> Int {
    min(size, max(1, Int(roundingUp: share, of: size)))
  }

  /// Which runs of a cohort, in plan order, stop where the best share of it goes on. Runs that have ended count with their ranks: they
  /// are the worst, as they diverged. Equal measures rank in plan order. None stops where one is unmeasured.
  package static func stops(_ cohort: [Reading], keeping share: Double) -> [Bool] {
    var stops = [Bool](repeating: false, count: cohort.count)
    guard !cohort.contains(.unmeasured) else { return stops }
    let measured = cohort.enumerated().compactMap { index, reading -> (index: Int, measure: Double)? in
      if case .measured(let measure, _) = reading { (index, measure) } else { nil }
    }
    let ranked = measured.sorted { ($1.measure, $0.index) < ($0.measure, $1.index) }
    for run in ranked.dropFirst(keptCount(share, of: cohort.count)) { stops[run.index] = true }
    return stops
  }
}

/// The runs of one recipe under a rule that stops runs early.
package struct EarlyCourse: Sendable {
  private let stop: EarlyStop
  private let identifiers: [String]
  private var readings: [EarlyRule.Reading?]
  private var unreadCount: Int
  /// What happens to each run, in plan order.
  package private(set) var fates: [EarlyRule.Fate]

  /// The course of a recipe before anything was read; the identifiers of its runs are in plan order.
  package init(_ stop: EarlyStop, identifiers: [String]) {
    self.stop = stop
    self.identifiers = identifiers
    readings = Array(repeating: nil, count: identifiers.count)
    fates = Array(repeating: .unread, count: identifiers.count)
    unreadCount = identifiers.count
  }

  /// Whether every run was read, so that every fate is decided.
  package var isRead: Bool { unreadCount == 0 }

  /// The number of runs that the rule stops, those among them that are finished anyway included; 0 until every run was read.
  package var stoppedCount: Int { fates.count { $0 == .stopped || $0 == .finished } }

  /// Notes what was read of the run at an index, nil for nothing. Returns whether this decides about other runs as well.
  package mutating func note(_ reading: EarlyRule.Reading?, at index: Int) -> Bool {
    let old = readings[index]
    guard old != reading else { return false }
    let wasRead = isRead
    unreadCount += (reading == nil ? 1 : 0) - (old == nil ? 1 : 0)
    readings[index] = reading
    guard wasRead || isRead else {
      fates[index] = openFate(reading)
      return false
    }
    decide()
    return true
  }

  /// What happens to a run as long as others were not read.
  private func openFate(_ reading: EarlyRule.Reading?) -> EarlyRule.Fate {
    switch reading {
    case nil: return .unread
    case .ended, .unmeasured, .chanceUnknown: return .goesOn
    case .measured(_, let stops):
      if case .top = stop.rule.bound { return .waiting }
      return stops ? .waiting : .goesOn
    }
  }

  private mutating func decide() {
    let known = readings.compactMap(\.self)
    guard known.count == readings.count else {
      fates = readings.map(openFate)
      return
    }
    var stops = known.map { if case .measured(_, let stops) = $0 { stops } else { false } }
    if case .top(let share) = stop.rule.bound { stops = EarlyRule.stops(known, keeping: share) }
    let stopped = zip(identifiers, stops).filter(\.1).map(\.0)
    let finished = EarlyRule.finished(
      stopped, count: StoppedRuns.finishedCount(of: stopped.count, share: stop.finishShare))
    fates = zip(identifiers, stops).map { identifier, stops in
      if !stops { return .goesOn }
      return finished.contains(identifier) ? .finished : .stopped
    }
  }
}
