// `seedsweep plan`: the time and memory that a sweep would take. The estimates are in `PlanEstimate` and `PlanQuestions`.

import CommandLine
import Estimates
import Host
import JSON5
import MPITransport
import Numerics
import Runs
import SweepLanguage
import Training
import Verdicts

/// Prints what running a sweep would take.
struct PlanCommand: Command {
  static let ranks = Flag(
    "--ranks", "N", "ranks to estimate hours and memory for", .count(), unset: "as many as run starts")
  static let memoryOnly = Flag(
    "--mem-per-cpu", "print only the memory of a rank, such as 1200M, for sbatch --mem-per-cpu")
  static let digest = Flag(
    "--digest", "print only the SHA-256 of all trial identifiers, which a registration of claims contains")
  static let list = Flag("--list", "list every trial, not just the first ones")
  static let halfWidth = Flag(
    "--half-width", "W", "print how many seeds give every failure rate to +-W, such as 0.1",
    .number(above: 1e-5, below: 0.5))
  static let detect = Flag(
    "--detect", "RATE,RATE", "print how many seeds tell two failure rates apart, such as 0.4,0",
    ValueReader("expected two different rates from 0 to 1 such as 0.4,0") { rates($0) })
  static let power = Flag(
    "--power", "P", "the probability to tell them apart", .number(above: 0, below: 1), default: 0.8)

  static let syntax = CommandSyntax(
    "plan", "list trials, steps, cost and memory; starts nothing",
    details: """
      Checks a sweep and its files and prints what running it would take: trials, steps, floating-point operations, hours and
      memory. --half-width prints how many seeds it takes to know each failure rate to some precision. --detect prints how many
      it takes to tell two failure rates apart by the primary test of 'compare', adjusted for the comparisons that the sweep
      declares. Starts no training and writes no file.
      """,
    operands: Operand.sweep,
    flags: [
      TrainingFlags.shiftSeeds, TrainingFlags.shiftData, ranks, memoryOnly, digest, list, halfWidth, detect, power,
    ])

  private let sweepPath: String
  private let assignments: [String]
  private let shift: SeedShift
  private let rankCount: Int?
  private let printsMemoryOnly: Bool
  private let printsDigestOnly: Bool
  private let listsEveryTrial: Bool
  private let questions: PlanQuestions

  init(_ given: Given) {
    sweepPath = given.operands[0]
    assignments = given.assignments
    shift = given.shift
    rankCount = given[Self.ranks]
    printsMemoryOnly = given[Self.memoryOnly]
    printsDigestOnly = given[Self.digest]
    listsEveryTrial = given[Self.list]
    questions = PlanQuestions(
      halfWidth: given[Self.halfWidth], power: given[Self.power], ratesToDetect: given[Self.detect])
    if questions.ratesToDetect == nil, given.isGiven(Self.power) { given.fail("--power belongs to --detect RATE,RATE") }
  }

  func perform(_ context: Context) throws -> ExitCode {
    let machine = Machine.current()
    let sweep = try PreparedSweep(PreparedSweep.read(sweepPath, assignments, shift: shift), ResourceReader())
    if printsMemoryOnly {
      say(MemoryCheck.slurmMemory(bytesPerRank: sweep.bytesPerRank))
      return .success
    }
    if printsDigestOnly {
      say(RegisteredRuns.digest(of: sweep.plan))
      return .success
    }
    let ranks = try rankCount ?? runsProcesses(sweep, context)
    for line in sweep.remarks + PlanEstimate.trialLines(sweep, all: listsEveryTrial) + sweep.facts { say(line) }
    for line in PlanEstimate.stepSizeLines(sweep, all: listsEveryTrial) { say(line) }
    // Ranks beyond this machine's cores are meant for other machines as well.
    let refusal = MemoryCheck.refusal(
      ranks: min(ranks, machine.coreCount), bytesPerRank: sweep.bytesPerRank,
      host: machine.host, memoryByteCount: machine.memoryByteCount, addressByteCount: machine.addressByteCount)
    if let refusal { throw Refusal(refusal) }
    let estimate = try PlanEstimate(sweep, ranks: ranks)
    for line in estimate.costLines { say(line) }
    if let line = estimate.arithmeticLine { say(line) }
    if let note = estimate.precisionNote { say(note) }
    if sweep.plan.arithmetics.contains(.openblas), let note = NumericsFingerprint.current().slowKernelsNote {
      say(note)
    }
    say(estimate.memoryLine + "; this machine has \(readable(bytes: machine.memoryByteCount))")
    for line in try questions.lines(estimate) { say(line) }
    return .success
  }

  /// The number of processes that `run` would start.
  private func runsProcesses(_ sweep: PreparedSweep, _ context: Context) throws -> Int {
    try ProcessChoice(asked: nil, threadCount: 1, context.environment) {
      sweep.plan.trials.count
    } fitting: {
      MemoryCheck.fittingCount(bytesPerRank: sweep.bytesPerRank, memoryByteCount: Machine.current().memoryByteCount)
    } devices: {
      sweep.program?.program.deviceCount
    }.count
  }

  /// Two different rates, nil for anything else.
  private static func rates(_ text: String) -> [Double]? {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let rates = words.compactMap { $0.decimalNumber }
    guard words.count == 2, rates.count == 2, rates[0] != rates[1], rates.allSatisfy({ (0...1).contains($0) }) else {
      return nil
    }
    return rates
  }
}
