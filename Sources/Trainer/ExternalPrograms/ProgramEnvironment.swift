// The environment of a trial's program: that of its rank, without what would make the program believe that it is one of several
// ranks itself, and with the accelerator that it may use. It asks no device anything, and leaves alone to which cores the rank is
// bound.

import Foundation
import Trials

/// Makes a program's environment.
struct ProgramEnvironment {
  /// The variables of the rank.
  var base: [String: String]
  /// The index of the rank among those of its node.
  var localRank: Int

  /// What launchers tell their processes; PyTorch, Accelerate and MPI libraries would join a job by it. The launchers are those of
  /// Open MPI, MPICH (Hydra), MVAPICH, Cray (PALS, ALPS), IBM (jsrun), Flux, Slurm and PyTorch. What Slurm says of the whole job
  /// stays.
  /// Those of our own tell a leader about the command that started it, for which a program that runs seedsweep is none.
  private static let prefixes = [
    "OMPI_", "PMIX_", "PMI_", "PRTE_", "ORTE_", "OPAL_", "MV2_", "MPIRUN_", "MPISPAWN_", "HYDRA_", "HYDI_",
    "MPI_LOCAL", "PALS_", "ALPS_APP_", "JSM_", "FLUX_TASK_", "SLURM_STEP_", "SLURM_NTASKS", "SLURM_SRUN_COMM_",
    "SLURM_PMI", "TORCHELASTIC_", "SEEDSWEEP_",
  ]
  private static let names: Set<String> = [
    "SLURM_STEPID", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_NPROCS", "SLURM_TASKS_PER_NODE",
    "SLURM_TASK_PID", "SLURM_GTIDS", "SLURM_GPIDS", "SLURM_LAUNCH_NODE_IPADDR", "SLURM_MPI_TYPE", "RANK", "LOCAL_RANK",
    "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK", "GROUP_WORLD_SIZE", "ROLE_RANK", "ROLE_NAME", "ROLE_WORLD_SIZE",
    "NODE_RANK", "MASTER_ADDR", "MASTER_PORT",
  ]

  /// The environment of a trial.
  func variables(of program: ProgramSpecification, seeds: TrialSeeds, folder: String) -> [String: String] {
    var variables = base.filter { name, _ in
      !Self.names.contains(name) && !Self.prefixes.contains { name.hasPrefix($0) }
    }
    if let count = program.deviceCount {
      for (name, value) in devices(count) { variables[name] = value }
    }
    for (name, value) in program.expandedEnvironment(seeds: seeds, folder: folder) { variables[name] = value }
    return variables
  }

  /// The variables that show one accelerator: that of the rank among those that the job was given, or else among `count`. Ranks
  /// beyond them share round robin. Where the job was given an empty CUDA_VISIBLE_DEVICES, which hides them all, it stays empty; the
  /// other variables show every device where they are empty, and count as not given.
  ///
  /// AMD's ROCR_VISIBLE_DEVICES filters below HIP, which counts anew what it leaves. It is therefore set only where the job was
  /// given one, and HIP_VISIBLE_DEVICES then names the one device that is left. CUDA_VISIBLE_DEVICES does so too unless the job was
  /// given it: Slurm sets it beside AMD's on nodes with NVIDIA's devices, and HIP does not look at it where it has its own.
  func devices(_ count: Int) -> [String: String] {
    func share(_ name: String) -> String? {
      guard let text = base[name], !text.isEmpty else { return nil }
      let given = text.split(separator: ",").prefix(count)
      return given.isEmpty ? nil : String(given[localRank % given.count])
    }
    let plain = String(localRank % count)
    var variables = ["ZE_AFFINITY_MASK": share("ZE_AFFINITY_MASK") ?? plain]
    if let given = share("ROCR_VISIBLE_DEVICES") {
      variables["ROCR_VISIBLE_DEVICES"] = given
      variables["HIP_VISIBLE_DEVICES"] = "0"
      variables["CUDA_VISIBLE_DEVICES"] = share("CUDA_VISIBLE_DEVICES") ?? "0"
    } else {
      let device = share("CUDA_VISIBLE_DEVICES") ?? share("HIP_VISIBLE_DEVICES") ?? plain
      variables["CUDA_VISIBLE_DEVICES"] = device
      variables["HIP_VISIBLE_DEVICES"] = share("HIP_VISIBLE_DEVICES") ?? device
    }
    if base["CUDA_VISIBLE_DEVICES"] == "" { variables["CUDA_VISIBLE_DEVICES"] = "" }
    return variables
  }
}

extension ProgramEnvironment {
  /// The index of this process among those of its node, as its launcher tells; 0 without one.
  package static func localRank(_ environment: [String: String]) -> Int {
    ["OMPI_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID", "PMI_LOCAL_RANK", "MPI_LOCALRANKID"].lazy
      .compactMap { environment[$0].flatMap { Int($0) } }.first { $0 >= 0 } ?? 0
  }
}
