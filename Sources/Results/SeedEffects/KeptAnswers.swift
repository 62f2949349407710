// What the runs of a recipe left for comparisons of their answers: outcomes and kept predictions, each run by itself and in plan order.

import Reports
import Storage
import Trials

/// What one run left.
struct KeptAnswers: Sendable {
  /// The outcome; nil without a result.
  var outcome: Outcome?
  /// The predictions or why there are none; nil where none were kept.
  var file: Result<PredictionFile, PredictionFile.Fault>?

  /// What a trial left in a folder; labels are read only where somebody asks for them.
  init(of identifier: String, from index: JournalIndex, folder: RunFolder, keepsLabels: Bool = false) throws {
    guard index[identifier]?.hasResult == true, let record = try index.record(of: identifier) else { return }
    let outcome = try record.outcome()
    self.outcome = outcome
    guard let digest = outcome.predictionsDigest else { return }
    let path = folder.keptPredictions(ofTrial: identifier)
    do {
      file = .success(try PredictionFile(path: path, digest: digest, keepsLabels: keepsLabels))
    } catch { file = .failure(error) }
  }
}
