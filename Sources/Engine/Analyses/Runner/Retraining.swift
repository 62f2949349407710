// The round in which trials that kept no weights are trained again. A trial gives the same weights whenever it is trained, and
// this round checks that: weights whose digest differs from the journal's are removed, and the analysis is refused.

import Farm
import Foundation
import Host
import Storage
import Training
import Trials

/// Trains trials again and keeps their weights.
struct Retraining: AnalysisRound {
  /// A trial to train.
  struct Job: Codable, Equatable, Sendable {
    /// The trial as JSON.
    let trial: String
  }

  /// The weights that it left.
  struct Answer: Codable, Equatable, Sendable {
    /// The SHA-256 of its weights.
    let weightsDigest: String
  }

  static let name = "training again"

  private let folder: String

  init(_ request: AnalysisRequest) { folder = request.folder }

  func worker(rank: Int) -> (Job) throws -> Answer {
    let results = RunFolder(folder)
    let folders = TrialFolders(weights: results.path + "/weights")
    let trainer = Trainer(context: TrainerContext(host: Machine.current().host, rank: rank, folders: folders))
    let index = Result { try JournalIndex(path: results.journal) }
    return { job in
      let trial = try Trial(json: job.trial)
      let outcome = trainer.run(trial).outcome
      guard outcome.status == .completed, let digest = outcome.weightsDigest else {
        throw AnalysisError("trial \(trial.identifier) was trained again and \(outcome.message ?? "did not complete")")
      }
      let known = try index.get().record(of: trial.identifier)?.outcome()
      guard known?.weightsDigest == digest else {
        try? FileManager.default.removeItem(atPath: results.weights(ofTrial: trial.identifier))
        throw AnalysisError(
          "trial \(trial.identifier) was trained again and gave other weights than the journal's: this processor or these "
            + "libraries round differently, or a file has changed; analyze where the run was made")
      }
      return Answer(weightsDigest: digest)
    }
  }
}
