// `seedsweep-bench farm`: what the farm adds to a trial. Trials that train nothing go through the real leader and a real
// journal that is synced for every group; under mpirun every rank answers them, a plain run has one rank.

import CommandLine
import Farm
import FarmScenarios
import Foundation
import MPITransport

/// Measures the farm.
enum FarmBench {
  /// Plays this rank's part, and reports on the leader's.
  static func perform(_ options: FarmOptions) throws {
    let launch = LaunchEnvironment(ProcessInfo.processInfo.environment)
    if let refusal = launch.refusal { throw Refusal("seedsweep-bench farm: \(refusal)") }
    guard launch.usesMPI else { return try measure(options, on: InProcessTransport.group(size: 1)[0]) }
    let world = try MPIWorld()
    if let refusal = launch.refusal(worldSize: world.size) { throw Refusal("seedsweep-bench farm: \(refusal)") }
    try measure(options, on: world)
    try world.finish()
  }

  private static func measure(_ options: FarmOptions, on transport: some Transport) throws {
    let folder = options.folder ?? NSTemporaryDirectory() + "seedsweep-bench-" + UUID().uuidString
    defer { if options.folder == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let trials = try EmptyTrials(seedCount: options.trialCount)
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
    try ResultTable(benchmark: "farm", sections: [section]).report(options.output)
  }
}
