// Two environment variables between `run --processes N` and the leader that it starts through mpirun: one names the file for
// the exit code, the other says whether the output is a terminal. They are needed because mpirun reports neither.

import CommandLine
import Foundation

/// The leader's side: what the process that started mpirun expects.
package struct ParentProcess {
  static let codeFileVariable = "SEEDSWEEP_EXIT_CODE_FILE"
  static let terminalVariable = "SEEDSWEEP_TERMINAL"

  /// The file for the exit code; nil if the run was not started by `--processes`.
  let codeFile: String?
  /// Whether the user watches on a terminal.
  package let isTerminal: Bool

  /// Reads the environment.
  package init(_ environment: [String: String]) {
    codeFile = environment[Self.codeFileVariable]
    if codeFile != nil {
      isTerminal = environment[Self.terminalVariable] == "1"
    } else if environment["OMPI_COMM_WORLD_RANK"] != nil {
      // mpirun gives its ranks a terminal even if its own output is none.
      let output = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/1")
      isTerminal = output?.hasPrefix("/dev/pts/") ?? false || output?.hasPrefix("/dev/tty") ?? false
    } else {
      isTerminal = isatty(STDOUT_FILENO) == 1
    }
  }

  /// Tells the parent the exit code, and returns the exit code for mpirun: 0, because mpirun would report any other as its own
  /// failure.
  package func reported(_ code: ExitCode) -> ExitCode {
    guard let codeFile, let file = FileHandle(forWritingAtPath: codeFile) else { return code }
    try? file.write(contentsOf: Data("\(code.rawValue)".utf8))
    try? file.close()
    return .success
  }
}
