// What a sweep would take: trials, steps, operations, hours and memory. The estimate divides the operations of the matrix
// products by the rate that products of the model's shapes reach on this machine. `overhead` covers the rest of a trial.

import Arithmetics
import EarlyStops
import Foundation
import Host
import Kernels
import ModelFiles
import Runs
import Schedules
import StopRules
import Tables
import Training
import Transformer
import TrialTables
import Trials

/// The cost of a prepared sweep on some ranks.
package struct PlanEstimate {
  /// The time of a trial over that of its products: 1.1 to 1.2 measured for encoders of hidden size 64 (12 layers) and
  /// 384 (6 layers).
  static let overhead = 1.2
  private static let shownCount = 5

  let sweep: PreparedSweep
  let ranks: Int
  /// Billions of operations a second for each configuration.
  let speeds: [Double]

  /// Measures this machine's speed on the shapes of a sweep.
  package init(_ sweep: PreparedSweep, ranks: Int) throws {
    self.init(sweep, ranks: ranks, speeds: sweep.program == nil ? try Self.speeds(sweep) : [])
  }

  /// An estimate with known speeds.
  init(_ sweep: PreparedSweep, ranks: Int, speeds: [Double]) {
    self.sweep = sweep
    self.ranks = ranks
    self.speeds = speeds
  }

  /// The memory of a rank for the largest trial, and its parts.
  package var memoryLine: String {
    if sweep.program != nil {
      return "memory: what the program takes, and \(readable(bytes: MemoryCheck.processByteCount(ranks: ranks))) a rank"
    }
    guard let cost = sweep.costs.max(by: { $0.byteCount < $1.byteCount }) else { return "" }
    let parts = [
      ("weights, gradients and moments", cost.stateByteCount), ("activations", cost.activationByteCount),
      ("data", sweep.dataByteCount), ("program", MemoryCheck.processByteCount(ranks: ranks)),
    ]
    return "memory: \(readable(bytes: parts.reduce(0) { $0 + $1.1 })) a rank ("
      + parts.map { "\($0.0) \(readable(bytes: $0.1))" }.joined(separator: ", ") + ")"
  }

  /// What is computed with the same bits on every processor, and how here; nil where nothing is.
  package var arithmeticLine: String? {
    let plan = sweep.plan
    guard plan.arithmetics.contains(.portable) else { return nil }
    let count = plan.configurations.count { $0.configuration.training.arithmetic == .portable }
    let rounds = plan.configurations.contains {
      $0.configuration.training.arithmetic == .portable && $0.configuration.training.precision == .bfloat16
    }
    let what = count == plan.configurations.count ? "" : " of \(counted(count, "configuration"))"
    return
      "arithmetic\(what): \(PortableNumerics(roundsOperands: rounds)), the same bits on every processor, products made with "
      + ProductLevel.name
  }

  /// A note where recipes round to bfloat16 on a processor that is no faster for it; nil elsewhere.
  package var precisionNote: String? {
    let rounds = sweep.plan.configurations.contains { $0.configuration.training.precision == .bfloat16 }
    guard rounds, !ProductPrecision.bfloat16IsFast else { return nil }
    return
      "note: products in bfloat16 take longer than in float32 on this processor; their bits are those of every processor"
  }

  /// The trials in plan order: the first few, or all.
  package static func trialLines(_ sweep: PreparedSweep, all: Bool) -> [String] {
    let plan = sweep.plan
    let count = plan.trials.count
    let (configurations, seeds) = (plan.configurations.count, plan.seeds.count)
    var lines = [
      "\(plan.name): \(counted(count, "trial")), \(counted(configurations, "configuration")) with "
        + "\(counted(seeds, "seed"))"
    ]
    for index in 0..<(all ? count : min(count, shownCount)) {
      let planned = plan.configurations[plan.configurationIndex(trialIndex: index)]
      let steps = sweep.program == nil ? ", \(counted(sweep.cost(ofTrial: index).stepCount, "step"))" : ""
      lines.append(
        "  \(plan.trialIdentifier(at: index))  \(planned.title) \(plan.seeds[index % seeds].title)\(steps)")
    }
    if lines.count <= count { lines.append("  and \(count + 1 - lines.count) more; --list shows all") }
    return lines
  }

  /// How large the steps of each recipe are, in the columns of the tables: the first few recipes, or all. None where a program
  /// trains.
  package static func stepSizeLines(_ sweep: PreparedSweep, all: Bool) -> [String] {
    guard sweep.program == nil else { return [] }
    let configurations = sweep.plan.configurations
    let columns = StepSizeColumns.all
    func line(_ fields: [String], _ recipe: String) -> String {
      let width = columns.map(\.name.count).max() ?? 0
      return fields.map { "  " + String(repeating: " ", count: max(0, width - $0.count)) + $0 }.joined() + "  \(recipe)"
    }
    var lines = ["effective rates of each recipe's steps, as in summary.csv:", line(columns.names(), "recipe")]
    for (planned, cost) in zip(configurations, sweep.costs).prefix(all ? configurations.count : shownCount) {
      let sizes = StepSizes(planned.configuration, stepCount: cost.stepCount)
      let fields = columns.fields(of: sizes).map { Double($0.encoded).map { String(format: "%.3g", $0) } ?? "-" }
      lines.append(line(fields, planned.title))
    }
    if !all, configurations.count > shownCount {
      lines.append("  and \(counted(configurations.count - shownCount, "more recipe")); --list shows all")
    }
    return lines
  }

  /// Steps, tokens, operations and hours.
  package var costLines: [String] {
    if let program = sweep.program { return ProgramPlan.lines(program, sweep.plan) + stopLines }
    let seeds = Double(sweep.plan.seeds.count)
    let steps = sweep.costs.reduce(0) { $0 + seeds * Double($1.stepCount) }
    let tokens = sweep.costs.reduce(0) { $0 + seeds * $1.tokensTotal }
    let flops = sweep.costs.reduce(0) { $0 + seeds * $1.flopsTotal }
    let time = time(seedCount: sweep.plan.seeds.count)
    return [
      String(format: "training: %.0f steps, %.3g tokens, %.3g TFLOP with evaluations", steps, tokens, flops / 1e12),
      "time: \(readable(aboutSeconds: time.wall)) on \(counted(ranks, "rank")), the longest trial \(readable(seconds: time.longest)); "
        + "\(Self.range(speeds)) GFLOP/s measured on this core",
    ] + stopLines
  }

  /// Seconds that every configuration takes with `seedCount` seeds, and the longest trial.
  func time(seedCount: Int) -> (wall: Double, longest: Double) {
    let trials = zip(sweep.costs, speeds).map { cost, speed in Self.overhead * cost.flopsTotal / (speed * 1e9) }
    let (sum, longest) = (trials.reduce(0, +), trials.max() ?? 0)
    return (max(Double(seedCount) * sum / Double(ranks), longest), longest)
  }

  private var stopLines: [String] {
    switch sweep.plan.stop {
    case nil: []
    case .precision(let stop): precisionLines(stop)
    case .pairs(let stop): PairedForecast(stop, sweep.plan).lines
    case .early(let stop): EarlySavings.forecast(sweep.plan, stop, stepCounts: sweep.costs.map(\.stepCount))
    }
  }

  private func precisionLines(_ stop: SequentialStop) -> [String] {
    let looks = stop.looks.filter { $0 < sweep.plan.seeds.count }.map(String.init).joined(separator: ", ")
    if looks.isEmpty { return ["stop: no look comes before the last seed, so the rule leaves out nothing"] }
    return [
      String(
        format:
          "stop: a recipe ends after %@ seeds if its failure rate is known to +-%g by then; all seeds are counted here",
        looks, stop.halfWidth)
    ]
  }

  /// The least and the largest of some speeds; one number if both round alike.
  private static func range(_ speeds: [Double]) -> String {
    let ends = [speeds.min() ?? 0, speeds.max() ?? 0].map { String(format: "%.0f", $0) }
    return ends[0] == ends[1] ? ends[0] : ends.joined(separator: " to ")
  }

  /// What a rate is measured for.
  private struct ProbedShape: Hashable {
    let (m, n, k): (Int, Int, Int)
    let arithmetic: Arithmetic

    init(m: Int, n: Int, k: Int, arithmetic: Arithmetic) {
      (self.m, self.n, self.k) = (m, n, k)
      self.arithmetic = arithmetic
    }
  }

  /// The rate that products of each configuration's shapes reach: (tokens of a batch, hidden) by (hidden, intermediate).
  private static func speeds(_ sweep: PreparedSweep) throws -> [Double] {
    var known: [ProbedShape: Double] = [:]
    var widths: [ModelSpecification: [Int]] = [:]
    return try zip(sweep.plan.configurations, sweep.costs).map { planned, cost in
      let model = planned.configuration.model
      let width = try widths[model] ?? self.widths(model)
      widths[model] = width
      let shape = ProbedShape(
        m: max(1, Int(cost.tokensPerStep)), n: width[0], k: width[1],
        arithmetic: planned.configuration.training.arithmetic)
      let speed = known[shape] ?? SpeedProbe.gigaflops(m: shape.m, n: shape.n, k: shape.k, shape.arithmetic)
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
