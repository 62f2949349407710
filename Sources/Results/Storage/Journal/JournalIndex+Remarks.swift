// What a journal lost and what of it does not count, in one sentence each, for every command that reads one.

import Host

extension JournalIndex {
  /// Everything that a user of the results should know about the journal beside mismatches, one sentence each.
  package var remarks: [String] {
    [skippedRemark, fencedRemark, duplicateRemark, differingRemark, unknownNumericsRemark, injectedRemark].compactMap(
      \.self)
  }

  /// The bytes that hold no record; nil where there are none.
  package var skippedRemark: String? {
    guard let first = skipped.first else { return nil }
    guard skipped.count > 1 else { return "\(path): skipped \(first)" }
    let bytes = counted(skipped.reduce(0) { $0 + $1.byteCount }, "byte")
    return "\(path): skipped \(skipped.count) places that hold no record, \(bytes) in all, the first of them \(first)"
  }

  /// The records of leaders after others had taken over; nil where there are none.
  package var fencedRemark: String? {
    guard fencedCount > 0 else { return nil }
    return "\(path): ignored \(counted(fencedCount, "record")) that a leader wrote after another had taken over"
  }

  /// The second results of trials; nil where there are none.
  package var duplicateRemark: String? {
    guard duplicateCount > 0 else { return nil }
    return "\(path): ignored \(counted(duplicateCount, "second result")) of trials that have an equal one"
  }

  /// The second results of trials whose programs may come to other numbers; nil where there are none.
  package var differingRemark: String? {
    guard differingCount > 0 else { return nil }
    return
      "\(path): ignored \(counted(differingCount, "second result")) with other numbers, of programs that are not declared "
      + "deterministic; the first one counts"
  }

  /// The results whose numerics are not known; nil where there are none.
  package var unknownNumericsRemark: String? {
    let count = unknownNumericsCount
    guard count > 0 else { return nil }
    return
      "\(path): the start of a run is damaged or missing, so the numerics of \(counted(count, "result")) are unknown"
  }

  /// The results that count although they were made under a fault; nil where there are none.
  package var injectedRemark: String? {
    injectedSentence.map {
      "\(path): \($0); they are no results of the sweep, and 'seedsweep run' without --inject trains their trials again"
    }
  }

  /// "8 results were made under --inject nan"; nil where no such result counts.
  package var injectedSentence: String? {
    let counts = injectedCounts
    guard !counts.isEmpty else { return nil }
    let count = counts.values.reduce(0, +)
    return "\(counted(count, "result")) \(count == 1 ? "was" : "were") made under "
      + counts.keys.sorted().map { "--inject \($0)" }.joined(separator: ", ")
  }
}
