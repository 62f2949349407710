// The part of a plan that one run is asked for: its first trials, every N-th trial, or both. A plain value; who trains what is
// the run's business.

/// One of N runs that train a plan together without knowing of each other: the trials whose index in plan order leaves the
/// remainder `index` when divided by `count`.
package struct Shard: Equatable, Sendable, CustomStringConvertible {
  /// The shard's number, from 0.
  package let index: Int
  /// The number of shards.
  package let count: Int

  /// The shard with an index from 0 up to, but not including, `count`.
  package init(index: Int, count: Int) {
    precondition(count > 0 && (0..<count).contains(index), "shard \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// The shard that a text such as `0/20` names; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let index = Int(parts[0]), let count = Int(parts[1]), (1...SweepPlan.maximumTrialCount).contains(count),
      (0..<count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  /// The shard as it is written on a command line.
  package var description: String { "\(index)/\(count)" }

  /// The name of the shard's folder below the folder that was asked for.
  package var folderName: String { "shard-\(index)" }
}

/// The trials of a plan that a run is asked for.
package struct PlanPart: Equatable, Sendable {
  /// How many trials, counted from the first in plan order; nil for all.
  package var limit: Int?
  /// Which of them; nil for all.
  package var shard: Shard?

  /// A part; without arguments the whole plan.
  package init(limit: Int? = nil, shard: Shard? = nil) {
    self.limit = limit
    self.shard = shard
  }

  /// Whether the trial with an index in plan order is part of it.
  package func contains(_ index: Int) -> Bool {
    index < limit ?? .max && shard.map { index % $0.count == $0.index } ?? true
  }

  /// The number of its trials in a plan of `count` trials.
  package func count(of count: Int) -> Int {
    let (first, step) = (shard?.index ?? 0, shard?.count ?? 1)
    return max(0, (min(limit ?? .max, count) - first + step - 1) / step)
  }

  /// The indices in plan order of its trials, in a plan of `count` trials.
  package func indices(of count: Int) -> StrideTo<Int> {
    stride(from: shard?.index ?? 0, to: min(limit ?? .max, count), by: shard?.count ?? 1)
  }
}
