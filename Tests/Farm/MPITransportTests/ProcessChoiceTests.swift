// How many processes a command uses that is not told, for machines that are not this one.

import CommandLine
import XCTest

@testable import MPITransport

final class ProcessChoiceTests: XCTestCase {
  private func choice(
    threads: Int = 1, jobs: Int = 100, cores: Int = 8, most: Int = .max, hasLauncher: Bool = true, fitting: Int = .max
  ) throws -> ProcessChoice {
    try ProcessChoice(
      threadCount: threads, jobCount: jobs, cores: cores, mostRanks: most, hasLauncher: hasLauncher,
      fitting: { fitting })
  }

  func testAllCores() throws {
    XCTAssertEqual(try choice().count, 8)
    XCTAssertEqual(try choice().remark, "8 processes: all cores; --processes N changes this")
    XCTAssertEqual(try choice(threads: 3).count, 2)
    XCTAssertEqual(
      try choice(threads: 3).remark, "2 processes of 3 threads: all cores; --processes N changes this")
    XCTAssertEqual(try choice(jobs: 3).count, 3)
    XCTAssertEqual(try choice(jobs: 3).remark, "3 processes: one for each trial; --processes N changes this")
  }

  func testOneProcess() throws {
    for alone in [try choice(cores: 1), try choice(jobs: 1), try choice(jobs: 0), try choice(threads: 5)] {
      XCTAssertEqual(alone.count, 1)
      XCTAssertNil(alone.remark)
    }
    let bare = try choice(hasLauncher: false)
    XCTAssertEqual(bare.count, 1)
    XCTAssertEqual(
      bare.remark,
      "1 process of 8 possible ones: several need Open MPI's mpirun, which is in no folder of PATH; --threads N uses more cores"
    )
  }

  func testLimits() throws {
    XCTAssertEqual(try choice(fitting: 2).count, 2)
    XCTAssertEqual(
      try choice(fitting: 2).remark,
      "2 processes: more do not fit this machine's memory; --processes N changes this")
    XCTAssertEqual(try choice(fitting: 0).count, 1, "the leader says why that does not fit either")
    XCTAssertEqual(
      try choice(most: 4).remark, "4 processes: more need a larger `ulimit -n`; --processes N changes this")
  }

  func testWhatIsSaidCounts() throws {
    func choice(_ asked: Int?, _ environment: [String: String]) throws -> ProcessChoice {
      try ProcessChoice(asked: asked, threadCount: 1, environment) {
        XCTFail("nobody needs to know")
        return 1
      }
    }
    XCTAssertEqual(try choice(3, ["SEEDSWEEP_PROCESSES": "2"]).count, 3)
    XCTAssertEqual(try choice(nil, ["SEEDSWEEP_PROCESSES": "2"]).count, 2)
    XCTAssertNil(try choice(nil, ["SEEDSWEEP_PROCESSES": "2"]).remark)
    XCTAssertThrowsError(try choice(nil, ["SEEDSWEEP_PROCESSES": "all"])) {
      XCTAssertEqual(
        "\($0)", "the variable SEEDSWEEP_PROCESSES: found 'all', expected a whole number from 1 to 1024")
    }
  }
}
