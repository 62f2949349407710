// The trainer of a rank, which reads what the first trial needs while its leader still looks at the sweep.

import Synchronization
import Training
import Trials

/// The trainer of a rank, made ready for its first trial while the leader still looks at the sweep.
final class TrainerFuture: Sendable {
  private let context: TrainerContext
  private let readings: ResourceReader
  private let begun = Mutex<Future<Trainer>?>(nil)

  /// A trainer that is not made yet, over what the process reads.
  init(_ context: TrainerContext, readings: ResourceReader) {
    self.context = context
    self.readings = readings
  }

  /// Starts to read what the trials of a configuration need.
  func begin(with configuration: TrialConfiguration?) {
    guard let configuration else { return }
    let future = Future { [context, readings] in
      let trainer = Trainer(context: context, readings: readings)
      trainer.prepare(for: configuration)
      return trainer
    }
    begun.withLock { $0 = future }
  }

  /// The trainer, waited for if it was begun.
  func take() -> Trainer {
    let future = begun.withLock { begun in
      defer { begun = nil }
      return begun
    }
    return future?.take() ?? Trainer(context: context, readings: readings)
  }
}
