// Copies of the files that a rank wrote beside a trial's answer, from one folder of results to another.

import Files
import Foundation
import Storage

/// Copies what a trial left.
package enum KeptFileCopies {
  /// Copies the predictions, gradient norms and, where they are wanted, the weights of a trial; what the target has stays.
  ///
  /// - Throws: `FileError`.
  package static func make(
    ofTrial trial: String, from source: RunFolder, to folder: RunFolder, includingWeights: Bool = true
  ) throws {
    var pairs = [
      (source.keptPredictions(ofTrial: trial), folder.predictions(ofTrial: trial)),
      (source.keptTestPredictions(ofTrial: trial), folder.testPredictions(ofTrial: trial)),
      (source.devSetPredictions(ofTrial: trial), folder.devSetPredictions(ofTrial: trial)),
      (source.keptGradientNorms(ofTrial: trial), folder.gradientNorms(ofTrial: trial)),
    ]
    if includingWeights { pairs.append((source.weights(ofTrial: trial), folder.weights(ofTrial: trial))) }
    let files = FileManager.default
    for (from, to) in pairs where files.fileExists(atPath: from) && !files.fileExists(atPath: to) {
      try RawFile.createFolder(RawFile.folder(of: to))
      // The source stays, so a copy that the disk lost can be made again.
      try WholeCopy.make(of: from, at: to, durability: .none)
    }
  }
}
