// The names of everything in an output folder, and the checks that keep one sweep's results out of a folder that belongs
// to something else. Reading and writing the files is done elsewhere.

import Foundation

/// A folder that may not be used.
public struct RunFolderError: Error, Equatable, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String
}

/// How much of a plan a folder already holds.
public struct ReuseReport: Equatable, Sendable {
  /// The plan's trials.
  public var plannedCount: Int
  /// The plan's trials that have a result.
  public var reusedCount: Int
  /// Trials with a result that the plan does not hold; they stay in the journal and out of the tables.
  public var otherCount: Int

  /// "40 trials: 25 reused, 15 to run; 3 results of other trials are kept but not reported".
  public var description: String {
    let other =
      otherCount == 0
      ? ""
      : "; \(otherCount) result\(otherCount == 1 ? "" : "s") of other trials \(otherCount == 1 ? "is" : "are") kept "
        + "but not reported"
    return "\(plannedCount) trial\(plannedCount == 1 ? "" : "s"): \(reusedCount) reused, "
      + "\(plannedCount - reusedCount) to run" + other
  }
}

/// An output folder.
public struct RunFolder: Equatable, Sendable {
  /// The folder.
  public let path: String

  /// A folder by its path; nothing is created.
  public init(_ path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

  /// The journal.
  public var journal: String { path + "/journal.jsonl" }
  /// The resolved sweep.
  public var sweep: String { path + "/sweep.json" }
  /// What ran where.
  public var provenance: String { path + "/provenance.json" }
  /// One row a trial.
  public var trials: String { path + "/trials.csv" }
  /// Training curves and evaluations.
  public var curves: String { path + "/curves.csv" }
  /// One row a configuration.
  public var summary: String { path + "/summary.csv" }
  /// One row a pair of recipes.
  public var comparisons: String { self.path(of: .comparisons) }
  /// What each cause of randomness contributes, where the seeds are crossed.
  public var seedComponents: String { self.path(of: .seedComponents) }
  /// How alike the runs of a recipe answer.
  public var agreement: String { self.path(of: .agreement) }
  /// A table that another command makes of the results.
  public func path(of table: DerivedTable) -> String { "\(path)/\(table.rawValue).csv" }
  /// Where imported runs came from.
  public var importSource: String { path + "/import.json" }
  /// Seconds, hosts and ranks.
  public var timings: String { path + "/timings.csv" }
  /// Norms of gradients by tensor.
  public var gradientNorms: String { path + "/gradient_norms.csv" }
  /// Progress and verdict.
  public var status: String { path + "/status.json" }
  /// Leases of the leaders.
  public var leases: String { path + "/.leases" }
  /// The checkpoints of trials that are under way.
  public var checkpoints: String { path + "/checkpoints" }
  /// Norms of gradients of one trial, written by the rank that trained it.
  public func gradientNorms(ofTrial trial: String) -> String { "\(path)/gradient_norms/\(trial).csv" }
  /// The logits of one trial's last evaluation.
  public func predictions(ofTrial trial: String) -> String { "\(path)/predictions/\(trial).csv" }
  /// Where a trial that is under way was kept, written by the rank that trains it.
  public func checkpoint(ofTrial trial: String) -> String { "\(checkpoints)/\(trial).checkpoint" }
  /// Why a trial crashed.
  public func log(ofTrial trial: String) -> String { "\(path)/logs/\(trial).log" }
  /// The kept weights of one trial, a Hugging Face model folder.
  public func weights(ofTrial trial: String) -> String { "\(path)/weights/\(trial)" }

  /// Creates the folder, or checks that it is one of ours.
  ///
  /// - Throws: `RunFolderError` for a folder with files but no journal, `FileError`.
  public func create() throws {
    try RawFile.createFolder(path)
    guard access(path, W_OK) == 0 else { throw FileError.last("write to", path) }
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0 != ".leases" && !$0.hasPrefix(WholeFile.temporaryPrefix) }.sorted()
    guard names.isEmpty || names.contains("journal.jsonl") else {
      throw RunFolderError(
        description: "\(path) holds \(names.prefix(3).joined(separator: ", "))\(names.count > 3 ? ", ..." : "") but no "
          + "journal.jsonl, so it is not an output folder of seedsweep; choose a new or empty folder for --output")
    }
  }

  /// Checks that a journal has to do with a plan and says how much of it is done.
  ///
  /// - Parameters:
  ///   - trials: The identifiers of the plan's trials.
  /// - Throws: `RunFolderError` if the journal holds trials and none of the plan.
  public func reuse(of index: JournalIndex, by trials: some Sequence<String>) throws -> ReuseReport {
    var report = ReuseReport(plannedCount: 0, reusedCount: 0, otherCount: 0)
    var sharedCount = 0
    for trial in trials {
      report.plannedCount += 1
      guard let history = index[trial] else { continue }
      sharedCount += 1
      if history.hasResult { report.reusedCount += 1 }
    }
    guard sharedCount > 0 || index.trialCount == 0 else {
      throw RunFolderError(
        description: "\(path) holds \(index.trialCount) trial\(index.trialCount == 1 ? "" : "s") and none of them is "
          + "in this sweep; choose another folder for --output, or run the sweep that \(sweep) describes")
    }
    report.otherCount = index.resultCount - report.reusedCount
    return report
  }

  /// Removes files and model folders that a killed leader or rank left half written; called by the leader before its ranks
  /// start and after they have left.
  public func removeTemporaryFiles() {
    let files = FileManager.default
    for folder in ["", "/predictions", "/gradient_norms", "/weights", "/logs", "/checkpoints"].map({ path + $0 }) {
      for name in (try? files.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasPrefix(WholeFile.temporaryPrefix) { try? files.removeItem(atPath: "\(folder)/\(name)") }
    }
  }

  /// Removes the checkpoints of trials whose result is in a journal.
  public func removeCheckpoints(finishedIn index: JournalIndex) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    where name.hasSuffix(".checkpoint") && index[String(name.dropLast(".checkpoint".count))]?.hasResult == true {
      unlink("\(checkpoints)/\(name)")
    }
  }

  /// Writes why a trial crashed and returns where.
  ///
  /// - Throws: `FileError`.
  @discardableResult
  public func writeLog(_ text: String, ofTrial trial: String) throws -> String {
    let file = log(ofTrial: trial)
    try RawFile.createFolder(RawFile.folder(of: file))
    try WholeFile.write(text.hasSuffix("\n") ? text : text + "\n", to: file)
    return file
  }
}
