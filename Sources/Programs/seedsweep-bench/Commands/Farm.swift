// `seedsweep-bench farm`: what the farm adds to a trial. Trials that train nothing go through the real leader and a real
// journal that is synced for every group; under mpirun every rank answers them, a plain run has one rank.

import CommandLine
import Farm
import Foundation
import MPITransport
import Trials

/// Measures the farm.
struct FarmCommand: Command {
  static let trials = Flag(
    "--trials", "N", "trials of each recipe to hand out", .count(atMost: SweepPlan.maximumTrialCount), default: 10_000)
  static let recipes = Flag("--recipes", "N", "recipes", .count(atMost: SweepPlan.maximumTrialCount), default: 1)
  static let folder = Flag(
    "--output", "DIR", "a new folder for the journal, which is kept", .folder, unset: "a temporary folder, removed")

  static let syntax = CommandSyntax(
    "farm", "trials a second where trials take no time",
    details: """
      Hands trials that train nothing through the farm, each journaled as a real one is, and measures the whole run once. A
      plain run has one rank; mpirun -np 8 seedsweep-bench farm has eight. On a journal that is kept, seedsweep summarize can
      be timed.
      """,
    flags: [trials, recipes, folder] + OutputOptions.flags)

  static let ranks = Ranks.all

  let seedCount: Int
  let recipeCount: Int
  let folder: String?
  let output: OutputOptions

  init(_ given: Given) {
    output = OutputOptions(given)
    seedCount = output.isQuick && !given.isGiven(Self.trials) ? 200 : given[Self.trials]
    recipeCount = given[Self.recipes]
    folder = given[Self.folder]
  }

  /// Plays this rank's part, and reports on the leader's.
  func perform(_ context: Context) throws -> ExitCode {
    try output.prepareBLAS()
    let launch = LaunchEnvironment(context.environment)
    if let refusal = launch.refusal { throw Refusal(refusal) }
    guard launch.usesMPI else {
      try measure(on: InProcessTransport.group(size: 1)[0])
      return .success
    }
    let world = try MPIWorld()
    if let refusal = launch.refusal(worldSize: world.size) { throw Refusal(refusal) }
    try measure(on: world)
    try world.finish()
    return .success
  }

  private func measure(on transport: some Transport) throws {
    let folder = self.folder ?? NSTemporaryDirectory() + "seedsweep-bench-" + UUID().uuidString
    defer { if self.folder == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let trials = try EmptyTrials(recipeCount: recipeCount, seedCount: seedCount)
    guard let cost = try trials.run(on: transport, folder: folder) else { return }
    let section = ResultTable.Section(
      heading: "\(cost.trialCount) empty trials from the first hand-out to the last answer, journal included",
      itemHeading: "",
      quantities: [
        Quantity("ranks"), Quantity("trials"), Quantity("seconds", "s"), Quantity("trials_per_second", "1/s"),
        Quantity("leader_time_per_trial", "us"), Quantity("synced_groups"),
      ],
      rows: [
        (
          "empty trials",
          [
            Double(cost.rankCount), Double(cost.trialCount), cost.seconds, cost.trialsPerSecond,
            cost.leaderSeconds / Double(cost.trialCount) * 1e6, Double(cost.groupCount),
          ]
        )
      ])
    try ResultTable(benchmark: "farm", sections: [section]).report(output)
  }
}
