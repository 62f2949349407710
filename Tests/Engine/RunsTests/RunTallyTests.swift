// The counts of a run, fed with what happens to its trials.

import Storage
import TestSupport
import Training
import Trials
import XCTest

@testable import Runs

final class RunTallyTests: XCTestCase {
  /// The rank of a trial's first attempt was given up, the last attempt failed, and then that rank answers after all.
  func testALateResultIsNoLongerCountedAsMissing() throws {
    let folder = try TemporaryFolder()
    try folder.write(TinySweep.text("seeds: 3,"), to: "tiny.json5")
    var options = RunOptions()
    options.sweepPath = folder.path + "/tiny.json5"
    options.output = folder.path + "/out"
    let work = try RunWork(
      SweepSource(options).prepared(ResourceReader()), in: RunFolder(options.output),
      JournalIndex(path: options.output + "/journal.jsonl"), options)
    let tally = try RunTally(work)
    for job in 0..<2 { tally.exhaust(job) }
    XCTAssertEqual(tally.status.exhaustedCount, 2)
    let outcome = Outcome(status: .diverged, metric: work.trial(ofJob: 1).configuration.reportedMetric)
    XCTAssertEqual(tally.add(outcome, ofTrial: work.trials[1]), [])
    XCTAssertEqual(tally.status.exhaustedCount, 1)
    XCTAssertEqual(tally.status.divergedCount, 1)
    XCTAssertEqual(tally.add(outcome, ofTrial: work.trials[2]), [])
    XCTAssertEqual(tally.status.exhaustedCount, 1, "it never was without a result")
    XCTAssertEqual(tally.status.remainingCount, 1)
  }
}
