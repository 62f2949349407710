// What a rank does in an analysis: trains a run again, resets layers, or scores points of a plane. Jobs and answers are JSON.

import CommandLine
import Farm
import Foundation
import Host
import JSON5
import Runs
import Storage
import Training
import Transformer
import Trials

/// The jobs of the analyses.
enum AnalysisJobs {
  /// Points of a plane in one job.
  static let pointsPerJob = 20

  /// What this rank does the jobs of each round with.
  static func rounds(_ options: AnalysisOptions, rank: Int) -> [AnalysisFarm.Preparation] {
    [
      {
        try requireFolder(options, rank: rank)
        return retraining(options, rank: rank)
      },
      {
        try requireFolder(options, rank: rank)
        return options.kind == .surface ? try surface(options) : forgetting()
      },
    ]
  }

  /// Refuses to work on a host that does not see the runs.
  private static func requireFolder(_ options: AnalysisOptions, rank: Int) throws {
    let journal = RunFolder(options.folder).journal
    guard !FileManager.default.fileExists(atPath: journal) else { return }
    throw AnalysisError(
      "rank \(rank) on host \(Machine.hostName()) finds no \(journal): analyze sends no files, so every host needs the folder "
        + "of results, with its kept weights, and the model and data of its runs, under the same paths; on one host, "
        + "--processes N starts the ranks")
  }

  // MARK: - Training again

  private static func retraining(_ options: AnalysisOptions, rank: Int) -> Worker.Execution {
    let results = RunFolder(options.folder)
    let folders = TrialFolders(weights: results.path + "/weights")
    let trainer = Trainer(context: TrainerContext(host: Machine.current().host, rank: rank, folders: folders))
    let index = Result { try JournalIndex(path: results.journal) }
    return { assignment in
      let trial = try Trial(json: String(decoding: assignment.payload, as: UTF8.self))
      let outcome = trainer.run(trial).outcome
      guard outcome.status == .completed else {
        throw AnalysisError("trial \(trial.identifier) was trained again and \(outcome.message ?? "did not complete")")
      }
      let known = try index.get().record(of: trial.identifier)?.outcome()
      guard known?.weightsDigest == outcome.weightsDigest else {
        try? FileManager.default.removeItem(atPath: results.weights(ofTrial: trial.identifier))
        throw AnalysisError(
          "trial \(trial.identifier) was trained again and gave other weights than the journal's: this processor or these "
            + "libraries round differently, or a file has changed; analyze where the run was made")
      }
      return Product(result: [])
    }
  }

  // MARK: - Forgetting

  /// The one model that runs started from.
  static func pretrainedModel(of trials: [Trial], _ options: AnalysisOptions) throws -> ModelFolder {
    let paths = trials.map(\.configuration.model.path)
    guard let first = paths.first, let own = first, paths.allSatisfy({ $0 == own }) else {
      throw AnalysisError(
        "the runs did not all start from one pre-trained model (model.path), so nothing was forgotten")
    }
    let model = try ModelFolder(options.pretrained ?? own)
    guard model.holdsLanguageModelHead else {
      throw AnalysisError(
        "\(model.path)/model.safetensors: there is no masked-language-model head (cls.predictions.*) that shares the word "
          + "embeddings, so what was forgotten cannot be measured; a folder of 'seedsweep pretrain' has one")
    }
    return model
  }

  /// The payload is the model's folder, the mask set, the kept weights and their digest.
  private static func forgetting() -> Worker.Execution {
    var analysis: ForgettingAnalysis?
    return { assignment in
      let words = try self.words(assignment.payload)
      if analysis == nil {
        let model = try ModelFolder(words[0])
        analysis = try ForgettingAnalysis(pretrained: model, masks: MaskSet(contentsOf: words[1], for: model))
      }
      guard let curve = try analysis?.curve(ofWeights: words[2], digest: words[3]) else {
        preconditionFailure("it was just made")
      }
      return Product(result: encoded(curve.losses + [curve.pretrainedLoss]))
    }
  }

  // MARK: - Surface

  /// The points asked for.
  static func design(_ options: AnalysisOptions) -> PlaneDesign {
    PlaneDesign(pointCount: options.pointCount, range: -options.range...options.range)
  }

  /// The runs asked for, or the first that share a head.
  static func planeRuns(_ options: AnalysisOptions, _ runs: [JudgedRun]) throws -> PlaneRuns {
    guard let failed = options.failed, let successful = options.successful else { return try PlaneRuns.first(of: runs) }
    let chosen = try [failed, successful].map { identifier in
      guard let run = runs.first(where: { $0.trial.identifier == identifier }), run.isCompleted else {
        throw AnalysisError("no completed run of \(options.folder) has the trial_id '\(identifier)'")
      }
      return run
    }
    let pair = try PlaneRuns(failed: chosen[0], successful: chosen[1])
    let judgement = "by the failure rule \(options.tables.rule.name) on the \(options.tables.score.rawValue) score"
    if pair.failed.failure == nil { throw AnalysisError("--failed \(failed): this run is successful \(judgement)") }
    if let kind = pair.successful.failure {
      throw AnalysisError("--successful \(successful): this run failed (\(kind.rawValue)) \(judgement)")
    }
    return pair
  }

  /// The payload is `corners`, or the first of the design's points and the one after the last.
  private static func surface(_ options: AnalysisOptions) throws -> Worker.Execution {
    let results = try ResultsFolder(options.folder)
    let runs = try planeRuns(options, JudgedRun.all(results.plan, results.index, options: options.tables))
    let points = design(options).points
    let plane = try LossPlane(
      runs, KeptWeights(of: results.folder), exampleCount: options.exampleCount,
      inspection: TrialInspection(runs.failed.trial))
    return { assignment in
      let words = try self.words(assignment.payload)
      let bounds = words.compactMap { Int($0) }
      let scores =
        bounds.count == 2 ? points[bounds[0]..<bounds[1]].map { plane.score(at: $0) } : plane.cornerScores()
      return Product(result: encoded(scores.flatMap { [$0.loss, $0.accuracy ?? .nan] }))
    }
  }

  /// The scores of an answer: loss and accuracy in turn.
  static func scores(_ answer: [UInt8]) throws -> [PlaneScore] {
    let numbers = try numbers(answer)
    return stride(from: 0, to: numbers.count, by: 2).map {
      PlaneScore(loss: numbers[$0], accuracy: numbers[$0 + 1].isNaN ? nil : numbers[$0 + 1])
    }
  }

  // MARK: - JSON

  static func encoded(_ words: [String]) -> [UInt8] {
    var writer = JSONWriter()
    writer.array { writer in for word in words { writer.value(word) } }
    return writer.bytes
  }

  static func encoded(_ numbers: [Double]) -> [UInt8] {
    var writer = JSONWriter()
    writer.array { writer in for number in numbers { writer.value(number) } }
    return writer.bytes
  }

  private static func words(_ bytes: [UInt8]) throws -> [String] {
    (try JSONReader.read(bytes, name: "job").elements ?? []).compactMap(\.stringValue)
  }

  static func numbers(_ bytes: [UInt8]) throws -> [Double] {
    (try JSONReader.read(bytes, name: "answer").elements ?? []).compactMap(\.doubleValue)
  }
}
