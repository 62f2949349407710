// One rank's hands: a thread that does jobs one after another, and a mailbox to whoever talks for the rank. The worker
// never touches the network: on rank 0 the leader takes its messages, elsewhere `serve` carries them.

import Foundation

/// Does the jobs of one rank on a thread of its own, with a stack deep enough for training.
package final class Worker: Sendable {
  /// Does one job; what it throws becomes a crashed answer.
  package typealias Execution = (Assignment) throws -> Product

  /// A job in the queue, with what an answer to it must repeat.
  struct Assigned {
    var epoch: UInt64
    var job: Int
    var attempt: Int
    var payload: [UInt8]
  }

  /// Everything the job thread and the talking thread share.
  struct State {
    var queue: [Assigned] = []
    var outgoing: [Message] = []
    var isStarted = false
    var isBusy = false
    /// What the leader responded to the request of the job under way.
    var response: [UInt8]?
    /// The job that was begun last.
    var current: Int?
    /// The job under way should stop where it can go on later.
    var isInterrupted = false
    var isStopping = false
    var hasEnded = false

    /// Whether the job thread has something to do.
    var isActive: Bool { isBusy || !queue.isEmpty }
  }

  private let identity: [UInt8]
  private let stackSize: Int
  private let prepare: @Sendable () throws -> Execution
  let clock: any FarmClock
  let state = Monitor(State())

  /// A worker that introduces itself with `identity`; `prepare` runs on the job thread before the first job, again
  /// before the next one if it threw, so what it makes need not be sendable. The stack's size is in bytes.
  package init(
    identity: [UInt8] = [], stackSize: Int = 16 << 20, clock: any FarmClock = SystemFarmClock(),
    prepare: @escaping @Sendable () throws -> Execution
  ) {
    self.identity = identity
    self.clock = clock
    self.stackSize = stackSize
    self.prepare = prepare
  }

  /// Whether a job is being done at this moment.
  package var isBusy: Bool { state.peek { $0.isBusy } }

  /// Says hello and starts the job thread.
  func start() {
    state.update {
      $0.isStarted = true
      $0.outgoing.append(.hello(identity: identity))
    }
    let thread = Thread { [self] in work() }
    thread.stackSize = stackSize
    thread.name = "jobs"
    thread.start()
  }

  /// Takes a message from the leader.
  func deliver(_ message: Message) throws {
    switch message {
    case .job(let epoch, let job, let attempt, let payload):
      change { $0.queue.append(Assigned(epoch: epoch, job: job, attempt: attempt, payload: payload)) }
    case .recall(let epoch, let job):
      change { giveBack(epoch, job, &$0) }
    case .interrupt(let epoch, let job):
      change { state in
        let isWaiting = state.queue.contains { $0.epoch == epoch && $0.job == job }
        if isWaiting { giveBack(epoch, job, &state) } else if state.current == job { state.isInterrupted = true }
      }
    case .response(let content):
      state.update { $0.response = content }
    case .beat: break
    case .stop:
      change {
        $0.queue = []
        $0.isStopping = true
      }
    case .hello, .answer, .returned, .progress, .request, .farewell:
      throw FarmError.misdirected(kind: message.name, rank: 0)
    }
  }

  /// Changes the shared state, and tells the clock if the job thread has something to do from now on, or no longer has.
  private func change(_ body: (inout State) -> Void) {
    state.update { state in
      let wasActive = state.isActive
      body(&state)
      guard state.isActive != wasActive else { return }
      if wasActive { clock.endWork() } else { clock.beginWork() }
    }
  }

  private func giveBack(_ epoch: UInt64, _ job: Int, _ state: inout State) {
    for returned in state.queue where returned.epoch == epoch && returned.job == job {
      state.outgoing.append(.returned(epoch: epoch, job: job, attempt: returned.attempt))
    }
    state.queue.removeAll { $0.epoch == epoch && $0.job == job }
  }

  /// Asks the job under way to stop, drops those that wait, and waits for it for `seconds` at most: what a rank without a
  /// leader does.
  func abandon(atMost seconds: Double) {
    change {
      $0.queue = []
      $0.isInterrupted = true
      $0.isStopping = true
    }
    clock.wait(atMost: seconds) { limit in state.wait(atMost: limit) { $0.hasEnded } }
  }

  /// Takes the oldest message for the leader.
  func takeOutgoing() -> Message? {
    state.peek { $0.outgoing.isEmpty ? nil : $0.outgoing.removeFirst() }
  }

  /// Sleeps until there is a message for the leader, `seconds` at most.
  func waitForOutgoing(atMost seconds: Double) {
    clock.wait(atMost: seconds) { limit in state.wait(atMost: limit) { !$0.outgoing.isEmpty } }
  }

  /// The job thread: takes jobs until told to stop.
  private func work() {
    var execution: Execution?
    while let assigned = next() {
      let start = clock.seconds
      let content = perform(assigned, &execution)
      let answer = Message.answer(
        epoch: assigned.epoch, job: assigned.job, attempt: assigned.attempt, seconds: clock.seconds - start,
        content: content)
      change {
        $0.isBusy = false
        $0.outgoing.append(answer)
      }
    }
    state.update { $0.hasEnded = true }
  }

  private func next() -> Assigned? {
    state.wait { state -> Assigned?? in
      if state.isStopping { return .some(nil) }
      if state.queue.isEmpty { return nil }
      state.isBusy = true
      state.isInterrupted = false
      state.current = state.queue[0].job
      return .some(state.queue.removeFirst())
    }
  }

  /// Sends a request and waits for its response; nil where the rank is to leave.
  private func exchange(_ request: Message) -> [UInt8]? {
    state.update {
      $0.response = nil
      $0.outgoing.append(request)
    }
    return state.wait { state -> [UInt8]?? in
      if let response = state.response { return .some(response) }
      return state.isStopping ? .some(nil) : nil
    }
  }

  private func perform(_ assigned: Assigned, _ execution: inout Execution?) -> AnswerContent {
    let assignment = Assignment(
      job: assigned.job, attempt: assigned.attempt, epoch: assigned.epoch, payload: assigned.payload
    ) { [state] report in
      let progress = Message.progress(
        epoch: assigned.epoch, job: assigned.job, attempt: assigned.attempt, report: report)
      state.update { $0.outgoing.append(progress) }
    } asksToStop: {
      [state] in
      state.peek { $0.isInterrupted }
    } exchange: {
      [self] in
      exchange(.request(epoch: assigned.epoch, job: assigned.job, attempt: assigned.attempt, content: $0))
    }
    do {
      // Stored once: a closure that is taken out of an optional and put back is wrapped once more each time.
      if execution == nil { execution = try prepare() }
      guard let product = try execution?(assignment) else { preconditionFailure("there is an execution") }
      return .finished(result: product.result, remark: product.remark)
    } catch let pause as Pause {
      return .paused(result: pause.product.result, remark: pause.product.remark)
    } catch let interruption as Interruption {
      return .interrupted(remark: interruption.remark)
    } catch {
      return .crashed(message: String(describing: error))
    }
  }
}
