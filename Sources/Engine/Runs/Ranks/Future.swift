// A value that one thread computes while another goes on. Work that only the first trial or only provenance.json needs is done
// this way, so that it does not delay the reading and checking of a sweep.

import Foundation

/// A value that is made on its own thread and taken once by another.
final class Future<Value>: @unchecked Sendable {
  // One thread writes it before it signals; the other reads it after it has waited.
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

  /// Waits for the value and returns it. May be called once.
  func take() -> Value {
    isMade.wait()
    guard let value else { preconditionFailure("a value is taken once") }
    self.value = nil
    return value
  }
}
