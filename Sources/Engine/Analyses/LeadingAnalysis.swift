// The analyses on rank 0: which runs they take, what they give the ranks to do, and the tables that they write.

import CommandLine
import Foundation
import Host
import Runs
import Storage
import Training
import Transformer
import Trials

/// One analysis on rank 0.
struct LeadingAnalysis {
  let options: AnalysisOptions
  let results: ResultsFolder
  let runs: [JudgedRun]
  let farm: AnalysisFarm

  private var output: RunFolder { RunFolder(options.output) }
  private var kept: KeptWeights { KeptWeights(of: results.folder) }

  /// Whether gradients vanished.
  func gradients() throws {
    let count = try GradientTable.write(runs, of: results.folder, tensors: options.tensors, to: output)
    say("Gradients of \(counted(count, "run")): \(options.output)/gradient_statistics.csv")
  }

  /// What bias correction multiplies steps by.
  func correction() throws {
    try CorrectionTables.write(runs, to: output)
    say("Tables: \(options.output)/correction_factor.csv, step_mass.csv")
  }

  /// Refuses a pre-trained model that is not the one a run started from, wherever it stands now.
  private func requireUnchanged(_ model: ModelFolder, of trial: Trial) throws {
    let digests = FileDigests()
    for path in model.filePaths { _ = try digests.digest(ofFile: path) }
    try requireUnchanged(digests, moved: trial.configuration.model.path.map { (from: $0, to: model.path) })
  }

  /// Refuses files that are not what the results were made from.
  private func requireUnchanged(_ digests: FileDigests, moved: (from: String, to: String)? = nil) throws {
    let problems = results.changes(among: digests, moved: moved)
    guard problems.isEmpty else { throw Refusal(problems: problems) }
  }

  /// The runs without kept weights if they may be trained again; refuses them otherwise.
  private func missingWeights(of runs: [JudgedRun]) throws -> [JudgedRun] {
    if !options.retrains { try kept.require(runs) }
    return kept.missing(among: runs)
  }

  /// Trains those of the runs again whose weights are missing, under the folder's lease.
  private func retrain(_ missing: [JudgedRun], of runs: [JudgedRun]) throws {
    var lease: Lease?
    if !missing.isEmpty {
      lease = try Lease(
        folder: results.folder.leases, holder: .current(launchedByParent: farm.isLaunched), notice: { say($0) })
      say("training \(missing.count) of \(runs.count) runs again, whose weights were not kept")
    }
    defer { try? lease?.release() }
    _ = try farm.perform(missing.map { Array($0.trial.encodedJSON().utf8) }, "training again", lease: lease)
  }

  /// What fine-tuning forgot.
  func forgetting() throws {
    let chosen = try JudgedRun.first(options.runCount, of: runs)
    let analyzed = chosen.failed + chosen.successful
    let model = try AnalysisJobs.pretrainedModel(of: analyzed.map(\.trial), options)
    try requireUnchanged(model, of: analyzed[0].trial)
    let missing = try missingWeights(of: analyzed)
    let masks = options.maskSetPath ?? options.output + "/mask_set.jsonl"
    if !FileManager.default.fileExists(atPath: masks) {
      try MaskSet.create(masks, for: model, textPath: options.textPath)
    } else if let text = options.textPath, try !MaskSet.isDrawn(masks, from: text) {
      throw AnalysisError(
        "\(masks) is there already, and not known to be drawn from \(text); remove it, or name another with --mask-set, to "
          + "draw from that")
    }
    let set = try MaskSet(contentsOf: masks, for: model)
    say(
      "\(analyzed.count) runs, \(chosen.failed.count) of them failed; \(set.maskedCount) masked tokens in "
        + "\(set.sentenceCount) sentences (\(masks))")
    try retrain(missing, of: analyzed)
    let answers = try farm.perform(
      analyzed.map { run in
        AnalysisJobs.encoded([
          model.path, masks, kept.path(of: run.trial.identifier), run.outcome.weightsDigest ?? "",
        ])
      }, "runs")
    var curves: [(run: JudgedRun, curve: ForgettingCurve)] = []
    for (run, answer) in zip(analyzed, answers) {
      let losses = try AnalysisJobs.numbers(answer)
      curves.append((run, ForgettingCurve(losses: Array(losses.dropLast()), pretrainedLoss: losses[losses.count - 1])))
    }
    try ForgettingTables.write(curves, to: output)
    try FailedCurves.write(runs, to: output)
    for (run, curve) in curves { say(Self.line(run, curve)) }
    say("Tables: \(options.output)/forgetting.csv, forgetting_summary.csv, failed_curves.csv")
  }

  private static func line(_ run: JudgedRun, _ curve: ForgettingCurve) -> String {
    let recovery =
      curve.recoveryCount.map { "at most twice the pre-trained with \($0) layers reset" } ?? "never near it"
    return String(
      format: "%@ %@: perplexity %.4g, pre-trained %.4g, %@ of %d", run.trial.identifier,
      run.failure == nil ? "successful" : "failed", curve.perplexities[0], curve.pretrainedPerplexity, recovery,
      curve.layerCount)
  }

  /// The loss between weights.
  func surface() throws {
    let pair = try AnalysisJobs.planeRuns(options, runs)
    let digests = FileDigests()
    _ = try digests.digest(of: pair.failed.trial.configuration.model)
    _ = try digests.digest(of: pair.failed.trial.configuration.task)
    try requireUnchanged(digests)
    let pairRuns = [pair.failed, pair.successful]
    try retrain(missingWeights(of: pairRuns), of: pairRuns)
    let design = AnalysisJobs.design(options)
    let count = design.points.count
    let jobs = stride(from: 0, to: count, by: AnalysisJobs.pointsPerJob).map { start in
      AnalysisJobs.encoded(["\(start)", "\(min(start + AnalysisJobs.pointsPerJob, count))"])
    }
    // The corners by themselves are one job more.
    let answers = try farm.perform(jobs + [AnalysisJobs.encoded(["corners"])], "pieces of the plane").map(
      AnalysisJobs.scores)
    guard let corners = answers.last else { return }
    let exampleCount = try TrialInspection.exampleCount(pair.failed.trial, atMost: options.exampleCount)
    let tables = SurfaceTables(
      design, pair, scores: Array(answers.dropLast().joined()), corners: corners, exampleCount: exampleCount)
    try tables.write(to: output)
    say("failed \(pair.failed.trial.identifier), successful \(pair.successful.trial.identifier)")
    for barrier in tables.barriers {
      say(
        String(
          format: "%@ (%.4f) to %@ (%.4f): highest %.4f at %.2f, barrier %.4f", barrier.from, barrier.fromLoss,
          barrier.to,
          barrier.toLoss, barrier.peakLoss, barrier.peakPlace, barrier.barrier))
    }
    say("largest difference of a corner from its weights evaluated by themselves: \(tables.cornerError)")
    say("Tables: \(options.output)/surface.csv, surface_edges.csv, surface_summary.csv")
  }
}
