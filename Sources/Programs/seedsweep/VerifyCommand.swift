// `seedsweep verify`: whether a folder's results are what its sweep gives here and now. The journal is read byte by byte, the
// files that trials read and left are digested again, and a sample of the trials is trained again and compared bit by bit. Writes nothing.

import CommandLine
import Foundation
import Host
import Runs
import SeedStreams
import Storage
import Training
import Trials

/// What `verify` was asked to do.
struct VerifyOptions: Equatable {
  var folder: String
  var sampleCount: Int
  var threads: Int

  /// The options of a `verify` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    folder = command.operands[0]
    sampleCount = reader.count("--sample", atLeast: 0) ?? 3
    threads = reader.threads()
    try reader.finish()
  }
}

/// Verifies a folder of results.
enum VerifyCommand {
  /// Checks journal and files, trains a sample again, and says what differs.
  static func perform(_ options: VerifyOptions) throws -> ExitCode {
    let results = try ResultsFolder(options.folder, command: "verify")
    var problems = try damage(of: results.folder.journal) + results.index.mismatches.map(\.description)
    let missing = try results.trialCounts().missing
    if missing > 0 {
      problems.append(
        "\(missing) of the sweep's \(results.plan.trials.count) trials \(missing == 1 ? "has" : "have") no result")
    }
    let changed = results.changedFiles(FileDigests())
    problems += changed
    problems += try results.keptFileProblems()
    for problem in problems { complain("seedsweep verify: \(problem)") }
    say("journal: \(results.index.resultCount) results, \(results.index.skipped.count) damaged places")
    guard changed.isEmpty else {
      say("no trial is trained again, because the files are not those of the results")
      return .failure
    }
    let places = sample(of: results, options.sampleCount)
    try checkNumerics(of: places, results)
    let trainer = Trainer(context: TrainerContext(host: Machine.hostName(), rank: 0, threadCount: options.threads))
    var differentCount = 0
    for place in places {
      let trial = results.plan.trials[place]
      guard let record = try results.index.record(of: trial.identifier) else { continue }
      let difference = difference(record, trainer.run(trial).outcome)
      if difference != nil { differentCount += 1 }
      say("trial \(trial.identifier) (\(trial.variant), \(trial.seeds.title)): \(difference ?? "the same bits again")")
    }
    say("\(places.count - differentCount) of \(places.count) trials trained again gave the same bits")
    return problems.isEmpty && differentCount == 0 ? .success : .failure
  }

  /// Places of a journal that hold no record, but for the torn ends that kills leave before the next run begins.
  static func damage(of path: String) throws -> [String] {
    var reader = try JournalReader(path: path)
    var problems: [String] = []
    var seenCount = 0
    while let entry = try reader.next() {
      let found = reader.skipped[seenCount...]
      seenCount = reader.skipped.count
      if case .runStart = entry.record, found.count == 1 { continue }
      problems += found.map { "\(path): no record in \($0)" }
    }
    let data = FileManager.default.contents(atPath: path)
    if data?.last == 0x0A { problems += reader.skipped[seenCount...].map { "\(path): no record in \($0)" } }
    return problems
  }

  /// The places of some of the trials that have a result, the same ones each time.
  private static func sample(of results: ResultsFolder, _ count: Int) -> [Int] {
    let finished = results.plan.trials.indices.filter {
      results.index[results.plan.trialIdentifier(at: $0)]?.hasResult == true
    }
    var stream = SeedStream(seed: 1, purpose: .subsample)
    return stream.permutation(finished.count).prefix(count).map { finished[$0] }.sorted()
  }

  /// Refuses to compare bits that are different by nature.
  private static func checkNumerics(of places: [Int], _ results: ResultsFolder) throws {
    let here = NumericsFingerprint.current().description
    let others = places.lazy.compactMap { results.index[results.plan.trialIdentifier(at: $0)]?.fingerprint }
    guard let other = others.first(where: { $0 != here }) else { return }
    throw Refusal(
      """
      seedsweep verify: the results were computed with other bits than this machine computes with, so nothing can be compared:
        results: \(other)
        now:     \(here)
      Where only `blas` differs, --blas-core with the name of the results' kernels cures that.
      """)
  }

  /// What differs between a journaled outcome and the one of now, nil where nothing does.
  private static func difference(_ record: TrialRecord, _ again: Outcome) -> String? {
    guard record.outcomeJSON != again.encodedJSON() else { return nil }
    guard let first = try? record.outcome() else { return "the journal's outcome cannot be read" }
    if first.status != again.status {
      return "DIFFERENT: \(first.status.rawValue) in the journal, \(again.status.rawValue) now"
        + (again.message.map { ": \($0)" } ?? "")
    }
    return first.weightsDigest != again.weightsDigest
      ? "DIFFERENT: the weights are not those of the journal"
      : "DIFFERENT: the weights are the journal's, but not what was measured of them"
  }
}
