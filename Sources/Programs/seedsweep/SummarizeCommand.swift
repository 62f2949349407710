// `seedsweep summarize`: tables again from the journal, by another rule if asked. While a run writes the folder, only the
// summary is printed: the tables are the run's.

import CommandLine
import Foundation
import Reports
import Runs
import Storage
import Trials

/// Rebuilds tables.
enum SummarizeCommand {
  /// Rebuilds the tables of a folder and prints the summary.
  static func perform(_ path: String, _ options: TableOptions) throws -> ExitCode {
    let results = try ResultsFolder(path, command: "summarize")
    results.reportDamage()
    let rows: [SummaryRow]
    if let lease = try lease(results.folder) {
      defer { try? lease.release() }
      if let notice = try StaleTables.remove(from: results.folder, before: results.plan, results.index) { say(notice) }
      rows = try RunTables.write(results.plan, from: results.index, to: results.folder, options: options)
    } else {
      rows = try RunTables.summary(of: results.plan, from: results.index, options: options)
    }
    put(ConsoleTable.text(rows, options: options), to: STDOUT_FILENO)
    return .success
  }

  /// The right to write the folder, nil while a run has it.
  private static func lease(_ folder: RunFolder) throws -> Lease? {
    do {
      return try Lease(folder: folder.leases, holder: .current(launchedByParent: false), notice: { say($0) })
    } catch let error as LeaseError {
      say("The tables are left alone: \(error)")
      return nil
    }
  }
}
