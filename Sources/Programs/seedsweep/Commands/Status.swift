// `seedsweep status`: how far a run is and how it ended, from the journal and status.json; with `--watch` until it ends. Writes
// nothing.

import CommandLine
import Console
import Foundation
import Reports
import Runs

/// Prints the progress of a run and how it ended.
struct StatusCommand: Command {
  static let exitCode = Flag("--exit-code", "exit with 0, 1 or 75, as said above")

  static let watch = Flag("--watch", "show the run until it has ended")

  static let syntax = CommandSyntax(
    "status", "how far a run is, and how it ended",
    details: """
      Prints how far the run in DIR is. With --exit-code the exit code says it as well: 0 every trial has a result, 1 some
      crashed at every attempt or are in no merged folder, 75 not finished. --watch shows the run as its own terminal does,
      from the files in DIR alone, until it has ended, and then prints the same as status. Where the output is no terminal,
      it prints a line at most every minute. Ctrl-C ends the view, not the run.
      """,
    operands: [.results], flags: [exitCode, watch])

  private let path: String
  private let exitsWithEnding: Bool
  private let isWatching: Bool

  init(_ given: Given) {
    path = given.operands[0]
    exitsWithEnding = given[Self.exitCode]
    isWatching = given[Self.watch]
  }

  func perform(_ context: Context) throws -> ExitCode {
    var standing = try RunStanding(of: path)
    if isWatching { standing = try watched(standing, context) }
    for line in standing.lines(now: Date().timeIntervalSince1970) { say(line) }
    return exitsWithEnding ? standing.exitCode : .success
  }

  /// Shows the run until it has ended.
  private func watched(_ standing: RunStanding, _ context: Context) throws -> RunStanding {
    guard isatty(STDOUT_FILENO) == 1 else {
      var watch = StatusWatch(standing, terminal: nil)
      return try watch.perform()
    }
    TerminalBlock.giveWay(to: [SIGINT, SIGTERM, SIGHUP, SIGTSTP])
    var watch = StatusWatch(standing, terminal: ProgressTerminal(path: nil, environment: context.environment))
    return try watch.perform()
  }
}
