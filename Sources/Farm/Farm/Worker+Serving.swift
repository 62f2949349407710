// The talking thread of a rank that does not lead: carries messages between the worker and rank 0, asleep in between.

/// How a rank knows that its leader lives.
package struct LeaderWatch: Sendable {
  /// Seconds without a message after which a leader that has spoken before is given up; those in which this process was
  /// stopped do not count.
  package var silentSeconds: Double
  /// Whether the leader's process surely is gone; asked a few times a second.
  package var isGone: @Sendable () -> Bool
  /// Seconds that the job under way gets to keep what it has.
  package var graceSeconds = 30.0

  /// Without arguments the leader is trusted for ever.
  package init(silentSeconds: Double = .infinity, isGone: @escaping @Sendable () -> Bool = { false }) {
    self.silentSeconds = silentSeconds
    self.isGone = isGone
  }

  static let interval = 0.25
}

extension Worker {
  /// Serves the leader until it says stop: returns then, even if a job is under way, whose answer is given up. False means
  /// that the leader is gone and nobody was told farewell.
  ///
  /// All calls to the transport come from the calling thread. `farewellSeconds` bounds the wait for the last messages
  /// to leave.
  @discardableResult
  package func serve(
    on transport: some Transport, watch: LeaderWatch = LeaderWatch(), farewellSeconds: Double = 5
  ) throws -> Bool {
    start()
    var backoff = Backoff()
    var lastHeard: Double?
    var lastLook = clock.seconds
    var isServing = true
    while isServing {
      var wasActive = false
      while isServing, let received = try transport.poll() {
        let message = try Message(received.bytes)
        try deliver(message)
        isServing = message != .stop
        wasActive = true
        lastHeard = clock.seconds
      }
      let now = clock.seconds
      if isServing, now - lastLook >= LeaderWatch.interval {
        // Much longer than an interval this process slept, perhaps together with its leader, which gets its time anew.
        if now - lastLook > 1 { lastHeard = lastHeard.map { max($0, now - LeaderWatch.interval) } }
        lastLook = now
        if watch.isGone() || lastHeard.map({ now - $0 > watch.silentSeconds }) ?? false {
          abandon(atMost: watch.graceSeconds)
          return false
        }
      }
      while let message = takeOutgoing() {
        try transport.send(message.encoded(), to: 0)
        wasActive = true
      }
      if wasActive { backoff.reset() } else { waitForOutgoing(atMost: backoff.next()) }
    }
    try transport.send(Message.farewell.encoded(), to: 0)
    try transport.flush(atMost: farewellSeconds, clock)
    return true
  }
}

extension Transport {
  /// Polls until every send has left or `seconds` have passed; messages that arrive meanwhile are dropped.
  func flush(atMost seconds: Double, _ clock: any FarmClock) throws {
    let deadline = clock.seconds + seconds
    var backoff = Backoff()
    while unsentCount > 0 && clock.seconds < deadline {
      _ = try poll()
      if unsentCount > 0 { clock.sleep(backoff.next()) }
    }
  }
}
