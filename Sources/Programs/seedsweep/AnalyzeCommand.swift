// `seedsweep analyze`: the paper's analyses of a folder of results, alone or on all ranks of an mpirun. Reads the journal and
// kept weights; writes tables, and with --retrain the weights that it needs.

import Analyses
import CommandLine
import Farm
import Files
import Foundation
import JSON5
import Kernels
import MPITransport
import Runs
import Storage
import Training
import Transformer
import Trials

/// Analyzes a folder of results.
enum AnalyzeCommand {
  /// Makes the analysis on this process, on this rank, or on ranks that it starts with `words`, the whole command line
  /// after the program's name.
  static func perform(_ options: AnalyzeOptions, words: [String]) throws -> ExitCode {
    if let count = options.processes { return try spawn(count, words) }
    useSingleBLASThread()
    let environment = ProcessInfo.processInfo.environment
    let launch = LaunchEnvironment(environment)
    guard launch.usesMPI, options.kind.usesRanks else {
      if launch.usesMPI && !launch.speaksForAll { return .success }
      return lead(options, farm(options, InProcessTransport.group(size: 1)[0]))
    }
    if let refusal = launch.refusal { throw Refusal("seedsweep analyze: \(refusal)") }
    let world = try MPIWorld(announcing: LeaseHolder.current(launchedByParent: true).encoded)
    guard world.rank == 0 else {
      StopSignals.ignoreForWorker()
      let isDismissed = try AnalysisFarm.serve(on: world, rounds: AnalysisJobs.rounds(options, rank: world.rank))
      // Without its leader this rank cannot end MPI in good order: the system does.
      if isDismissed { Departure(world, code: .success).leave() }
      return .success
    }
    let farm = farm(options, world)
    // Told at once: after a signal mpirun leaves little time.
    let code = ParentProcess(environment).reported(lead(options, farm))
    farm.dismiss()
    Departure(world, code: code).leave()
    return code
  }

  /// Runs the analysis on `count` ranks and returns the leader's exit code. Without any of them it ends.
  private static func spawn(_ count: Int, _ words: [String]) throws -> ExitCode {
    let end = try ProcessesRun(words, count: count, outlivesRanks: false).perform()
    if let reported = end.reported { return reported }
    complain(
      "seedsweep analyze: mpirun ended with exit code \(end.launcherCode) before the analysis did; the same command begins it "
        + "again")
    return .failure
  }

  private static func farm(_ options: AnalyzeOptions, _ transport: any Transport) -> AnalysisFarm {
    // An analysis without rounds ends at a signal as any program does.
    let signals = options.kind.usesRanks ? StopSignals.forLeader() : StopSignals(drain: DrainFlag())
    return AnalysisFarm(transport, rounds: AnalysisJobs.rounds(options, rank: 0), signals: signals)
  }

  /// Makes the analysis, prints what stood in its way and answers with the exit code.
  private static func lead(_ options: AnalyzeOptions, _ farm: AnalysisFarm) -> ExitCode {
    do {
      let results = try ResultsFolder(options.folder, command: "analyze")
      results.reportDamage()
      try RawFile.createFolder(options.output)
      let runs = try JudgedRun.all(results.plan, results.index, options: options.tables)
      let analysis = Analysis(options: options, results: results, runs: runs, farm: farm)
      switch options.kind {
      case .forgetting: try analysis.forgetting()
      case .surface: try analysis.surface()
      case .gradients: try analysis.gradients()
      case .correction: try analysis.correction()
      }
      return .success
    } catch let refusal as Refusal {
      complain(refusal.description)
      return refusal.code
    } catch {
      complain("seedsweep analyze: \(error)")
      return .refused
    }
  }
}

/// One analysis on rank 0.
private struct Analysis {
  let options: AnalyzeOptions
  let results: ResultsFolder
  let runs: [JudgedRun]
  let farm: AnalysisFarm

  private var output: RunFolder { RunFolder(options.output) }
  private var kept: KeptWeights { KeptWeights(of: results.folder) }

  /// Whether gradients vanished.
  func gradients() throws {
    let count = try GradientTable.write(runs, of: results.folder, tensors: options.tensors, to: output)
    say("Gradients of \(count) run\(count == 1 ? "" : "s"): \(options.output)/gradient_statistics.csv")
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
    guard problems.isEmpty else { throw Refusal(problems.map { "seedsweep analyze: \($0)" }.joined(separator: "\n")) }
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
