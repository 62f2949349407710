// The names of everything in an output folder, and the checks that keep one sweep's results out of a folder that belongs
// to something else. Reading and writing the files is done elsewhere.

import Files
import Foundation
import Host

/// A folder that may not be used.
package struct RunFolderError: Error, Equatable, CustomStringConvertible {
  /// What is wrong and what to do.
  package let description: String

  /// An error from its whole message.
  package init(description: String) { self.description = description }
}

/// How much of a plan a folder already holds.
package struct ReuseReport: Equatable, Sendable {
  /// The plan's trials.
  package var plannedCount: Int
  /// The plan's trials that have a result.
  package var reusedCount: Int
  /// Trials with a result that the plan does not hold; they stay in the journal and out of the tables.
  package var otherCount: Int

  /// "40 trials: 25 reused, 15 to run; 3 results of other trials are kept but not reported".
  package var description: String {
    let other =
      otherCount == 0
      ? ""
      : "; \(counted(otherCount, "result")) of other trials \(otherCount == 1 ? "is" : "are") kept "
        + "but not reported"
    return "\(counted(plannedCount, "trial")): \(reusedCount) reused, "
      + "\(plannedCount - reusedCount) to run" + other
  }
}

/// An output folder.
package struct RunFolder: Equatable, Sendable {
  /// The folder.
  package let path: String

  /// A folder by its path; nothing is created.
  package init(_ path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

  /// The journal.
  package var journal: String { path + "/journal.jsonl" }
  /// The resolved sweep.
  package var sweep: String { path + "/sweep.json" }
  /// What ran where.
  package var provenance: String { path + "/provenance.json" }
  /// One row for each trial.
  package var trials: String { path + "/trials.csv" }
  /// Training curves and evaluations.
  package var curves: String { path + "/curves.csv" }
  /// One row for each configuration.
  package var summary: String { path + "/summary.csv" }
  /// One row for each pair of recipes.
  package var comparisons: String { self.path(of: .comparisons) }
  /// What each cause of randomness contributes, where the seeds are crossed.
  package var seedComponents: String { self.path(of: .seedComponents) }
  /// How alike the runs of a recipe answer.
  package var agreement: String { self.path(of: .agreement) }
  /// What the runs of a recipe answer together.
  package var ensembles: String { self.path(of: .ensembles) }
  /// What picking the best of several runs brings.
  package var bestOfN: String { self.path(of: .bestOfN) }
  /// What rules for stopping runs early would have done.
  package var replay: String { self.path(of: .replay) }
  /// A table that another command makes of the results.
  package func path(of table: DerivedTable) -> String { "\(path)/\(table.name).csv" }
  /// Where imported runs came from.
  package var importSource: String { path + "/import.json" }
  /// Seconds, hosts and ranks.
  package var timings: String { path + "/timings.csv" }
  /// Norms of gradients by tensor.
  package var gradientNorms: String { path + "/gradient_norms.csv" }
  /// Progress and ending.
  package var status: String { path + "/status.json" }
  /// Leases of the leaders.
  package var leases: String { path + "/.leases" }
  /// The checkpoints of trials that are under way.
  package var checkpoints: String { path + "/checkpoints" }
  /// Where the rank that trains a trial writes its norms of gradients.
  package func gradientNorms(ofTrial trial: String) -> String { table("gradient_norms", ofTrial: trial) }
  /// Where the rank that trains a trial writes the logits of its last evaluation.
  package func predictions(ofTrial trial: String) -> String { table("predictions", ofTrial: trial) }
  /// The folder of the norms that ranks wrote.
  package var gradientNormFiles: String { path + "/gradient_norms" }
  /// Where one trial's norms of gradients are.
  package func keptGradientNorms(ofTrial trial: String) -> String { keptTable("gradient_norms", ofTrial: trial) }
  /// Where the logits of one trial's last evaluation are.
  package func keptPredictions(ofTrial trial: String) -> String { keptTable("predictions", ofTrial: trial) }
  /// Where the rank that trains a trial writes the logits of its test set.
  package func testPredictions(ofTrial trial: String) -> String { table("test_predictions", ofTrial: trial) }
  /// Where the logits of one trial's test set are.
  package func keptTestPredictions(ofTrial trial: String) -> String { keptTable("test_predictions", ofTrial: trial) }
  /// The folder with the logits of one trial's further sets, `NAME.csv` each.
  package func devSetPredictions(ofTrial trial: String) -> String {
    "\(path)/dev_set_predictions/\(trial.prefix(Self.prefixLength))/\(trial)"
  }
  /// Where a trial that is under way was kept, written by the rank that trains it.
  package func checkpoint(ofTrial trial: String) -> String { "\(checkpoints)/\(trial).checkpoint" }
  /// Why a trial crashed.
  package func log(ofTrial trial: String) -> String { "\(path)/logs/\(trial).log" }
  /// The folders in which the programs of trials run, each with its log beside it.
  package var programs: String { path + "/programs" }
  /// The kept weights of one trial, a Hugging Face model folder.
  package func weights(ofTrial trial: String) -> String { "\(path)/weights/\(trial)" }

  /// The characters of a trial's identifier that name the sub-folder of its tables: with two, a million trials leave 4,000 files
  /// in each of 256 folders. File systems that many nodes share are slow with a million in one.
  package static let prefixLength = 2

  private func table(_ kind: String, ofTrial trial: String) -> String {
    "\(path)/\(kind)/\(trial.prefix(Self.prefixLength))/\(trial).csv"
  }

  /// The path of a trial's table; in a folder of 0.1.0 all tables of a kind lie side by side.
  private func keptTable(_ kind: String, ofTrial trial: String) -> String {
    let (new, old) = (table(kind, ofTrial: trial), "\(path)/\(kind)/\(trial).csv")
    return access(new, F_OK) != 0 && access(old, F_OK) == 0 ? old : new
  }

  /// What gives the runs a result that an early-stop rule stopped.
  package static let stoppedAdvice =
    "run the sweep once more with stop=null and the same --output, which continues the stopped runs and no others"

  /// What mends a folder whose sweep.json is missing or damaged.
  package static let sweepAdvice = "'seedsweep run' with the same sweep writes it again"

  /// What mends a folder whose status.json is missing or damaged.
  package static let statusAdvice = "'seedsweep run' with the same words writes it again"

  /// Why the folder cannot be read as one of results, and what to type instead, where a journal or a sweep.json is missing.
  package var readersRefusal: String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return "\(path): there is no such folder"
    }
    guard isFolder.boolValue else { return "\(path) is a file, where a folder of results is needed" }
    guard access(path, R_OK | X_OK) == 0 else { return "\(FileError.last("read the folder", path))" }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if let shard = Self.shard(among: names) {
      return "\(path) holds shards: name one of them, such as \(path)/\(shard), or join them with \(mergingShards)"
    }
    if names.contains("import.json"), !names.contains("journal.jsonl") {
      return "\(path) holds imported runs, which have no journal: report, table and check read them, and "
        + "'seedsweep import' with --reference compares them with another recipe"
    }
    let missing = ["journal.jsonl", "sweep.json"].filter { !names.contains($0) }.joined(separator: " and ")
    return "\(path) is no folder of results: it holds no \(missing)"
      + (missing == "sweep.json" ? "; \(Self.sweepAdvice)" : "")
  }

  /// The first shard of a folder that has no journal of its own; nil where there is none.
  private static func shard(among names: [String]) -> String? {
    names.contains("journal.jsonl") ? nil : names.filter { $0.hasPrefix("shard-") }.sorted().first
  }

  /// The command that joins the folder's shards, as a sentence cites it.
  private var mergingShards: String {
    ShellText.cited("seedsweep merge \(ShellText.quoted(path))/shard-* --output DIR")
  }

  /// Creates the folder, or checks that it is one of ours.
  ///
  /// - Throws: `RunFolderError` for a folder with files but no journal, `FileError`.
  package func create() throws {
    try RawFile.createFolder(path)
    guard access(path, W_OK) == 0 else { throw FileError.last("write to", path) }
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0 != ".leases" && !$0.hasPrefix(WholeFile.temporaryPrefix) }.sorted()
    if let shard = Self.shard(among: names), access("\(path)/\(shard)/journal.jsonl", F_OK) == 0 {
      throw RunFolderError(
        description: "\(path) holds shards, which --shard runs: join them with \(mergingShards) and run the sweep "
          + "there, or choose a new or empty folder for --output")
    }
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
  ///   - files: The SHA-256 of the files that they read, by path.
  /// - Throws: `RunFolderError` if the journal holds trials and none of the plan.
  package func reuse(
    of index: JournalIndex, by trials: some Sequence<String>, files: [String: String] = [:]
  ) throws -> ReuseReport {
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
        description: "\(path) holds \(counted(index.trialCount, "trial")) and none of them is "
          + "in this sweep\(changes(of: files)); choose another folder for --output, or run the sweep that \(sweep) describes "
          + "(command_line in \(provenance) has its command)")
    }
    report.otherCount = index.resultCount - report.reusedCount
    return report
  }

  /// Which of some files the folder's results were made from with other contents, in brackets; nothing where none was.
  private func changes(of files: [String: String]) -> String {
    let changed = ((try? Provenance.files(of: self)) ?? [])
      .filter { file in files[file.path].map { $0 != file.digest } ?? false }.map(\.path)
    return changed.isEmpty ? "" : " (\(changed.joined(separator: ", ")) changed since they were made)"
  }

  /// Removes files and model folders that a killed leader or rank left half written; called by the leader before its ranks
  /// start and after they have left. What a symbolic link leads to is left alone: others may write there. Files in `leases`
  /// are removed by the next `Lease`, and those in a program's own folder are the program's.
  package func removeTemporaryFiles() {
    removeTemporaryFiles(in: path)
    for name in ["weights", "logs", "checkpoints"] where !RawFile.isLink("\(path)/\(name)") {
      removeTemporaryFiles(in: "\(path)/\(name)")
    }
    for kind in ["predictions", "test_predictions", "dev_set_predictions", "gradient_norms", "programs"]
    where !RawFile.isLink("\(path)/\(kind)") {
      let folder = "\(path)/\(kind)"
      for name in removeTemporaryFiles(in: folder)
      where name.count <= Self.prefixLength && !RawFile.isLink("\(folder)/\(name)") {
        removeTemporaryFiles(in: "\(folder)/\(name)")
      }
    }
  }

  /// Removes what is half written in a folder, and returns the names of everything else there.
  @discardableResult
  private func removeTemporaryFiles(in folder: String) -> [String] {
    let names = (try? RawFile.names(in: folder)) ?? []
    for name in names where name.hasPrefix(WholeFile.temporaryPrefix) { try? RawFile.remove("\(folder)/\(name)") }
    return names.filter { !$0.hasPrefix(WholeFile.temporaryPrefix) }
  }

  /// Removes the checkpoints of trials whose result is in a journal.
  package func removeCheckpoints(finishedIn index: JournalIndex) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    where name.hasSuffix(".checkpoint") && index[String(name.dropLast(".checkpoint".count))]?.hasResult == true {
      unlink("\(checkpoints)/\(name)")
    }
  }

  /// Writes why a trial crashed and returns where.
  ///
  /// - Throws: `FileError`.
  @discardableResult
  package func writeLog(_ text: String, ofTrial trial: String) throws -> String {
    let file = log(ofTrial: trial)
    try RawFile.createFolder(RawFile.folder(of: file))
    try WholeFile.write(text.hasSuffix("\n") ? text : text + "\n", to: file)
    return file
  }
}
