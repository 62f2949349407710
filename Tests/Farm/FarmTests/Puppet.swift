// A rank that tests play by hand, message by message.

import XCTest

@testable import Farm

/// A rank as a script; every wait is bounded, so a broken leader fails the test instead of hanging it.
struct Puppet: Sendable {
  struct NothingCame: Error {}
  let transport: InProcessTransport
  var clock: any FarmClock = SystemFarmClock()

  func send(_ message: Message) throws { try transport.send(message.encoded(), to: 0) }

  func receive() throws -> Message {
    let deadline = clock.seconds + 5
    while clock.seconds < deadline {
      if let received = transport.poll() {
        let message = try Message(received.bytes)
        // That the leader lives goes without saying.
        if message != .beat { return message }
      }
      clock.sleep(1e-4)
    }
    throw NothingCame()
  }

  func finish(_ job: Int, _ result: String, epoch: UInt64 = 1, attempt: Int = 1) throws {
    let content = AnswerContent.finished(result: Array(result.utf8), remark: [])
    try send(.answer(epoch: epoch, job: job, attempt: attempt, seconds: 10, content: content))
  }

  /// Answers every job with "right" until it is sent home.
  func finishAll() throws {
    while true {
      switch try receive() {
      case .job(_, let job, let attempt, _): try finish(job, "right", attempt: attempt)
      case .stop: return try send(.farewell)
      default: break
      }
    }
  }
}
