// The talking thread of a rank that does not lead: carries messages between the worker and rank 0, asleep in between.

extension Worker {
  /// Serves the leader until it says stop: returns then, even if a job is under way, whose answer is given up.
  ///
  /// All calls to the transport come from the calling thread. `farewellSeconds` bounds the wait for the last messages
  /// to leave.
  public func serve(on transport: some Transport, farewellSeconds: Double = 5) throws {
    start()
    var backoff = Backoff()
    var isServing = true
    while isServing {
      var wasActive = false
      while isServing, let received = try transport.poll() {
        let message = try Message(received.bytes)
        try deliver(message)
        isServing = message != .stop
        wasActive = true
      }
      while let message = takeOutgoing() {
        try transport.send(message.encoded(), to: 0)
        wasActive = true
      }
      if wasActive { backoff.reset() } else { waitForOutgoing(atMost: backoff.next()) }
    }
    try transport.send(Message.farewell.encoded(), to: 0)
    try transport.flush(atMost: farewellSeconds)
  }
}

extension Transport {
  /// Polls until every send has left or so many seconds have passed; messages that arrive meanwhile are dropped.
  func flush(atMost seconds: Double) throws {
    let deadline = monotonicSeconds() + seconds
    var backoff = Backoff()
    while unsentCount > 0 && monotonicSeconds() < deadline {
      _ = try poll()
      if unsentCount > 0 { pause(backoff.next()) }
    }
  }
}
