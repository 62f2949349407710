// One process of an analysis: alone, as rank 0 of an mpirun or as another rank of it. What the ranks do is in `AnalysisJobs`.

import CommandLine
import Farm
import Files
import Foundation
import Kernels
import MPITransport
import Runs
import Storage

/// One process of an analysis.
package enum AnalysisRun {
  /// Makes the analysis on this process, on this rank, or on `processes` ranks that it starts, and returns the exit code.
  package static func perform(_ options: AnalysisOptions, processes: Int?, _ context: Context) throws -> ExitCode {
    if let processes { return try start(processes, context) }
    useSingleBLASThread()
    let launch = LaunchEnvironment(context.environment)
    guard launch.usesMPI, options.kind.usesRanks else {
      if launch.usesMPI && !launch.speaksForAll { return .success }
      return lead(options, farm(options, InProcessTransport.group(size: 1)[0]), context)
    }
    if let refusal = launch.refusal { throw Refusal(refusal) }
    let world = try MPIWorld(announcing: LeaseHolder.current(launchedByParent: true).encoded)
    guard world.rank == 0 else {
      StopSignals.ignoreForWorker()
      let isDismissed = try AnalysisFarm.serve(on: world, rounds: AnalysisJobs.rounds(options, rank: world.rank))
      // Without its leader this rank cannot end MPI in good order: the system does.
      if isDismissed { Departure(world, code: .success).leave() }
      return .success
    }
    let farm = farm(options, world)
    // Told at once: after a signal mpirun leaves little time.
    let code = ParentProcess(context.environment).reported(lead(options, farm, context))
    farm.dismiss()
    Departure(world, code: code).leave()
    return code
  }

  /// Starts ranks with the same words and returns the leader's exit code. Without any of them the analysis ends.
  private static func start(_ count: Int, _ context: Context) throws -> ExitCode {
    let end = try ProcessesRun(context.words, count: count, outlivesRanks: false).perform()
    if let reported = end.reported { return reported }
    context.complain(
      "mpirun ended with exit code \(end.launcherCode) before the analysis did; the same command begins it again")
    return .failure
  }

  private static func farm(_ options: AnalysisOptions, _ transport: any Transport) -> AnalysisFarm {
    // An analysis without rounds ends at a signal as any program does.
    let signals = options.kind.usesRanks ? StopSignals.forLeader() : StopSignals(drain: DrainFlag())
    return AnalysisFarm(transport, rounds: AnalysisJobs.rounds(options, rank: 0), signals: signals)
  }

  /// Makes the analysis, prints what stood in its way and returns the exit code.
  private static func lead(_ options: AnalysisOptions, _ farm: AnalysisFarm, _ context: Context) -> ExitCode {
    do {
      let results = try ResultsFolder(options.folder)
      results.reportDamage()
      try RawFile.createFolder(options.output)
      let runs = try JudgedRun.all(results.plan, results.index, options: options.tables)
      let analysis = LeadingAnalysis(options: options, results: results, runs: runs, farm: farm)
      switch options.kind {
      case .forgetting: try analysis.forgetting()
      case .surface: try analysis.surface()
      case .gradients: try analysis.gradients()
      case .correction: try analysis.correction()
      }
      return .success
    } catch {
      context.report(error)
      return (error as? Refusal)?.exitCode ?? .refused
    }
  }
}
