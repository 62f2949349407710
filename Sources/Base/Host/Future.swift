// A value that one thread computes while another goes on, such as what only the first trial or only provenance.json needs, which
// need not delay the reading and checking of a sweep. It is no queue and no pool of threads.

import Foundation

/// A value that is made on its own thread and taken once by another.
package final class Future<Value>: @unchecked Sendable {
  // One thread writes it before it signals; the other reads it after it has waited.
  private var value: Value?
  private let isMade = DispatchSemaphore(value: 0)

  /// Starts to make the value.
  package init(_ make: @escaping @Sendable () -> Value) {
    let thread = Thread { [self] in
      value = make()
      isMade.signal()
    }
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// Waits for the value and returns it. May be called once.
  package func take() -> Value {
    isMade.wait()
    guard let value else { preconditionFailure("a value is taken once") }
    self.value = nil
    return value
  }
}
