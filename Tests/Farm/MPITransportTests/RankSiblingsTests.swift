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
}
