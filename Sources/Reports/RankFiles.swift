// Files that the rank which trained a trial writes itself, because they are too large to pass through the leader: the dev
// logits and the gradient norms. They appear whole under the trial's name; two attempts never share a temporary name.

import Foundation

/// Writes predictions/TRIAL_ID.csv.
public enum PredictionsFile {
  /// Writes the predictions of a trial's last evaluation and returns the file's SHA-256.
  ///
  /// - Parameters:
  ///   - folder: The output folder.
  ///   - trial: The trial's identifier.
  ///   - attempt: The number of the attempt.
  ///   - labels: The label of each dev example, in file order.
  ///   - predictions: The prediction of each.
  ///   - logits: `(examples, logits)`, row by row.
  /// - Throws: `FileError`.
  public static func write(
    to folder: RunFolder, trial: String, attempt: Int, labels: [CSVField], predictions: [CSVField], logits: [Float]
  ) throws -> String {
    let logitCount = labels.isEmpty ? 0 : logits.count / labels.count
    precondition(
      labels.count == predictions.count && logitCount * labels.count == logits.count,
      "\(labels.count) labels, \(predictions.count) predictions, \(logits.count) logits")
    let path = folder.predictions(ofTrial: trial)
    try RawFile.createFolder(RawFile.folder(of: path))
    let file = try CSVFile(
      path: path, columns: ["index", "label", "prediction"] + (0..<logitCount).map { "logit_\($0)" },
      writer: "\(attempt)")
    for index in labels.indices {
      let row = logits[index * logitCount..<(index + 1) * logitCount].map { CSVField.single($0) }
      try file.write([.integer(index), labels[index], predictions[index]] + row)
    }
    return try file.finish()
  }
}

/// Writes gradient_norms/TRIAL_ID.csv while a trial trains.
public final class GradientNormsFile {
  static let columns = ["trial_id", "step", "tensor", "norm"]
  private let trial: String
  private let file: CSVFile

  /// Starts the file of one attempt.
  ///
  /// - Throws: `FileError`.
  public init(folder: RunFolder, trial: String, attempt: Int) throws {
    self.trial = trial
    let path = folder.gradientNorms(ofTrial: trial)
    try RawFile.createFolder(RawFile.folder(of: path))
    file = try CSVFile(path: path, columns: Self.columns, writer: "\(attempt)")
  }

  /// Adds the norm of every tensor's gradient at a step.
  ///
  /// - Throws: `FileError`.
  public func write(step: Int, norms: [(tensor: String, norm: Double)]) throws {
    for (tensor, norm) in norms {
      try file.write([.text(trial), .integer(step), .text(tensor), .number(norm)])
    }
  }

  /// Gives the file its name and returns its SHA-256.
  ///
  /// - Throws: `FileError`.
  @discardableResult
  public func finish() throws -> String { try file.finish() }
}

/// Joins the ranks' files in gradient_norms.csv, a piece at a time.
struct GradientNormsTable {
  private let folder: RunFolder
  private var file: CSVFile?

  init(folder: RunFolder) { self.folder = folder }

  /// Appends the rows of a trial, if its rank wrote any.
  mutating func add(_ trial: String) throws {
    let path = folder.gradientNorms(ofTrial: trial)
    guard access(path, F_OK) == 0 else { return }
    let part = try RawFile(path: path, flags: O_RDONLY)
    let table = try file ?? CSVFile(path: folder.gradientNorms, columns: GradientNormsFile.columns)
    file = table
    var offset = GradientNormsFile.columns.joined(separator: ",").utf8.count + 1
    while true {
      let piece = try part.read(at: offset, count: 1 << 20)
      if piece.isEmpty { return }
      try table.write(encodedRows: piece)
      offset += piece.count
    }
  }

  /// Gives the table its name, if there were any rows.
  func finish() throws { try file?.finish() }
}
