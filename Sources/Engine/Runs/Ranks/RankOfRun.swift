// The part of one process in a run, which depends on how it was started: it starts ranks on all cores of this machine, it leads,
// or, under mpirun or srun, it serves the leader. A run of one process never calls MPI.

import CommandLine
import Farm
import Host
import Kernels
import MPITransport
import Storage

/// One process of a run.
package enum RankOfRun {
  /// Does this process's part of a run and returns its exit code.
  package static func perform(_ options: RunOptions, _ context: Context) throws -> ExitCode {
    if let problem = ProductLevel.problem(of: context.environment[ProductLevel.variable]) { throw Refusal(problem) }
    let launch = LaunchEnvironment(context.environment)
    if launch.usesMPI { return try performLaunched(options, launch, context) }
    let choice = try SpawnedRun.choice(options, context.environment)
    if choice.count > 1 {
      return try SpawnedRun.perform(options, count: choice.count, context, remark: choice.remark)
    }
    let launched = RunLaunch(
      transport: InProcessTransport.group(size: 1)[0],
      parent: ParentProcess(context.environment, remark: choice.remark))
    let code = Run.perform(options, launched, context).code
    SpawnedRun.sayHowToResume(code, options, context)
    return code
  }

  /// This process's part under mpirun or srun.
  private static func performLaunched(
    _ options: RunOptions, _ launch: LaunchEnvironment, _ context: Context
  ) throws -> ExitCode {
    if let count = options.processes { return try SpawnedRun.perform(options, count: count, context) }
    if let refusal = launch.refusal { throw Refusal(refusal) }
    let parent = ParentProcess(context.environment)
    if launch.speaksForAll { parent.noteStart() }
    let start = StartWatch(patience: max(20, options.stallSeconds), context)
    let world = try MPIWorld(announcing: LeaseHolder.current(launchedByParent: true).encoded)
    start.end()
    if let refusal = launch.refusal(worldSize: world.size) { throw Refusal(refusal) }
    if world.rank > 0 { return try serve(world, options) }
    parent.noteReady()
    let launched = RunLaunch(transport: world, parent: parent, library: world.libraryVersion, isLaunched: true)
    let end = Run.perform(options, launched, context)
    let code = parent.reported(end.code)
    end.silent.killLocal()
    Departure(world, code: code, endsLauncher: end.silent.hasUnreachable).leave()
    return code
  }

  /// Trains the trials that the leader hands out, until the leader dismisses this rank or is gone.
  private static func serve(_ world: MPIWorld, _ options: RunOptions) throws -> ExitCode {
    StopSignals.ignoreForWorker()
    let leader = LeaseHolder(encoded: world.leaderAnnouncement)
    let watch = LeaderWatch(silentSeconds: options.stallSeconds) { leader?.isGone ?? false }
    let node = Node(leader: world.leaderAnnouncement)
    defer { node.leave() }
    let isDismissed = try TrialExecution.follower(rank: world.rank, of: world.size, options: options, node: node)
      .serve(on: world, watch: watch)
    node.leave()
    if isDismissed { Departure(world, code: .success).leave() } else { Departure.leaveWithoutLeader() }
    return .success
  }
}
