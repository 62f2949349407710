// Joins the results of several folders in one journal. A trial that several folders finished is compared, not counted
// twice; attempts without a result stay behind.

import Foundation
import Trials

/// What a merge found.
package struct MergeReport: Equatable, Sendable {
  /// The results of each source, in order.
  package var resultCounts: [Int] = []
  /// The results written.
  package var mergedCount = 0
  /// Results that an earlier source had too, with the same bytes.
  package var duplicateCount = 0
  /// Results that an earlier source had with other numbers, of programs that may come to others; the earlier one is kept.
  package var differingCount = 0
  /// Results that an earlier source had with other bytes; the earlier one is kept.
  package var mismatches: [ResultMismatch] = []
}

/// Joins the results of several journals.
package enum JournalMerge {
  /// Writes the results of several journals, each trial once, in the order of sources and identifiers.
  ///
  /// - Parameters:
  ///   - sources: The indexes of the journals to join.
  ///   - writer: The journal to append to, its run's start already written.
  ///   - present: What that journal holds already.
  /// - Throws: `FileError`.
  package static func merge(
    _ sources: [JournalIndex], into writer: JournalWriter, present: JournalIndex
  ) throws -> MergeReport {
    var report = MergeReport()
    var owners: [String: JournalIndex] = [:]
    for trial in present.trials where present[trial]?.hasResult == true { owners[trial] = present }
    for source in sources {
      let trials = source.trials.filter { source[$0]?.hasResult == true }
      report.resultCounts.append(trials.count)
      report.duplicateCount += source.duplicateCount
      report.differingCount += source.differingCount
      report.mismatches += source.mismatches
      for group in stride(from: 0, to: trials.count, by: 64).map({ trials[$0..<min($0 + 64, trials.count)] }) {
        var records: [JournalRecord] = []
        for trial in group {
          guard var record = try source.record(of: trial) else { continue }
          // The leader whose fingerprint it may have is not to be seen in another journal.
          record.fingerprint = source[trial]?.fingerprint
          guard let owner = owners[trial] else {
            owners[trial] = source
            records.append(.outcome(record))
            continue
          }
          try compare(record, from: source, with: owner, in: &report)
        }
        report.mergedCount += records.count
        try writer.append(records)
      }
    }
    return report
  }

  private static func compare(
    _ record: TrialRecord, from source: JournalIndex, with owner: JournalIndex, in report: inout MergeReport
  ) throws {
    if try owner.record(of: record.trial)?.outcomeJSON == record.outcomeJSON {
      report.duplicateCount += 1
      return
    }
    if record.mayDiffer {
      report.differingCount += 1
      return
    }
    let offsets = [owner, source].map { $0[record.trial]?.location?.offset ?? 0 }
    report.mismatches.append(
      ResultMismatch(trial: record.trial, paths: [owner.path, source.path], offsets: offsets))
  }
}
