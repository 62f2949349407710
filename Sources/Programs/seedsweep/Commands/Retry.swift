// `seedsweep retry`: trains the trials of a folder that have no result again. It chooses the trials; the rest is an ordinary
// run.

import CommandLine
import Kernels
import MPITransport
import Runs
import Trials

/// Tries trials again.
struct RetryCommand: Command {
  static let crashed = Flag("--crashed", "trials that crashed")
  static let lost = Flag("--lost", "trials whose rank was lost")
  static let timeout = Flag("--timeout", "trials that took too long")
  static let trial = Flag("--trial", "ID", "this trial, however it ended", eachOf: .text)

  static let syntax = CommandSyntax(
    "retry", "try trials again that crashed, timed out or were lost",
    details: """
      Trains trials of DIR again that came to no result, by the plan that DIR holds, then writes the tables. Without --crashed,
      --lost, --timeout or --trial these are all that crashed, timed out or were lost. A trial with a result is never touched.
      """,
    operands: [.results],
    flags: [crashed, lost, timeout, trial, TrainingFlags.report, TrainingFlags.keepWeights] + TrainingFlags.all)

  static let ranks = Ranks.all

  let options: RunOptions
  private let blasCore: String?

  static func begin() { StopSignals.rememberEarly() }

  init(_ given: Given) {
    blasCore = given[.blasCore]
    var options = RunOptions()
    options.output = given.operands[0]
    if options.output.isEmpty { given.fail("DIR: found an empty path, expected a folder of results") }
    TrainingFlags.fill(&options, given)
    var selection = RetrySelection()
    for (flag, status) in [(Self.crashed, TrialStatus.crashed), (Self.lost, .lost), (Self.timeout, .timeout)]
    where given[flag] {
      selection.statuses.insert(status)
    }
    selection.trials = given[Self.trial]
    if selection == RetrySelection() { selection.statuses = [.crashed, .lost, .timeout] }
    options.retries = selection
    self.options = options
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    return try RankOfRun.perform(options, context)
  }
}
