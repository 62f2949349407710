// A run that starts its own ranks with mpirun, on all cores or as `--processes N` says. What the leader would refuse is refused
// before ranks are started, and if the leader reported nothing, the outcome is read from its folder.

import CommandLine
import Console
import Files
import Foundation
import Host
import MPITransport
import Storage
import Training

/// A run whose ranks this process starts with mpirun.
package enum SpawnedRun {
  /// The number of processes that a run uses on this machine, no more than it has trials.
  ///
  /// - Throws: a `Refusal` for a sweep that cannot be run at all.
  static func choice(_ options: RunOptions, _ environment: [String: String]) throws -> ProcessChoice {
    var source: SweepSource?
    return try ProcessChoice(asked: options.processes, threadCount: options.threads, environment) {
      let read = try SweepSource(options)
      source = read
      return try read.trialCount(options)
    } fitting: {
      try source.map(fittingCount) ?? .max
    } devices: {
      source?.firstConfiguration?.program.deviceCount
    }
  }

  /// Prints the command that goes on where a run was stopped early; one that tried some trials again may have done so.
  static func sayHowToResume(_ code: ExitCode, _ options: RunOptions, _ context: Context) {
    if code == .resumable, options.retries == nil { say(context.commandLine) }
  }

  /// The memory for a core from which nothing is computed: a rank of the largest model that anybody trains here needs less.
  private static let ampleByteCount = 4 << 30

  /// The most ranks that fit this machine's memory.
  private static func fittingCount(_ source: SweepSource) throws -> Int {
    let machine = Machine.current()
    guard machine.memoryByteCount < machine.coreCount * ampleByteCount else { return .max }
    let sweep = try source.prepared(ResourceReader())
    return MemoryCheck.fittingCount(bytesPerRank: sweep.bytesPerRank, memoryByteCount: machine.memoryByteCount)
  }

  /// Runs the same command line on `count` ranks and returns the leader's exit code. The leader says `remark` once nothing is
  /// refused.
  package static func perform(
    _ options: RunOptions, count: Int, _ context: Context, remark: String? = nil
  ) throws -> ExitCode {
    // A rank that dies costs one trial, not the run.
    let ranks = try ProcessesRun(context.words, count: count, threadCount: options.threads, outlivesRanks: true)
    let restore = StopSignals.restoringActions()
    let check = SignalCheck(
      signals: .forLeader(), parent: ParentProcess([:]),
      console: RunConsole(context, terminal: nil, now: monotonicSeconds()))
    let code = try afterChecks(options, count, context, check) {
      restore()
      // A signal may have come since the checks.
      let end = try ranks.perform(
        patience: max(20, options.stallSeconds), remark: remark, lastLook: check.performBeforeRanks)
      return end.reported ?? unreported(end, options, context)
    }
    sayHowToResume(code, options, context)
    return code
  }

  /// Refuses what the leader would refuse, and otherwise starts ranks with `launch` and returns the exit code. Where a signal or a full
  /// disk ends the run before, says what the leader would say.
  static func afterChecks(
    _ options: RunOptions, _ count: Int, _ context: Context, _ check: SignalCheck, launch: () throws -> ExitCode
  ) throws -> ExitCode {
    do {
      try refuseEarly(options, count, check)
      return try launch()
    } catch is StopRequested {
      return .resumable
    } catch let error as FileError where error.isOfSpace {
      for line in FullDisk.sentences(beforeTraining: error, folder: RunFolder(options.output).path) {
        context.complain(line)
      }
      return .resumable
    }
  }

  private static func refuseEarly(_ options: RunOptions, _ count: Int, _ check: SignalCheck) throws {
    let machine = Machine.current()
    let refusal = MemoryCheck.refusal(
      ranks: count, bytesPerRank: 0, host: machine.host, memoryByteCount: machine.memoryByteCount)
    if let refusal { throw Refusal(refusal) }
    _ = try SweepSource(options)
    try check.performBeforeRanks()
    let folder = RunFolder(options.output)
    guard FileManager.default.fileExists(atPath: folder.leases) else { return }
    let claim = FolderClaim(
      folder, isLaunched: false, stallSeconds: options.stallSeconds, notice: { say($0) },
      checking: check.performBeforeRanks)
    try claim.take()
    try claim.release()
  }

  /// Reports how a run ended whose leader reported nothing: it or mpirun was killed, or mpirun never started it.
  private static func unreported(_ end: ProcessesRun.End, _ options: RunOptions, _ context: Context) -> ExitCode {
    let hasBegun = FileManager.default.fileExists(atPath: RunFolder(options.output).journal)
    guard hasBegun || end.isFromOutside else {
      context.complain("\(end.reason) before the run began")
      return .failure
    }
    context.complain("\(end.reason) before the run \(hasBegun ? "ended" : "began"); the same command goes on")
    return .resumable
  }
}
