// `seedsweep merge`: joins the results of several folders in a new one. `FolderMerge` joins the plans and journals.

import CommandLine
import Console
import Foundation
import Host
import Merging
import Pages
import Reports
import Runs

/// Joins folders of results.
struct MergeCommand: Command {
  static let output = Flag(required: "--output", "DIR", "the folder to create")

  static let syntax = CommandSyntax(
    "merge", "join folders of results",
    details: """
      Joins the results of several folders in a new one and writes its tables. A trial found twice is compared, not counted
      twice; a difference is an error. The new folder's sweep is every configuration with every seed: folders are refused if it
      would have trials that none of them plans.
      """,
    operands: [Operand(Operand.results.name, Operand.results.help, .several)], flags: [output])

  private let paths: [String]
  private let output: String

  init(_ given: Given) {
    paths = given.operands
    output = given[Self.output]
    given.refuseRepeated(paths)
  }

  func perform(_ context: Context) throws -> ExitCode {
    let merged = try FolderMerge.perform(paths, output: output)
    if let notice = ReportFile.attempt(output) { context.complain(notice) }
    put(ConsoleTable.text(merged.rows), to: STDOUT_FILENO)
    say("")
    for (path, count) in zip(merged.paths, merged.report.resultCounts) { say("\(path): \(counted(count, "result"))") }
    say(
      "\(output): \(counted(merged.report.mergedCount, "result")), \(merged.report.duplicateCount) found twice and equal"
    )
    if merged.report.differingCount > 0 {
      say(
        "\(counted(merged.report.differingCount, "second result")) with other numbers, of programs that are not declared "
          + "deterministic; the first one counts")
    }
    for mismatch in merged.report.mismatches { context.complain("\(mismatch)") }
    return merged.report.mismatches.isEmpty ? .success : .failure
  }
}
