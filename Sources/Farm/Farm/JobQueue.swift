// Which job goes next: the order given, with jobs that come back tried first. A plain value, tested without threads.

/// The jobs that wait for a rank.
struct JobQueue {
  private let jobs: [Job]
  private var attemptCounts: [Int]
  private var avoidedRanks: [Int: Set<Int>] = [:]
  /// The first job never taken or set aside.
  private var cursor = 0
  /// Jobs that came back or were set aside, in increasing order.
  private var returned: [Int] = []
  private let attemptCap: Int
  /// Jobs whose attempts are used up.
  private(set) var exhausted: Set<Int> = []
  /// Jobs that paused and may go on later. They do not wait for a rank.
  private(set) var paused: Set<Int> = []
  /// Those that went on.
  private var released: Set<Int> = []

  init(_ jobs: [Job], attemptCap: Int) {
    self.jobs = jobs
    self.attemptCap = attemptCap
    attemptCounts = jobs.map(\.attemptCount)
    exhausted = Set(jobs.indices.filter { jobs[$0].attemptCount >= attemptCap })
    paused = Set(jobs.indices.filter { jobs[$0].isPaused && jobs[$0].attemptCount < attemptCap })
    skipOthers()
  }

  /// Whether no job waits.
  var isEmpty: Bool { returned.isEmpty && cursor == jobs.count }

  /// The jobs that wait, in the order they would be handed out.
  var waiting: [Int] { returned + (cursor..<jobs.count).filter { !isPassedOver($0) } }

  /// The job that would be handed out next to a rank that none avoids.
  var next: Int? { returned.first ?? (cursor < jobs.count ? cursor : nil) }

  /// Counts `waiting` without listing it; jobs exhausted or paused from the start are counted until they are passed.
  var waitingCount: Int { returned.count + jobs.count - cursor }

  /// Takes the first job that may go to this rank, and the number of the attempt; `others` are the further ranks that
  /// could take a job, for which a job that avoids this rank is left.
  mutating func take(for rank: Int, others: some Collection<Int>) -> (job: Int, attempt: Int)? {
    if let index = returned.firstIndex(where: { mayRun($0, on: rank, others: others) }) {
      let job = returned.remove(at: index)
      return (job, attemptCounts[job] + 1)
    }
    while cursor < jobs.count {
      let job = cursor
      cursor += 1
      skipOthers()
      if mayRun(job, on: rank, others: others) { return (job, attemptCounts[job] + 1) }
      returned.append(job)
    }
    return nil
  }

  /// Whether a job may go to a rank: it does not avoid it, or it avoids every other rank as well.
  func mayRun(_ job: Int, on rank: Int, others: some Collection<Int>) -> Bool {
    if jobs[job].avoidedRanks.isEmpty && avoidedRanks.isEmpty { return true }
    let avoided = jobs[job].avoidedRanks.union(avoidedRanks[job] ?? [])
    return !avoided.contains(rank) || others.allSatisfy { avoided.contains($0) }
  }

  /// Puts a job back that never began.
  mutating func putBack(_ job: Int) { insert(job) }

  /// The seconds that an attempt at a job may take.
  func mostSeconds(of job: Int) -> Double { jobs[job].mostSeconds }

  /// Whether one more crash would use up a job's attempts.
  func isLastAttempt(_ job: Int) -> Bool { attemptCounts[job] + 1 >= attemptCap }

  /// Counts an attempt of a job that failed on a rank and puts the job back, unless its attempts are used up.
  mutating func fail(_ job: Int, on rank: Int) {
    attemptCounts[job] += 1
    avoidedRanks[job, default: []].insert(rank)
    if attemptCounts[job] >= attemptCap { exhausted.insert(job) } else { insert(job) }
  }

  /// Sets a job aside that paused.
  mutating func pause(_ job: Int) { paused.insert(job) }

  /// Puts a paused job back that goes on; nothing for another one.
  mutating func release(_ job: Int) {
    guard paused.remove(job) != nil else { return }
    released.insert(job)
    insert(job)
  }

  /// Whether a job was ever handed out or set aside in this run.
  func wasTaken(_ job: Int) -> Bool {
    jobs[job].attemptCount < attemptCap && (jobs[job].isPaused ? released.contains(job) : job < cursor)
  }

  /// Forgets a job whose result arrived while it waited to be tried again.
  mutating func remove(_ job: Int) {
    let index = position(of: job)
    if index < returned.count, returned[index] == job { returned.remove(at: index) }
    exhausted.remove(job)
    paused.remove(job)
  }

  private mutating func insert(_ job: Int) { returned.insert(job, at: position(of: job)) }

  /// The index of the first returned job that is not before `job`.
  private func position(of job: Int) -> Int {
    var (low, high) = (0, returned.count)
    while low < high {
      let middle = (low + high) / 2
      if returned[middle] < job { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whether a job of the list is none that ranks take from there: it was exhausted or paused from the start.
  private func isPassedOver(_ job: Int) -> Bool { jobs[job].attemptCount >= attemptCap || jobs[job].isPaused }

  private mutating func skipOthers() {
    while cursor < jobs.count && isPassedOver(cursor) { cursor += 1 }
  }
}
