// Makes a rank's trainer on another thread: it reads the files of the first trial while the leader still checks the sweep.

import Host
import Synchronization
import Training
import Trials

/// The trainer of a rank, which is prepared for its first trial on another thread.
final class TrainerFuture: Sendable {
  private let context: TrainerContext
  private let readings: ResourceReader
  private let begun = Mutex<Future<Trainer>?>(nil)

  /// A trainer that is not made yet and will share `readings` with the rest of the process.
  init(_ context: TrainerContext, readings: ResourceReader) {
    self.context = context
    self.readings = readings
  }

  /// Starts to read the files that the trials of a configuration need.
  func begin(with configuration: TrialConfiguration?) {
    guard let configuration, !configuration.hasProgram else { return }
    let future = Future { [context, readings] in
      let trainer = Trainer(context: context, readings: readings)
      trainer.prepare(for: configuration)
      return trainer
    }
    begun.withLock { $0 = future }
  }

  /// Returns the trainer, after waiting for it if it was begun.
  func take() -> Trainer {
    let future = begun.withLock { begun in
      defer { begun = nil }
      return begun
    }
    return future?.take() ?? Trainer(context: context, readings: readings)
  }
}
