// One call of `pretrain`: under the folder's lease it trains until the last step, the limit of the call or a signal. What a step
// does is in `Pretraining`.

import Arithmetics
import CommandLine
import Console
import Foundation
import Host
import Kernels
import MPITransport
import ModelFiles
import Numerics
import Storage
import Training
import Transformer
import WeightFiles

/// A call that pre-trains a model.
package struct PretrainingRun {
  /// The model folder.
  package var output: String
  /// What decides the model's bytes.
  package var settings: PretrainingSettings
  /// The steps of this call; nil for all that are left.
  package var limit: Int?
  /// Threads that train.
  package var threadCount = 1
  /// What computes; nil for what computed the folder's checkpoint, or what sweep files without the key mean.
  package var arithmetic: Arithmetic?
  /// How the model's weights are stored.
  package var element = StoredElement.float32
  /// Whether it resumes from a checkpoint that other numerics wrote.
  package var allowsMixedNumerics = false

  package init(output: String, settings: PretrainingSettings) {
    self.output = output
    self.settings = settings
  }

  /// Trains until the last step, the limit or a signal, and returns the exit code.
  package func perform(_ context: Context) throws -> ExitCode {
    let launch = LaunchEnvironment(context.environment)
    if launch.usesMPI && launch.announcedSize != 1 {
      throw Refusal(
        "\(launch.announcedSize.map(String.init) ?? "several") processes were started by "
          + "\(launch.launcher.rawValue), but one pre-trains; start it alone, with --threads N for more cores")
    }
    // Nothing is written before the lease is held, so until then a signal may just end the process.
    let team: ThreadTeam
    do { team = try ThreadTeam(threadCount: threadCount) } catch { throw Refusal("\(error)") }
    let inputs = try inputs()
    let signals = StopSignals.forLeader()
    func isStopped() -> Bool { signals.urgent != nil || signals.drain.isRaised }
    func goesOn() throws { if isStopped() { throw Stopped() } }
    let (isNew, leases) = (!FileManager.default.fileExists(atPath: output), RunFolder(output).leases)
    func stopped() -> ExitCode {
      if isNew { rmdir(output) }
      say("stopped before the first step; the same command starts again")
      return .resumable
    }
    let lease: Lease
    do {
      lease = try Lease(
        folder: leases, holder: .current(launchedByParent: launch.usesMPI), notice: { say($0) }, checking: goesOn)
    } catch is Stopped {
      rmdir(leases)  // where another leader's lease is in it, it stays
      return stopped()
    }
    let run: Pretraining
    do {
      run = try Pretraining(
        inputs, output: output, element: element,
        numerics: inputs.settings.trial.numerics(of: NumericsFingerprint.current().description),
        allowsMixedNumerics: allowsMixedNumerics, team: team, goesOn: goesOn)
    } catch {
      try? lease.withdraw()
      if error is Stopped { return stopped() }
      if isNew { rmdir(output) }
      throw Refusal("\(error)")
    }
    do {
      let code = try train(run, isStopped, lease)
      try lease.release()
      return code
    } catch {
      if !(error is LeaseError) { try? lease.release() }
      throw error
    }
  }

  /// Reads the files of the run, and refuses a run that does not fit this machine's memory.
  private func inputs() throws -> PretrainingInputs {
    let machine = Machine.current()
    let inputs: PretrainingInputs
    do { inputs = try chosenInputs() } catch { throw Refusal("\(error)") }
    let refusal = MemoryCheck.refusal(
      ranks: 1, bytesPerRank: inputs.byteCount, host: machine.host, memoryByteCount: machine.memoryByteCount,
      addressByteCount: machine.addressByteCount, threads: threadCount)
    if let refusal { throw Refusal(refusal) }
    return inputs
  }

  /// What the run reads, computed as asked or else as the folder's checkpoint was.
  private func chosenInputs() throws -> PretrainingInputs {
    func inputs(_ arithmetic: Arithmetic) throws -> PretrainingInputs {
      var settings = settings
      settings.arithmetic = arithmetic
      return try PretrainingInputs(settings)
    }
    let usual = try inputs(arithmetic ?? .ofSweepFiles)
    guard arithmetic == nil, let known = Pretraining.settingsDigest(ofCheckpointIn: output) else { return usual }
    let others = Arithmetic.allCases.filter { $0 != usual.settings.arithmetic }
    return try known == usual.digest ? usual : others.lazy.map(inputs).first { $0.digest == known } ?? usual
  }

  private struct Stopped: Error {}

  private func train(_ run: Pretraining, _ isStopped: () -> Bool, _ lease: Lease) throws -> ExitCode {
    let stepCount = settings.stepCount
    announce(run)
    let (first, start) = (run.step, ContinuousClock.now)
    let environment = ProcessInfo.processInfo.environment
    var printer = ProgressPrinter(
      terminal: ProgressTerminal(ParentProcess(environment), environment: environment), now: 0)
    try lease.renewed { check in
      try run.run { step in
        try check()
        let now = (ContinuousClock.now - start) / .seconds(1)
        printer.show(now: now) { _ in progress(step, rate: Double(step - first) / max(now, 1e-9)) }
        return limit.map { step - first >= $0 } ?? false || isStopped()
      } report: { row in
        printer.clear()
        say(
          String(
            format: "step %d  train loss %.4f  held-out loss %.4f  perplexity %.3f", row.step, row.trainLoss,
            row.heldOutLoss, row.arithmetic.exp(row.heldOutLoss)))
      }
    }
    printer.clear()
    guard run.step == stepCount else {
      say("stopped after step \(run.step) of \(stepCount); the same command goes on")
      return .resumable
    }
    say("the model is in \(output)")
    return .success
  }

  private func announce(_ run: Pretraining) {
    say(
      "\(run.parameterCount) parameters, \(settings.stepCount) steps of \(settings.batchSize) sentences, "
        + "\(run.heldOutCount) sentences held out")
    if let floor = run.floor {
      say(String(format: "knowing the language's grammar leaves a held-out loss of %.4f", floor))
    }
    if run.step > 0 { say("going on after step \(run.step)") }
    if run.step == 0, run.settings.arithmetic == .openblas, let note = NumericsFingerprint.current().slowKernelsNote {
      say(note)
    }
  }

  private func progress(_ step: Int, rate: Double) -> String {
    let stepCount = settings.stepCount
    return "step \(step) of \(stepCount)"
      + (rate > 0 ? String(format: ", %.1f steps/s, %.0f s left", rate, Double(stepCount - step) / rate) : "")
  }
}
