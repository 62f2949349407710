// How long a thread that found nothing to do sleeps before it looks again.

/// Pauses that double from the shortest to the longest and start over after something happened.
package struct Backoff: Sendable {
  /// The first pause in seconds.
  package let shortest: Double
  /// The longest pause in seconds.
  package let longest: Double
  private var pause: Double

  /// The shortest and the longest pause in seconds: by default 20 microseconds and 5 milliseconds.
  package init(shortest: Double = 20e-6, longest: Double = 5e-3) {
    self.shortest = shortest
    self.longest = longest
    pause = shortest
  }

  /// The pause to make now, in seconds; the next one is twice as long, up to the longest.
  package mutating func next() -> Double {
    defer { pause = min(2 * pause, longest) }
    return pause
  }

  /// Starts over with the shortest pause.
  package mutating func reset() { pause = shortest }
}
