// What rank 0 gives an analysis: the folder's results, the judged trials and the ranks. Nothing here depends on the analysis.

import CommandLine
import Foundation
import Reports
import Runs
import Storage
import Training
import Transformer
import Trials

/// An analysis under way on rank 0.
package struct AnalysisWork {
  /// The request.
  package let request: AnalysisRequest
  /// The folder's plan and journal.
  package let results: ResultsFolder
  /// The trials that have a result, in plan order.
  package let trials: [JudgedTrial]
  let farm: AnalysisFarm

  /// The folder that the tables go to.
  package var output: RunFolder { RunFolder(request.output) }
  /// The kept weights of the trials.
  package var kept: KeptWeights { KeptWeights(of: results.folder) }

  /// Refuses a pre-trained model that is not the one a trial started from, wherever it stands now.
  func requireUnchanged(_ model: ModelFolder, of trial: Trial) throws {
    let digests = FileDigests()
    for path in model.filePaths { _ = try digests.digest(ofFile: path) }
    try requireUnchanged(digests, moved: trial.configuration.model.path.map { (from: $0, to: model.path) })
  }

  /// Refuses files that are not what the results were made from.
  func requireUnchanged(_ digests: FileDigests, moved: (from: String, to: String)? = nil) throws {
    let problems = results.changes(among: digests, moved: moved)
    guard problems.isEmpty else { throw Refusal(problems: problems) }
  }

  /// The trials without kept weights. If they may not be trained again, they are refused.
  func missingWeights(of trials: [JudgedTrial], retrains: Bool) throws -> [JudgedTrial] {
    if !retrains { try kept.require(trials) }
    return kept.missing(among: trials)
  }

  /// Performs the round that trains again: those of `trials` whose weights are missing, under the folder's lease.
  func retrain(_ missing: [JudgedTrial], of trials: [JudgedTrial]) throws {
    let claim = FolderClaim(
      results.folder, isLaunched: farm.isLaunched, stallSeconds: .infinity, notice: { say($0) },
      checking: farm.signals.stopIfAsked)
    if !missing.isEmpty {
      try claim.take()
      say("training \(missing.count) of \(trials.count) runs again, whose weights were not kept")
    }
    defer { try? claim.release() }
    let jobs = missing.map { Retraining.Job(trial: $0.trial.encodedJSON()) }
    _ = try farm.perform(jobs, of: Retraining.self, under: claim)
  }

  /// Does the jobs of the next round and returns their answers in order.
  ///
  /// - Throws: a `Refusal` with the first error of a rank.
  package func perform<Round: AnalysisRound>(_ jobs: [Round.Job], of round: Round.Type) throws -> [Round.Answer] {
    try farm.perform(jobs, of: round)
  }

  /// Prints where the tables are.
  package func report(_ tables: [DerivedTable]) {
    guard let first = tables.first else { return }
    say((["Tables: \(output.path(of: first))"] + tables.dropFirst().map { "\($0.name).csv" }).joined(separator: ", "))
  }
}
