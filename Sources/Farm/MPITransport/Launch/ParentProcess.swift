// Environment variables between `run --processes N` and the leader that it starts through mpirun: one names the file that
// both write to (`LaunchNotes`), one says whether the output is a terminal, one what to say of the number of ranks.

import CommandLine
import Foundation

/// The leader's side: what the process that started mpirun expects.
package struct ParentProcess {
  static let codeFileVariable = "SEEDSWEEP_EXIT_CODE_FILE"
  static let terminalVariable = "SEEDSWEEP_TERMINAL"
  static let remarkVariable = "SEEDSWEEP_REMARK"

  /// The file that both write to; nil if the run was not started by `--processes`.
  private let notes: LaunchNotes?
  /// Whether the user watches on a terminal.
  package let isTerminal: Bool
  /// The path of that terminal where mpirun stands between it and this process; nil where nothing does.
  package let terminalPath: String?

  /// What users are told of the number of processes once the run is not refused; nil for nothing.
  package let remark: String?

  /// Reads the environment; `remark` is what a process that nothing started says of the number of processes.
  package init(_ environment: [String: String], remark: String? = nil) {
    notes = environment[Self.codeFileVariable].map { LaunchNotes(path: $0) }
    self.remark = notes == nil ? remark : environment[Self.remarkVariable]
    guard notes != nil || environment["OMPI_COMM_WORLD_RANK"] != nil else {
      isTerminal = isatty(STDOUT_FILENO) == 1
      terminalPath = nil
      return
    }
    // mpirun gives its ranks a terminal even if its own output is none.
    let output = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/1")
    let path = output.flatMap { $0.hasPrefix("/dev/pts/") || $0.hasPrefix("/dev/tty") ? $0 : nil }
    isTerminal = notes == nil ? path != nil : environment[Self.terminalVariable] == "1"
    // A path without a terminal has no size, so that a leader without mpirun's output shows one line.
    terminalPath = isTerminal ? path ?? "" : nil
  }

  /// Tells the parent that mpirun has started a rank.
  package func noteStart() { notes?.noteStart() }

  /// Tells the parent that every rank takes signals.
  package func noteReady() { notes?.noteReady() }

  /// The signal that the parent was sent. mpirun makes SIGTERM of SIGINT.
  package var signal: Int32? { notes?.signal }

  /// Tells the parent the exit code, and returns the exit code for mpirun: 0, because mpirun would report any other as its own
  /// failure.
  package func reported(_ code: ExitCode) -> ExitCode {
    guard let notes, access(notes.path, W_OK) == 0 else { return code }
    notes.note(code)
    if notes.isAbandoned { notes.remove() }
    return .success
  }
}
