// Faults on purpose, so that a site can see that its runs survive them before it trusts them with weeks of work. Whether and
// when a fault strikes is drawn from a seed, the trial, the run and the attempt, so the same command in a new folder meets the
// same faults.

import Foundation
import SeedStreams
import Storage
import Training

/// A kind of fault, how often it strikes and from which seed that is drawn.
package struct FaultInjection: Equatable, Sendable {
  /// What may strike.
  package enum Kind: String, CaseIterable, Sendable {
    /// A rank dies in the middle of a trial.
    case killRank = "kill-rank"
    /// A rank stops in the middle of a trial and does not go on.
    case stopRank = "stop-rank"
    /// The leader dies while it writes its journal, or a rank having written half of a checkpoint.
    case tornWrite = "torn-write"
    /// The disk is full while the leader writes its journal.
    case diskFull = "disk-full"
    /// A weight of a trial becomes NaN.
    case nan
    /// A trial takes a tenth of a second longer for every step.
    case slow
  }

  /// The kind.
  let kind: Kind
  /// The probability for every attempt at a trial, for every trial where it is `nan`, and for every write of the journal.
  let probability: Double
  /// The seed.
  package var seed: UInt64

  /// The fault that a text such as `kill-rank:0.2` asks for, nil where it asks for none that there is.
  package init?(_ text: String, seed: UInt64) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let kind = Kind(rawValue: parts[0]) else { return nil }
    let probability = parts.count == 1 ? Self.defaultProbability : Double(parts[1]) ?? -1
    guard (0...1).contains(probability) else { return nil }
    self.kind = kind
    self.probability = probability
    self.seed = seed
  }

  /// What the text may be.
  package static let allowed = names + ", each with or without :PROBABILITY"

  /// The kinds' names.
  package static let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")

  /// The probability where a text gives none.
  package static let defaultProbability = 0.1

  private func stream(_ subject: UInt64, run: UInt64, _ number: Int) -> SeedStream {
    SeedStream(
      seed: seed &+ subject &* 0x9E37_79B9_7F4A_7C15, purpose: .faultInjection, site: UInt32(truncatingIfNeeded: run),
      step: UInt32(truncatingIfNeeded: number))
  }

  /// What makes the journal's writes of a run go wrong, nil where nothing does.
  func writeFault(epoch: Int) -> (() -> WriteFault?)? {
    guard kind == .tornWrite || kind == .diskFull else { return nil }
    var count = 0
    return {
      count += 1
      // The first write says that the run began: nothing can be shown by losing it.
      var stream = stream(0, run: UInt64(epoch), count)
      guard count > 1, stream.uniform() < probability else { return nil }
      return kind == .tornWrite ? .tornByKill : .diskFull
    }
  }

  /// The share of its steps after which an attempt is struck, nil where it is not.
  fileprivate func moment(ofTrial identifier: String, run: UInt64, attempt: Int) -> Double? {
    guard kind != .diskFull, let subject = UInt64(identifier, radix: 16) else { return nil }
    // That a number is NaN is a result, which must not depend on how often the trial was tried.
    var stream = kind == .nan ? stream(subject, run: 0, 0) : stream(subject, run: run, attempt)
    guard stream.uniform() < probability else { return nil }
    return stream.uniform()
  }
}

/// The fault that strikes one attempt at a trial, if any does.
struct TrialFault {
  private let kind: FaultInjection.Kind
  private let moment: Double
  private let checkpoint: String
  private var hasStruck = false

  init?(_ injection: FaultInjection?, trial: String, run: UInt64, attempt: Int, checkpoint: String) {
    guard let injection, let moment = injection.moment(ofTrial: trial, run: run, attempt: attempt) else { return nil }
    kind = injection.kind
    self.moment = moment
    self.checkpoint = checkpoint
  }

  /// Strikes once the moment has come, and returns what the trial should do.
  mutating func strike(_ progress: TrialProgress) -> ProgressAnswer {
    guard progress.phase == .training, Double(progress.step) >= moment * Double(progress.stepCount) else {
      return .proceed
    }
    if kind == .slow {
      Thread.sleep(forTimeInterval: 0.1)
      return .proceed
    }
    guard !hasStruck else { return .proceed }
    hasStruck = true
    switch kind {
    case .killRank: kill(getpid(), SIGKILL)
    case .stopRank: kill(getpid(), SIGSTOP)
    case .tornWrite: tearCheckpoint()
    case .nan: return .spoil
    case .diskFull, .slow: break
    }
    return .proceed
  }

  /// Leaves half of the checkpoint and dies.
  private func tearCheckpoint() {
    guard let size = (try? FileManager.default.attributesOfItem(atPath: checkpoint))?[.size] as? Int else { return }
    truncate(checkpoint, size / 2)
    kill(getpid(), SIGKILL)
  }
}
