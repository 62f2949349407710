// `seedsweep status`: how far a run is and how it ended, from the journal and status.json. Writes nothing.

import CommandLine
import Console
import Foundation
import Reports
import Runs

/// Prints the progress of a run and how it ended.
struct StatusCommand: Command {
  static let exitCode = Flag("--exit-code", "exit with what the run came to")

  static let syntax = CommandSyntax(
    "status", "how far a run is, and how it ended",
    details: """
      Prints how far the run in DIR is. With --exit-code the exit code says it as well: 0 every trial has a result, 1 some
      crashed beyond retries or are in no merged folder, 75 not finished.
      """,
    operands: [.results], flags: [exitCode])

  private let path: String
  private let exitsWithEnding: Bool

  init(_ given: Given) {
    path = given.operands[0]
    exitsWithEnding = given[Self.exitCode]
  }

  func perform(_ context: Context) throws -> ExitCode {
    let standing = try RunStanding(of: path)
    for line in standing.lines(now: Date().timeIntervalSince1970) { say(line) }
    return exitsWithEnding ? standing.exitCode : .success
  }
}
