// `seedsweep summarize`: makes the tables again from the journal, by another rule if asked. While a run writes the folder, it
// only prints the summary, because the run owns the tables; so it does for a user who may not write to the folder.

import CommandLine
import Console
import Files
import Foundation
import Pages
import Reports
import Runs
import Storage
import Trials

/// Rebuilds tables.
struct SummarizeCommand: Command {
  static let syntax = CommandSyntax(
    "summarize", "rebuild every table from the journal",
    details: """
      Rebuilds every table in DIR from its journal and prints the summary. Trains nothing. --failure-rule and --score say which
      runs count as failed. That holds for all tables of DIR and for every later command that judges its runs, until summarize
      is called again; tables of another rule or score are removed. If DIR has a report.html, it is written again.
      """,
    operands: [.results], flags: [Judgement.newRule, Judgement.newScore])

  private let path: String
  private let options: TableOptions

  init(_ given: Given) {
    path = given.operands[0]
    options = TableOptions(rule: given[Judgement.newRule], score: given[Judgement.newScore])
  }

  func perform(_ context: Context) throws -> ExitCode {
    let results = try ResultsFolder(path)
    results.reportDamage()
    let options = options.named(for: results.plan)
    let rows: [SummaryRow]
    if let lease = try lease(results.folder) {
      defer { try? lease.release() }
      do {
        rows = try results.rewriteTables(by: options, derived: DerivedTable.all, under: lease)
      } catch let error as FileError where error.isOfWriting {
        let known = try RunTables.summary(of: results.plan, from: results.index, options: options)
        put(ConsoleTable.text(known, options: options), to: STDOUT_FILENO)
        throw error
      }
      if let notice = ReportFile.renew(results.folder) { context.complain(notice) }
    } else {
      rows = try RunTables.summary(of: results.plan, from: results.index, options: options)
    }
    put(ConsoleTable.text(rows, options: options), to: STDOUT_FILENO)
    return .success
  }

  /// The lease of the folder; nil while a run holds it, and where this user may not write.
  private func lease(_ folder: RunFolder) throws -> Lease? {
    do {
      return try Lease(folder: folder.leases, holder: .current(launchedByParent: false), notice: { say($0) })
    } catch let error as LeaseError {
      say("The tables are left alone: \(error)")
      return nil
    } catch let error as FileError where error.isOfRights {
      say("The tables are left alone: \(folder.path) cannot be written to: \(error.reason)")
      return nil
    }
  }
}
