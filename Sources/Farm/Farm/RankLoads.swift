// Sums over the ranks' jobs, kept in step with every change, so that no pass of the leader looks at all ranks: which of them
// changed since jobs were handed out, which have nothing to do, and which has most jobs sent ahead. It decides nothing.

/// Numbers in the order they were added, but for removals, after which the last takes the free index; each step takes constant
/// time.
struct RankSet {
  private(set) var members: [Int] = []
  /// The index of each number in `members`; -1 for those that are not there.
  private var indices: [Int]

  /// No number of those below `count`.
  init(below count: Int) { indices = Array(repeating: -1, count: count) }

  mutating func insert(_ number: Int) {
    guard indices[number] < 0 else { return }
    indices[number] = members.count
    members.append(number)
  }

  mutating func remove(_ number: Int) {
    let index = indices[number]
    guard index >= 0 else { return }
    let last = members.removeLast()
    if last != number {
      members[index] = last
      indices[last] = index
    }
    indices[number] = -1
  }

  /// Takes all of them out, in increasing order.
  mutating func removeAll() -> [Int] {
    for member in members { indices[member] = -1 }
    defer { members.removeAll(keepingCapacity: true) }
    return members.sorted()
  }
}

/// What the leader knows of all ranks together.
struct RankLoads {
  /// What a rank adds to the sums.
  private struct Load {
    var openCount = 0
    var recalledCount = 0
    /// Jobs sent ahead that were not called back.
    var aheadCount = 0
    var isAbsent = true
  }

  private let rankCount: Int
  private var loads: [Load]
  /// Attempts under way and sent ahead.
  private(set) var openCount = 0
  /// Those that were called back.
  private(set) var recalledCount = 0
  /// The ranks that neither were admitted nor are lost.
  private(set) var absentCount: Int
  /// Present ranks without a job.
  private(set) var idle: RankSet
  /// The ranks by the number of jobs sent ahead to them and not called back.
  private var ahead: [RankSet] = []
  private var changed: RankSet

  init(rankCount: Int) {
    self.rankCount = rankCount
    loads = Array(repeating: Load(), count: rankCount)
    absentCount = rankCount
    idle = RankSet(below: rankCount)
    changed = RankSet(below: rankCount)
  }

  /// Notes what a rank has now.
  mutating func update(_ rank: Int, _ state: Leader.RankState) {
    changed.insert(rank)
    var load = Load()
    load.openCount = state.openHandOuts.count
    load.recalledCount = state.openHandOuts.count { $0.isRecalled }
    load.aheadCount = state.openHandOuts.dropFirst().count { !$0.isRecalled }
    load.isAbsent = !state.isAdmitted && !state.isLost
    let old = loads[rank]
    loads[rank] = load
    openCount += load.openCount - old.openCount
    recalledCount += load.recalledCount - old.recalledCount
    absentCount += (load.isAbsent ? 1 : 0) - (old.isAbsent ? 1 : 0)
    if state.isPresent && load.openCount == 0 { idle.insert(rank) } else { idle.remove(rank) }
    guard load.aheadCount != old.aheadCount else { return }
    while ahead.count <= load.aheadCount { ahead.append(RankSet(below: rankCount)) }
    ahead[old.aheadCount].remove(rank)
    if load.aheadCount > 0 { ahead[load.aheadCount].insert(rank) }
  }

  /// The rank with most jobs sent ahead and not called back; nil if there are none.
  var rankWithMostAhead: Int? { ahead.last { !$0.members.isEmpty }?.members.last }

  /// Counts all ranks as changed.
  mutating func changeAll() { for rank in 0..<rankCount { changed.insert(rank) } }

  /// Takes the ranks that changed since the last call, in increasing order.
  mutating func takeChanged() -> [Int] { changed.removeAll() }
}
