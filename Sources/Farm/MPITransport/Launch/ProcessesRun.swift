// `--processes N`: starts this program again under mpirun on this machine, waits, and returns the exit code that the leader
// reports. It neither checks the options before nor prints the outcome afterwards: the caller does.

import CommandLine
import Foundation
import Host

/// Starts ranks on this machine.
package struct ProcessesRun {
  /// Ranks of one machine need not listen on a port.
  private static let oneMachine = ["--mca", "btl", "self,vader"]
  private let launcher: ProcessLauncher
  /// The whole command line after the program's name.
  private let words: [String]

  /// How the run ended.
  package struct End {
    /// The exit code that the leader reported; nil if the leader ended before it reported one.
    package var reported: ExitCode?
    /// mpirun's exit code.
    package var launcherCode: Int32
  }

  /// Ranks that run the same command line as this process, `words`.
  ///
  /// - Parameter outlivesRanks: Whether the other ranks go on if one dies; otherwise mpirun ends them.
  /// - Throws: a `Refusal` where a launcher started this process.
  package init(_ words: [String], count: Int, threadCount: Int = 1, outlivesRanks: Bool) throws {
    let launched = LaunchEnvironment(ProcessInfo.processInfo.environment).launcher
    guard launched == .none else {
      throw Refusal(
        "--processes starts mpirun itself, and this process was started by "
          + "\(launched.rawValue) already; leave one of the two out")
    }
    self.words = words
    launcher = ProcessLauncher(
      processCount: count, threadCount: threadCount,
      options: (outlivesRanks ? ["--enable-recovery"] : []) + Self.oneMachine)
  }

  /// Starts the ranks and waits for their end.
  package func perform() throws -> End {
    let codeFile = NSTemporaryDirectory() + "seedsweep-exit-code-\(UUID().uuidString)"
    // The folder is shared with other users, so the file has a name of its own and only this user may read it.
    let descriptor = open(codeFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Refusal("cannot write \(codeFile): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
    defer { unlink(codeFile) }
    setenv(ParentProcess.codeFileVariable, codeFile, 1)
    setenv(ParentProcess.terminalVariable, isatty(STDOUT_FILENO) == 1 ? "1" : "0", 1)
    noteSharedCores()
    // Matrix products run on the calling thread. Without this, OpenBLAS would start a thread for each core in every rank.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    do {
      let mpirun = try ProcessLauncher.findMPIRun(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let code = try launcher.run(
        mpirun: mpirun, program: program, arguments: ProcessLauncher.withoutProcessCount(words))
      return End(reported: reported(codeFile), launcherCode: code)
    } catch let error as ProcessLauncher.LaunchError {
      throw Refusal("\(error)")
    }
  }

  private func noteSharedCores() {
    let (count, threadCount) = (launcher.processCount, launcher.threadCount)
    guard count * threadCount > launcher.coreCount else { return }
    let threads = threadCount == 1 ? "" : " of \(threadCount) threads"
    say("\(count) ranks\(threads) share \(counted(launcher.coreCount, "core")).")
  }

  private func reported(_ codeFile: String) -> ExitCode? {
    (try? String(contentsOfFile: codeFile, encoding: .utf8)).flatMap { Int32($0) }.flatMap(ExitCode.init(rawValue:))
  }
}
