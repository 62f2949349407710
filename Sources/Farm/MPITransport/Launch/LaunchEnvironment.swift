// How this process was started, read from its environment alone. A plain run must never initialize MPI. If the processes of a
// job step cannot find each other, the start must be refused: each of them would become a leader of the same results folder.

/// What started this process.
package enum Launcher: String, Equatable, Sendable {
  /// A shell: one process, also inside a batch script.
  case none
  /// Open MPI's mpirun.
  case openMPI = "mpirun"
  /// Slurm's srun.
  case slurm = "srun"
  /// Another launcher that speaks PMI or PMIx, such as MPICH's mpiexec.
  case processManager = "a PMI launcher"
}

/// What the environment says about the processes started together with this one.
package struct LaunchEnvironment: Equatable, Sendable {
  /// What started this process.
  package var launcher: Launcher
  /// The number of processes that the launcher started; nil when it does not say.
  package var announcedSize: Int?
  /// The index of this process among them; nil when the launcher does not say.
  package var announcedRank: Int?
  /// Whether the launcher offers what Open MPI's processes need to find each other.
  package var offersWireUp: Bool

  /// Whether MPI must be initialized; a single process started by srun or a shell does not need it.
  package var usesMPI: Bool {
    switch launcher {
    case .none: false
    case .openMPI: true
    case .slurm, .processManager: (announcedSize ?? 2) > 1
    }
  }

  /// Whether this process prints the messages that all of its siblings would print.
  package var speaksForAll: Bool { (announcedRank ?? 0) == 0 }

  /// Reads an environment such as `ProcessInfo.processInfo.environment`.
  ///
  /// mpirun's variables count before Slurm's, because the Slurm step may be that of mpirun's daemons. In a batch script Slurm sets the
  /// job's task count too, so only the variables of a real step count.
  package init(_ environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    let hasPMIx = environment["PMIX_RANK"] != nil && environment["PMIX_NAMESPACE"] != nil
    if environment["OMPI_COMM_WORLD_SIZE"] != nil {
      launcher = .openMPI
      announcedSize = number("OMPI_COMM_WORLD_SIZE")
      announcedRank = number("OMPI_COMM_WORLD_RANK")
      offersWireUp = true
    } else if LaunchEnvironment.isTaskStep(environment["SLURM_STEP_ID"]), let size = number("SLURM_STEP_NUM_TASKS") {
      launcher = .slurm
      announcedSize = size
      announcedRank = number("SLURM_PROCID")
      offersWireUp = hasPMIx
    } else if environment["PMI_SIZE"] != nil || hasPMIx {
      launcher = .processManager
      announcedSize = number("PMI_SIZE")
      announcedRank = number("PMI_RANK") ?? number("PMIX_RANK")
      offersWireUp = hasPMIx
    } else {
      launcher = .none
      announcedSize = nil
      announcedRank = nil
      offersWireUp = false
    }
  }

  /// Why this start must be refused before MPI is initialized, or nil.
  package var refusal: String? { usesMPI && !offersWireUp ? explanation : nil }

  /// Why this start must be refused given MPI's own count of processes, or nil.
  package func refusal(worldSize: Int) -> String? {
    guard let announcedSize, announcedSize > 1, worldSize == 1 else { return nil }
    return explanation
  }

  private var explanation: String {
    let count = announcedSize.map(String.init) ?? "Several"
    let cause = "\(count) processes were started by \(launcher.rawValue), but MPI sees each of them alone"
    let cure =
      switch launcher {
      case .slurm: "Start with `srun --mpi=pmix seedsweep ...`, or with `mpirun seedsweep ...` inside the allocation."
      case .openMPI: "Start with the mpirun of the Open MPI that seedsweep was built with."
      case .processManager, .none:
        "Start with the mpirun of the Open MPI that seedsweep was built with, not another MPI's."
      }
    return "\(cause): each would lead a run of its own in the same folder. \(cure)"
  }

  /// Whether srun started the tasks of the step with this name. Slurm also has steps for the batch script, for adopted
  /// processes and for an interactive shell; their names are words or the largest 32-bit numbers.
  private static func isTaskStep(_ step: String?) -> Bool {
    guard let step, let number = UInt32(step) else { return false }
    return number < 0xffff_fff0
  }
}
