// Trials small enough to train in a blink: a two-layer encoder on the built-in language.

import Foundation
import Trials
import XCTest

@testable import Training

/// Makes trials of a tiny, randomly initialized encoder.
enum TinyTrial {
  /// A configuration of 64 training sentences: four steps an epoch, two epochs.
  static func configuration(_ change: (inout TrialConfiguration) -> Void = { _ in }) -> TrialConfiguration {
    var configuration = TrialConfiguration()
    configuration.model.shape.hiddenSize = 16
    configuration.model.shape.layerCount = 2
    configuration.model.shape.headCount = 2
    configuration.model.shape.intermediateSize = 32
    configuration.model.shape.positionCount = 64
    configuration.task.synthetic.trainCount = 64
    configuration.task.synthetic.devCount = 40
    configuration.training.epochs = 2
    configuration.optimizer.learningRate = 1e-3
    configuration.record.curvesEvery = 2
    change(&configuration)
    return configuration
  }

  static func trial(seed: UInt64 = 1, _ change: (inout TrialConfiguration) -> Void = { _ in }) -> Trial {
    Trial(
      identifier: "00000000000000a\(seed)", configurationIdentifier: "00000000000000c0", variant: "default",
      label: "default", configuration: configuration(change), seeds: TrialSeeds(tied: seed))
  }

  static func trainer(_ folders: TrialFolders = TrialFolders(), threadCount: Int = 1) -> Trainer {
    Trainer(context: TrainerContext(host: "here", rank: 0, folders: folders, threadCount: threadCount))
  }

  static func outcome(seed: UInt64 = 1, _ change: (inout TrialConfiguration) -> Void = { _ in }) -> Outcome {
    trainer().run(trial(seed: seed, change)).outcome
  }
}

extension XCTestCase {
  /// A folder of the test's own, removed at its end.
  func temporaryFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seedsweep-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
    return folder.path
  }

  /// The text of a file.
  func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  /// Writes a text into a file and answers with its path.
  func write(_ text: String, _ name: String, in folder: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    return folder + "/" + name
  }
}
