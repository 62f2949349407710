// What a trial is between two steps: weights, moments, evaluations, curves, the recorder's sums. Written at a cadence in
// seconds and whenever a trial is stopped; a trial that finds its checkpoint goes on from there, on any rank that sees the
// file, with the bytes of a run that nothing disturbed. One that cannot be used is named, and the trial starts again.

import Files
import Foundation
import Transformer
import Trials

/// When and where trials are kept while they train.
package struct CheckpointPolicy: Equatable, Sendable {
  /// Gets `TRIAL_ID.checkpoint` for every trial that is under way.
  package var folder: String
  /// Seconds between two checkpoints of a trial; more where writing takes long, 0 for one after every step.
  package var everySeconds: Double
  /// What a trial's bits depend on beside its inputs: a checkpoint written with other numerics is not gone on from.
  package var numerics: String

  package init(folder: String, everySeconds: Double, numerics: String) {
    self.folder = folder
    self.everySeconds = everySeconds
    self.numerics = numerics
  }

  /// The name of a trial's file.
  package static func fileName(ofTrial identifier: String) -> String { identifier + ".checkpoint" }

  /// The path of a trial's file.
  package func path(ofTrial identifier: String) -> String { folder + "/" + Self.fileName(ofTrial: identifier) }
}

/// Writes the checkpoints of one run.
struct CheckpointWriter {
  /// The share of a trial's time that checkpoints may take: slow disks get fewer.
  private static let share = 0.02

  private let policy: CheckpointPolicy
  private let notice: (String) -> Void
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant
  private var interval: Double
  private var keptStep: Int

  init(_ policy: CheckpointPolicy, after step: Int, notice: @escaping (String) -> Void) {
    self.policy = policy
    self.notice = notice
    last = clock.now
    interval = policy.everySeconds
    keptStep = step
  }

  /// Says something about a checkpoint; the trial goes on.
  func say(_ sentence: String) { notice(sentence) }

  /// Writes a checkpoint if one is due or the run is about to stop, and has got further than the last one.
  mutating func keep(_ run: TrainingRun, isLast: Bool) {
    guard run.step > keptStep, isLast || (clock.now - last).seconds >= interval else { return }
    let start = clock.now
    do {
      // A batch system that ends a run does not lose what the system has taken, so the last one does not wait for the disk.
      try run.write(to: policy, as: run.trial.identifier, run.recorder, isDurable: !isLast)
      keptStep = run.step
    } catch {
      notice("trial \(run.trial.identifier) is not kept after step \(run.step): \(error)")
    }
    last = clock.now
    interval = policy.everySeconds == 0 ? 0 : max(policy.everySeconds, (last - start).seconds / Self.share)
  }
}

extension TrainingRun {
  private static let checkpointTitle = "seedsweep-trial-1"
  /// More than any trial trains: a century.
  private static let mostSeconds = 3.2e9

  /// Bytes of the dev logits.
  private var logitByteCount: Int {
    resources.task.dev.indices.count * trainee.labelCount * MemoryLayout<Float>.stride
  }

  /// Goes on from the trial's checkpoint, if it has one that can be used, and keeps the run from now on.
  ///
  /// - Throws: what stands in the way of reading the starting weights again.
  func resume(notice: @escaping (String) -> Void) throws {
    guard let policy = context.checkpoints else { return }
    let path = policy.path(ofTrial: trial.identifier)
    if FileManager.default.fileExists(atPath: path) {
      do { try restore(from: path, policy) } catch {
        notice("trial \(trial.identifier) starts again from its first step: \(error)")
        try? FileManager.default.removeItem(atPath: path)
        try startAgain()
      }
    }
    checkpoints = CheckpointWriter(policy, after: step, notice: notice)
  }

  /// What is kept of the run's numbers beside its records: weights, moments, and their average where there is one.
  private var arenas: [UnsafeMutableBufferPointer<Float>] {
    [trainee.parameters] + optimizer.moments + [average?.values].compactMap(\.self)
  }

