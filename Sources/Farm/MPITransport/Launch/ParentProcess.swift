// What `run --processes N` and the leader that it starts through mpirun tell each other, by two environment variables. mpirun
// passes on neither exit codes after a signal nor whether its output is a terminal.

import CommandLine
import Foundation

/// The leader's side: what the process that started mpirun wants.
package struct ParentProcess {
  static let codeFileVariable = "SEEDSWEEP_EXIT_CODE_FILE"
  static let terminalVariable = "SEEDSWEEP_TERMINAL"

  /// Where the exit code goes; nil for a run started otherwise.
  let codeFile: String?
  /// Whether the user watches on a terminal.
  package let isTerminal: Bool

  /// Reads the environment.
  package init(_ environment: [String: String]) {
    codeFile = environment[Self.codeFileVariable]
    if codeFile != nil {
      isTerminal = environment[Self.terminalVariable] == "1"
    } else if environment["OMPI_COMM_WORLD_RANK"] != nil {
      // mpirun gives its ranks a terminal whatever it writes to itself.
      let output = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/1")
      isTerminal = output?.hasPrefix("/dev/pts/") ?? false || output?.hasPrefix("/dev/tty") ?? false
    } else {
      isTerminal = isatty(STDOUT_FILENO) == 1
    }
  }

  /// Tells the parent the exit code, and returns the one to give mpirun: 0, because mpirun would report any other as a failure of
  /// its own.
  package func reported(_ code: ExitCode) -> ExitCode {
    guard let codeFile, let file = FileHandle(forWritingAtPath: codeFile) else { return code }
    try? file.write(contentsOf: Data("\(code.rawValue)".utf8))
    try? file.close()
    return .success
  }
}
