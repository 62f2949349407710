// What a run knows of itself for provenance.json: program, libraries, inputs, launcher.

import CommandLine
import Foundation
import Host
import Kernels
import Storage

extension Run {
  /// Everything but the ranks, which are known later.
  func provenance(_ sweep: PreparedSweep) -> Provenance {
    let machine = Machine.current()
    let environment = ProcessInfo.processInfo.environment
    var provenance = Provenance()
    provenance.version = Version.current
    let program = program.take()
    provenance.executableDigest = program.executableDigest
    provenance.commit = program.commit
    provenance.commandLine = CommandLine.arguments
    provenance.mpi = launch.library
    provenance.blas =
      "\(BLASLibrary.configuration), kernels \(BLASLibrary.coreName), threads \(BLASLibrary.threadCount)"
    provenance.system = "\(machine.kernel), \(Machine.libraryVersion())"
    provenance.files = sweep.files.known.map { Provenance.File(path: $0.key, digest: $0.value) }
    provenance.environment = environment.filter { name, _ in Self.isOfInterest(name) }
    return provenance
  }

  /// Variables of launchers, batch systems and libraries that can change a run.
  private static func isOfInterest(_ name: String) -> Bool {
    let names = ["OMP_NUM_THREADS", "LOADEDMODULES"]
    let prefixes = [
      "OPENBLAS_", "OMPI_COMM_WORLD_", "SLURM_JOB_", "SLURM_NTASKS", "SLURM_STEP_", "SLURM_RESTART_COUNT", "PBS_JOBID",
      "LSB_JOBID",
    ]
    return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }
}
