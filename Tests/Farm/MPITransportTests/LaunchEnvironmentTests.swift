// How a process was started, from environments as the launchers leave them.

import XCTest

@testable import MPITransport

final class LaunchEnvironmentTests: XCTestCase {
  /// What sbatch gives its script: the job's tasks, but no step of tasks.
  private let batch = [
    "SLURM_JOB_ID": "812", "SLURM_NTASKS": "32", "SLURM_NPROCS": "32", "SLURM_PROCID": "0", "SLURM_LOCALID": "0",
    "SLURM_NODEID": "0", "SLURM_TASKS_PER_NODE": "32",
  ]

  func testAShellIsPlain() {
    let environment = LaunchEnvironment(["PATH": "/bin", "HOME": "/root"])
    XCTAssertEqual(environment.launcher, .none)
    XCTAssertFalse(environment.usesMPI)
    XCTAssertNil(environment.refusal)
    XCTAssertNil(environment.refusal(worldSize: 1))
    XCTAssert(environment.speaksForAll)
  }

  func testABatchScriptIsPlain() {
    // Slurm's own steps appear by name or as the largest 32-bit numbers: batch, extern, interactive.
    let steps: [String?] = [nil, "batch", "extern", "interactive", "4294967291", "4294967292", "4294967290", ""]
    for step in steps {
      var variables = batch
      variables["SLURM_STEP_ID"] = step
      if step != nil { variables["SLURM_STEP_NUM_TASKS"] = "32" }
      let environment = LaunchEnvironment(variables)
      XCTAssertEqual(environment.launcher, .none, "step \(step ?? "none")")
      XCTAssertFalse(environment.usesMPI)
      XCTAssertNil(environment.refusal(worldSize: 1))
    }
  }

  func testATaskOfSrunWithPMIx() {
    let step = [
      "SLURM_STEP_ID": "3", "SLURM_STEP_NUM_TASKS": "32", "SLURM_PROCID": "5", "PMIX_RANK": "5",
      "PMIX_NAMESPACE": "slurm.pmix.812.3",
    ]
    let environment = LaunchEnvironment(batch.merging(step) { $1 })
    XCTAssertEqual(environment.launcher, .slurm)
    XCTAssert(environment.usesMPI)
    XCTAssertEqual(environment.announcedSize, 32)
    XCTAssertEqual(environment.announcedRank, 5)
    XCTAssertFalse(environment.speaksForAll)
    XCTAssertNil(environment.refusal)
    XCTAssertNil(environment.refusal(worldSize: 32))
    XCTAssertNotNil(environment.refusal(worldSize: 1))
  }

  func testATaskOfSrunWithoutPMIxIsRefusedAtOnce() {
    let step = ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "32", "SLURM_PROCID": "0", "PMI_SIZE": "32"]
    let environment = LaunchEnvironment(batch.merging(step) { $1 })
    XCTAssertEqual(environment.launcher, .slurm)
    XCTAssertNotNil(environment.refusal)
  }

  func testOneTaskOfSrunIsPlain() {
    let environment = LaunchEnvironment(["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "32"])
    XCTAssertEqual(environment.launcher, .slurm)
    XCTAssertFalse(environment.usesMPI)
    XCTAssertNil(environment.refusal)
    XCTAssertNil(environment.refusal(worldSize: 1))
  }

  func testMPIRunGoesBeforeTheStepOfItsDaemons() {
    let step = ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1"]
    let ranks = ["OMPI_COMM_WORLD_SIZE": "64", "OMPI_COMM_WORLD_RANK": "40", "PMIX_RANK": "40"]
    let environment = LaunchEnvironment(batch.merging(step) { $1 }.merging(ranks) { $1 })
    XCTAssertEqual(environment.launcher, .openMPI)
    XCTAssertEqual(environment.announcedSize, 64)
    XCTAssertEqual(environment.announcedRank, 40)
    XCTAssertNil(environment.refusal)
    XCTAssertNil(environment.refusal(worldSize: 64))
    XCTAssertNotNil(environment.refusal(worldSize: 1))
  }

  func testOneRankOfMPIRun() {
    let environment = LaunchEnvironment(["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"])
    XCTAssert(environment.usesMPI)
    XCTAssertNil(environment.refusal(worldSize: 1))
  }

  func testAnotherMPIsLauncherIsRefused() {
    let environment = LaunchEnvironment(["PMI_SIZE": "4", "PMI_RANK": "2"])
    XCTAssertEqual(environment.launcher, .processManager)
    XCTAssertEqual(
      environment.refusal,
      "4 processes were started by a PMI launcher, but MPI sees each of them alone: each would lead a run of its own in "
        + "the same folder. Start with the mpirun of the Open MPI that seedsweep was built with, not another MPI's.")
    XCTAssertFalse(environment.speaksForAll)
    XCTAssertFalse(LaunchEnvironment(["PMI_SIZE": "1", "PMI_RANK": "0"]).usesMPI)
  }
}
