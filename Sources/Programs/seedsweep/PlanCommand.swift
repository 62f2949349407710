// `seedsweep plan`: what a sweep would take. The estimate counts the operations of matrix products and divides by what
// products of the model's own shapes reach on this machine; what else a trial does is in `overhead`.

import CommandLine
import Foundation
import Host
import MPITransport
import Reports
import Runs
import Statistics
import Training
import Transformer
import Trials

/// Says what running a sweep would take.
enum PlanCommand {
  /// The time of a trial over that of its products: 1.1 to 1.2 measured for encoders of hidden size 64 (12 layers) and
  /// 384 (6 layers).
  static let overhead = 1.2
  private static let shownCount = 5

  /// Prints the plan.
  static func perform(_ options: PlanOptions) throws -> ExitCode {
    let machine = Machine.current()
    let sweep = try PreparedSweep(
      PreparedSweep.read(options.sweepPath, options.assignments, seedShift: options.seedShift), Readings())
    let ranks = options.ranks ?? ProcessorAffinity.current().coreCount
    for remark in sweep.remarks { say(remark) }
    for line in trialLines(sweep, all: options.listsEveryTrial) { say(line) }
    let bytes = sweep.bytesPerRank(of: sweep.trialIndices(limit: nil))
    // Ranks beyond this machine's cores are meant for other machines as well.
    let refusal = MemoryCheck.refusal(
      ranks: min(ranks, machine.coreCount), bytesPerRank: bytes, host: machine.host,
      memoryByteCount: machine.memoryByteCount, addressByteCount: machine.addressByteCount)
    if let refusal { throw Refusal("seedsweep plan: \(refusal)") }
    let speeds = try speeds(sweep)
    for line in costLines(sweep, ranks: ranks, speeds: speeds) { say(line) }
    say(memoryLine(sweep, ranks: ranks) + "; this machine has \(readable(bytes: machine.memoryByteCount))")
    for line in try questionLines(sweep, options, ranks: ranks, speeds: speeds) { say(line) }
    return .success
  }

  /// What a rank needs for the trial that needs most, and of what it consists.
  static func memoryLine(_ sweep: PreparedSweep, ranks: Int) -> String {
    guard let cost = sweep.costs.max(by: { $0.byteCount < $1.byteCount }) else { return "" }
    let parts = [
      ("weights, gradients and moments", cost.stateByteCount), ("activations", cost.activationByteCount),
      ("data", sweep.dataByteCount), ("program", MemoryCheck.processByteCount(ranks: ranks)),
    ]
    return "memory: \(readable(bytes: parts.reduce(0) { $0 + $1.1 })) a rank ("
      + parts.map { "\($0.0) \(readable(bytes: $0.1))" }.joined(separator: ", ") + ")"
  }

  /// The trials in plan order: the first few, or all.
  static func trialLines(_ sweep: PreparedSweep, all: Bool) -> [String] {
    let plan = sweep.plan
    let count = plan.trials.count
    let (configurations, seeds) = (plan.configurations.count, plan.seeds.count)
    var lines = [
      "\(plan.name): \(counted(count, "trial")), \(counted(configurations, "configuration")) with "
        + "\(counted(seeds, "seed"))"
    ]
    for index in 0..<(all ? count : min(count, shownCount)) {
      let planned = plan.configurations[plan.configurationIndex(trialIndex: index)]
      lines.append(
        "  \(plan.trialIdentifier(at: index))  \(planned.title) \(plan.seeds[index % seeds].title), "
          + "\(counted(sweep.cost(ofTrial: index).stepCount, "step"))")
    }
    if lines.count <= count { lines.append("  and \(count + 1 - lines.count) more; --list shows all") }
    return lines
  }

  /// Steps, tokens, operations and hours; `speeds` are billions of operations a second for each configuration.
  static func costLines(_ sweep: PreparedSweep, ranks: Int, speeds: [Double]) -> [String] {
    let seeds = Double(sweep.plan.seeds.count)
    let steps = sweep.costs.reduce(0) { $0 + seeds * Double($1.stepCount) }
    let tokens = sweep.costs.reduce(0) { $0 + seeds * Double($1.stepCount) * $1.tokensPerStep }
    let flops = sweep.costs.reduce(0) { $0 + seeds * $1.flopsTotal }
    let time = time(sweep, seedCount: sweep.plan.seeds.count, ranks: ranks, speeds: speeds)
    return [
      String(format: "training: %.0f steps, %.3g tokens, %.3g TFLOP with evaluations", steps, tokens, flops / 1e12),
      "time: about \(duration(time.wall)) on \(counted(ranks, "rank")), the longest trial \(duration(time.longest)); "
        + "\(range(speeds)) GFLOP/s measured on this core",
    ] + stopLines(sweep.plan)
  }

