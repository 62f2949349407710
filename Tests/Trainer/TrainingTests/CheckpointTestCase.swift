// Tests of a trial that ends on its way and goes on from its checkpoint: the files of each case stand in a folder below the test's own.

import Foundation
import Trials
import XCTest

@testable import Training

/// Tests of one trial, with the checkpoint and the files that it leaves.
class CheckpointTestCase: XCTestCase {
  private(set) var folder = ""
  /// The trial that goes on.
  var trial: Trial { TinyTrial.trial() }

  override func setUpWithError() throws { folder = try temporaryFolder() }

  /// A rank of its own, with nothing of another's in memory.
  func trainer(
    _ files: String, rank: Int = 0, threadCount: Int = 1, everySeconds: Double = 1e9, numerics: String = "these"
  ) -> Trainer {
    let folders = TrialFolders(
      predictions: "\(folder)/\(files)/p", gradientNorms: "\(folder)/\(files)/g", weights: "\(folder)/\(files)/w")
    let policy = CheckpointPolicy(
      folder: "\(folder)/\(files)/checkpoints", everySeconds: everySeconds, numerics: numerics)
    return Trainer(
      context: TrainerContext(
        host: "here", rank: rank, folders: folders, threadCount: threadCount, checkpoints: policy))
  }

  /// Where the trial's checkpoint is.
  func checkpoint(_ files: String) -> String { "\(folder)/\(files)/checkpoints/\(trial.identifier).checkpoint" }

  /// Whether there is a file.
  func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The bytes of everything the trial leaves.
  func leftovers(_ files: String) throws -> [Data] {
    try ["p/\(trial.identifier).csv", "g/\(trial.identifier).csv", "w/\(trial.identifier)/model.safetensors"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(files)/\($0)"))
    }
  }
}
