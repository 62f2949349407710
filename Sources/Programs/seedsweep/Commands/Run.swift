// `seedsweep run`: trains what has no result yet, on all cores. Which of three ways this process was started decides what it
// does: by a user it starts the ranks, or trains alone; under mpirun or srun rank 0 leads and trains, and the others train.

import CommandLine
import Farm
import Kernels
import MPITransport
import Runs
import Trials

/// Runs a sweep.
struct RunCommand: Command {
  static let output = Flag(required: "--output", "DIR", "the folder of results, created if missing", .folder)
  static let limit = Flag("--limit", "N", "train only the first N trials in plan order", .count())
  static let shard = Flag(
    "--shard", "I/N", "train every N-th trial from the I-th on, counted from 0, into DIR/shard-I; merge joins them",
    ValueReader("expected two whole numbers such as 0/20, the first from 0 and below the second") { Shard($0) })
  static let reuse = Flag(
    "--reuse", "DIR",
    "take results of the sweep's trials from this other folder of results; may be given several times",
    eachOf: .text)
  static let shareSteps = Flag(
    "--share-steps",
    "start a trial at a checkpoint of a longer one with the same first steps; keeps up to four checkpoints per rank")

  static let syntax = CommandSyntax(
    "run", "train every trial of a sweep that has no result yet",
    details: """
      Trains every trial of a sweep that has no result in DIR yet, then writes the tables. Run the same command again to
      resume it, or add seeds and grid values to the sweep to extend it: results are reused. Uses all cores of this machine
      unless --processes says otherwise; under mpirun or srun every rank trains.
      """,
    operands: Operand.sweep,
    flags: [
      output, limit, shard, reuse, shareSteps, TrainingFlags.report, TrainingFlags.shiftSeeds, TrainingFlags.shiftData,
      TrainingFlags.keepWeights,
    ]
      + TrainingFlags.all)

  static let ranks = Ranks.all

  let options: RunOptions
  private let blasCore: String?

  static func begin() { StopSignals.rememberEarly() }

  init(_ given: Given) {
    blasCore = given[.blasCore]
    var options = RunOptions()
    options.sweepPath = given.operands[0]
    options.assignments = given.assignments
    options.output = given[Self.output]
    options.part = PlanPart(limit: given[Self.limit], shard: given[Self.shard])
    if let shard = options.part.shard { options.output += "/" + shard.folderName }
    options.shift = given.shift
    options.reusedFolders = given[Self.reuse]
    options.sharesSteps = given[Self.shareSteps]
    TrainingFlags.fill(&options, given)
    self.options = options
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    return try RankOfRun.perform(options, context)
  }
}
