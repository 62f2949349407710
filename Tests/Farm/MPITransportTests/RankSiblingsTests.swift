// Ranks that are found missing before MPI has started, in a folder that stands for /proc.

import TestSupport
import XCTest

@testable import MPITransport

final class RankSiblingsTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  /// Siblings by what stands in the environments of living processes: of this job only, each rank once.
  func testMissingRanksAreFound() throws {
    let environment = ["OMPI_COMM_WORLD_LOCAL_SIZE": "4", "PMIX_NAMESPACE": "77"]
    func add(_ process: String, _ variables: [String]) throws {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + process, withIntermediateDirectories: true)
      try folder.write(variables.map { $0 + "\0" }.joined(), to: process + "/environ")
    }
    try add("10", ["PATH=/bin", "PMIX_NAMESPACE=77", "OMPI_COMM_WORLD_LOCAL_RANK=2"])
    try add("11", ["PMIX_NAMESPACE=78", "OMPI_COMM_WORLD_LOCAL_RANK=1"])
    try add("12", ["OMPI_COMM_WORLD_LOCAL_RANK=0", "PMIX_NAMESPACE=77"])
    try add("13", [])
    try add("self", ["PMIX_NAMESPACE=77", "OMPI_COMM_WORLD_LOCAL_RANK=3"])
    let siblings = try XCTUnwrap(RankSiblings(environment, processes: folder.path))
    XCTAssertEqual(siblings.missingRanks(), [1, 3])
    XCTAssertEqual(
      siblings.complaint([1, 3]),
      "of the 4 ranks of this host, number 2, 4 have no process any more, though MPI has not started")
    XCTAssertNil(RankSiblings([:]))
  }

  /// Of six ranks the first three start at once, the others one after another on a busy machine, and the last one dies before
  /// anybody has seen it.
  func testRanksThatAreStartedSlowlyAreNotMissing() {
    var sightings = SiblingSightings(count: 6, now: 100, isJudging: true)
    var missing = [3, 4, 5]
    var lost: [Double: [Int]] = [:]
    for quarter in 0...120 {
      let now = 100 + Double(quarter) / 4
      if now == 109 { missing = [4, 5] }
      if now == 118 { missing = [5] }
      let found = sightings.lost(missing: missing, now: now)
      if !found.isEmpty { lost[now] = found }
    }
    XCTAssertEqual(lost.keys.min(), 128.25, "ten seconds after the last one appeared")
    XCTAssertEqual(lost[128.25], [5])
  }

  /// A rank that was seen counts as missing sooner than one that was not.
  func testARankThatIsGoneIsMissing() {
    var sightings = SiblingSightings(count: 4, now: 100, isJudging: true)
    XCTAssertEqual(sightings.lost(missing: [2, 3], now: 100), [])
    XCTAssertEqual(sightings.lost(missing: [1, 2, 3], now: 105), [])
    XCTAssertEqual(sightings.lost(missing: [1, 2, 3], now: 105.25), [1])
    XCTAssertEqual(sightings.lost(missing: [2, 3], now: 105.5), [], "its environment could not be read for a while")
    XCTAssertEqual(sightings.lost(missing: [1, 2, 3], now: 110.25), [2, 3])
  }

  /// Ranks in containers see neither one another nor the launcher, at first or ever.
  func testRanksThatSeeNothingMissNobody() {
    var sightings = SiblingSightings(count: 2, now: 100, isJudging: false)
    XCTAssertEqual(sightings.lost(missing: [1], now: 200), [])
    XCTAssertEqual(sightings.lost(missing: [], now: 201), [])
    XCTAssertEqual(sightings.lost(missing: [1], now: 206), [])
    XCTAssertEqual(sightings.lost(missing: [1], now: 206.25), [1])
  }
}
