// Verifies that a folder's results are those that its sweep gives on this machine: it reads the journal byte by byte, digests
// the files that trials read and left, trains a sample of the trials again and compares them bit by bit. Writes nothing.

import CommandLine
import Foundation
import Host
import Numerics
import Reports
import Runs
import SeedStreams
import Storage
import Training
import Trials

/// The checks of a folder of results.
package struct Verification {
  private let results: ResultsFolder

  /// Opens a folder.
  ///
  /// - Throws: a `Refusal` for a folder without results.
  package init(_ path: String) throws { results = try ResultsFolder(path) }

  /// What is wrong with a folder.
  package struct Problems {
    /// One sentence for each problem.
    package var all: [String]
    /// Whether files that trials read have changed, so that training again would prove nothing.
    package var haveChangedFiles: Bool
  }

  /// Finds what is damaged, changed or missing.
  package func problems() throws -> Problems {
    var problems = try Self.damage(of: results.folder.journal) + results.index.mismatches.map(\.description)
    problems += [results.index.unknownNumericsRemark, results.index.injectedRemark].compactMap(\.self)
    let part = PlanPart(shard: (try? ShardCheck.recorded(in: results.folder.path)) ?? nil)
    let (done, missing) = try results.trialCounts(of: part)
    if missing > 0 {
      let trials = part.shard.map { "\(done + missing) trials of shard \($0)" }
      problems.append(
        "\(missing) of the \(trials ?? "sweep's \(results.plan.trials.count) trials") "
          + "\(missing == 1 ? "has" : "have") no result")
    }
    let changed = results.changedFiles(FileDigests())
    problems += changed
    problems += try results.keptFileProblems()
    return Problems(all: problems, haveChangedFiles: !changed.isEmpty)
  }

  /// The contents of the journal in one line, and one for each kind of records that it holds and that do not count.
  package var journalLines: [String] {
    [
      "journal: \(counted(results.index.resultCount, "result")), \(counted(results.index.skipped.count, "damaged place"))"
    ]
      + [results.index.fencedRemark, results.index.duplicateRemark].compactMap(\.self)
  }

  /// What computed the results, where it is not what a plan without the key means.
  package var arithmeticLine: String? {
    SweepPlan.arithmeticLine(of: [results.plan], named: [results.folder.path])
  }

  /// Trains trials again and reports a line for each, and one about all; returns how many differ or could not be compared. Those of a
  /// program that may come to other numbers do not differ, and did not give the same bits either.
  package func trainAgain(_ indices: [Int], threadCount: Int, report: (String) -> Void) throws -> Int {
    let again = RepeatedTrials(threadCount: threadCount)
    defer { again.removeFiles() }
    var (sameCount, differentCount, otherCount, lateCount) = (0, 0, 0, 0)
    for index in indices {
      let trial = results.plan.trials[index]
      guard let record = try results.index.record(of: trial.identifier) else { continue }
      let outcome = again.outcome(of: trial)
      let difference = Self.difference(record, outcome)
      if difference == nil {
        sameCount += 1
      } else if outcome.status == .timeout {
        lateCount += 1
      } else if outcome.mayDiffer {
        otherCount += 1
      } else {
        differentCount += 1
      }
      report(
        "trial \(trial.identifier) (\(results.plan.trialTitle(at: index))): \(difference ?? "the same bits again")")
    }
    let others =
      otherCount > 0 ? "; \(otherCount) gave other numbers, as a program may that is not declared deterministic" : ""
    let late =
      lateCount == 0
      ? "" : "; \(lateCount) took longer than program.timeout: run the sweep with a longer one and verify again"
    report("\(sameCount) of \(indices.count) trials trained again gave the same bits\(others)\(late)")
    return differentCount + lateCount
  }

  /// The lines of a journal that hold no record. A torn line before the start of a run or at the
  /// end of the journal is no damage, because a killed run leaves one.
  package static func damage(of path: String) throws -> [String] {
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

  /// The indices of `count` of the trials that have a result, the same ones each time.
  package func sample(_ count: Int) -> [Int] {
    let finished = results.plan.trials.indices.filter {
      results.index[results.plan.trialIdentifier(at: $0)]?.hasResult == true
    }
    var stream = SeedStream(seed: 1, purpose: .subsample)
    return stream.permutation(finished.count).prefix(count).map { finished[$0] }.sorted()
  }

  /// Refuses to compare bits that differ because this machine computes differently.
  package func requireSameNumerics(of indices: [Int]) throws {
    if results.plan.isOfProgram { return }
    let machine = NumericsFingerprint.current().description
    let pairs = indices.lazy.compactMap { index -> (found: String, here: String)? in
      let trial = results.plan.trials[index]
      return results.index[trial.identifier]?.fingerprint.map { ($0, trial.configuration.numerics(of: machine)) }
    }
    // Results whose fingerprint is lost may differ; training again tells.
    guard let other = pairs.first(where: { $0.found != $0.here && $0.found != JournalIndex.unknownNumerics }) else {
      return
    }
    throw Refusal(
      """
      the results were computed with other bits than this machine computes with, so nothing can be compared:
        results: \(other.found)
        now:     \(other.here)
      Where only `blas` differs, --blas-core with the name of the results' kernels cures that.
      """)
  }

  /// The difference between a journaled outcome and the one of the new training; nil if there is none.
  private static func difference(_ record: TrialRecord, _ again: Outcome) -> String? {
    guard record.outcomeJSON != again.encodedJSON() else { return nil }
    // A slower machine takes longer for the same numbers.
    if again.status == .timeout { return "not verified: \(again.message ?? "it took too long")" }
    guard let first = try? record.outcome() else { return "the journal's outcome cannot be read" }
    if first.status != again.status {
      return "DIFFERENT: \(first.status.rawValue) in the journal, \(again.status.rawValue) now"
        + (again.message.map { ": \($0)" } ?? "")
    }
    if again.isOfProgram {
      let scores = [first, again].map { $0.evaluations.last.map { "\($0.value)" } ?? "no score" }
      return scores[0] == scores[1]
        ? "\(again.mayDiffer ? "other numbers" : "DIFFERENT:") on the way to the same score, \(scores[0])"
        : "\(again.mayDiffer ? "other numbers" : "DIFFERENT"): \(scores[0]) in the journal, \(scores[1]) now"
    }
    return first.weightsDigest != again.weightsDigest
      ? "DIFFERENT: the weights are not those of the journal"
      : "DIFFERENT: the weights are the journal's, but not what was measured of them"
  }
}
