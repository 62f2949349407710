// A run that starts its own ranks (`run --processes N`): what the leader would refuse is refused before ranks are started,
// and if the leader reported nothing, the outcome is read from its folder.

import CommandLine
import Foundation
import Host
import MPITransport
import Storage

/// A run whose ranks this process starts with mpirun.
package enum SpawnedRun {
  /// Runs the same command line on `count` ranks and returns the leader's exit code.
  package static func perform(_ options: RunOptions, count: Int, _ context: Context) throws -> ExitCode {
    // A rank that dies costs one trial, not the run.
    let ranks = try ProcessesRun(context.words, count: count, threadCount: options.threads, outlivesRanks: true)
    try refuseEarly(options, count)
    let end = try ranks.perform()
    return end.reported ?? unreported(end.launcherCode, options, context)
  }

  /// Refuses what the leader would refuse, before ranks are started.
  private static func refuseEarly(_ options: RunOptions, _ count: Int) throws {
    let machine = Machine.current()
    let refusal = MemoryCheck.refusal(
      ranks: count, bytesPerRank: 0, host: machine.host, memoryByteCount: machine.memoryByteCount)
    if let refusal { throw Refusal(refusal) }
    _ = try SweepSource(options)
    let leases = RunFolder(options.output).leases
    guard FileManager.default.fileExists(atPath: leases) else { return }
    try Lease(folder: leases, holder: .current(launchedByParent: false), notice: { say($0) }).release()
  }

  /// Reports how a run ended whose leader reported nothing: it or mpirun was killed, or mpirun never started it.
  private static func unreported(_ code: Int32, _ options: RunOptions, _ context: Context) -> ExitCode {
    let folder = RunFolder(options.output)
    guard FileManager.default.fileExists(atPath: folder.journal) else {
      context.complain("mpirun ended with exit code \(code) before the run began")
      return .failure
    }
    context.complain("mpirun ended with exit code \(code) before the run did; the same command resumes it")
    return .resumable
  }
}
