import Digests
import Foundation
import SeedStreams
import Trials
import XCTest

@testable import Training

/// A trial that was stopped and goes on from its checkpoint, on any rank, leaves the bytes of one that nothing disturbed.
final class TrialCheckpointTests: CheckpointTestCase {
  /// A trial with everything recorded, at a width where work is cut into blocks.
  override var trial: Trial {
    TinyTrial.trial { configuration in
      configuration.model.shape.hiddenSize = 192
      configuration.model.shape.intermediateSize = 768
      configuration.training.batchSize = 24
      configuration.training.epochs = 4
      configuration.training.evaluateEvery = 3
      configuration.record.curvesEvery = 2
      configuration.record.gradientNormsEvery = 2
      configuration.record.updateNorms = true
    }
  }

  func testStoppedAtRandomMomentsAndResumedElsewhere() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    XCTAssertEqual(undisturbed.status, .completed)
    let expected = try leftovers("whole")
    XCTAssertFalse(has(checkpoint("whole")), "a trial that nobody stops within the interval writes none")
    for threadCount in [1, 2] {
      var stream = SeedStream(seed: UInt64(threadCount), purpose: .subsample)
      var stops = 0
      let files = "stopped\(threadCount)"
      // One trainer goes through all stops and one is new each time: neither memory nor its absence may matter.
      let constant = trainer(files, threadCount: threadCount)
      var outcome = Outcome(status: .preempted, metric: .accuracy)
      var furthest = 0
      while outcome.status == .preempted {
        let wait = Int(stream.next() % 5) + 1
        var calls = 0
        let rank = stops % 2 == 0 ? constant : trainer(files, rank: stops, threadCount: 3 - threadCount)
        let result = rank.run(trial) { progress in
          calls += 1
          furthest = max(furthest, progress.step)
          return stops < 12 && calls > wait ? .stop : .proceed
        } notice: {
          XCTFail($0)
        }
        outcome = result.outcome
        stops += 1
      }
      XCTAssertEqual(stops, 13)
      XCTAssertEqual(outcome, undisturbed, "\(threadCount) threads")
      XCTAssertEqual(try leftovers(files), expected, "\(threadCount) threads")
    }
  }

  /// What a kill leaves is the last checkpoint of the cadence, whatever came after it.
  func testEveryStepIsAPlaceToGoOnFrom() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    let expected = try leftovers("whole")
    var kept: [Int: Data] = [:]
    _ = trainer("all", everySeconds: 0).run(trial) { [self] progress in
      // Called before the writing of this step's checkpoint, so the file is that of the step before, but for an evaluation's
      // second batch.
      if let data = FileManager.default.contents(atPath: checkpoint("all")) { kept[progress.step] = data }
      return .proceed
    } notice: {
      XCTFail($0)
    }
    XCTAssertEqual(kept.keys.sorted(), Array(2...12))
    for (step, data) in kept {
      let files = "after\(step)"
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(files)/checkpoints", withIntermediateDirectories: true)
      try data.write(to: URL(fileURLWithPath: checkpoint(files)))
      var first: Int?
      let outcome = trainer(files, rank: step).run(trial) {
        if $0.phase != .preparing, first == nil { first = $0.step }
        return .proceed
      } notice: {
        XCTFail($0)
      }.outcome
      XCTAssertEqual(first, step % 3 == 0 ? step : step - 1, "it does not begin again")
      XCTAssertEqual(outcome, undisturbed, "after \(step)")
      XCTAssertEqual(try leftovers(files), expected, "after \(step)")
    }
  }

  /// A trial of 12 steps within one of 20 makes none of them, and leaves the bytes of one that makes them all; so does the longer
  /// one. The 12th step ends the shorter curve behind its cadence, and an evaluation of the longer trial does not stand there.
  func testAShorterTrialGoesOnFromALongerOne() throws {
    func trial(_ identifier: String, steps: Int) -> Trial {
      var changed = self.trial
      changed.identifier = identifier
      changed.configuration.model.shape = TinyTrial.configuration().model.shape
      changed.configuration.training.maximumSteps = steps
      changed.configuration.training.evaluateEvery = 5
      changed.configuration.training.average = .ema
      changed.configuration.schedule.totalSteps = 14
      changed.configuration.record.gradientNormsEvery = 0
      changed.configuration.record.curvesEvery = 5
      return changed
    }
    let short = trial("00000000000000b1", steps: 12)
    var long = trial("00000000000000b2", steps: 20)
    func files(_ trial: Trial, _ folder: String) throws -> [Data] {
      try ["p/\(trial.identifier).csv", "w/\(trial.identifier)/model.safetensors"].map {
        try Data(contentsOf: URL(fileURLWithPath: "\(self.folder)/\(folder)/\($0)"))
      }
    }
    let expected = [short, long].map { trainer("alone").run($0).outcome }
    XCTAssertEqual(expected.map(\.status), [.completed, .completed])
    long.shorterTrials = [ShorterTrial(identifier: short.identifier, stepCount: 12)]
    XCTAssertEqual(try Trial(json: long.encodedJSON()), long)
    for isStopped in [false, true] {
      let folder = "shared\(isStopped)"
      // A longer trial that is stopped and goes on leaves the same.
      if isStopped { _ = trainer(folder).run(long) { $0.step == 4 ? .stop : .proceed } }
      let whole = trainer(folder).run(long) { _ in
        .proceed
      } notice: {
        XCTFail($0)
      }
      XCTAssertEqual(whole.outcome, expected[1])
      XCTAssertNil(whole.timing.takenStepCount)
      var steps: Set<Int> = []
      let result = trainer(folder, rank: 1).run(short) {
        if $0.phase != .preparing { steps.insert($0.step) }
        return .proceed
      } notice: {
        XCTFail($0)
      }
      XCTAssertEqual(steps, [12], "nothing is trained")
      XCTAssertEqual(result.outcome, expected[0])
      XCTAssertEqual(result.timing.takenStepCount, 12)
      XCTAssertEqual(result.timing.keptStepCount, 12)
      XCTAssertEqual(whole.timing.keptStepCount, isStopped ? 4 : nil)
      XCTAssertEqual(try TrialTiming(json: result.timing.encodedJSON()), result.timing)
      for trial in [short, long] { XCTAssertEqual(try files(trial, folder), try files(trial, "alone")) }
    }
  }

  func testADamagedCheckpointIsNamedAndTheTrialStartsAgain() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    var calls = 0
    let one = trainer("one")
    _ = one.run(trial) { _ in
      calls += 1
      return calls > 6 ? .stop : .proceed
    }
    let whole = try Data(contentsOf: URL(fileURLWithPath: checkpoint("one")))
    var damaged: [(Data, String)] = [
      (Data(), "is damaged: its checksum is wrong"), (whole.dropLast(), "is damaged: its checksum is wrong"),
      (whole + [0], "is damaged: its checksum is wrong"),
    ]
    for place in [0, 30, whole.count / 2, whole.count - 1] {
      var data = whole
      data[place] ^= 1
      damaged.append((data, "is damaged: its checksum is wrong"))
    }
    for (data, problem) in damaged {
      try data.write(to: URL(fileURLWithPath: checkpoint("one")))
      var notices: [String] = []
      // The same trainer: what a reading that broke off left in memory must not matter either.
      let outcome = one.run(trial, notice: { notices.append($0) }).outcome
      XCTAssertEqual(
        notices, ["trial \(trial.identifier) starts again from its first step: \(checkpoint("one")) \(problem)"])
      XCTAssertEqual(outcome, undisturbed)
      XCTAssertFalse(has(checkpoint("one")))
    }
  }

  func testACheckpointOfOtherNumericsOrAnotherTrialIsNotUsed() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    for isOtherTrial in [false, true] {
      var calls = 0
      _ = trainer("one", numerics: isOtherTrial ? "these" : "those").run(trial) { _ in
        calls += 1
        return calls > 6 ? .stop : .proceed
      }
      var next = trial
      if isOtherTrial { next.identifier = "00000000000000ff" }
      let path = "\(folder)/one/checkpoints/\(next.identifier).checkpoint"
      if isOtherTrial { try FileManager.default.moveItem(atPath: checkpoint("one"), toPath: path) }
      var notices: [String] = []
      XCTAssertEqual(
        trainer("one").run(next, notice: { notices.append($0) }).outcome.weightsDigest, undisturbed.weightsDigest)
      let problem = isOtherTrial ? "is of another trial, or damaged" : "was written with other numerics: those"
      XCTAssertEqual(notices, ["trial \(next.identifier) starts again from its first step: \(path) \(problem)"])
    }
  }

  /// The disk's troubles are not the trial's.
  func testACheckpointThatCannotBeWrittenCostsNothing() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    try FileManager.default.createDirectory(atPath: folder + "/blocked", withIntermediateDirectories: true)
    _ = try write("a file where the folder should be", "checkpoints", in: folder + "/blocked")
    var notices: [String] = []
    let outcome = trainer("blocked", everySeconds: 0).run(trial, notice: { notices.append($0) }).outcome
    XCTAssertEqual(outcome, undisturbed)
    XCTAssertFalse(notices.isEmpty)
    XCTAssertTrue(
      notices.allSatisfy { $0.hasPrefix("trial \(trial.identifier) is not kept after step ") }, "\(notices)")
  }

  /// A diverged or stopped neighbour leaves nothing behind.
  func testAnotherTrialInBetweenChangesNothing() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    let one = trainer("one")
    var calls = 0
    _ = one.run(trial) { _ in
      calls += 1
      return calls > 8 ? .stop : .proceed
    }
    let other = TinyTrial.trial(seed: 2) { $0.optimizer.learningRate = 1e30 }
    XCTAssertEqual(one.run(other).outcome.status, .diverged)
    XCTAssertEqual(one.run(trial).outcome, undisturbed)
  }

  func testARecorderRefusesWhatIsNoState() throws {
    var recorder = RunRecorder(curvesEvery: 1, labelCount: 2)
    try recorder.restore(curve: [], state: recorder.state())
    for text in ["", "[]", "{}", "[1]", "[{}]"] {
      XCTAssertThrowsError(try recorder.restore(curve: [], state: text), text)
    }
  }

  /// A checkpoint whose checksum holds may still say what no trial can have come to: it is named and the trial starts again.
  func testAForgedCheckpointIsNamedAndTheTrialStartsAgain() throws {
    let undisturbed = trainer("whole").run(trial).outcome
    let one = trainer("one")
    _ = one.run(trial) { $0.step > 6 ? .stop : .proceed }
    let whole = try Data(contentsOf: URL(fileURLWithPath: checkpoint("one")))
    let lineEnd = try XCTUnwrap(whole.firstIndex(of: 10))
    let sizes = String(decoding: whole[..<lineEnd], as: UTF8.self).split(separator: " ").dropFirst().compactMap {
      Int($0)
    }
    let lines = String(decoding: whole[(lineEnd + 1)..<(lineEnd + 1 + sizes[0])], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let arenas = Array(whole[(lineEnd + 1 + sizes[0])..<(whole.count - 64)])
    let recorder = lines[4]
    let count = try XCTUnwrap(recorder.firstMatch(of: /"sequenceCount":\d+/)).output
    let saturated = try XCTUnwrap(recorder.firstMatch(of: /"saturatedCounts":\[\d+,/)).output
    let evaluations = try XCTUnwrap(lines[3].range(of: "\"evaluations\":["))
    let forged: [(place: Int, text: String)] = [
      (2, "inf"), (2, "nan"), (2, "1e300"), (2, "-1"),
      (3, lines[3][..<evaluations.lowerBound] + "\"evaluations\":[]}"),
      (3, lines[3].replacingOccurrences(of: "\"step_count\":7", with: "\"step_count\":2147483647")),
      (4, recorder.replacingOccurrences(of: count, with: "\"sequenceCount\":9223372036854775807")),
      (4, recorder.replacingOccurrences(of: count, with: "\"sequenceCount\":-1")),
      (4, recorder.replacingOccurrences(of: saturated, with: "\"saturatedCounts\":[")),
      (4, recorder.replacingOccurrences(of: saturated, with: "\"saturatedCounts\":[9223372036854775807,")),
    ]
    for (place, text) in forged {
      XCTAssertNotEqual(lines[place], text)
      var changed = lines
      changed[place] = text
      let body = changed.joined(separator: "\n")
      let head = "seedsweep-trial-1 " + ([body.utf8.count] + sizes.dropFirst()).map(String.init).joined(separator: " ")
      let bytes = Array("\(head)\n\(body)".utf8) + arenas
      try Data(bytes + Array(bytes.withUnsafeBytes { SHA256.hex(of: $0) }.utf8))
        .write(to: URL(fileURLWithPath: checkpoint("one")))
      var notices: [String] = []
      XCTAssertEqual(one.run(trial, notice: { notices.append($0) }).outcome, undisturbed, text)
      XCTAssertEqual(notices.count, 1, text)
      XCTAssertTrue(
        notices[0].hasPrefix("trial \(trial.identifier) starts again from its first step: "), notices[0])
    }
  }

  /// A checkpoint that is cut between its check and its reading.
  func testACheckpointCutWhileInUse() throws {
    _ = trainer("one").run(trial) { $0.step > 6 ? .stop : .proceed }
    let file = try CheckpointFile(path: checkpoint("one"), title: "seedsweep-trial-1")
    truncate(checkpoint("one"), off_t(file.byteCounts[0]))
    var arena = [UInt8](repeating: 0, count: file.byteCounts[0])
    let end = arena.count
    XCTAssertThrowsError(try arena.withUnsafeMutableBytes { try file.read(into: $0) }) {
      XCTAssertEqual(
        "\($0)",
        "cannot read \(checkpoint("one")): it ends at byte \(end), because it was cut while it was being read")
    }
  }

  /// What decays towards the pre-trained weights does so after a new start as well.
  func testANewStartDecaysTowardsTheSameWeights() throws {
    let model = folder + "/model"
    _ = trainer("first").run(trial)
    try FileManager.default.moveItem(atPath: "\(folder)/first/w/\(trial.identifier)", toPath: model)
    var anchored = trial
    anchored.configuration.model = ModelSpecification()
    anchored.configuration.model.path = model
    anchored.configuration.optimizer.decayTowards = .pretrained
    anchored.configuration.optimizer.weightDecay = 0.5
    let undisturbed = trainer("whole").run(anchored).outcome
    XCTAssertEqual(undisturbed.status, .completed, undisturbed.message ?? "")
    let one = trainer("one")
    _ = one.run(anchored) { $0.step > 2 ? .stop : .proceed }
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: checkpoint("one")))
    var notices: [String] = []
    XCTAssertEqual(one.run(anchored, notice: { notices.append($0) }).outcome, undisturbed)
    XCTAssertEqual(notices.count, 1)
  }
}
