// The files one trial leaves beside its outcome: predictions, gradient norms and kept weights. Each is written under a
// name that no other process uses and then renamed, so a reader never sees half of one. Where the folders lie is the
// caller's business.

import Foundation
import Tables
import Trials

/// Where a trial's files go; nil keeps none of that kind.
package struct TrialFolders: Equatable, Sendable {
  /// Gets `TRIAL_ID.csv` with the final dev logits.
  package var predictions: String?
  /// Gets `TRIAL_ID.csv` with columns trial_id, step, tensor, norm.
  package var gradientNorms: String?
  /// Gets a model folder `TRIAL_ID/` with the final weights.
  package var weights: String?

  /// The folders; they are made when first needed.
  package init(predictions: String? = nil, gradientNorms: String? = nil, weights: String? = nil) {
    self.predictions = predictions
    self.gradientNorms = gradientNorms
    self.weights = weights
  }
}

/// A file or folder that appears under its name only when it is whole. Until then its name begins with `.partial-`, which
/// the next leader of the output folder removes.
struct PendingFile {
  let path: String
  let temporaryPath: String

  /// A file to be called `name` in `folder`, which is made if missing; `owner` tells processes apart.
  init(_ name: String, in folder: String, owner: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw TrainingError("cannot create the folder \(folder): \(systemReason(error))")
    }
    path = folder + "/" + name
    temporaryPath = folder + "/.partial-" + name + "-" + owner
    try? FileManager.default.removeItem(atPath: temporaryPath)
  }

  /// Gives the file its name, in place of an older one.
  func commit() throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      try FileManager.default.removeItem(atPath: path)
    }
    guard rename(temporaryPath, path) == 0 else {
      throw TrainingError("cannot rename \(temporaryPath) to \(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Removes what was written so far.
  func discard() {
    try? FileManager.default.removeItem(atPath: temporaryPath)
  }

  /// Writes the whole file, waits until it is on the disk and gives it its name.
  func write(_ text: String) throws {
    do {
      let handle = try open()
      defer { try? handle.close() }
      try handle.write(contentsOf: Data(text.utf8))
      try handle.synchronize()
      try commit()
    } catch {
      discard()
      throw TrainingError("cannot write \(path): \(systemReason(error))")
    }
  }

  /// Opens the new, empty file.
  func open() throws -> FileHandle {
    // Of no file that is there already, nor through a symbolic link; with the rights that the user's umask leaves.
    let descriptor = Glibc.open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw TrainingError("cannot write \(temporaryPath): \(String(cString: strerror(errno)))")
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}

/// The system's words for what went wrong with a file, without what Foundation wraps around them.
func systemReason(_ error: any Error) -> String {
  var wrapped: NSError? = error as NSError
  while let current = wrapped {
    if current.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(current.code))) }
    wrapped = (current.userInfo[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError }
  }
  return "\(error)"
}

/// Streams the norm of every tensor's gradient, before clipping, to a file of its own.
final class GradientNormsWriter {
  private let file: PendingFile
  private let handle: FileHandle
  private static let header = TrialColumns.gradientNormNames.joined(separator: ",") + "\n"
  private let trialIdentifier: String
  private let tensorNames: [String]
  private var isCommitted = false

  init(folder: String, trialIdentifier: String, tensorNames: [String], owner: String) throws {
    file = try PendingFile(trialIdentifier + ".csv", in: folder, owner: owner)
    handle = try file.open()
    self.trialIdentifier = trialIdentifier
    self.tensorNames = tensorNames
    try write(Self.header)
  }

  deinit {
    try? handle.close()
    if !isCommitted { file.discard() }
  }

  /// Adds the norms of the gradient that led to `step` completed updates.
  func write(_ norms: GradientNorms, step: Int) throws {
    var rows = ""
    for (name, norm) in zip(tensorNames, norms.tensors) { rows += "\(trialIdentifier),\(step),\(name),\(norm)\n" }
    try write(rows)
  }

  /// What was written so far, for a checkpoint.
  func contents() throws -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: file.temporaryPath)) } catch {
      throw TrainingError("cannot read \(file.temporaryPath): \(systemReason(error))")
    }
  }

  /// Goes on from what a checkpoint kept; one of a run that wrote none keeps nothing.
  func restore(_ contents: Data) throws {
    do {
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: contents.isEmpty ? Data(Self.header.utf8) : contents)
    } catch {
      throw TrainingError("cannot write \(file.path): \(systemReason(error))")
    }
  }

  /// Waits until the file is on the disk and gives it its name.
  func commit() throws {
    do {
      try handle.synchronize()
      try handle.close()
    } catch {
      throw TrainingError("cannot write \(file.path): \(systemReason(error))")
    }
    try file.commit()
    isCommitted = true
  }

  private func write(_ rows: String) throws {
    do { try handle.write(contentsOf: Data(rows.utf8)) } catch {
      throw TrainingError("cannot write \(file.path): \(systemReason(error))")
    }
  }
}

/// The text of a predictions file: index, label, prediction and one logit a column. Classes go by name.
package func predictionsCSV(logits: [Float], labelNames: [String], set: EvaluationSet) -> String {
  let labelCount = max(1, labelNames.count)
  let labels: [String]
  let predictions: [String]
  switch set.targets {
  case .classes(let classes):
    labels = classes.map { labelNames[Int($0)].csvQuoted }
    predictions = predictedClasses(logits, labelCount: labelCount).map { labelNames[$0].csvQuoted }
  case .values(let values):
    labels = values.map { "\($0)" }
    predictions = logits.map { "\($0)" }
  }
  var text = "index,label,prediction," + (0..<labelCount).map { "logit_\($0)" }.joined(separator: ",") + "\n"
  for (row, index) in set.indices.enumerated() {
    let columns = logits[row * labelCount..<(row + 1) * labelCount].map { "\($0)" }
    text += "\(index),\(labels[row]),\(predictions[row]),\(columns.joined(separator: ","))\n"
  }
  return text
}
