// Which updates each row of an embedding table has missed because no batch reached it, and the factors of those
// updates. It counts and remembers; the optimizer computes.

import UpdateRules

/// The missed updates of a table's rows.
final class RowLedger {
  /// Rows of the table.
  let rowCount: Int
  /// The factors of the updates since the last settling, in order.
  private var history: [UpdateFactors] = []
  /// How many updates of the history each row has had.
  private var current: [Int32]
  /// Whether a row ever had a gradient; the moments of the others are zero.
  private var reached: [Bool]

  /// A table without updates.
  init(rowCount: Int) {
    self.rowCount = rowCount
    current = [Int32](repeating: 0, count: rowCount)
    reached = [Bool](repeating: false, count: rowCount)
  }

  /// Whether the row has missed an update.
  func misses(_ row: Int) -> Bool { Int(current[row]) < history.count }

  /// Whether any row may have missed an update.
  var isBehind: Bool { !history.isEmpty }

  /// Whether the row's moments may differ from zero.
  func hasMoments(_ row: Int) -> Bool { reached[row] }

  /// Calls `body` with the factors of each update that the row has missed, in order.
  @inline(__always)
  func forEachMissed(_ row: Int, _ body: (UpdateFactors) -> Void) {
    for index in Int(current[row])..<history.count { body(history[index]) }
  }

  /// Notes which rows' moments differ from zero.
  func setReached(where hasMoments: (Int) -> Bool) {
    for row in 0..<rowCount { reached[row] = hasMoments(row) }
  }

  /// Notes that the row has had every update.
  func setCurrent(_ row: Int) { current[row] = Int32(history.count) }

  /// Notes an update that only the given rows have had, none of which had missed one before.
  func record(_ factors: UpdateFactors, updated rows: [Int]) {
    for row in rows {
      precondition(!misses(row), "row \(row) is updated before it has caught up")
      reached[row] = true
    }
    history.append(factors)
    for row in rows { setCurrent(row) }
  }

  /// Drops the history once every row is current.
  func forgetHistory() {
    history.removeAll(keepingCapacity: true)
    current.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }
}
