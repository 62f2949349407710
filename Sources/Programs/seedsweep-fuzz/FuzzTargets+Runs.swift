// What a run writes and sends: journal, leases, checkpoints, messages.

import Console
import Digests
import Farm
import FileExchange
import Files
import Foundation
import Host
import JSON5
import Reports
import Storage
import Training
import Trials

extension FuzzTargets {
  /// An outcome with everything that one may hold.
  private static func outcome(_ status: TrialStatus = .completed) -> Outcome {
    var outcome = Outcome(status: status, metric: .accuracy)
    outcome.evaluations = [1, 2].map { number in
      Evaluation(
        step: 5 * number, epoch: Double(number), value: 0.7, valueA: 0.6, valueB: 0.8, loss: 0.5, accuracy: 0.7,
        f1: 0.5,
        matthews: 0.25, correctCount: 7, confusion: [[6, 0], [3, 1]], isConstant: number == 1)
    }
    outcome.curve = [
      CurvePoint(step: 1, epoch: 0.1, quantity: "loss", value: 0.75),
      CurvePoint(step: 1, epoch: 0.1, quantity: "accuracy", value: .nan),
      CurvePoint(step: 2, epoch: 0.2, quantity: "loss", value: 0.5),
    ]
    (outcome.stepCount, outcome.majorityCount, outcome.evaluationCount) = (10, 6, 10)
    (outcome.chanceLoss, outcome.trainLossFinal, outcome.trainLossFull) = (0.69, 0.1, 0.2)
    (outcome.weightsDigest, outcome.message) = ("abc", "a \"message\"\n")
    return outcome
  }

  private static let timing = TrialTiming(
    trainingSeconds: 1.5, totalSeconds: 2.25, host: "node01", rank: 1, startupSeconds: 0.5)

  private static func isOfRecords(_ error: any Error) -> Bool { error is Diagnostics || error is CodecError }

  // MARK: - Journal

  static func journal(_ folder: String) throws -> FuzzTarget {
    let path = try path("journal/journal.jsonl", in: folder)
    let plan = try SweepPlan(json: planTexts(folder)[1])
    try? FileManager.default.removeItem(atPath: path)
    let writer = try JournalWriter(path: path, epoch: 1)
    let handOut = HandOutRecord(trial: plan.trialIdentifier(at: 0), attempt: 1, rank: 1, host: "node01")
    var records: [JournalRecord] = [
      .runStart(RunStart(time: 1.5, planDigest: "d", version: "0.1", fingerprint: "Haswell", rankCount: 2)),
      .handOut(handOut), .returned(handOut),
    ]
    for (index, status) in [TrialStatus.completed, .diverged, .crashed, .lost, .preempted, .stopped].enumerated() {
      records.append(
        .outcome(
          TrialRecord(
            trial: plan.trialIdentifier(at: index), attempt: 2, fingerprint: index == 1 ? "Zen" : nil, timing: timing,
            outcome: outcome(status))))
    }
    try writer.append(records + [.runEnd(RunEnd(time: 2, ending: .complete))])
    let sample = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return FuzzTarget(
      name: "journal", samples: [sample],
      words: [
        "{\"crc\":\"", "\"bytes\":", ",\"outcome\":", "\"kind\":\"start\"", "\"epoch\":2", "\"attempt\":2147483647",
        "\"status\":\"completed\"", "\"trial\":\"../../x\"",
      ].map(bytes), mend: mendJournal, isHandled: { $0 is CodecError || $0 is Diagnostics || $0 is FileError }
    ) { input in
      try write(input, to: path)
      let index = try JournalIndex(path: path)
      for trial in index.trials { _ = try? index.record(of: trial)?.outcome() }
      _ = try RunTables.summary(of: plan, from: index)
      return index.skipped.isEmpty
    }
  }

