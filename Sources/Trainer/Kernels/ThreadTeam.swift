// The threads of one rank. A team runs the blocks of a kernel and knows nothing of what they compute; which thread runs
// a block is left to chance, so a kernel's blocks write apart from each other and are cut by sizes alone (`Blocks`).

import Dispatch
import Glibc
import Synchronization

/// The system does not start the threads asked for.
package struct ThreadError: Error, Equatable, CustomStringConvertible {
  /// How many threads were started, how many were asked for, and why there are no more.
  package let description: String
}

/// The calling thread and its helpers, which wait between calls: first awake, for a fraction of a millisecond, then
/// asleep. A team serves one caller at a time.
package final class ThreadTeam: Sendable {
  /// A team of the calling thread alone.
  package static let alone = ThreadTeam(helpers: [], work: SharedWork())

  /// Threads, the caller's included.
  package var threadCount: Int { helpers.count + 1 }

  private let work: SharedWork
  private let helpers: [Helper]

  /// A team of `threadCount` threads, at least one.
  ///
  /// - Throws: `ThreadError` where the system starts fewer, none of which stays.
  package convenience init(threadCount: Int) throws {
    precondition(threadCount >= 1, "a team needs at least one thread, not \(threadCount)")
    let work = SharedWork()
    var helpers: [Helper] = []
    for index in 1..<threadCount {
      let helper = Helper()
      let code = helper.start(work, thread: index)
      guard code == 0 else {
        Self.end(helpers, work)
        throw ThreadError(
          description: "only \(index) of \(threadCount) threads could be started: \(String(cString: strerror(code))) "
            + "(ulimit -u and ulimit -v limit them)")
      }
      helpers.append(helper)
    }
    self.init(helpers: helpers, work: work)
  }

  private init(helpers: [Helper], work: SharedWork) {
    self.helpers = helpers
    self.work = work
  }

  deinit { Self.end(helpers, work) }

  /// Returns when the helpers have ended.
  private static func end(_ helpers: [Helper], _ work: SharedWork) {
    work.isOver.store(true, ordering: .releasing)
    work.round.add(1, ordering: .sequentiallyConsistent)
    for helper in helpers { helper.wake() }
    for helper in helpers { helper.join() }
  }

  /// Runs `body` for every block from 0 to `count` - 1 and returns when all are done. `thread`, below `threadCount`,
  /// tells apart bodies that run at the same time.
  package func run(_ count: Int, _ body: (_ block: Int, _ thread: Int) -> Void) {
    guard count > 1, !helpers.isEmpty else {
      for block in 0..<count { body(block, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      work.start(count, helperCount: helpers.count, body)
      for helper in helpers { helper.wake() }
      work.takePart(thread: 0)
      work.finish()
    }
  }
}

/// One call's blocks. The caller writes `body` and `count` before it begins a round and after all helpers left the last.
private final class SharedWork: @unchecked Sendable {
  let round = Atomic<Int>(0)
  let isOver = Atomic<Bool>(false)
  private let next = Atomic<Int>(0)
  private let busy = Atomic<Int>(0)
  private var count = 0
  private var body: (Int, Int) -> Void = { _, _ in }

  func start(_ count: Int, helperCount: Int, _ body: @escaping (Int, Int) -> Void) {
    self.count = count
    self.body = body
    next.store(0, ordering: .relaxed)
    busy.store(helperCount, ordering: .relaxed)
    round.add(1, ordering: .sequentiallyConsistent)
  }

  /// Runs blocks until none is left.
  func takePart(thread: Int) {
    while true {
      let block = next.add(1, ordering: .relaxed).oldValue
      guard block < count else { return }
      body(block, thread)
    }
  }

  func leave() { busy.subtract(1, ordering: .releasing) }

  /// Waits until every helper has left.
  func finish() {
    var turns = 0
    while busy.load(ordering: .acquiring) > 0 { pause(&turns) }
    body = { _, _ in }
  }
}

/// A thread that waits for rounds.
private final class Helper: Sendable {
  private static let stackSize = 8 << 20
  private let isAsleep = Atomic<Bool>(false)
  private let bell = DispatchSemaphore(value: 0)
  private let thread = Atomic<pthread_t>(0)

  /// Starts the thread as number `number` of the team and returns the system's error code, 0 for none.
  func start(_ work: SharedWork, thread number: Int) -> Int32 {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackSize)
    let service = Unmanaged.passRetained(Service { [self] in serve(work, thread: number) })
    var started = pthread_t()
    let code = pthread_create(
      &started, &attributes,
      { service in
        if let service { Unmanaged<Service>.fromOpaque(service).takeRetainedValue().body() }
        return nil
      }, service.toOpaque())
    if code == 0 {
      thread.store(started, ordering: .releasing)
    } else {
      service.release()
    }
    return code
  }

  /// Waits for the end of the thread.
  func join() { pthread_join(thread.load(ordering: .acquiring), nil) }

  /// What a thread does.
  private final class Service {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Called after a round has begun.
  func wake() {
    if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { bell.signal() }
  }

  func serve(_ work: SharedWork, thread: Int) {
    var seen = 0
    while true {
      waitForRound(of: work, after: seen)
      seen += 1
      if work.isOver.load(ordering: .acquiring) { return }
      work.takePart(thread: thread)
      work.leave()
    }
  }

  private func waitForRound(of work: SharedWork, after seen: Int) {
    var turns = 0
    while work.round.load(ordering: .sequentiallyConsistent) == seen {
      if turns < 10_000 {
        pause(&turns)
        continue
      }
      isAsleep.store(true, ordering: .sequentiallyConsistent)
      // Either this sees the new round, or whoever began it sees the sleeper and rings.
      if work.round.load(ordering: .sequentiallyConsistent) == seen
        || !isAsleep.exchange(false, ordering: .sequentiallyConsistent)
      {
        bell.wait()
      }
      turns = 0
    }
  }
}

/// A short wait that leaves the core to others now and then: ranks may share cores.
private func pause(_ turns: inout Int) {
  turns += 1
  if turns % 64 == 0 { sched_yield() }
}
