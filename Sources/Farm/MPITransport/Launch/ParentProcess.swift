// Two environment variables between `run --processes N` and the leader that it starts through mpirun: one names the file that
// both write to (`LaunchNotes`), the other says whether the output is a terminal.

import CommandLine
import Foundation

/// The leader's side: what the process that started mpirun expects.
package struct ParentProcess {
  static let codeFileVariable = "SEEDSWEEP_EXIT_CODE_FILE"
  static let terminalVariable = "SEEDSWEEP_TERMINAL"

  /// The file that both write to; nil if the run was not started by `--processes`.
  private let notes: LaunchNotes?
  /// Whether the user watches on a terminal.
  package let isTerminal: Bool

  /// Reads the environment.
  package init(_ environment: [String: String]) {
    notes = environment[Self.codeFileVariable].map { LaunchNotes(path: $0) }
    if notes != nil {
      isTerminal = environment[Self.terminalVariable] == "1"
    } else if environment["OMPI_COMM_WORLD_RANK"] != nil {
      // mpirun gives its ranks a terminal even if its own output is none.
      let output = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/1")
      isTerminal = output?.hasPrefix("/dev/pts/") ?? false || output?.hasPrefix("/dev/tty") ?? false
    } else {
      isTerminal = isatty(STDOUT_FILENO) == 1
    }
  }

  /// Tells the parent that mpirun has started a rank.
  package func noteStart() { notes?.noteStart() }

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
