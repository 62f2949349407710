// Work done on a thread of its own while another thread goes on: what concerns only the first trial, or only provenance.json,
// delays neither the reading nor the checking of a sweep. Nothing here decides anything.

import Foundation

/// A value that a thread of its own makes and another takes, once.
final class Future<Value>: @unchecked Sendable {
  // Written by the one thread before it signals, read by the other after it waited.
  private var value: Value?
  private let isMade = DispatchSemaphore(value: 0)

  /// Starts to make the value.
  init(_ make: @escaping @Sendable () -> Value) {
    let thread = Thread { [self] in
      value = make()
      isMade.signal()
    }
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// The value, waited for.
  func take() -> Value {
    isMade.wait()
    guard let value else { preconditionFailure("a value is taken once") }
    self.value = nil
    return value
  }
}
