// Several folders' results in a new one. Results found twice are compared; the sources stay as they are. A folder's plan is every
// configuration with every seed, so folders that would plan more together than each are refused.

import CommandLine
import Files
import Foundation
import Host
import Reports
import Storage
import Trials

/// Joins folders of results.
package enum FolderMerge {
  /// What a merge came to.
  package struct Merged {
    /// The folders that were joined.
    package let paths: [String]
    /// What was found in their journals.
    package let report: MergeReport
    /// The summary of the new folder.
    package let rows: [SummaryRow]
  }

  /// Joins folders in a new one and writes its tables.
  ///
  /// - Throws: a `Refusal` for folders that do not fit together and an `output` that holds results.
  package static func perform(_ paths: [String], output: String) throws -> Merged {
    let sources = try paths.map(source)
    for source in sources { try source.requireNoStoppedRuns(for: "merge") }
    let plan = try union(sources.map(\.plan))
    let folder = RunFolder(output)
    try folder.create()
    guard try JournalIndex(path: folder.journal).trialCount == 0 else {
      throw Refusal("\(output) holds results already; choose a new or empty folder for --output")
    }
    let lease = try Lease(folder: folder.leases, holder: .current(launchedByParent: false), notice: { say($0) })
    defer { try? lease.release() }
    let options = options(of: sources, plan)
    return try lease.renewed { check in
      let report = try join(sources, plan, in: folder, lease, options)
      let rows = try RunTables.write(
        plan, from: try JournalIndex(path: folder.journal), to: folder, options: options, check: check)
      return Merged(paths: sources.map(\.folder.path), report: report, rows: rows)
    }
  }

  /// The judgement of all sources' tables; the default, which a line says, where they follow several.
  private static func options(of folders: [ResultsFolder], _ plan: SweepPlan) -> TableOptions {
    if let common = try? TableOptions.common(of: folders, rule: nil, score: nil) { return common }
    let options = TableOptions().named(for: plan)
    say(
      "The folders' tables follow different failure rules or scores; those of the merged folder follow "
        + "\(options.judgement), and 'seedsweep summarize' changes that.")
    return options
  }

  /// A folder to join. What its journal lost and what of it does not count is printed.
  private static func source(_ path: String) throws -> ResultsFolder {
    let source = try ResultsFolder(path)
    if let injected = source.index.injectedSentence { say("\(source.folder.journal): \(injected) and left out") }
    source.index.discardInjected()
    for remark in source.index.remarks { say(remark) }
    return source
  }

  /// All configurations and all seeds, each once, in the order in which the folders have them.
  ///
  /// - Throws: a `Refusal` where that has trials that no folder plans.
  static func union(_ plans: [SweepPlan]) throws -> SweepPlan {
    var configurations: [PlannedConfiguration] = []
    var seeds: [TrialSeeds] = []
    var (knownConfigurations, knownSeeds): (Set<String>, Set<TrialSeeds>) = ([], [])
    for plan in plans {
      for planned in plan.configurations where knownConfigurations.insert(planned.identifier).inserted {
        configurations.append(planned)
      }
      for triple in plan.seeds where knownSeeds.insert(triple).inserted { seeds.append(triple) }
    }
    let union = try SweepPlan(
      name: plans[0].name, configurations: configurations, seeds: seeds, reference: plans[0].reference,
      pairs: plans[0].pairs,
      stop: plans[0].earlyStop == nil ? plans[0].stop : nil)
    let invented = union.trials.indices.filter { index in
      !plans.contains { $0.trialIndex(identifier: union.trialIdentifier(at: index)) != nil }
    }
    guard let first = invented.first else { return union }
    let trial = union.trials[first]
    throw Refusal(
      "a folder's sweep is every configuration with every seed, and these folders' together would have "
        + "\(counted(invented.count, "trial")) that none of them plans, first "
        + "\(union.configurations[union.configurationIndex(trialIndex: first)].title) \(trial.seeds.title); folders with "
        + "the same configurations or the same seeds can be merged, and 'seedsweep compare' takes others as they are")
  }

  private static func join(
    _ sources: [ResultsFolder], _ plan: SweepPlan, in folder: RunFolder, _ lease: Lease, _ options: TableOptions
  ) throws -> MergeReport {
    let fingerprints = sources.compactMap { $0.index.runs.last?.fingerprint }
    if let line = SweepPlan.arithmeticLine(of: sources.map(\.plan), named: sources.map(\.folder.path)) { say(line) }
    // Folders that different arithmetics computed differ in their recipes, and are not expected to have the same bits.
    for (_, alike) in Dictionary(grouping: sources, by: \.plan.arithmetics) {
      let known = alike.compactMap { $0.index.runs.last?.fingerprint }
      for other in Set(known).sorted() where other != known.first {
        say("warning: mixed numerics: \(known[0]) and \(other)")
      }
    }
    // A folder of results is known by its journal, so that is there before other files are.
    let writer = try JournalWriter(path: folder.journal, epoch: lease.epoch)
    try WholeFile.write(plan.encodedJSON(), to: folder.sweep)
    if let provenance = provenance(sources) { try provenance.write(to: folder) }
    let now = Date().timeIntervalSince1970
    try writer.append([
      .runStart(
        RunStart(
          time: now, planDigest: ResultsFolder.mergedPlanDigest, version: Version.current,
          fingerprint: fingerprints.first ?? JournalIndex.unknownNumerics, rankCount: 0,
          keepsWeights: sources.allSatisfy { $0.index.keepsAllWeights })
      )
    ])
    let report = try JournalMerge.merge(
      sources.map(\.index), into: writer, present: try JournalIndex(path: folder.journal))
    for source in sources { try copyFiles(of: source, to: folder) }
    let rows = try RunTables.summary(of: plan, from: try JournalIndex(path: folder.journal), options: options)
    let isComplete = rows.allSatisfy { $0.missingCount == 0 }
    // What is missing, merging again does not bring.
    try writer.append([.runEnd(RunEnd(time: now, ending: isComplete ? .complete : .incomplete))])
    try status(plan, rows, isComplete: isComplete).write(to: folder)
    return report
  }

  /// The files that the sources' results were made from and the runs that made them; the program is this one. Nil where a
  /// source does not say which files.
  private static func provenance(_ sources: [ResultsFolder]) -> Provenance? {
    var provenance = Provenance()
    provenance.version = Version.current
    provenance.commandLine = Swift.CommandLine.arguments
    provenance.runs = sources.flatMap(\.index.runs).sorted { $0.time < $1.time }
    var files: Set<Provenance.File> = []
    for source in sources {
      do { files.formUnion(try Provenance.files(of: source.folder)) } catch {
        say(
          "warning: \(error), so nothing will tell 'verify' and 'retry' which files the merged results were made from")
        return nil
      }
    }
    provenance.files = Array(files)
    return provenance
  }

  /// Copies what ranks wrote beside their answers, unless an earlier folder had it.
  private static func copyFiles(of source: ResultsFolder, to folder: RunFolder) throws {
    for trial in source.index.trials where source.index[trial]?.hasResult == true {
      try KeptFileCopies.make(ofTrial: trial, from: source.folder, to: folder)
    }
  }

  private static func status(_ plan: SweepPlan, _ rows: [SummaryRow], isComplete: Bool) -> StatusReport {
    var status = StatusReport()
    status.sweep = plan.name
    status.ending = isComplete ? .complete : .incomplete
    status.plannedCount = rows.reduce(0) { $0 + $1.count + $1.missingCount }
    status.startTime = Date().timeIntervalSince1970
    status.updateTime = status.startTime
    for row in rows {
      status.divergedCount += row.count(of: .diverged)
      status.completedCount += row.count - row.count(of: .diverged)
      status.failedCount += row.failedCount
    }
    status.reusedCount = status.completedCount + status.divergedCount
    return status
  }
}

extension JournalIndex {
  /// Whether every result is of a run that kept the weights.
  fileprivate var keepsAllWeights: Bool {
    trials.allSatisfy { trial in self[trial].map { !$0.hasResult || $0.keepsWeights } ?? true }
  }
}
