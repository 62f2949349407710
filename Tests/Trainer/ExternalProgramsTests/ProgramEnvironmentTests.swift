// What a program's environment holds: nothing of the launcher's, and one of the node's accelerators.

import KeyValues
import Trials
import XCTest

@testable import ExternalPrograms

final class ProgramEnvironmentTests: XCTestCase {
  private func devices(_ count: Int, rank: Int, _ given: [String: String] = [:]) -> [String] {
    let environment = ProgramEnvironment(base: given, localRank: rank).devices(count)
    return ["CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK"].map {
      environment[$0] ?? "-"
    }
  }

  func testDevicesAreDealtOutRoundRobin() {
    XCTAssertEqual((0..<5).map { devices(4, rank: $0)[0] }, ["0", "1", "2", "3", "0"])
    XCTAssertEqual(devices(2, rank: 1), ["1", "1", "-", "1"])
  }

  func testOnlyWhatTheJobWasGivenIsDealtOut() {
    let given = ["CUDA_VISIBLE_DEVICES": "5,7", "ZE_AFFINITY_MASK": "0.1,1.0"]
    XCTAssertEqual(
      (0..<3).map { devices(4, rank: $0, given) },
      [["5", "5", "-", "0.1"], ["7", "7", "-", "1.0"], ["5", "5", "-", "0.1"]])
    XCTAssertEqual(devices(1, rank: 1, ["CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b"])[0], "GPU-a", "fewer than were given")
    // CUDA shows nothing by an empty list, and the others everything.
    let none = ["CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": "", "ZE_AFFINITY_MASK": ""]
    XCTAssertEqual(devices(2, rank: 1, none), ["", "1", "-", "1"])
  }

  func testWithoutDevicesTheVariablesAreThoseOfTheRank() {
    for base in [["PATH": "/bin"], ["PATH": "/bin", "CUDA_VISIBLE_DEVICES": "3,4", "ZE_AFFINITY_MASK": ""]] {
      let environment = ProgramEnvironment(base: base, localRank: 1)
      XCTAssertEqual(
        environment.variables(of: ProgramSpecification(), seeds: TrialSeeds(tied: 3), folder: "/f"), base)
    }
  }

  /// HIP counts anew behind ROCR: one device is left, and it is number 0.
  func testAMDsLowerFilterIsDealtOutOnceOnly() {
    XCTAssertEqual(devices(4, rank: 1, ["ROCR_VISIBLE_DEVICES": "2,3"]), ["0", "0", "3", "1"])
    // Slurm sets all variables on a node with NVIDIA's devices, which know only their own.
    let all = ["CUDA_VISIBLE_DEVICES": "0,1", "ROCR_VISIBLE_DEVICES": "0,1", "ZE_AFFINITY_MASK": "0,1"]
    XCTAssertEqual((0..<2).map { devices(2, rank: $0, all) }, [["0", "0", "0", "0"], ["1", "0", "1", "1"]])
  }

  func testNothingOfTheLauncherIsLeft() throws {
    var program = ProgramSpecification()
    program.command = ["t"]
    program.environment = [NamedValue("SEED", .text("{seed}")), NamedValue("OUT", .text("{folder}/x"))]
    var base = ["SEED": "9", "SEEDSWEEP_EXIT_CODE_FILE": "/tmp/x"]
    for name in [
      "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", "HYDI_CONTROL_FD",
      "MV2_COMM_WORLD_SIZE", "PALS_LOCAL_RANKID", "ALPS_APP_PE", "JSM_NAMESPACE_RANK", "FLUX_TASK_LOCAL_ID",
      "SLURM_STEPID", "SLURM_STEP_ID", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_NTASKS_PER_NODE", "SLURM_SRUN_COMM_HOST",
      "SLURM_PMIX_MAPPING_SERV", "RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "TORCHELASTIC_RUN_ID",
    ] {
      base[name] = "1"
    }
    let others = ["PATH": "/bin", "SLURM_JOB_ID": "17", "SLURM_STEPMGR": "n1", "MPI_HOME": "/opt", "FLUX_URI": "x"]
    let variables = ProgramEnvironment(base: base.merging(others) { one, _ in one }, localRank: 0).variables(
      of: program, seeds: TrialSeeds(tied: 3), folder: "/f")
    XCTAssertEqual(variables, others.merging(["SEED": "3", "OUT": "/f/x"]) { one, _ in one })
  }

  func testTheRankOfANode() {
    XCTAssertEqual(ProgramEnvironment.localRank([:]), 0)
    XCTAssertEqual(ProgramEnvironment.localRank(["OMPI_COMM_WORLD_LOCAL_RANK": "2", "SLURM_LOCALID": "0"]), 2)
    XCTAssertEqual(ProgramEnvironment.localRank(["SLURM_LOCALID": "3"]), 3)
  }
}
