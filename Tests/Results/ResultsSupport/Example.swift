// Folders, trials and outcomes that several tests share.

import Foundation
import Storage
import Trials
import XCTest

/// A test case with a folder of its own.
open class FolderTestCase: XCTestCase {
  package private(set) var folder = ""

  open override func setUpWithError() throws {
    // In memory where there is such a file system: some tests sync thousands of times.
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()
    folder = parent + "reports-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  open override func tearDownWithError() throws {
    try FileManager.default.removeItem(atPath: folder)
  }

  /// Runs a function while no file can grow beyond a size: what a full disk does, after a part of a write.
  package func withFileSizeLimit(_ byteCount: Int, _ body: () throws -> Void) rethrows {
    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    var saved = rlimit()
    getrlimit(resource, &saved)
    let handler = signal(SIGXFSZ, SIG_IGN)
    var limit = saved
    limit.rlim_cur = rlim_t(byteCount)
    setrlimit(resource, &limit)
    defer {
      setrlimit(resource, &saved)
      signal(SIGXFSZ, handler)
    }
    try body()
  }

  package func contents(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  package func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

  package func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }
}

package enum Example {
  package static let timing = TrialTiming(trainingSeconds: 1.5, totalSeconds: 2.25, host: "node01", rank: 1)
  package static let start = RunStart(
    time: 1_700_000_000.5, planDigest: "abc", version: "0.1", fingerprint: "Haswell \"v3\"", rankCount: 2)

  /// A completed outcome of an accuracy task with 10 dev examples, 6 of the larger class, and one evaluation for each
  /// count of correct predictions.
  package static func outcome(correct counts: [Int], isConstant: Bool = false, trainLoss: Double = 0.1) -> Outcome {
    var outcome = Outcome(status: .completed, metric: .accuracy)
    outcome.evaluations = counts.enumerated().map { place, count in
      let accuracy = Double(count) / 10
      // Errors are examples of class 1 taken for class 0, and beyond them of class 0 taken for class 1.
      let (first, second) = (min(count, 6), max(count - 6, 0))
      return Evaluation(
        step: 5 * (place + 1), epoch: Double(place + 1), value: accuracy, valueA: accuracy, valueB: accuracy,
        loss: 0.5, accuracy: accuracy, f1: 0.5, matthews: 0.25, correctCount: count,
        confusion: [[first, 6 - first], [4 - second, second]], isConstant: isConstant)
    }
    outcome.stepCount = 5 * counts.count
    outcome.trainLossFinal = trainLoss
    outcome.majorityCount = 6
    outcome.evaluationCount = 10
    outcome.chanceLoss = 0.6931471805599453
    return outcome
  }

  package static func diverged(after counts: [Int] = []) -> Outcome {
    var outcome = outcome(correct: counts)
    outcome.status = .diverged
    outcome.trainLossFinal = .nan
    return outcome
  }

  package static func trial(_ number: Int, configuration place: Int = 0, variant: String = "default") -> Trial {
    var configuration = TrialConfiguration()
    configuration.optimizer.learningRate = [1e-5, 2e-5][place]
    let seed = UInt64(number)
    return Trial(
      identifier: name(number), configurationIdentifier: "c\(place)", variant: variant, label: variant,
      configuration: configuration, seeds: TrialSeeds(initialization: seed, order: seed, dropout: seed))
  }

  package static func name(_ number: Int) -> String { "t\(number)" }

  package static func record(_ number: Int, attempt: Int = 1, _ outcome: Outcome) -> JournalRecord {
    .outcome(TrialRecord(trial: name(number), attempt: attempt, timing: timing, outcome: outcome))
  }

  package static func handOut(_ number: Int, attempt: Int = 1, rank: Int = 1) -> JournalRecord {
    .handOut(HandOutRecord(trial: name(number), attempt: attempt, rank: rank, host: "node01"))
  }
}
