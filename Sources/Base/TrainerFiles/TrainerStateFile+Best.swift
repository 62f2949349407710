// Which score of a run of Hugging Face's Trainer is the one at the end of training. An evaluation after training is one of the
// last weights, or of the best checkpoint, which the Trainer may have loaded. The state names a best checkpoint also where the
// Trainer did not load it, so only the scores tell.

extension TrainerStateFile {
  /// The difference, as a share of the score, below which two evaluations of the same weights may differ by rounding.
  private static let rounding = 1e-4

  /// Whether the Trainer may have loaded its best checkpoint before the evaluation after training. It did not if that evaluation
  /// has another score than `best_metric`. Where the files do not tell, it may have.
  ///
  /// The state does not name the key of `best_metric`. Every key counts under which an evaluation during training has that value.
  ///
  /// - Parameter results: the files of results beside the state.
  package func mayHaveLoadedBest(_ results: [TrainerStateFile]) -> Bool {
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

extension [TrainerStateFile.Score] {
  /// The scores of the training up to the one at its end, which is the last of them. Where the best checkpoint may have been
  /// loaded, evaluations after training are none of them, unless there are no others. Of several evaluations at the last step the
  /// first one counts.
  package func ofTraining(mayHaveLoadedBest: Bool) -> [TrainerStateFile.Score] {
    let training = mayHaveLoadedBest ? filter { !$0.isAfterTraining } : self
    let judged = training.isEmpty ? self : training
    guard let step = judged.last?.step, let end = judged.firstIndex(where: { $0.step == step }) else { return judged }
    return Array(judged[...end])
  }
}
