// One process of an analysis: alone, as rank 0 of an mpirun or as another rank of it. The jobs of the ranks are in the
// analysis's rounds.

import CommandLine
import Farm
import Files
import Foundation
import Kernels
import MPITransport
import Reports
import Runs
import Storage

/// One process of an analysis.
package struct AnalysisRun {
  private let analysis: any Analysis
  private let request: AnalysisRequest
  private let context: Context
  private let rounds: [any AnalysisRound]
  /// The seconds in which mpirun must have started a rank.
  private static let patience = 300.0

  /// A process that makes `analysis` of the folder that `request` names.
  package init(_ analysis: any Analysis, of request: AnalysisRequest, _ context: Context) {
    self.analysis = analysis
    self.request = request
    self.context = context
    rounds = analysis.allRounds(of: request)
  }

  /// Makes the analysis on this rank, or on `processes` ranks that it starts (nil for all cores), and returns the exit code.
  package func perform(processes: Int?) throws -> ExitCode {
    let launch = LaunchEnvironment(context.environment)
    if launch.usesMPI, let processes { return try start(processes) }
    if !launch.usesMPI, !rounds.isEmpty {
      let choice = try ProcessChoice(asked: processes, threadCount: 1, context.environment) { .max }
      if let remark = choice.remark { say(remark) }
      if choice.count > 1 { return try start(choice.count) }
    }
    useSingleBLASThread()
    guard launch.usesMPI, !rounds.isEmpty else {
      if launch.usesMPI && !launch.speaksForAll { return .success }
      return lead(farm(InProcessTransport.group(size: 1)[0]))
    }
    if let refusal = launch.refusal { throw Refusal(refusal) }
    let parent = ParentProcess(context.environment)
    if launch.speaksForAll { parent.noteStart() }
    let world = try MPIWorld(announcing: LeaseHolder.current(launchedByParent: true).encoded)
    guard world.rank == 0 else {
      StopSignals.ignoreForWorker()
      let isDismissed = try AnalysisFarm.serve(on: world, rounds: rounds, of: request)
      if isDismissed { Departure(world, code: .success).leave() } else { Departure.leaveWithoutLeader() }
      return .success
    }
    let farm = farm(world)
    parent.noteReady()
    // The code is reported at once, because mpirun leaves little time after a signal.
    let code = parent.reported(lead(farm))
    farm.dismiss()
    Departure(world, code: code).leave()
    return code
  }

  /// Starts ranks with the same words and returns the leader's exit code. If any rank ends early, the analysis ends.
  private func start(_ count: Int) throws -> ExitCode {
    let end = try ProcessesRun(context.words, count: count, outlivesRanks: false).perform(patience: Self.patience)
    if let reported = end.reported { return reported }
    context.complain("\(end.reason) before the analysis ended; the same command begins it again")
    return end.isFromOutside ? .resumable : .failure
  }

  private func farm(_ transport: any Transport) -> AnalysisFarm {
    // An analysis without rounds ends at a signal as any program does.
    let signals = rounds.isEmpty ? StopSignals(drain: DrainFlag()) : StopSignals.forLeader()
    return AnalysisFarm(transport, rounds: rounds, of: request, signals: signals)
  }

  /// Makes the analysis, prints its error, if any, and returns the exit code.
  private func lead(_ farm: AnalysisFarm) -> ExitCode {
    do {
      let results = try ResultsFolder(request.folder)
      try results.requireOwnTrainer(for: "analyze \(type(of: analysis).name)", "its steps, gradients or weights")
      results.reportDamage()
      if RunFolder(request.output).path == results.folder.path {
        _ = try results.adopt(
          rule: request.tables.rule, score: request.tables.score, derived: request.derivedTables)
      }
      try RawFile.createFolder(request.output)
      farm.comparesRanks = results.plan.configurations.contains {
        $0.configuration.training.arithmetic == .openblas
      }
      let trials = try JudgedTrial.all(results.plan, results.index, options: request.tables)
      try analysis.perform(AnalysisWork(request: request, results: results, trials: trials, farm: farm))
      return .success
    } catch {
      context.report(error)
      return (error as? any UserError)?.exitCode ?? .refused
    }
  }
}
