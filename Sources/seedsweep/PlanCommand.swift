// `seedsweep plan`: what a sweep would take. The estimate counts the operations of matrix products and divides by what
// products of the model's own shapes reach on this machine; what else a trial does is in `overhead`.

import CommandLines
import Foundation
import MPITransport
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
    let sweep = try PreparedSweep(
      PreparedSweep.read(options.sweepPath, options.assignments, seedShift: options.seedShift), Readings())
    let ranks = options.ranks ?? ProcessorAffinity.current().coreCount
    let machine = Machine.current()
    for remark in sweep.remarks { say(remark) }
    for line in trialLines(sweep, all: options.listsEveryTrial) { say(line) }
    let bytes = sweep.bytesPerRank(of: sweep.trialIndices(limit: nil))
    // Ranks beyond this machine's cores are meant for other machines as well.
    let refusal = MemoryCheck.refusal(
      ranks: min(ranks, machine.coreCount), bytesPerRank: bytes, host: machine.host,
      memoryByteCount: machine.memoryByteCount)
    if let refusal { throw Refusal("seedsweep plan: \(refusal)") }
    for line in costLines(sweep, ranks: ranks, speeds: try speeds(sweep)) { say(line) }
    say(memoryLine(sweep, ranks: ranks) + "; this machine has \(readable(bytes: machine.memoryByteCount))")
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
    var (steps, tokens, flops, seconds, longest) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (cost, speed) in zip(sweep.costs, speeds) {
      let trialSeconds = overhead * cost.flopsTotal / (speed * 1e9)
      steps += seeds * Double(cost.stepCount)
      tokens += seeds * Double(cost.stepCount) * cost.tokensPerStep
      flops += seeds * cost.flopsTotal
      seconds += seeds * trialSeconds
      longest = max(longest, trialSeconds)
    }
    let wall = max(seconds / Double(ranks), longest)
    return [
      String(format: "training: %.0f steps, %.3g tokens, %.3g TFLOP with evaluations", steps, tokens, flops / 1e12),
      "time: about \(duration(wall)) on \(counted(ranks, "rank")), the longest trial \(duration(longest)); "
        + "\(range(speeds)) GFLOP/s measured on this core",
    ]
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
    return try zip(sweep.plan.configurations, sweep.costs).map { planned, cost in
      let model = planned.configuration.model
      var (hidden, intermediate) = (model.shape.hiddenSize, model.shape.intermediateSize)
      if let path = model.path {
        let encoder = try ModelFolder(path).configuration
        (hidden, intermediate) = (encoder.hiddenSize, encoder.intermediateSize)
      }
      let shape = [max(1, Int(cost.tokensPerStep)), intermediate, hidden]
      let speed = known[shape] ?? SpeedProbe.gigaflops(m: shape[0], n: shape[1], k: shape[2])
      known[shape] = speed
      return speed
    }
  }
}
