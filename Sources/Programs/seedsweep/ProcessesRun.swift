// `run --processes N` and `analyze --processes N`: start this program again under mpirun and answer as the leader did.

import CommandLine
import Foundation
import MPITransport
import Reports

/// Starts ranks on this machine.
enum ProcessesRun {
  /// Ranks of one machine need not listen on a port.
  private static let oneMachine = ["--mca", "btl", "self,vader"]

  /// Runs the same command line on `count` ranks and answers with the leader's exit code.
  static func perform(_ options: RunOptions, count: Int, words: [String]) throws -> ExitCode {
    try refuseNesting(in: "run")
    try refuseEarly(options, count)
    // A rank that dies costs one trial, not the run.
    let launcher = ProcessLauncher(
      processCount: count, threadCount: options.threads, options: ["--enable-recovery"] + oneMachine)
    let (reported, code) = try start(launcher, words)
    return reported ?? unreported(code, options)
  }

  /// Runs an analysis on `count` ranks and answers with the leader's exit code. Without any of them it ends.
  static func perform(_ options: AnalyzeOptions, count: Int, words: [String]) throws -> ExitCode {
    try refuseNesting(in: "analyze")
    let (reported, code) = try start(ProcessLauncher(processCount: count, options: oneMachine), words)
    if let reported { return reported }
    complain(
      "seedsweep analyze: mpirun ended with exit code \(code) before the analysis did; the same command begins it again"
    )
    return .failure
  }

  private static func refuseNesting(in command: String) throws {
    let launcher = LaunchEnvironment(ProcessInfo.processInfo.environment).launcher
    guard launcher == .none else {
      throw Refusal(
        "seedsweep \(command): --processes starts mpirun itself, and this process was started by "
          + "\(launcher.rawValue) already; leave one of the two out")
    }
  }

  /// Starts this program's ranks with the same words and answers with the exit code that their leader told, nil where it did not
  /// come to that, and with mpirun's.
  private static func start(_ launcher: ProcessLauncher, _ words: [String]) throws -> (reported: ExitCode?, code: Int32)
  {
    let codeFile = NSTemporaryDirectory() + "seedsweep-exit-code-\(UUID().uuidString)"
    // In a folder that others write in as well: a file of this process's own, and nobody else's business.
    let descriptor = open(codeFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Refusal("seedsweep \(words[0]): cannot write \(codeFile): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
    defer { unlink(codeFile) }
    setenv(ParentProcess.codeFileVariable, codeFile, 1)
    setenv(ParentProcess.terminalVariable, isatty(STDOUT_FILENO) == 1 ? "1" : "0", 1)
    let (count, threadCount) = (launcher.processCount, launcher.threadCount)
    if count * threadCount > launcher.coreCount {
      let threads = threadCount == 1 ? "" : " of \(threadCount) threads"
      say("\(count) ranks\(threads) share \(launcher.coreCount) core\(launcher.coreCount == 1 ? "" : "s").")
    }
    // Products run on the calling thread; otherwise every rank's OpenBLAS would start a thread for each core and drop it.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    do {
      let mpirun = try ProcessLauncher.findMPIRun(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let code = try launcher.run(
        mpirun: mpirun, program: program, arguments: ProcessLauncher.withoutProcessCount(words))
      return (reported(codeFile), code)
    } catch let error as ProcessLauncher.LaunchError {
      throw Refusal("seedsweep \(words[0]): \(error)")
    }
  }

  /// Finds what the leader would refuse anyway, before ranks are started.
  private static func refuseEarly(_ options: RunOptions, _ count: Int) throws {
    let machine = Machine.current()
    let refusal = MemoryCheck.refusal(
      ranks: count, bytesPerRank: 0, host: machine.host, memoryByteCount: machine.memoryByteCount)
    if let refusal { throw Refusal("seedsweep run: \(refusal)") }
    _ = try SweepSource(options)
    let leases = RunFolder(options.output).leases
    guard FileManager.default.fileExists(atPath: leases) else { return }
    try Lease(folder: leases, holder: .current(launchedByParent: false), notice: { say($0) }).release()
  }

  private static func reported(_ codeFile: String) -> ExitCode? {
    (try? String(contentsOfFile: codeFile, encoding: .utf8)).flatMap { Int32($0) }.flatMap(ExitCode.init(rawValue:))
  }

  /// The leader did not get to say anything: it or mpirun was killed, or mpirun never started it.
  private static func unreported(_ code: Int32, _ options: RunOptions) -> ExitCode {
    let folder = RunFolder(options.output)
    guard FileManager.default.fileExists(atPath: folder.journal) else {
      complain("seedsweep run: mpirun ended with exit code \(code) before the run began")
      return .failure
    }
    complain("seedsweep run: mpirun ended with exit code \(code) before the run did; the same command resumes it")
    return .resumable
  }
}
