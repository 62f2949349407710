// `seedsweep-bench trial`: where the seconds of a whole trial go, by the product's own trainer: its steps, and everything
// outside them.

import CommandLine
import Runs
import Statistics
import Training
import Trials

/// Measures whole trials.
struct TrialTimeCommand: Command {
  static let trials = Flag("--trials", "N", "trials to train, the first ones of the sweep", .count(), default: 3)
  static let threads = Flag("--threads", "N", "threads that compute a trial", .threads, default: 1)

  static let syntax = CommandSyntax(
    "trial", "seconds of whole trials: steps, and everything outside them",
    details: """
      Trains the first trials of a sweep with the product's trainer and measures the seconds of reading and drawing weights, of
      training steps, of recording after them, and of evaluations (dev set, test set and the final pass over training examples) with
      the digests at the end. A first trial, which is not counted, reads the data.
      """,
    operands: [
      Operand("SWEEP", "the sweep file (JSON5)"),
      Operand("KEY=VALUE", "replaces a value, or a grid axis, of the sweep file", .assignments),
    ], flags: [trials, threads] + OutputOptions.flags)

  let sweepPath: String
  let assignments: [String]
  let trialCount: Int
  let threadCount: Int
  let output: OutputOptions

  init(_ given: Given) {
    sweepPath = given.operands[0]
    assignments = given.assignments
    output = OutputOptions(given)
    trialCount = output.isQuick && !given.isGiven(Self.trials) ? 1 : given[Self.trials]
    threadCount = given[Self.threads]
  }

  func perform(_ context: Context) throws -> ExitCode {
    try output.prepareBLAS()
    let readings = ResourceReader()
    let sweep = try PreparedSweep(PreparedSweep.read(sweepPath, assignments), readings)
    let trainer = Trainer(context: TrainerContext(host: "", rank: 0, threadCount: threadCount), readings: readings)
    let trials = sweep.plan.trials.prefix(trialCount)
    if let first = trials.first { _ = try Self.times(of: first, trainer) }
    let times = try trials.map { try Self.times(of: $0, trainer) }
    let totals = times.map { $0.reduce(0, +) }
    var section = ResultTable.Section(
      heading: "\(sweep.plan.name), \(times.count) trials, threads: \(threadCount)", itemHeading: "part",
      quantities: [Quantity("median", "s"), Quantity("share")])
    section.rows.append(("trial", [Sample.median(totals), 1]))
    for part in TrialPart.allCases {
      let seconds = times.map { $0[part.rawValue] }
      section.rows.append((part.name, [Sample.median(seconds), Sample.mean(seconds) / Sample.mean(totals)]))
    }
    let outside = zip(times, totals).map { 1 - $0[TrialPart.steps.rawValue] / $1 }
    section.rows.append(("outside its steps", [Sample.median(zip(outside, totals).map(*)), Sample.median(outside)]))
    try ResultTable(benchmark: "trial", sections: [section]).report(output)
    return .success
  }

  /// The seconds of each part of a trial.
  private static func times(of trial: Trial, _ trainer: Trainer) throws -> [Double] {
    let clock = ContinuousClock()
    var seconds = [Double](repeating: 0, count: TrialPart.allCases.count)
    var (part, last) = (TrialPart.preparation, clock.now)
    func end(_ next: TrialPart) {
      let now = clock.now
      seconds[part.rawValue] += (now - last) / .seconds(1)
      (part, last) = (next, now)
    }
    let result = trainer.run(trial) { progress in
      switch progress.phase {
      case .preparing: end(.preparation)
      case .training: end(.steps)
      case .evaluating: end(.evaluations)
      }
      return .proceed
    }
    end(.preparation)
    guard result.outcome.status.isResult else { throw Refusal(result.outcome.message ?? "the trial crashed") }
    // The trainer knows the steps without what follows each.
    let recording = seconds[TrialPart.steps.rawValue] - result.timing.trainingSeconds
    seconds[TrialPart.steps.rawValue] -= recording
    seconds[TrialPart.recording.rawValue] += recording
    return seconds
  }
}

/// The parts of a trial.
private enum TrialPart: Int, CaseIterable {
  case preparation, steps, recording, evaluations

  /// The name in the table.
  var name: String {
    switch self {
    case .preparation: "files and weights"
    case .steps: "steps"
    case .recording: "recording"
    case .evaluations: "evaluations and digests"
    }
  }
}
