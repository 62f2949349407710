// Injected faults, with which a site can test that its runs survive real ones. Whether and when a fault strikes is drawn from a
// seed, the trial, the run and the attempt, so the same command in a new folder gets the same faults. Without a flag that asks
// for it, nothing here acts.

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
    /// The leader dies while it writes its journal, or a rank dies after it has written half of a checkpoint.
    case tornWrite = "torn-write"
    /// The disk is full while the leader writes its journal.
    case diskFull = "disk-full"
    /// A weight of a trial becomes NaN.
    case nan
    /// A trial takes a tenth of a second longer for every step.
    case slow

    /// Whether a trial that it strikes comes to another outcome. The others cost time, attempts, ranks or the leader: a trial
    /// that survives them has the outcome that it has without them.
    package var changesOutcomes: Bool {
      switch self {
      case .nan: true
      case .killRank, .stopRank, .tornWrite, .diskFull, .slow: false
      }
    }
  }

  /// The kind.
  let kind: Kind
  /// The probability that the fault strikes: one write of the journal, one trial (`nan`), or one attempt at a trial (the others).
  let probability: Double
  /// The seed.
  package var seed: UInt64

  /// The fault that a text such as `kill-rank:0.2` asks for; nil for an unknown kind or a probability outside 0...1.
  package init?(_ text: String, seed: UInt64) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let kind = Kind(rawValue: parts[0]) else { return nil }
    let probability = parts.count == 1 ? Self.defaultProbability : Double(parts[1]) ?? -1
    guard (0...1).contains(probability) else { return nil }
    self.kind = kind
    self.probability = probability
    self.seed = seed
  }

  /// The allowed texts, for an error.
  package static let allowed = names + ", each with or without :PROBABILITY"

  /// The kinds' names.
  package static let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")

  /// The probability if a text gives none.
  package static let defaultProbability = 0.1

  /// What the journal calls a fault that changes outcomes; nil for one that a trial's outcome does not show.
  package var outcomeFault: String? { kind.changesOutcomes ? kind.rawValue : nil }

  private func stream(_ subject: UInt64, run: UInt64, _ number: Int) -> SeedStream {
    SeedStream(
      seed: seed &+ subject &* 0x9E37_79B9_7F4A_7C15, purpose: .faultInjection, site: UInt32(truncatingIfNeeded: run),
      step: UInt32(truncatingIfNeeded: number))
  }

  /// Returns, at each write of the journal, the fault that it suffers; nil if this kind does not concern the journal.
  package func writeFault(epoch: Int) -> (() -> WriteFault?)? {
    guard kind == .tornWrite || kind == .diskFull else { return nil }
    var count = 0
    return {
      count += 1
      // The first write only says that the run began, so its loss would test nothing.
      var stream = stream(0, run: UInt64(epoch), count)
      guard count > 1, stream.uniform() < probability else { return nil }
      return kind == .tornWrite ? .tornByKill : .diskFull
    }
  }

  /// The share of its steps after which the fault strikes an attempt; nil if it does not.
  fileprivate func moment(ofTrial identifier: String, run: UInt64, attempt: Int) -> Double? {
    guard kind != .diskFull, let subject = UInt64(identifier, radix: 16) else { return nil }
    // A trial that diverges by NaN has a result, which must not depend on the run or the attempt.
    var stream = kind == .nan ? stream(subject, run: 0, 0) : stream(subject, run: run, attempt)
    guard stream.uniform() < probability else { return nil }
    return stream.uniform()
  }
}

/// The fault that strikes one attempt at a trial, if any does.
package struct TrialFault {
  private let kind: FaultInjection.Kind
  private let moment: Double
  private let checkpoint: String
  private var hasStruck = false

  /// The fault of an attempt; nil where none strikes it. `checkpoint` is the file that a torn write cuts.
  package init?(_ injection: FaultInjection?, trial: String, run: UInt64, attempt: Int, checkpoint: String) {
    guard let injection, let moment = injection.moment(ofTrial: trial, run: run, attempt: attempt) else { return nil }
    kind = injection.kind
    self.moment = moment
    self.checkpoint = checkpoint
  }

  /// What the journal calls the fault if it has changed the trial's outcome.
  package var outcomeFault: String? { hasStruck && kind.changesOutcomes ? kind.rawValue : nil }

  /// Strikes if the moment has come, and returns what the trial should do next.
  package mutating func strike(_ progress: TrialProgress) -> ProgressAnswer {
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

  /// Cuts the checkpoint to half its size and kills this process.
  private func tearCheckpoint() {
    guard let size = (try? FileManager.default.attributesOfItem(atPath: checkpoint))?[.size] as? Int else { return }
    truncate(checkpoint, size / 2)
    kill(getpid(), SIGKILL)
  }
}
