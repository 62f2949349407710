// Work done on a thread of its own while the main thread still reads, checks and digests: what only concerns the first
// trial, or only provenance.json, holds up neither. Nothing here decides anything.

import Foundation
import Synchronization
import Training
import Trials

/// A value that a thread of its own makes and another takes, once.
final class Ahead<Value>: @unchecked Sendable {
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

/// The trainer of a rank, made ready for its first trial while the leader still looks at the sweep.
final class TrainerAhead: Sendable {
  private let context: TrainerContext
  private let readings: Readings
  private let begun = Mutex<Ahead<Trainer>?>(nil)

  /// A trainer that is not made yet, over what the process reads.
  init(_ context: TrainerContext, readings: Readings) {
    self.context = context
    self.readings = readings
  }

  /// Starts to read what the trials of a configuration need.
  func begin(with configuration: TrialConfiguration?) {
    guard let configuration else { return }
    let ahead = Ahead { [context, readings] in
      let trainer = Trainer(context: context, readings: readings)
      trainer.prepare(for: configuration)
      return trainer
    }
    begun.withLock { $0 = ahead }
  }

  /// The trainer, waited for if it was begun.
  func take() -> Trainer {
    let ahead = begun.withLock { begun in
      defer { begun = nil }
      return begun
    }
    return ahead?.take() ?? Trainer(context: context, readings: readings)
  }
}