  /// Gives every line that begins as a record's the byte count and the checksum of what it holds.
  private static func mendJournal(_ input: inout [UInt8]) {
    let marker = bytes(#"{"crc":""#)
    let lines = input.split(separator: 10, omittingEmptySubsequences: false).map { line -> [UInt8] in
      guard line.starts(with: marker), line.last == UInt8(ascii: "}") else { return Array(line) }
      // {"crc":"xxxxxxxx","bytes":N,BODY}
      let commas = line.indices.filter { line[$0] == UInt8(ascii: ",") }.prefix(2)
      guard commas.count == 2 else { return Array(line) }
      let body = line[(commas[1] + 1)..<(line.endIndex - 1)]
      let checksum = String(body.withUnsafeBytes { CRC32.checksum($0) }, radix: 16)
      let digits = String(repeating: "0", count: 8 - checksum.count) + checksum
      return marker + bytes("\(digits)\",\"bytes\":\(body.count),") + body + [UInt8(ascii: "}")]
    }
    input = Array(lines.joined(separator: [10]))
  }

  static func lease(_ folder: String) -> FuzzTarget {
    FuzzTarget(
      name: "lease", samples: [LeaseHolder.current(launchedByParent: true).encoded],
      words: ["\"number\":-1", "\"start\":", "\"launcher\":{", "\"released\":true"].map(bytes),
      isHandled: { _ in false }
    ) { input in LeaseHolder(encoded: input).map { !$0.title.isEmpty } ?? false }
  }

  static func status(_ folder: String) -> FuzzTarget {
    var status = StatusReport()
    status.sweep = "a"
    (status.plannedCount, status.completedCount, status.divergedCount, status.failedCount) = (20, 7, 1, 3)
    (status.exhaustedCount, status.runningCount, status.reusedCount) = (1, 2, 4)
    (status.startTime, status.updateTime, status.secondsLeft) = (1_700_000_000, 1_700_000_100, 90)
    var ended = status
    (ended.ending, ended.secondsLeft) = (.drained, nil)
    var live = LiveReport()
    live.hosts = [LiveReport.Host(name: "node", rankCount: 2, lostRanks: [1], isQuarantined: true)]
    live.running = [LiveReport.Running(trial: "t", rank: 0, host: "node", step: 1, stepCount: 9, stallSeconds: 30)]
    live.secondsLeft = ["c": 90]
    status.live = live
    return FuzzTarget(
      name: "status", samples: [status, ended].map { bytes($0.encoded) },
      words: ["\"verdict\":", "\"complete\"", "\"trials\": {", "\"planned\":", "9999-12-31T23:59:60Z"].map(bytes),
      isHandled: isOfRecords
    ) { input in
      let status = try StatusReport(json: String(decoding: input, as: UTF8.self))
      let line = ProgressLine(
        doneCount: status.completedCount + status.divergedCount, totalCount: status.plannedCount,
        failedCount: status.failedCount, crashedCount: status.exhaustedCount, secondsLeft: status.secondsLeft)
      _ = [line.text, readable(seconds: 1_700_000_000 - status.updateTime)]
      guard try StatusReport(json: status.encoded).encoded == status.encoded else {
        throw FuzzError("status.json does not read back")
      }
      return true
    }
  }

  // MARK: - Checkpoints

  static func checkpoint(_ folder: String) throws -> FuzzTarget {
    var configuration = TrialConfiguration()
    configuration.model.shape.hiddenSize = 4
    configuration.model.shape.layerCount = 1
    configuration.model.shape.headCount = 2
    configuration.model.shape.intermediateSize = 8
    configuration.model.shape.positionCount = 32
    configuration.task.maximumLength = 32
    configuration.task.synthetic.trainCount = 8
    configuration.task.synthetic.devCount = 4
    configuration.training.batchSize = 4
    configuration.training.epochs = 2
    configuration.record.curvesEvery = 1
    configuration.record.gradientNormsEvery = 1
    configuration.record.predictions = .final
    let trial = Trial(
      identifier: "00000000000000f1", configurationIdentifier: "00000000000000c0", variant: "default", label: "default",
      configuration: configuration, seeds: TrialSeeds(tied: 1))
    let checkpoints = CheckpointPolicy(folder: folder + "/checkpoints", everySeconds: 1e9, numerics: "these")
    let trainer = Trainer(
      context: TrainerContext(
        host: "here", rank: 0,
        folders: TrialFolders(predictions: folder + "/predictions", gradientNorms: folder + "/norms"),
        checkpoints: checkpoints))
    let path = try path("checkpoints/" + CheckpointPolicy.fileName(ofTrial: trial.identifier), in: folder)
    // One before and one after the first evaluation.
    let samples = try [1, 3].map { steps in
      _ = trainer.run(trial) { $0.step < steps ? .proceed : .stop }
      defer { try? FileManager.default.removeItem(atPath: path) }
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    return FuzzTarget(
      name: "checkpoint", samples: samples,
      words: ["seedsweep-trial-1 ", "\nthese\n", "\"evaluations\":[]", "\"curve\":", "sequenceCount", "nan"].map(bytes),
      mend: mendCheckpoint, isHandled: { _ in false }
    ) { input in
      try write(input, to: path)
      var refusal: String?
      let outcome = trainer.run(trial) { _ in
        refusal == nil ? .proceed : .stop
      } notice: {
        refusal = $0
      }.outcome
      // One that is taken is gone on from to the trial's end.
      guard outcome.status == .preempted ? refusal != nil : outcome.status.isResult else {
        throw FuzzError("the trial ended as \(outcome.status.rawValue): \(outcome.message ?? "")")
      }
      return refusal == nil
    }
  }

  static func pretraining(_ folder: String) throws -> FuzzTarget {
    struct Halt: Error {}
    let text = try Self.path("pretraining/text.txt", in: folder)
    try write(bytes(String(repeating: "the cats sat\nthe cat sat the cat\n", count: 20)), to: text)
    let vocabulary = try Self.path("pretraining/vocab.txt", in: folder)
    try write(bytes(words.joined(separator: "\n")), to: vocabulary)
    var settings = PretrainingSettings()
    (settings.textPath, settings.vocabularyPath) = (text, vocabulary)
    settings.shape.hiddenSize = 4
    settings.shape.layerCount = 1
    settings.shape.headCount = 2
    settings.shape.intermediateSize = 8
    settings.shape.positionCount = 16
    (settings.batchSize, settings.evaluateEvery, settings.stepCount) = (2, 2, 1000)
    let output = folder + "/pretraining/out"
    let path = output + "/checkpoint"
    try? FileManager.default.removeItem(atPath: output)
    // After the first evaluation and after the second.
    let samples = try [2, 4].map { steps in
      try Pretraining(PretrainingInputs(settings), output: output).run(stops: { $0 >= steps }, report: { _ in })
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    return FuzzTarget(
      name: "pretraining", samples: samples,
      words: ["seedsweep-pretraining-3 ", "\nstep,train_loss", " 0 "].map(bytes),
      mend: mendCheckpoint, isHandled: { $0 is TrainingError }
    ) { input in
      try write(input, to: path)
      // One that is taken is gone on from for a step, without writing anything.
      var stepCount = 0
      do {
        try Pretraining(PretrainingInputs(settings), output: output).run(
          stops: { _ in
            stepCount += 1
            if stepCount > 1 { throw Halt() }
            return false
          }, report: { _ in })
      } catch is Halt {}
      return true
    }
  }

  /// Gives a checkpoint the text's size and the checksum of what it holds.
  private static func mendCheckpoint(_ input: inout [UInt8]) {
    guard input.count > 64 else { return }
    var body = input.dropLast(64)
    if let end = body.firstIndex(of: 10), end < 200 {
      var words = String(decoding: body[..<end], as: UTF8.self).split(separator: " ").map(String.init)
      let arenas = words.dropFirst(2).compactMap { Int($0) }.filter { (0...body.count).contains($0) }
      if words.count > 1 { words[1] = "\(max(0, body.count - end - 1 - arenas.reduce(0, +)))" }
      body = bytes(words.joined(separator: " ")) + body[end...]
    }
    input = body + bytes(body.withUnsafeBytes { SHA256.hex(of: $0) })
  }

  // MARK: - Messages

  static func wire(_ folder: String) throws -> FuzzTarget {
    let trial = try SweepPlan(json: planTexts(folder)[2]).trials[0]
    let messages: [Message] = [
      .hello(identity: LeaseHolder.current(launchedByParent: false).encoded),
      .job(epoch: 3, job: 4, attempt: 1, payload: bytes(trial.encodedJSON())),
      .answer(
        epoch: 3, job: 4, attempt: 1, seconds: 0.5,
        content: .finished(result: bytes(outcome().encodedJSON()), remark: bytes(timing.encodedJSON()))),
      .answer(epoch: 3, job: 4, attempt: 1, seconds: 0.5, content: .crashed(message: "no memory")),
      .answer(
        epoch: 3, job: 4, attempt: 1, seconds: 0.5, content: .interrupted(remark: bytes(#"{"step":1,"steps":2}"#))),
      .answer(
        epoch: 3, job: 4, attempt: 1, seconds: 0.5,
        content: .paused(result: bytes(outcome(.stopped).encodedJSON()), remark: bytes(timing.encodedJSON()))),
      .returned(epoch: 1, job: 2, attempt: 3), .progress(epoch: 1, job: 2, attempt: 3, report: bytes(#"{"step":1}"#)),
      .request(epoch: 1, job: 2, attempt: 3, content: FileRequest.inventory.encoded),
      .response(content: FileResponse.done.encoded),
      .recall(epoch: 1, job: 2), .interrupt(epoch: 1, job: 2), .beat, .stop, .farewell,
    ]
    return FuzzTarget(
      name: "wire", samples: messages.map { $0.encoded() },
      words: ["\"trial_id\":\"../../x\"", "\"seeds\":[1,2,3]", "\"configuration\":{", "\"evaluations\":["].map(bytes),
      mend: mendMessage, isHandled: { $0 is FarmError || isOfRecords($0) }
    ) { input in
      let message = try Message(input)
      guard try Message(message.encoded()).encoded() == message.encoded() else {
        throw FuzzError("a message does not read back")
      }
      switch message {
      case .job(_, _, _, let payload):
        let trial = try Trial(json: String(decoding: payload, as: UTF8.self))
        guard Trial.isIdentifier(trial.identifier) else { throw FuzzError("a name that leads elsewhere") }
      case .answer(_, _, _, _, .finished(let result, let remark)), .answer(_, _, _, _, .paused(let result, let remark)):
        let answer = try TrialAnswer(result: result, remark: remark)
        _ = FailureRule.accuracy.failure(of: answer.outcome, score: .best)
      default: break
      }
      return true
    }
  }

  /// Gives the last variable part of a message the length of what is there.
  private static func mendMessage(_ input: inout [UInt8]) {
    func length(at index: Int) -> Int {
      (0..<8).reduce(0) { $0 | Int(input[index + $1]) << (8 * $1) }
    }
    guard input.count > 2 else { return }
    // Of hello and response, job, progress and request, finished, crashed, interrupted and paused.
    let starts: [UInt8: Int] = [1: 2, 14: 2, 2: 26, 6: 26, 13: 26, 3: 34, 4: 34, 10: 34, 15: 34]
    guard var index = starts[input[1]], input.count >= index + 8 else { return }
    if input[1] == 3 || input[1] == 15 {
      let first = length(at: index)
      guard first >= 0, first <= input.count - index - 16 else { return }
      index += 8 + first
    }
    let rest = input.count - index - 8
    for byte in 0..<8 { input[index + byte] = UInt8(truncatingIfNeeded: rest >> (8 * byte)) }
  }

  // MARK: - Files on their way

  static func files(_ folder: String) -> FuzzTarget {
    let digest = String(repeating: "0a", count: 32)
    let requests: [FileRequest] = [
      .inventory, .read(file: 1, offset: 1 << 20), .readCheckpoint(offset: 0),
      .store(.weights, name: "model.safetensors", offset: 0, bytes: bytes("weights")),
      .close(.predictions, name: "0123456789abcdef.f32", digest: digest), .keep(.checkpoint),
    ]
    let responses: [FileResponse] = [
      .inventory([
        FileIdentity(path: "/models/a/vocab.txt", byteCount: 12, digest: digest),
        FileIdentity(path: "/glue/RTE/dev.tsv", byteCount: 3, digest: digest),
      ]),
      .bytes(bytes("a piece")), .done, .refused("no space left"),
    ]
    return FuzzTarget(
      name: "files", samples: requests.map(\.encoded) + responses.map(\.encoded), words: ["../", "/etc/x"].map(bytes),
      isHandled: { $0 is FarmError }
    ) { input in
      // Requests and responses have codes in common: an input is read as both, and taken if it is one of them.
      var isRequest = false
      do {
        let request = try FileRequest(input)
        isRequest = true
        guard try FileRequest(request.encoded) == request else { throw FuzzError("a request does not read back") }
        switch request {
        case .store(_, let name, _, _), .close(_, let name, _):
          guard !name.contains("/"), !name.hasPrefix(".") else { throw FuzzError("a name that leads elsewhere") }
        default: break
        }
      } catch is FarmError {}
      do {
        let response = try FileResponse(input)
        guard try FileResponse(response.encoded) == response else { throw FuzzError("a response does not read back") }
      } catch let error as FarmError {
        if !isRequest { throw error }
      }
      return true
    }
  }
}
