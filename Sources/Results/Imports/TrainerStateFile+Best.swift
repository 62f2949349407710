// Which weights Hugging Face's Trainer evaluated after training: those of the last step, or those of its best checkpoint. The
// state names a best checkpoint also where the Trainer did not load it, so only the scores tell.

import TrainerFiles

extension TrainerStateFile {
  /// The difference, as a share of the score, below which two evaluations of the same weights may differ by rounding.
  private static let rounding = 1e-4

  /// Whether the Trainer may have loaded its best checkpoint before the evaluation after training. It did not if that evaluation
  /// has another score than `best_metric`. Where the files do not tell, it may have.
  ///
  /// The state does not name the key of `best_metric`. Every key counts under which an evaluation during training has that value.
  ///
  /// - Parameter results: the files of results beside the state.
  func mayHaveLoadedBest(_ results: [TrainerStateFile]) -> Bool {
    guard hasBestCheckpoint else { return false }
    guard let best = try? result("best_metric"), best.isFinite else { return true }
    var hasAnotherScore = false
    // The Trainer puts this before the name of the metric that it is given.
    for key in scoreKeys where key.hasPrefix("eval_") {
      let logged = (try? scores(key)) ?? []
      guard logged.contains(where: { !$0.isAfterTraining && $0.value == best }) else { continue }
      let inResults = results.compactMap { try? $0.result(key) }
      guard let score = logged.first(where: { $0.isAfterTraining })?.value ?? inResults.first else { return true }
      if abs(score - best) <= Self.rounding * abs(best) { return true }
      hasAnotherScore = true
    }
    return !hasAnotherScore
  }
}
