// `--processes N`: starts this program again under mpirun on this machine, waits, and returns the exit code that the leader
// reports. It neither checks the options before nor prints the outcome afterwards: the caller does.

import CommandLine
import Foundation
import Host

/// Starts ranks on this machine.
package struct ProcessesRun {
  /// Ranks of one machine need not listen on a port. A batch system's allocation is not asked: it counts tasks, where ranks of
  /// this machine are to be started.
  private static let oneMachine = [
    "--mca", "btl", "self,vader", "--mca", "ras", "^slurm,tm,gridengine,lsf,loadleveler,alps",
    "--mca", "plm", "^slurm,tm,lsf,alps",
  ]
  private let launcher: ProcessLauncher
  /// The whole command line after the program's name.
  private let words: [String]

  /// How the run ended.
  package struct End {
    /// The exit code that the leader reported; nil if the leader ended before it reported one.
    package var reported: ExitCode?
    /// How mpirun ended.
    var launcher: ProcessLauncher.Ending
    /// The signal that asked this process for the end of the run; nil if none did.
    var signal: Int32?

    /// Why the leader reported nothing, in words.
    package var reason: String { signal.map { StopSignals.words(for: $0) } ?? "mpirun \(launcher)" }

    /// Whether somebody ended the run or its mpirun, so that the same command may succeed.
    package var isFromOutside: Bool { signal != nil || launcher.isFromOutside }
  }

  /// Ranks that run the same command line as this process, `words`.
  ///
  /// - Parameter outlivesRanks: Whether the other ranks go on if one dies; otherwise mpirun ends them.
  /// - Throws: a `Refusal` where mpirun cannot start that number of ranks, or a launcher started this process together with
  ///   others.
  package init(_ words: [String], count: Int, threadCount: Int = 1, outlivesRanks: Bool) throws {
    let launch = LaunchEnvironment(ProcessInfo.processInfo.environment)
    guard !launch.usesMPI else {
      throw Refusal(
        "--processes starts mpirun itself, and this process was started by "
          + "\(launch.launcher.rawValue) already; leave one of the two out")
    }
    if let refusal = ProcessLimits.current().refusal(ranks: count) { throw Refusal(refusal) }
    self.words = words
    launcher = ProcessLauncher(
      processCount: count, threadCount: threadCount,
      options: (outlivesRanks ? ["--enable-recovery"] : []) + Self.oneMachine)
  }

  /// Starts the ranks and waits for their end.
  ///
  /// - Parameters:
  ///   - patience: The seconds after which a mpirun that has started no rank is killed.
  ///   - remark: What the leader says once it does not refuse the run; nil for nothing.
  ///   - lastLook: Called when signals are taken over and nothing is started; an error that it throws ends that.
  /// - Throws: a `Refusal` where mpirun cannot be started, starts no rank, or is killed by a second signal; what `lastLook` throws.
  package func perform(patience: Double, remark: String? = nil, lastLook: () throws -> Void = {}) throws -> End {
    LaunchNotes.removeAbandoned()
    let notes = try LaunchNotes.create()
    defer { notes.remove() }
    setenv(ParentProcess.codeFileVariable, notes.path, 1)
    setenv(ParentProcess.terminalVariable, isatty(STDOUT_FILENO) == 1 ? "1" : "0", 1)
    if let remark { setenv(ParentProcess.remarkVariable, remark, 1) } else { unsetenv(ParentProcess.remarkVariable) }
    noteSharedCores()
    // Matrix products run on the calling thread. Without this, OpenBLAS would start a thread for each core in every rank.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    // What srun says of this process, its ranks would take for themselves.
    for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("PMI_") || name.hasPrefix("PMIX_") {
      unsetenv(name)
    }
    do {
      let mpirun = try ProcessLauncher.findMPIRun(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let ending = try launcher.run(
        mpirun: mpirun, program: program, arguments: ProcessLauncher.withoutProcessCount(words),
        watch: LaunchWatch(
          patience: patience, hasStarted: { notes.hasStarted }, isReady: { notes.isReady },
          noteSignal: { notes.note(signal: $0) }), lastLook: lastLook)
      return End(reported: notes.code, launcher: ending, signal: notes.signal)
    } catch let error as ProcessLauncher.LaunchError {
      throw Refusal("\(error)", code: error.exitCode)
    }
  }

  private func noteSharedCores() {
    let (count, threadCount) = (launcher.processCount, launcher.threadCount)
    guard count * threadCount > launcher.coreCount else { return }
    let threads = threadCount == 1 ? "" : " of \(threadCount) threads"
    say("\(count) ranks\(threads) share \(counted(launcher.coreCount, "core")).")
  }
}
