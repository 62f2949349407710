// `run --processes N`: starts this program again under mpirun and answers as the leader did.

import CommandLines
import Foundation
import MPITransport
import Reports

/// Starts ranks on this machine.
enum ProcessesRun {
  /// Runs the same command line on `count` ranks and answers with the leader's exit code.
  static func perform(_ options: RunOptions, count: Int, words: [String]) throws -> ExitCode {
    let environment = ProcessInfo.processInfo.environment
    guard LaunchEnvironment(environment).launcher == .none else {
      throw Refusal(
        "seedsweep run: --processes starts mpirun itself, and this process was started by "
          + "\(LaunchEnvironment(environment).launcher.rawValue) already; leave one of the two out")
    }
    try refuseEarly(options, count)
    // A rank that dies costs one trial, not the run; and ranks of one machine need not listen on a port.
    let launcher = ProcessLauncher(
      processCount: count, threadCount: options.threads, options: ["--enable-recovery", "--mca", "btl", "self,vader"])
    if count * options.threads > launcher.coreCount {
      let threads = options.threads == 1 ? "" : " of \(options.threads) threads"
      say("\(count) ranks\(threads) share \(launcher.coreCount) core\(launcher.coreCount == 1 ? "" : "s").")
    }
    let codeFile = NSTemporaryDirectory() + "seedsweep-exit-code-\(UUID().uuidString)"
    // In a folder that others write in as well: a file of this process's own, and nobody else's business.
    let descriptor = open(codeFile, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Refusal("seedsweep run: cannot write \(codeFile): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
    defer { unlink(codeFile) }
    setenv(ParentProcess.codeFileVariable, codeFile, 1)
    setenv(ParentProcess.terminalVariable, isatty(STDOUT_FILENO) == 1 ? "1" : "0", 1)
    // Products run on the calling thread; otherwise every rank's OpenBLAS would start a thread for each core and drop it.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    do {
      let mpirun = try ProcessLauncher.findMPIRun(searchPath: environment["PATH"] ?? "")
      let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let code = try launcher.run(
        mpirun: mpirun, program: program, arguments: ProcessLauncher.withoutProcessCount(words))
      return reported(codeFile) ?? unreported(code, options)
    } catch let error as ProcessLauncher.LaunchError {
      throw Refusal("seedsweep run: \(error)")
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
