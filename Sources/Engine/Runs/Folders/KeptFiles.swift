// Compares the files that trials left with the journal: predictions and weights by their digests, and gradient norms, whose
// digests the journal does not have, by their rows.

import Digests
import Foundation
import Reports
import Storage
import Training
import Trials

extension ResultsFolder {
  /// One sentence for each file of a trial with a result that is missing, is damaged or belongs to another result.
  ///
  /// - Throws: an error of the journal.
  package func keptFileProblems() throws -> [String] {
    try index.trials.flatMap { try keptFileProblems(ofTrial: $0) }
  }

  /// One sentence for each file of a trial that is missing, is damaged or belongs to another result; none for a trial without a
  /// result.
  ///
  /// - Throws: an error of the journal.
  func keptFileProblems(ofTrial trial: String, includingWeights: Bool = true) throws -> [String] {
    guard let history = index[trial], history.hasResult, let record = try index.record(of: trial) else { return [] }
    var problems: [String] = []
    let outcome = try record.outcome()
    var tables: [(path: String, digest: String?, name: String)] = [
      (folder.keptPredictions(ofTrial: trial), outcome.predictionsDigest, "the predictions"),
      (folder.keptTestPredictions(ofTrial: trial), outcome.testPredictionsDigest, "the test predictions"),
    ]
    for set in outcome.devSets {
      let path = "\(folder.devSetPredictions(ofTrial: trial))/\(set.name).csv"
      tables.append((path, set.predictionsDigest, "the predictions on \(set.name)"))
    }
    for (path, digest, name) in tables {
      if let digest { problems += problem(in: path, digest, name) { try SHA256.hex(ofFile: path) } }
    }
    let weights = folder.weights(ofTrial: trial)
    if includingWeights, outcome.status == .completed, let digest = outcome.weightsDigest,
      history.keepsWeights || FileManager.default.fileExists(atPath: weights)
    {
      problems += problem(in: weights, digest, "the weights") { try KeptModel.digest(of: weights) }
    }
    // What a trial recorded follows from its configuration, which the plan may no longer have.
    guard let planned = plan.trialIndex(identifier: trial) else { return problems }
    let cadence = plan.trials[planned].configuration.record.gradientNormsEvery
    let norms = folder.keptGradientNorms(ofTrial: trial)
    if cadence > 0,
      let reason = GradientNormsFile.problem(in: norms, ofTrial: trial, steps: outcome.stepCount, every: cadence)
    {
      problems.append("\(norms): \(reason)")
    }
    return problems
  }

  private func problem(
    in path: String, _ expected: String, _ name: String, _ digest: () throws -> String
  ) -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return ["\(path): it is missing"] }
    do {
      return try digest() == expected ? [] : ["\(path): these are not \(name) of the journal's result of this trial"]
    } catch {
      let reason = "\(error)"
      return [reason.contains(path) ? reason : "\(path): \(reason)"]
    }
  }
}
