// `seedsweep pretrain`: a masked language model from random weights, in one process, in as many calls as it takes.

import CommandLine
import Foundation
import Host
import Kernels
import MPITransport
import Runs
import Storage
import Training
import Transformer
import Trials

/// What `pretrain` was asked to do.
struct PretrainOptions: Equatable {
  var settings = PretrainingSettings()
  var output: String
  var limit: Int?
  var threads: Int
  var element = StoredElement.float32
  var allowsMixedNumerics: Bool

  /// The options of a `pretrain` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    output = reader.text("--output") ?? ""
    if output.isEmpty { reader.fail("--output: found an empty path, expected a folder") }
    limit = reader.count("--limit")
    threads = reader.threads()
    element = reader.isGiven("--half") ? .float16 : .float32
    allowsMixedNumerics = reader.isGiven("--allow-mixed-numerics")
    settings.textPath = reader.text("--text")
    settings.vocabularyPath = reader.text("--vocabulary")
    settings.lowercases = !reader.isGiven("--cased")
    if (settings.textPath == nil) != (settings.vocabularyPath == nil) {
      reader.fail("--text and --vocabulary need each other: found one; without both, the built-in language is learned")
    } else if settings.vocabularyPath == nil && !settings.lowercases {
      reader.fail("--cased: needs a --vocabulary; the built-in language has no capitals")
    }
    let types = EncoderShape.ModelType.allCases.map(\.rawValue)
    settings.shape.modelType = EncoderShape.ModelType(rawValue: reader.choice("--model-type", types)) ?? .bert
    settings.shape.layerCount = reader.count("--layers") ?? 6
    settings.shape.hiddenSize = reader.count("--hidden") ?? 128
    settings.shape.headCount = reader.count("--heads") ?? 4
    settings.shape.intermediateSize = reader.count("--intermediate") ?? 4 * settings.shape.hiddenSize
    // [CLS], a token, [SEP].
    settings.shape.positionCount = reader.count("--max-length", atLeast: 3) ?? 128
    settings.dropout = reader.probability("--dropout") ?? settings.dropout
    settings.stepCount = reader.count("--steps") ?? settings.stepCount
    settings.batchSize = reader.count("--batch-size", atMost: 65_536) ?? settings.batchSize
    settings.optimizer.learningRate = reader.number("--learning-rate", atLeast: 0) ?? settings.optimizer.learningRate
    settings.schedule.warmup = reader.number("--warmup", atLeast: 0) ?? settings.schedule.warmup
    settings.seed = reader.seed("--seed") ?? 1
    settings.evaluateEvery = reader.count("--evaluate-every") ?? settings.evaluateEvery
    reader.check(
      settings.trial,
      flags: OptionReader.sizeFlags.merging([
        "model.config.max_position_embeddings": "--max-length", "training.max_steps": "--steps",
        "optimizer.learning_rate": "--learning-rate", "schedule.warmup": "--warmup",
      ]) { $1 })
    try reader.finish()
  }
}

/// Pre-trains a model.
enum PretrainCommand {
  /// Trains until the last step, the limit or a signal.
  static func perform(_ options: PretrainOptions) throws -> ExitCode {
    let launch = LaunchEnvironment(ProcessInfo.processInfo.environment)
    if launch.usesMPI && launch.announcedSize != 1 {
      throw Refusal(
        "seedsweep pretrain: \(launch.announcedSize.map(String.init) ?? "several") processes were started by "
          + "\(launch.launcher.rawValue), but one pre-trains; start it alone, with --threads N for more cores")
    }
    // Until there is a lease nothing is written, and a signal just ends the process.
    let team: ThreadTeam
    do { team = try ThreadTeam(threadCount: options.threads) } catch { throw Refusal("seedsweep pretrain: \(error)") }
    let inputs = try inputs(options)
    let signals = StopSignals.forLeader()
    func isStopped() -> Bool { signals.urgent != nil || signals.drain.isRaised }
    let isNew = !FileManager.default.fileExists(atPath: options.output)
    let lease = try Lease(
      folder: RunFolder(options.output).leases, holder: .current(launchedByParent: launch.usesMPI), notice: { say($0) })
    let run: Pretraining
    do {
      run = try Pretraining(
        inputs, output: options.output, element: options.element,
        numerics: NumericsFingerprint.current().description, allowsMixedNumerics: options.allowsMixedNumerics,
        team: team, goesOn: { if isStopped() { throw Stopped() } })
    } catch {
      try? lease.withdraw()
      if isNew { rmdir(options.output) }
      guard error is Stopped else { throw Refusal("seedsweep pretrain: \(error)") }
      say("stopped before the first step; the same command starts again")
      return .resumable
    }
    do {
      let code = try train(run, options, isStopped, lease)
      try lease.release()
      return code
    } catch {
      if !(error is LeaseError) { try? lease.release() }
      throw error
    }
  }

  /// What the run reads, if this machine's memory carries it.
  private static func inputs(_ options: PretrainOptions) throws -> PretrainingInputs {
    let machine = Machine.current()
    let inputs: PretrainingInputs
    do { inputs = try PretrainingInputs(options.settings) } catch { throw Refusal("seedsweep pretrain: \(error)") }
    let refusal = MemoryCheck.refusal(
      ranks: 1, bytesPerRank: inputs.byteCount, host: machine.host, memoryByteCount: machine.memoryByteCount,
      addressByteCount: machine.addressByteCount, threads: options.threads)
    if let refusal { throw Refusal("seedsweep pretrain: \(refusal)") }
    return inputs
  }

  private struct Stopped: Error {}

  private static func train(
    _ run: Pretraining, _ options: PretrainOptions, _ isStopped: () -> Bool, _ lease: Lease
  ) throws -> ExitCode {
    let stepCount = options.settings.stepCount
    announce(run, stepCount: stepCount, batchSize: options.settings.batchSize)
    let (first, start) = (run.step, ContinuousClock.now)
    var printer = ProgressPrinter(isTerminal: isatty(STDOUT_FILENO) == 1, now: 0)
    var lastBeat = 0.0
    try run.run { step in
      let now = (ContinuousClock.now - start) / .seconds(1)
      if now > lastBeat + 1 {
        try lease.renew()
        lastBeat = now
      }
      printer.show(progress(step, of: stepCount, rate: Double(step - first) / max(now, 1e-9)), now: now)
      return options.limit.map { step - first >= $0 } ?? false || isStopped()
    } report: { row in
      printer.clear()
      say(
        String(
          format: "step %d  train loss %.4f  held-out loss %.4f  perplexity %.3f", row.step, row.trainLoss,
          row.heldOutLoss, exp(row.heldOutLoss)))
    }
    printer.clear()
    guard run.step == stepCount else {
      say("stopped after step \(run.step) of \(stepCount); the same command goes on")
      return .resumable
    }
    say("the model is in \(options.output)")
    return .success
  }

  private static func announce(_ run: Pretraining, stepCount: Int, batchSize: Int) {
    say(
      "\(run.parameterCount) parameters, \(stepCount) steps of \(batchSize) sentences, "
        + "\(run.heldOutCount) sentences held out")
    if let floor = run.floor {
      say(String(format: "knowing the language's grammar leaves a held-out loss of %.4f", floor))
    }
    if run.step > 0 { say("going on after step \(run.step)") }
  }

  private static func progress(_ step: Int, of stepCount: Int, rate: Double) -> String {
    "step \(step) of \(stepCount)"
      + (rate > 0 ? String(format: ", %.1f steps/s, %.0f s left", rate, Double(stepCount - step) / rate) : "")
  }
}
