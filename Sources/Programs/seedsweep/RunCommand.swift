// `seedsweep run`: which of three ways this process was started, and what it does then. A plain run never calls MPI; under
// mpirun or srun rank 0 leads and trains, the others train.

import CommandLine
import Farm
import Foundation
import MPITransport
import Runs
import Storage

/// Runs a sweep.
enum RunCommand {
  /// Runs what the options ask for; `words` is the whole command line after the program's name.
  static func perform(_ options: RunOptions, words: [String]) throws -> ExitCode {
    if let count = options.processes { return try SpawnedRun.perform(options, count: count, words: words) }
    let environment = ProcessInfo.processInfo.environment
    let launch = LaunchEnvironment(environment)
    if let refusal = launch.refusal { throw Refusal("seedsweep run: \(refusal)") }
    let parent = ParentProcess(environment)
    guard launch.usesMPI else {
      let place = RunPlace(transport: InProcessTransport.group(size: 1)[0], parent: parent)
      return LeadingRun.perform(options, place).code
    }
    let start = StartWatch(environment, patience: max(20, options.stallSeconds))
    let world = try MPIWorld(announcing: LeaseHolder.current(launchedByParent: true).encoded)
    start.end()
    if let refusal = launch.refusal(worldSize: world.size) { throw Refusal("seedsweep run: \(refusal)") }
    guard world.rank == 0 else {
      StopSignals.ignoreForWorker()
      let leader = LeaseHolder(encoded: world.leaderAnnouncement)
      let watch = LeaderWatch(silentSeconds: options.stallSeconds) { leader?.isGone ?? false }
      let node = Node(leader: world.leaderAnnouncement)
      defer { node.leave() }
      let isDismissed = try TrialExecution.follower(rank: world.rank, options: options, node: node)
        .serve(on: world, watch: watch)
      node.leave()
      // Without its leader this rank cannot end MPI in good order: the system does.
      if isDismissed { Departure(world, code: .success).leave() }
      return .success
    }
    let place = RunPlace(transport: world, parent: parent, library: world.libraryVersion, isLaunched: true)
    let end = LeadingRun.perform(options, place)
    let code = parent.reported(end.code)
    end.silent.killLocal()
    Departure(world, code: code, endsLauncher: end.silent.hasUnreachable).leave()
    return code
  }
}