  /// Leaves the state for the shorter trials that end after the present step: what each of them has come to, but for its last
  /// evaluation, which it makes itself.
  ///
  /// - Parameter ended: a recorder that has ended this step as the last one.
  func leaveStates(_ ended: RunRecorder) {
    guard let policy = context.checkpoints else { return }
    for shorter in trial.shorterTrials where shorter.stepCount == step {
      do { try write(to: policy, as: shorter.identifier, ended, isDurable: false) } catch {
        checkpoints?.say("trial \(shorter.identifier) does not go on from trial \(trial.identifier): \(error)")
      }
    }
  }

  /// Writes the checkpoint of this trial, or of a shorter one that ends here.
  fileprivate func write(
    to policy: CheckpointPolicy, as identifier: String, _ recorder: RunRecorder, isDurable: Bool
  ) throws {
    optimizer.settle(trainee.parameters)
    var outcome = Outcome(status: .preempted, metric: trial.configuration.task.reportedMetric)
    outcome.evaluations = evaluations
    outcome.curve = recorder.curve
    outcome.stepCount = step
    let isOwn = identifier == trial.identifier
    let lines = [
      identifier, trial.configuration.numerics(of: policy.numerics), isOwn ? "\(trainingTime.seconds)" : "0.0",
      outcome.encodedJSON(), try recorder.state(),
    ]
    let taken = isOwn ? takenStepCount.map { ["\($0)"] } ?? [] : ["\(step)"]
    let norms = try normsWriter?.contents() ?? []
    try RawFile.createFolder(policy.folder)
    let file = try WholeFile(
      path: policy.path(ofTrial: identifier), owner: context.owner, durability: isDurable ? .contents : .none)
    try norms.withUnsafeBytes { norms in
      try lastLogits.withUnsafeBytes { logits in
        try CheckpointFile.write(
          title: Self.checkpointTitle, text: (lines + taken).joined(separator: "\n"),
          arenas: arenas.map(UnsafeRawBufferPointer.init) + [logits, norms], to: file)
      }
    }
  }

  private func restore(from path: String, _ policy: CheckpointPolicy) throws {
    let file = try CheckpointFile(path: path, title: Self.checkpointTitle)
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let foreign = TrainingError("\(path) is of another trial, or damaged")
    // A sixth line says how many of the steps a longer trial made.
    guard (5...6).contains(lines.count), lines[0] == trial.identifier else { throw foreign }
    guard lines[1] == trial.configuration.numerics(of: policy.numerics) else {
      throw TrainingError("\(path) was written with other numerics: \(lines[1])")
    }
    let outcome = try Outcome(json: lines[3])
    let arenas = arenas.map(UnsafeMutableRawBufferPointer.init)
    guard file.byteCounts.count == arenas.count + 2, zip(file.byteCounts, arenas).allSatisfy({ $0 == $1.count }),
      file.byteCounts[arenas.count] == (outcome.evaluations.isEmpty ? 0 : logitByteCount), outcome.stepCount > 0,
      outcome.stepCount <= length.stepCount,
      let seconds = Double(lines[2]), (0...Self.mostSeconds).contains(seconds)
    else { throw foreign }
    try recorder.restore(curve: outcome.curve, state: lines[4])
    // Before the moments are written over, so that the next restart clears them even if this reading breaks off.
    optimizer.resume(after: outcome.stepCount)
    for arena in arenas { try file.read(into: arena) }
    optimizer.resume(after: outcome.stepCount)
    lastLogits = [Float](repeating: 0, count: file.byteCounts[arenas.count] / MemoryLayout<Float>.stride)
    try lastLogits.withUnsafeMutableBytes { try file.read(into: $0) }
    var norms = [UInt8](repeating: 0, count: file.byteCounts[arenas.count + 1])
    try norms.withUnsafeMutableBytes { try file.read(into: $0) }
    try normsWriter?.restore(norms)
    evaluations = outcome.evaluations
    step = outcome.stepCount
    trainingTime = .seconds(seconds)
    takenStepCount = lines.count == 6 ? Int(lines[5]) : nil
  }

  /// The run as it was before anything was restored.
  private func startAgain() throws {
    try resources.start.write(to: trainee)
    restartOptimizer()
    recorder = RunRecorder(
      curvesEvery: trial.configuration.record.curvesEvery, labelCount: trainee.labelCount, trainee.arithmetic)
    evaluations = []
    lastLogits = []
    step = 0
    takenStepCount = nil
  }
}
