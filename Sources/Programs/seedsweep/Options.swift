// Flag values into typed options, every wrong one reported at once.

import CommandLine
import Reports
import Runs
import Trials

extension RunOptions {
  /// The options of a `run` or `retry` command.
  init(_ command: ParsedCommand) throws {
    self.init()
    var reader = OptionReader(command)
    assignments = command.assignments
    seedShift = reader.seedShift()
    if command.name == "retry" {
      output = command.operands[0]
      retries = reader.retries()
    } else {
      sweepPath = command.operands[0]
      output = reader.text("--output") ?? ""
    }
    if output.isEmpty { reader.fail("--output: found an empty path, expected a folder") }
    processes = reader.processes()
    threads = reader.threads()
    limit = reader.count("--limit")
    keepsWeights = reader.choice("--keep-weights", ["none", "all"]) == "all"
    checkpointSeconds = reader.number("--checkpoint-every", atLeast: 0) ?? 60
    stallSeconds = reader.number("--stall-timeout", atLeast: 1) ?? 300
    trialSeconds = reader.number("--trial-timeout", atLeast: 1)
    attemptCap = reader.count("--attempts") ?? 3
    limitSeconds = reader.duration("--time-limit")
    if let text = reader.text("--max-failures") {
      failureLimit = FailureLimit(text)
      if failureLimit == nil {
        reader.fail("--max-failures: found '\(text)', expected a whole number such as 3 or a share such as 5%")
      }
    }
    let faultSeed = reader.seed("--inject-seed") ?? 1
    if let text = reader.text("--inject") {
      injection = FaultInjection(text, seed: faultSeed)
      if injection == nil { reader.fail("--inject: found '\(text)', allowed are \(FaultInjection.allowed)") }
    }
    allowsMixedNumerics = reader.isGiven("--allow-mixed-numerics")
    sharesNoFiles = reader.isGiven("--no-shared-files")
    try reader.finish()
  }
}

/// What `plan` was asked to do.
struct PlanOptions: Equatable {
  var sweepPath: String
  var assignments: [String]
  var seedShift: UInt64
  var ranks: Int?
  var listsEveryTrial: Bool
  /// The half width that an interval of the failure rate is to have.
  var halfWidth: Double?
  /// Two failure rates to be told apart.
  var ratesToDetect: [Double]?
  /// The probability to tell them apart.
  var power: Double

  /// The options of a `plan` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    sweepPath = command.operands[0]
    assignments = command.assignments
    seedShift = reader.seedShift()
    ranks = reader.count("--ranks")
    listsEveryTrial = reader.isGiven("--list")
    halfWidth = reader.number("--half-width", above: 0, below: 0.5)
    power = reader.number("--power", above: 0, below: 1) ?? 0.8
    if let text = reader.text("--detect") {
      let words = text.split(separator: ",", omittingEmptySubsequences: false)
      let rates = words.compactMap { Double($0) }
      if words.count == 2, rates.count == 2, rates[0] != rates[1], rates.allSatisfy({ (0...1).contains($0) }) {
        ratesToDetect = rates
      } else {
        reader.fail("--detect: found '\(text)', expected two different rates from 0 to 1 such as 0.4,0")
      }
    }
    if ratesToDetect == nil, reader.isGiven("--power") { reader.fail("--power belongs to --detect RATE,RATE") }
    try reader.finish()
  }
}

/// What `evaluate` was asked to do.
struct EvaluateOptions: Equatable {
  var model: String
  var task: String
  var data: String
  var split: String
  var maximumLength: Int
  var predictions: String?

  /// The options of an `evaluate` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    model = reader.text("--model") ?? ""
    task = reader.name("--task", kind: "task", among: TaskSpecification.glueNames) ?? ""
    data = reader.text("--data") ?? ""
    split = reader.choice("--split", ["dev", "train"])
    // [CLS], a token, [SEP].
    maximumLength = reader.count("--max-length", atLeast: 3) ?? 128
    predictions = reader.fileName("--predictions", endingIn: ".csv")
    try reader.finish()
  }
}

extension OptionReader {
  /// What is added to every seed.
  mutating func seedShift() -> UInt64 { seed("--shift-seeds") ?? 0 }

  /// Which trials are tried again: those named, or all that came to no result.
  func retries() -> RetrySelection {
    var selection = RetrySelection()
    if isGiven("--crashed") { selection.statuses.insert(.crashed) }
    if isGiven("--lost") { selection.statuses.insert(.lost) }
    if isGiven("--timeout") { selection.statuses.insert(.timeout) }
    selection.trials = list("--trial")
    if selection == RetrySelection() { selection.statuses = [.crashed, .lost, .timeout] }
    return selection
  }

  /// A flag's seconds, or hours, minutes and seconds; nil where it is not given.
  mutating func duration(_ flag: String) -> Double? {
    guard let text = text(flag) else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    let seconds = parts.reduce(0.0) { $0 * 60 + ($1 ?? .nan) }
    guard parts.count <= 3, seconds.isFinite, seconds > 0, parts.allSatisfy({ $0 ?? -1 >= 0 }) else {
      fail("\(flag): found '\(text)', expected seconds or HH:MM:SS")
      return nil
    }
    return seconds
  }

  /// How the runs are judged and scored.
  mutating func tableOptions() -> TableOptions {
    var options = TableOptions()
    if let text = text("--failure-rule") {
      if let rule = FailureRule(text) {
        options.rule = rule
      } else {
        fail("--failure-rule: found '\(text)', allowed are accuracy, constant, loss, below=X")
      }
    }
    options.score = ScoreChoice(rawValue: choice("--score", ["final", "best"])) ?? .final
    return options
  }
}

extension TableOptions {
  /// The options of a `summarize` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    self = reader.tableOptions()
    try reader.finish()
  }
}
