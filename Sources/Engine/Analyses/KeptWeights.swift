// The weights that the trials of a folder left, and which trials left none. Training those again is in `Retraining`.

import Foundation
import Storage

/// The kept weights of a folder's trials.
package struct KeptWeights: Sendable {
  private let folder: RunFolder

  /// The weights in a folder of results.
  package init(of folder: RunFolder) { self.folder = folder }

  /// The trials whose weights were not kept.
  package func missing(among trials: [JudgedTrial]) -> [JudgedTrial] {
    trials.filter { !FileManager.default.fileExists(atPath: path(of: $0.trial.identifier) + "/model.safetensors") }
  }

  /// The model folder of a trial.
  package func path(of trial: String) -> String { folder.weights(ofTrial: trial) }

  /// Refuses trials without kept weights; the error names the flag that trains them again.
  ///
  /// - Throws: `AnalysisError`.
  package func require(_ trials: [JudgedTrial]) throws {
    let missing = missing(among: trials).map(\.identifier)
    guard !missing.isEmpty else { return }
    let list = missing.prefix(6).joined(separator: ", ")
    throw AnalysisError(
      "the weights of \(missing.count) of \(trials.count) runs were not kept in \(folder.path)/weights: \(list). A trial gives "
        + "the same weights whenever it is trained: --retrain trains \(missing.count == 1 ? "it" : "them") again and keeps "
        + "them; run --keep-weights all keeps them at once")
  }
}