  /// Seconds that every configuration takes with a number of seeds, and the longest trial.
  private static func time(
    _ sweep: PreparedSweep, seedCount: Int, ranks: Int, speeds: [Double]
  ) -> (wall: Double, longest: Double) {
    let trials = zip(sweep.costs, speeds).map { cost, speed in overhead * cost.flopsTotal / (speed * 1e9) }
    let (sum, longest) = (trials.reduce(0, +), trials.max() ?? 0)
    return (max(Double(seedCount) * sum / Double(ranks), longest), longest)
  }

  private static func stopLines(_ plan: SweepPlan) -> [String] {
    guard let stop = plan.stop else { return [] }
    let looks = stop.looks.filter { $0 < plan.seeds.count }.map(String.init).joined(separator: ", ")
    return [
      String(
        format:
          "stop: a recipe ends after %@ seeds if its failure rate is known to +-%g by then; all seeds are counted here",
        looks.isEmpty ? "no" : looks, stop.halfWidth)
    ]
  }

  /// How many seeds the questions asked would take, and for how long.
  static func questionLines(
    _ sweep: PreparedSweep, _ options: PlanOptions, ranks: Int, speeds: [Double]
  ) throws -> [String] {
    func cost(_ seeds: Int) -> String {
      let time = time(sweep, seedCount: seeds, ranks: ranks, speeds: speeds)
      return "\(counted(seeds, "seed")): \(counted(seeds * sweep.plan.configurations.count, "trial")), about "
        + "\(duration(time.wall)) on \(counted(ranks, "rank"))"
    }
    var lines: [String] = []
    if let width = options.halfWidth {
      lines.append(
        "for each failure rate to +-\(width) (Wilson's 95% interval, whatever the rate): "
          + cost(SampleSize.wilson(halfWidth: width)))
    }
    guard let rates = options.ratesToDetect else { return lines }
    let family = try familySize(sweep.plan)
    let significance = 0.05 / Double(max(1, family))
    let power = options.power
    func answer(_ seeds: Int?) -> String { seeds.map(cost) ?? "more than \(Self.mostSeeds) seeds" }
    lines.append(
      String(format: "to tell failure rates of %g and %g apart with power %g at .05", rates[0], rates[1], power)
        + (family > 1 ? " / \(family), as Holm's adjustment over \(family) comparisons a task needs at worst:" : ":"))
    let paired = SampleSize.smallest(limit: Self.mostSeeds, power: power) {
      PairedProportions.mcNemarPower(rates: (rates[0], rates[1]), total: $0, significance: significance)
    }
    let unpaired = SampleSize.smallest(limit: Self.mostSeeds, power: power) {
      TwoProportions.boschlooPower(rates: (rates[0], rates[1]), total: $0, significance: significance)
    }
    return lines + [
      "  the same seeds for both, McNemar's exact test: \(answer(paired))",
      "  different seeds, Boschloo's test: \(answer(unpaired))",
    ]
  }

  /// The most seeds that are tried for an answer: the exact power of so many takes a second.
  private static let mostSeeds = 2000

  /// The comparisons that a plan declares for the task that has most.
  private static func familySize(_ plan: SweepPlan) throws -> Int {
    let tasks = try ComparisonPairs.places(plan).map { plan.configurations[$0.candidate].configuration.task.name }
    return Dictionary(grouping: tasks, by: { $0 }).values.map(\.count).max() ?? 0
  }

  /// The least and the largest of some speeds, once where they round alike.
  private static func range(_ speeds: [Double]) -> String {
    let ends = [speeds.min() ?? 0, speeds.max() ?? 0].map { String(format: "%.0f", $0) }
    return ends[0] == ends[1] ? ends[0] : ends.joined(separator: " to ")
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 3600
      ? String(format: seconds < 90 ? "%.0f s" : "%.0f min", seconds < 90 ? seconds : seconds / 60)
      : String(format: "%.1f h", seconds / 3600)
  }

  private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// What products of each configuration's shapes reach: (tokens of a batch, hidden) by (hidden, intermediate).
  private static func speeds(_ sweep: PreparedSweep) throws -> [Double] {
    var known: [[Int]: Double] = [:]
    var widths: [ModelSpecification: [Int]] = [:]
    return try zip(sweep.plan.configurations, sweep.costs).map { planned, cost in
      let model = planned.configuration.model
      let width = try widths[model] ?? self.widths(model)
      widths[model] = width
      let shape = [max(1, Int(cost.tokensPerStep))] + width
      let speed = known[shape] ?? SpeedProbe.gigaflops(m: shape[0], n: shape[1], k: shape[2])
      known[shape] = speed
      return speed
    }
  }

  /// The widths of an encoder's feed-forward part and of its hidden states.
  private static func widths(_ model: ModelSpecification) throws -> [Int] {
    guard let path = model.path else { return [model.shape.intermediateSize, model.shape.hiddenSize] }
    let encoder = try ModelFolder(path).configuration
    return [encoder.intermediateSize, encoder.hiddenSize]
  }
}
