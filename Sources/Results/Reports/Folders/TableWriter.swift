// Writes a folder's tables on a thread of its own, so that the leader of a run hands out trials, beats and renews its lease
// meanwhile. While tables are written nobody else may use the index of the journal.

import Foundation
import Host
import Storage
import Synchronization
import Trials

/// Writes the tables of a run's folder, again and again.
package final class TableWriter {
  /// What the tables came to.
  package struct Written {
    /// The summary.
    package var rows: [SummaryRow]
    /// A line about derived tables that were removed, if any were.
    package var notice: String?
    /// The seconds that it took.
    package fileprivate(set) var seconds = 0.0

    package init(rows: [SummaryRow], notice: String? = nil) {
      self.rows = rows
      self.notice = notice
    }
  }

  /// The tables are to be written no further.
  private struct Cancelled: Error {}

  /// One writing of all tables.
  private final class Writing: @unchecked Sendable {
    // The writing thread sets it before it signals; the other thread reads it after it has waited.
    var result: Result<Written, any Error>?
    let isDone = DispatchSemaphore(value: 0)
    let isCancelled = Atomic<Bool>(false)
  }

  private let write: (_ check: () throws -> Void) throws -> Written
  private var writing: Writing?

  /// A writer that calls `write` each time. That calls `check` often, and before files take their names, and ends when it throws.
  package init(_ write: @escaping (_ check: () throws -> Void) throws -> Written) { self.write = write }

  /// Whether tables are being written, or were and nobody has asked for what they came to.
  package var isWriting: Bool { writing != nil }

  /// Starts to write the tables and returns at once; does nothing while they are written.
  package func begin() {
    guard writing == nil else { return }
    let writing = Writing()
    self.writing = writing
    nonisolated(unsafe) let write = write
    let thread = Thread {
      let start = monotonicSeconds()
      var result = Result {
        try write { if writing.isCancelled.load(ordering: .relaxed) { throw Cancelled() } }
      }
      if case .success(var written) = result {
        written.seconds = monotonicSeconds() - start
        result = .success(written)
      }
      writing.result = result
      writing.isDone.signal()
    }
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// What the tables came to if they have just been finished; nil while they are written and where none are.
  ///
  /// - Throws: why they could not be written.
  package func poll() throws -> Written? { try result(within: 0) }

  /// Waits until the tables are written, calls `waiting` ten times a second meanwhile, and returns what they came to; nil where
  /// none were being written. An error of `waiting` ends the writing.
  ///
  /// - Throws: why they could not be written, and what `waiting` throws.
  package func finish(waiting: () throws -> Void) throws -> Written? {
    while writing != nil {
      if let written = try result(within: 0.1) { return written }
      do { try waiting() } catch {
        cancel()
        throw error
      }
    }
    return nil
  }

  /// Ends a writing and waits until its thread writes no more. Tables that it has not finished stay as they were.
  package func cancel() {
    guard let writing else { return }
    writing.isCancelled.store(true, ordering: .relaxed)
    writing.isDone.wait()
    self.writing = nil
  }

  private func result(within seconds: Double) throws -> Written? {
    guard let writing, writing.isDone.wait(timeout: .now() + seconds) == .success else { return nil }
    self.writing = nil
    return try writing.result?.get()
  }
}
