// Reads the results of many trials: their lines in the order asked for, decoded on all cores, a block in memory at a time.

import Host
import JSON5
import Trials

extension JournalIndex {
  /// Enough trials to keep all cores busy, and few enough to need little memory.
  private static let blockSize = 256

  /// Calls `body` for each trial, in order, with its result; with nil where the journal has none.
  ///
  /// - Parameters:
  ///   - trials: What `body` gets beside the result, and the trials' identifiers.
  ///   - orStopped: Whether `body` also gets the outcome of a trial without a result that a rule has stopped.
  /// - Throws: `FileError`; `CodecError` for a result that cannot be read; what `body` throws.
  package func forEachResult<Trial: Sendable>(
    of trials: some Sequence<(trial: Trial, identifier: String)>, orStopped: Bool = false,
    _ body: (Trial, Outcome?) throws -> Void
  ) throws {
    var block: [(trial: Trial, line: IndexedLine?)] = []
    func flush() throws {
      let outcomes = block.concurrentMap { entry in
        Result { try entry.line.map { try $0.record().outcome(in: $0.path) } }
      }
      for (entry, outcome) in zip(block, outcomes) { try body(entry.trial, try outcome.get()) }
      block.removeAll(keepingCapacity: true)
    }
    for (trial, identifier) in trials {
      let history = self[identifier].flatMap { $0.hasResult || orStopped ? $0 : nil }
      block.append((trial, try history.flatMap(curveLine)))
      if block.count == Self.blockSize { try flush() }
    }
    try flush()
  }
}

extension TrialRecord {
  /// The outcome of a record in the journal at `path`.
  ///
  /// - Throws: `CodecError`, which names both, for an outcome that cannot be read.
  package func outcome(in path: String) throws -> Outcome {
    do { return try outcome() } catch {
      throw CodecError("\(path): the outcome of trial \(trial) cannot be read: \(error)")
    }
  }
}
