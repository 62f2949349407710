// The files one trial leaves beside its outcome: predictions, gradient norms and kept weights. Each is written under a
// name that no other process uses and then renamed, so a reader never sees half of one. Where the folders lie is the
// caller's business.

import Files
import Tables
import TrialTables
import Trials

/// Where a trial's files go; nil keeps none of that kind.
package struct TrialFolders: Equatable, Sendable {
  /// Gets a table with the final dev logits.
  package var predictions: String?
  /// Gets a table with the final logits of the test set.
  package var testPredictions: String?
  /// Gets a folder `TRIAL_ID/` with a table `NAME.csv` of the final logits of each further set.
  package var devSetPredictions: String?
  /// Gets a table with columns trial_id, step, tensor, norm.
  package var gradientNorms: String?
  /// Gets a model folder `TRIAL_ID/` with the final weights.
  package var weights: String?
  /// The characters of a trial's identifier that name the sub-folder of its tables; with 0 they have none.
  package var prefixLength: Int

  /// The folders; they are made when first needed.
  package init(
    predictions: String? = nil, testPredictions: String? = nil, devSetPredictions: String? = nil,
    gradientNorms: String? = nil, weights: String? = nil, prefixLength: Int = 0
  ) {
    self.predictions = predictions
    self.testPredictions = testPredictions
    self.devSetPredictions = devSetPredictions
    self.gradientNorms = gradientNorms
    self.weights = weights
    self.prefixLength = prefixLength
  }

  /// The table of a trial in one of the folders, `ID/TRIAL_ID.csv` or `TRIAL_ID.csv`.
  package func table(ofTrial trial: String, in folder: String) -> String {
    self.folder(ofTrial: trial, in: folder) + ".csv"
  }

  /// The folder of a trial in one of the folders, `ID/TRIAL_ID` or `TRIAL_ID`.
  package func folder(ofTrial trial: String, in folder: String) -> String {
    prefixLength == 0 ? "\(folder)/\(trial)" : "\(folder)/\(trial.prefix(prefixLength))/\(trial)"
  }
}

/// Streams the norms of the gradients of steps, before clipping, to a file of its own.
final class GradientNormsWriter {
  private let file: WholeFile
  private static let header = GradientNormRow.header + "\n"
  private let trialIdentifier: String
  private let gradientNames: [String]

  /// A new file for the norms of gradients of some names.
  init(path: String, trialIdentifier: String, gradientNames: [String], owner: String) throws {
    try RawFile.createFolder(RawFile.folder(of: path))
    file = try WholeFile(path: path, owner: owner, durability: .contents)
    self.trialIdentifier = trialIdentifier
    self.gradientNames = gradientNames
    try file.write(Self.header)
  }

  /// Adds the norms, in the order of the names, of the gradients that led to `step` completed updates.
  func write(_ norms: [Double], step: Int) throws {
    var rows = ""
    for (name, norm) in zip(gradientNames, norms) { rows += "\(trialIdentifier),\(step),\(name),\(norm)\n" }
    try file.write(rows)
  }

  /// What was written so far, for a checkpoint.
  func contents() throws -> [UInt8] { try file.contents() }

  /// Goes on from what a checkpoint kept; one of a run that wrote none keeps nothing.
  func restore(_ contents: [UInt8]) throws {
    try file.restart()
    if contents.isEmpty { try file.write(Self.header) } else { try contents.withUnsafeBytes { try file.write($0) } }
  }

  /// Waits until the file is on the disk and gives it its name.
  func commit() throws { try file.finish() }
}

/// The text of a predictions file; classes go by name.
package func predictionsCSV(logits: [Float], labelNames: [String], set: EvaluationSet) -> String {
  let labelCount = max(1, labelNames.count)
  let labels: [String]
  let predictions: [String]
  switch set.targets {
  case .classes(let classes):
    labels = classes.map { labelNames[Int($0)] }
    predictions = predictedClasses(logits, labelCount: labelCount).map { labelNames[$0] }
  case .values(let values):
    labels = values.map { "\($0)" }
    predictions = logits.map { "\($0)" }
  }
  let rows = set.indices.enumerated().map { row, index in
    PredictionRow(
      index: index, label: labels[row], prediction: predictions[row],
      logits: logits[row * labelCount..<(row + 1) * labelCount])
  }
  return PredictionRow.columns(classCount: labelCount).text(rows)
}
