// What a process does in a run, by how it was started: it starts ranks itself, it leads, or it serves the leader of a run under
// mpirun or srun. A plain run never calls MPI.

import CommandLine
import Farm
import Host
import MPITransport
import Storage

/// One process of a run.
package enum RankOfRun {
  /// Does this process's part of a run and returns its exit code.
  package static func perform(_ options: RunOptions, _ context: Context) throws -> ExitCode {
    if let count = options.processes { return try SpawnedRun.perform(options, count: count, context) }
    let launch = LaunchEnvironment(context.environment)
    if let refusal = launch.refusal { throw Refusal(refusal) }
    let parent = ParentProcess(context.environment)
    guard launch.usesMPI else {
      let place = RunPlace(transport: InProcessTransport.group(size: 1)[0], parent: parent)
      return Run.perform(options, place, context).code
    }
    let start = StartWatch(patience: max(20, options.stallSeconds), context)
    let world = try MPIWorld(announcing: LeaseHolder.current(launchedByParent: true).encoded)
    start.end()
    if let refusal = launch.refusal(worldSize: world.size) { throw Refusal(refusal) }
    if world.rank > 0 { return try serve(world, options) }
    let place = RunPlace(transport: world, parent: parent, library: world.libraryVersion, isLaunched: true)
    let end = Run.perform(options, place, context)
    let code = parent.reported(end.code)
    end.silent.killLocal()
    Departure(world, code: code, endsLauncher: end.silent.hasUnreachable).leave()
    return code
  }

  /// Trains what the leader hands out, until it dismisses this rank or is gone.
  private static func serve(_ world: MPIWorld, _ options: RunOptions) throws -> ExitCode {
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
}
