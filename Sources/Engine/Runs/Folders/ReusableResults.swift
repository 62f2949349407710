// `run --reuse DIR`: results that a sweep has in common with other folders are taken from there instead of trained again. The
// identifier of a trial stands for everything that decides its result, down to the bytes of model and data. A result is taken
// only if the files that belong to it are whole; otherwise its trial is trained.

import CommandLine
import Files
import Foundation
import Host
import Merging
import Reports
import Storage
import Trials

/// The results that a run takes from one other folder.
struct ReusableResults {
  private let source: ResultsFolder
  private let includesWeights: Bool
  /// The identifiers of the trials whose results are taken, in the order of the run.
  let trials: [String]
  /// A sentence for each kind of results that are not taken.
  let remarks: [String]
  /// What the results were computed with, and what this run would compute them with.
  let numerics: [NumericsPolicy.Result]

  /// Finds the results of the trials that a run has to do.
  ///
  /// - Parameters:
  ///   - path: The other folder.
  ///   - taken: Trials whose results another folder has already given.
  ///   - leader: The rank that leads the run.
  ///   - checking: Called before the files of each trial are verified; an error that it throws ends that.
  /// - Throws: a `Refusal` for a folder without results or without any trial of the sweep; an error of the folder's journal.
  init(
    _ path: String, for work: RunWork, besides taken: Set<String>, keepsWeights: Bool, leader: RankIdentity,
    checking: () throws -> Void = {}
  ) throws {
    let source = try ResultsFolder(path)
    source.index.discardInjected()
    let plan = work.plan
    guard plan.trials.indices.contains(where: { source.index[plan.trialIdentifier(at: $0)] != nil }) else {
      throw Refusal("--reuse \(path): \(Self.difference(of: source, from: plan))")
    }
    var (trials, numerics, problems, weightlessCount): ([String], [NumericsPolicy.Result], [String], Int) =
      ([], [], [], 0)
    for job in work.trials.indices {
      let trial = work.identifier(ofJob: job)
      guard !taken.contains(trial), let history = source.index[trial], history.hasResult else { continue }
      try checking()
      if keepsWeights, history.status == .completed,
        !FileManager.default.fileExists(atPath: source.folder.weights(ofTrial: trial))
      {
        weightlessCount += 1
        continue
      }
      if let problem = try source.keptFileProblems(ofTrial: trial, includingWeights: keepsWeights).first {
        problems.append(problem)
        continue
      }
      trials.append(trial)
      if let found = history.fingerprint {
        numerics.append(NumericsPolicy.Result(found: found, now: work.fingerprint(ofJob: job, on: leader)))
      }
    }
    self.source = source
    includesWeights = keepsWeights
    self.trials = trials
    self.numerics = numerics
    remarks = source.index.remarks + Self.remarks(path, weightlessCount: weightlessCount, problems)
  }

  private static func remarks(_ path: String, weightlessCount: Int, _ problems: [String]) -> [String] {
    var remarks: [String] = []
    if weightlessCount > 0 {
      remarks.append(
        "\(counted(weightlessCount, "result")) of \(path) \(weightlessCount == 1 ? "has" : "have") no kept weights, which "
          + "--keep-weights all asks for: \(weightlessCount == 1 ? "its trial is" : "their trials are") trained")
    }
    if let first = problems.first {
      remarks.append(
        "\(counted(problems.count, "result")) of \(path) \(problems.count == 1 ? "is" : "are") not taken and "
          + "\(problems.count == 1 ? "its trial is" : "their trials are") trained: \(first)")
    }
    return remarks
  }

  /// Copies the files and then writes the records, so that a run that is stopped between them loses nothing. Calls `checking`
  /// before each block of trials.
  ///
  /// - Returns: the steps that the trials have made.
  /// - Throws: `FileError`, `CodecError` for a journal that changed meanwhile; what `checking` throws.
  func take(into folder: RunFolder, _ writer: JournalWriter, checking: () throws -> Void) throws -> Int {
    var stepCount = 0
    for start in stride(from: 0, to: trials.count, by: 64) {
      try checking()
      let records = try trials[start..<min(start + 64, trials.count)].compactMap { trial -> JournalRecord? in
        guard var record = try source.index.record(of: trial) else { return nil }
        // A journal of 0.1.0 leaves out the fingerprint of its leader, which this journal does not know.
        record.fingerprint = source.index[trial]?.fingerprint
        try KeptFileCopies.make(
          ofTrial: trial, from: source.folder, to: folder, includingWeights: includesWeights)
        stepCount += try Outcome(json: record.outcomeJSON).stepCount
        return .outcome(record)
      }
      try writer.append(records)
    }
    return stepCount
  }

  /// Why a folder has no trial of a sweep: what tells the two recipes apart that are nearest to each other.
  private static func difference(of source: ResultsFolder, from plan: SweepPlan) -> String {
    let none = "none of its \(counted(source.index.trialCount, "trial")) is one of this sweep's, because "
    let pairs = plan.configurations.prefix(50).flatMap { here in
      source.plan.configurations.prefix(50).map { there in
        (here: here, there: there, keys: here.configuration.differences(from: there.configuration))
      }
    }
    guard let nearest = pairs.min(by: { $0.keys.count < $1.keys.count }) else { return none + "its sweep is empty" }
    guard let key = nearest.keys.first else {
      if nearest.here.identifier == nearest.there.identifier {
        return none
          + "their seeds are others: \(plan.seeds[0].title) and so on here, \(source.plan.seeds[0].title) there"
      }
      return none + "the bytes of its model or its data are others"
    }
    let others = nearest.keys.count - 1
    return none + "\(key.path) is \(key.here) here and \(key.there) there"
      + (others == 0 ? "" : ", and \(counted(others, "other key")) \(others == 1 ? "differs" : "differ"), too")
  }
}

extension Run {
  /// Takes the results that the folders of `--reuse` have of trials that a run has to do, and says how many.
  ///
  /// - Returns: the steps that their trials have made; nil where no results were taken, so that the journal need not be read on.
  /// - Throws: a `Refusal` for a folder that cannot be used, before anything is written; `FileError`; what `checking` throws.
  func takeResults(for work: RunWork, epoch: Int, checking: () throws -> Void) throws -> Int? {
    var sources: [(path: String, results: ReusableResults)] = []
    var taken: Set<String> = []
    for path in options.reusedFolders {
      let results = try ReusableResults(
        path, for: work, besides: taken, keepsWeights: options.keepsWeights, leader: leader, checking: checking)
      try numerics(work).check(results: results.numerics, starts: [], folder: path)
      taken.formUnion(results.trials)
      sources.append((path, results))
    }
    for (path, results) in sources {
      for remark in results.remarks { say(remark) }
      say("\(counted(results.trials.count, "result")) taken from \(path)")
    }
    guard !taken.isEmpty else { return nil }
    // A folder of results is known by its journal, so that is there before other files are.
    let writer = try JournalWriter(path: work.folder.journal, epoch: epoch)
    try WholeFile.write(work.planText, to: work.folder.sweep)
    try writer.append([.runStart(work.start(leader, rankCount: launch.transport.size, options))])
    return try sources.reduce(0) { try $0 + $1.results.take(into: work.folder, writer, checking: checking) }
  }
}
