// Where the trials of a run come from: a sweep file, or the plan of a folder of results, some of whose trials are tried again.

import CommandLine
import Foundation
import JSON5
import Reports
import Storage
import SweepLanguage
import Training
import Trials

/// What a run is to train.
enum SweepSource {
  /// A sweep file with the command line's assignments.
  case file(Sweep)
  /// The plan of a folder of results.
  case folder(ResultsFolder)

  /// Reads what the options name, and nothing else.
  ///
  /// - Throws: a `Refusal` with everything that is wrong.
  init(_ options: RunOptions) throws {
    if options.retries == nil {
      let sweep = try FolderArithmetic(path: options.output).sweep {
        try PreparedSweep.read(options.sweepPath, options.assignments, shift: options.shift, $0)
      }
      try ShardCheck.refuse(sweep, options)
      try ShardCheck.refuse(folderOf: options)
      self = .file(sweep)
    } else {
      self = .folder(try ResultsFolder(options.output))
    }
  }

  /// The number of trials that the options ask for, with those that have a result.
  ///
  /// - Throws: a `Refusal` for trials to try again that are unknown or have a result.
  func trialCount(_ options: RunOptions) throws -> Int {
    switch self {
    case .file(let sweep): options.part.count(of: sweep.trialCount)
    case .folder(let results): try options.retries?.indices(in: results.plan, results.index).count ?? 0
    }
  }

  /// The configuration that is trained first; nil if it is not known yet.
  var firstConfiguration: TrialConfiguration? {
    switch self {
    case .file(let sweep): sweep.firstConfiguration
    case .folder(let results): results.plan.configurations.first?.configuration
    }
  }

  /// Reads the models and data of the sweep and returns it checked.
  ///
  /// - Throws: a `Refusal` with everything that is wrong, including files that changed since the folder's results were made.
  func prepared(_ readings: ResourceReader) throws -> PreparedSweep {
    switch self {
    case .file(let sweep): return try PreparedSweep(sweep, readings)
    case .folder(let results):
      let files = FileDigests()
      let problems = results.changedFiles(files)
      guard problems.isEmpty else {
        throw Refusal(
          problems: problems,
          closing: "give the files the contents they had, or run the sweep with another folder for --output")
      }
      return try PreparedSweep(results.plan, files, readings)
    }
  }
}

/// Which trials of a folder are tried again.
package struct RetrySelection: Equatable {
  /// Trials whose last attempt ended with one of these statuses.
  package var statuses: Set<TrialStatus> = []
  /// Trials by identifier.
  package var trials: [String] = []

  /// No trial.
  package init() {}

  /// The indices in the plan of the chosen trials.
  ///
  /// - Throws: a `Refusal` for trials that are unknown or have a result.
  func indices(in plan: SweepPlan, _ index: JournalIndex) throws -> Set<Int> {
    var problems: [String] = []
    var indices: Set<Int> = []
    for trial in trials {
      if index[trial]?.hasResult == true {
        problems.append("trial \(trial) has a result, and results are never touched")
      } else if index[trial]?.status == .stopped {
        problems.append("trial \(trial) was stopped early by the sweep's rule; \(RunFolder.stoppedAdvice)")
      } else if let index = plan.trialIndex(identifier: trial) {
        indices.insert(index)
      } else {
        problems.append("this folder's sweep has no trial \(trial)")
      }
    }
    guard problems.isEmpty else { throw Refusal(problems.joined(separator: "\n")) }
    for trial in plan.trials.indices {
      if let status = index[plan.trialIdentifier(at: trial)]?.status, statuses.contains(status) {
        indices.insert(trial)
      }
    }
    return indices
  }
}

extension ResultsFolder {
  /// The files of the plan's models and data that are missing or are not what the results were made from.
  package func changedFiles(_ digests: FileDigests) -> [String] {
    var problems: [String] = []
    for planned in plan.configurations {
      do {
        try digests.addFiles(of: planned.configuration)
      } catch { if !problems.contains("\(error)") { problems.append("\(error)") } }
    }
    return problems + changes(among: digests)
  }

  /// The digested files that differ from those the results were made from.
  ///
  /// - Parameter moved: A folder of the plan, and the folder that is read instead now.
  package func changes(among digests: FileDigests, moved: (from: String, to: String)? = nil) -> [String] {
    guard let known = try? Provenance.files(of: folder) else {
      return ["\(folder.provenance) cannot be read, so nothing tells which files the results were made from"]
    }
    return digests.known.sorted { $0.key < $1.key }.flatMap { path, digest in
      var origin = path
      if let moved, path.hasPrefix(moved.to + "/") { origin = moved.from + path.dropFirst(moved.to.count) }
      let then = known.filter { $0.path == origin }
      if then.isEmpty {
        return [
          "\(path): \(folder.provenance) does not name it\(path == origin ? "" : " or \(origin)") among the files that the "
            + "results were made from"
        ]
      }
      return then.filter { $0.digest != digest }.map {
        "\(path) changed since the results were made\(path == origin ? "" : " from \(origin)"): its SHA-256 was "
          + "\($0.digest.prefix(16))..., and is \(digest.prefix(16))..."
      }
    }
  }
}
