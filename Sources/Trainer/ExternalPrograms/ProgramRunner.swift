// One trial in, one outcome out, by a program of the user's own. A runner belongs to one thread of one rank; it knows neither the
// farm nor the journal.

import Files
import Foundation
import Host
import JSON5
import Trials

/// Where a rank's programs run.
package struct ProgramSite: Equatable, Sendable {
  /// The name of the host.
  package var host: String
  /// The folder of the trials' folders.
  package var root: String
  /// The environment of the rank.
  package var environment: [String: String]

  package init(host: String, root: String, environment: [String: String]) {
    self.host = host
    self.root = root
    self.environment = environment
  }

  /// The characters of a trial's identifier that name the sub-folder of its folder, as for its tables.
  private static let prefixLength = 2

  /// The folder of a trial, in which its program runs.
  package func folder(ofTrial trial: String) -> String { "\(root)/\(trial.prefix(Self.prefixLength))/\(trial)" }

  /// What the program of a trial wrote.
  package func log(ofTrial trial: String) -> String { folder(ofTrial: trial) + ".log" }

  /// The lock that keeps two programs out of one folder.
  func lock(ofTrial trial: String) -> String { folder(ofTrial: trial) + ".lock" }
}

/// Runs programs, one after another.
package struct ProgramRunner {
  /// Where they run.
  package var site: ProgramSite
  /// The attempt that the next program belongs to; nil outside a run.
  package var attempt: ProgramAttempt?
  /// The most bytes of a log.
  var logCap = ProgramLog.cap
  private static let interval = 0.1

  /// A runner at a site, whose root may be relative to the working directory: programs are told an absolute path.
  package init(_ site: ProgramSite, attempt: ProgramAttempt? = nil) {
    self.site = site
    self.attempt = attempt
    if !site.root.hasPrefix("/") { self.site.root = "\(FileManager.default.currentDirectoryPath)/\(site.root)" }
  }

  /// Runs the program of a trial to its end. Nothing is thrown: what stops a trial is part of its outcome.
  ///
  /// - Parameters:
  ///   - isStopped: asked ten times a second; once it holds, the program is asked to stop, and the outcome is `preempted`.
  ///   - progress: called as often, with the steps that the program told and those of its whole run, 0 where it told none.
  ///   - notice: called with a sentence for the user; the trial goes on.
  package func run(
    _ trial: Trial, isStopped: () -> Bool, progress: (_ step: Int, _ stepCount: Int) -> Void,
    notice: (String) -> Void
  ) -> Outcome {
    var outcome = Outcome(status: .crashed, metric: .score)
    do {
      return try attempt(trial, isStopped: isStopped, progress: progress, notice: notice)
    } catch is Stopped {
      outcome.status = .preempted
    } catch {
      outcome.message = "\(error)"
    }
    return outcome
  }

  private struct Stopped: Error {}

  private func attempt(
    _ trial: Trial, isStopped: () -> Bool, progress: (Int, Int) -> Void, notice: (String) -> Void
  ) throws -> Outcome {
    let program = trial.configuration.program
    let folder = site.folder(ofTrial: trial.identifier)
    try RawFile.createFolder(folder)
    progress(0, 0)
    let lock = try ProgramLock(
      site.lock(ofTrial: trial.identifier), host: site.host, attempt: attempt, patience: program.graceSeconds + 15
    ) {
      progress(0, 0)
      if isStopped() { throw Stopped() }
    }
    var results = ProgramResults(specification: program, folder: folder)
    try results.begin()
    let command = try command(of: trial, in: folder)
    let child = try ProgramChild(command, kept: lock.descriptor)
    lock.leave(to: child.shimNumber)
    let log = ProgramLog(site.log(ofTrial: trial.identifier), cap: logCap)
    var lines = ScoreHistory(key: program.results.final ?? "")
    let (end, wasStopped) = watch(child, log, &lines, isStopped: isStopped, progress: progress)
    log.finish()
    lines.finish()
    if let failure = log.failure { notice("the log of trial \(trial.identifier) is not whole: \(failure)") }
    lock.remove()
    if wasStopped { throw Stopped() }
    try check(end, command, log)
    let outcome = try results.outcome(lines: lines)
    if lines.isCut {
      notice(
        "the program of trial \(trial.identifier) printed more than \(ScoreHistory.mostNumbers) numbers; the first ones and the "
          + "last score are kept")
    }
    if program.keepsFolders { rmdir(folder) } else { remove(folder, notice) }
    return outcome
  }

  /// Removes the folder of a trial with a result. Where that fails, the result counts all the same.
  private func remove(_ folder: String, _ notice: (String) -> Void) {
    do { try RawFile.remove(folder) } catch {
      notice("the folder \(folder), which need not be kept (program.keep_folders), could not be removed: \(error)")
    }
  }

  /// Takes output until the program ends. Returns how it ended, and whether it was asked to.
  private func watch(
    _ child: ProgramChild, _ log: ProgramLog, _ lines: inout ScoreHistory, isStopped: () -> Bool,
    progress: (Int, Int) -> Void
  ) -> (end: ProgramEnd, wasStopped: Bool) {
    var wasStopped = false
    while true {
      let end = child.wait(atMost: Self.interval) { stream, bytes in
        log.add(bytes)
        if stream == .output { lines.add(bytes) }
      }
      if let end { return (end, wasStopped) }
      progress(lines.step, lines.stepCount == 0 ? 0 : max(lines.stepCount, lines.step))
      if !wasStopped, isStopped() {
        wasStopped = true
        child.stop()
      }
    }
  }

  private func command(of trial: Trial, in folder: String) throws -> ProgramCommand {
    let program = trial.configuration.program
    let words = program.expandedCommand(seeds: trial.seeds, folder: folder)
    let environment = ProgramEnvironment(
      base: site.environment, localRank: ProgramEnvironment.localRank(site.environment)
    ).variables(of: program, seeds: trial.seeds, folder: folder)
    guard let name = words.first else { throw ProgramError("program.command is empty") }
    let searchPath = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    guard let path = name.contains("/") ? name : ChildProcess.path(of: name, searchPath: searchPath) else {
      throw ProgramError("\(name) cannot be started on \(site.host): no folder of PATH (\(searchPath)) holds it")
    }
    return ProgramCommand(
      path: path, words: words, environment: environment, folder: folder, graceSeconds: program.graceSeconds)
  }

  /// Refuses every end but an exit with code 0.
  private func check(_ end: ProgramEnd, _ command: ProgramCommand, _ log: ProgramLog) throws {
    let name = command.words.first ?? ""
    let last = log.lastLine.map { "; its output ends with: \($0)" } ?? "; it printed nothing"
    switch end {
    case .exited(0): return
    case .exited(let code): throw ProgramError("\(name) exited with code \(code)\(last)")
    case .killed(let signal): throw ProgramError("\(name) was killed by \(signalName(signal))\(last)")
    case .notStarted(let code):
      throw ProgramError("\(command.path) cannot be started on \(site.host): \(String(cString: strerror(code)))")
    case .stuck(let process):
      throw ProgramError("process \(process) of \(name) on \(site.host) cannot be killed")
    case .shimLost: throw ProgramError("the shim of \(name) was killed, and \(name) with it\(last)")
    }
  }
}

/// A program that did not end as it should.
struct ProgramError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
