// Operands and flags that several verbs have, with what they mean: how runs are judged, how trials are trained,
// and which tables become stale with them.

import Analyses
import CommandLine
import Faults
import Foundation
import Pages
import Reports
import Runs
import Storage
import SweepLanguage
import Trials

extension Operand {
  /// An existing folder of results.
  static let results = Operand("DIR", "a folder of results")

  /// A sweep and what the command line replaces of it.
  static let sweep = [
    Operand("SWEEP", "the sweep file (JSON5)"),
    Operand("KEY=VALUE", "replaces a value, or a grid axis, of the sweep file", .assignments),
  ]
}

/// How runs are judged and scored.
struct Judgement {
  private static let rules = ValueReader("allowed are baseline, accuracy, constant, loss, below=X", text: \.name) {
    FailureRule($0)
  }
  private static let ruleHelp = "which runs count as failed: baseline, accuracy, constant, loss or below=X"
  private static let scoreHelp = "the evaluation that is scored and judged"

  /// The flags of commands that follow the folder's tables.
  static let rule = Flag("--failure-rule", "RULE", ruleHelp, rules, unset: "as in DIR's tables")
  static let score = Flag<ScoreChoice?>("--score", "final|best", scoreHelp, .choice, unset: "as in DIR's tables")

  /// The flags of the command that decides what the folder's tables follow.
  static let newRule = Flag("--failure-rule", "RULE", ruleHelp, rules, default: TableOptions().rule)
  static let newScore = Flag("--score", "final|best", scoreHelp, .choice, default: TableOptions().score)

  /// The rule and the score that were asked for; nil for those of the folder's tables.
  let rule: FailureRule?
  let score: ScoreChoice?

  /// What `rule` and `score` ask for.
  init(_ given: Given) {
    rule = given[Self.rule]
    score = given[Self.score]
  }

  /// The judgement for a table that goes into a folder, all of whose tables then follow it.
  func adopted(by results: ResultsFolder) throws -> TableOptions {
    let before = TableOptions(of: results.folder).named(for: results.plan)
    let options = try results.adopt(rule: rule, score: score, derived: DerivedTable.all)
    if options != before, let notice = ReportFile.renew(results.folder) { say(notice) }
    return options
  }
}

extension Given {
  /// What `--shift-seeds` and `--shift-data` add to the seeds of a sweep.
  var shift: SeedShift { SeedShift(trials: self[TrainingFlags.shiftSeeds], data: self[TrainingFlags.shiftData]) }

  /// Notes each folder that is given before, be it in other words or through a link.
  ///
  /// - Parameter flag: The flag that names them, with a space; empty for operands.
  func refuseRepeated(_ folders: [String], flag: String = "") {
    let paths = folders.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().standardizedFileURL.path }
    for (index, folder) in folders.enumerated() {
      guard let first = paths[..<index].firstIndex(of: paths[index]) else { continue }
      fail("\(flag)\(folder) is given twice\(folders[first] == folder ? "" : ", first as \(folders[first])")")
    }
  }
}

/// Flags of everything that trains trials of a folder.
enum TrainingFlags {
  private static let defaults = RunOptions()

  static let shiftSeeds = Flag(
    "--shift-seeds", "N", "add N to every seed of a trial, for the same sweep on fresh seeds", .seed, default: 0)
  static let shiftData = Flag(
    "--shift-data", "N", "add N to every seed of the data, for the same sweep on other examples", .seed, default: 0)
  static let keepWeights = Flag(
    "--keep-weights", "all|none", "keep every trained model as a Hugging Face folder",
    .choice([KeptWeightsChoice.none, .all]),
    default: KeptWeightsChoice.none)
  static let report = Flag(
    "--report", "rewrite report.html every half minute while the run lasts, not only at its end")
  static let processes = Flag.processes("use N processes of this machine, which mpirun starts")
  static let threads = Flag(
    "--threads", "N", "threads of each rank, where there are fewer trials than cores; changes no result", .threads,
    default: defaults.threads)
  static let checkpointEvery = Flag(
    "--checkpoint-every", "SECONDS", "save running trials this often, so that they go on after a kill; 0 for never",
    .seconds(atLeast: 0), default: defaults.checkpointSeconds)
  static let timeLimit = Flag(
    "--time-limit", "HH:MM:SS", "stop before this time is over, and keep the running trials at checkpoints", .duration,
    unset: "the end of the Slurm job")
  static let trialTimeout = Flag(
    "--trial-timeout", "SECONDS", "stop a trial that takes longer and try it again", .seconds(atLeast: 1),
    unset: "none")
  static let stallTimeout = Flag(
    "--stall-timeout", "SECONDS", "give up a rank that makes no progress for this long", .seconds(atLeast: 1),
    default: defaults.stallSeconds)
  static let attempts = Flag(
    "--attempts", "N", "attempts of a trial that crashes, takes too long or is lost", .count(),
    default: defaults.attemptCap)
  static let maxFailures = Flag(
    "--max-failures", "N|P%", "stop once more trials than this have no result after all their attempts",
    ValueReader("expected a whole number such as 3 or a share such as 5%") { FailureLimit($0) }, unset: "go on")
  static let inject = Flag(
    "--inject", "FAULT[:P]",
    "inject a fault with probability P, \(FaultInjection.defaultProbability) where it is left out: \(FaultInjection.names)",
    ValueReader("allowed are \(FaultInjection.allowed)") { FaultInjection($0, seed: 0) })
  static let injectSeed = Flag("--inject-seed", "N", "the seed that decides when the fault strikes", .seed, default: 1)
  static let allowMixedNumerics = Flag(
    "--allow-mixed-numerics", "accept ranks whose processors or libraries round differently")
  static let noSharedFiles = Flag(
    "--no-shared-files",
    "send model and data to every node, and kept files to the leader, even where the nodes see the leader's files")

  /// All of them but those that choose seeds, weights and the page, in the order of the help.
  static let all: [any FlagDeclaration] = [
    processes, threads, checkpointEvery, timeLimit, trialTimeout, stallTimeout, attempts, maxFailures, inject,
    injectSeed,
    Flag.blasCore, allowMixedNumerics, noSharedFiles,
  ]

  /// Fills a run's options with what the flags ask for.
  static func fill(_ options: inout RunOptions, _ given: Given) {
    options.derivedTables = DerivedTable.all
    options.processes = given[processes]
    options.threads = given[threads]
    options.keepsWeights = given[keepWeights] == .all
    options.writesPageMeanwhile = given[report]
    options.checkpointSeconds = given[checkpointEvery]
    options.stallSeconds = given[stallTimeout]
    options.trialSeconds = given[trialTimeout]
    options.attemptCap = given[attempts]
    options.limitSeconds = given[timeLimit]
    options.failureLimit = given[maxFailures]
    options.injection = given[inject]
    options.injection?.seed = given[injectSeed]
    options.allowsMixedNumerics = given[allowMixedNumerics]
    options.sharesNoFiles = given[noSharedFiles]
  }

  /// Which trained models are kept.
  enum KeptWeightsChoice: String { case none, all }
}

extension DerivedTable {
  /// The tables of all verbs that write into a folder of results beside `run`.
  static let all = ofReports + AnalysisRegistry.tables
}
