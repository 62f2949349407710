// The farm's scenarios under a real mpirun: the same bodies that FarmTests runs on threads.

import FarmScenarios
import Foundation
import XCTest

final class MPIScenarioTests: XCTestCase {
  func testEveryScenarioOnThreeRanks() throws {
    for scenario in Scenario.allCases { try assertHolds(scenario, rankCount: 3) }
  }

  func testEveryScenarioOnOneRank() throws {
    for scenario in Scenario.allCases { try assertHolds(scenario, rankCount: 1) }
  }

  private func assertHolds(_ scenario: Scenario, rankCount: Int) throws {
    let run = try MPIRun.ranks(rankCount, [scenario.rawValue])
    XCTAssertEqual(run.output, "ok\n", "\(scenario) on \(rankCount) ranks")
    XCTAssertEqual(run.status, 0, "\(scenario) on \(rankCount) ranks")
  }

  func testRanksKnowTheirPlaces() throws {
    let run = try MPIRun.ranks(3, ["describe"])
    XCTAssertEqual(run.status, 0)
    let lines = run.output.split(separator: "\n").sorted()
    XCTAssertEqual(lines.count, 3)
    for (rank, line) in lines.enumerated() {
      XCTAssert(line.hasPrefix("rank \(rank) of 3, \(rank) of 3 here, Open MPI v"), String(line))
    }
  }

  func testCostIsPrinted() throws {
    for measurement in Measurement.allCases {
      let run = try MPIRun.ranks(2, [measurement.rawValue])
      XCTAssertEqual(run.status, 0)
      let line = run.output.split(separator: "\n").first {
        $0.hasPrefix(measurement == .leaderShare ? "leader: " : "\(measurement.rawValue): ")
      }
      let number = try XCTUnwrap(line, run.output).split(separator: " ").lazy.compactMap { Double($0) }.first
      XCTAssertGreaterThan(try XCTUnwrap(number, run.output), 0, run.output)
      print(run.output, terminator: "")
    }
  }
}

final class LaunchTests: XCTestCase {
  func testLauncherRunsRanksAndReturnsTheirStatus() throws {
    let run = try MPIRun.run(MPIRun.selftest, ["launch", "2", Scenario.everyJobOnce.rawValue])
    XCTAssertEqual(run.output, "ok\n")
    XCTAssertEqual(run.status, 0)
    let failing = try MPIRun.run(MPIRun.selftest, ["launch", "1", "nonsense"])
    XCTAssert(failing.output.contains("there is no scenario or measurement nonsense"), failing.output)
    XCTAssertEqual(failing.status, 1)
  }

  func testSignalsReachTheRanks() throws {
    let run = try MPIRun.run(MPIRun.selftest, ["launch", "2", "wait"], onFirstLine: { kill($0, SIGUSR1) })
    let lines = run.output.split(separator: "\n")
    XCTAssert(lines.contains("waiting") && lines.contains("signaled"), run.output)
    XCTAssertEqual(run.status, 0)
  }

  func testTasksThatCannotFindEachOtherAreRefused() throws {
    let step = ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"]
    let first = try MPIRun.run(MPIRun.selftest, ["noJobs"], environment: step)
    XCTAssertEqual(first.status, 2)
    XCTAssertEqual(
      first.output,
      "4 processes were started by srun, but MPI sees each of them alone: each would lead a run of its own in the same "
        + "folder. Start with `srun --mpi=pmix seedsweep ...`, or with `mpirun seedsweep ...` inside the allocation.\n")
    let second = try MPIRun.run(
      MPIRun.selftest, ["noJobs"], environment: step.merging(["SLURM_PROCID": "1"]) { $1 })
    XCTAssertEqual(second.status, 2)
    XCTAssertEqual(second.output, "")
  }

  func testSingletonsThatMPIRunAnnouncedAsManyAreRefused() throws {
    let announced = ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "0"]
    let run = try MPIRun.run(MPIRun.selftest, ["noJobs"], environment: announced)
    XCTAssertEqual(run.status, 2)
    XCTAssertEqual(
      run.output,
      "4 processes were started by mpirun, but MPI sees each of them alone: each would lead a run of its own in the "
        + "same folder. Start with the mpirun of the Open MPI that seedsweep was built with.\n")
  }
}
