// Reading the system for `Doctor`. Starts `mpirun --version` and nothing else.

import Estimates
import Foundation
import Host
import Kernels
import MPITransport
import Runs

extension Doctor {
  /// Looks at this machine and this process.
  package static func examine() -> Doctor {
    var seen = Examination()
    let environment = ProcessInfo.processInfo.environment
    seen.fingerprint = .current()
    seen.productLevel = ProductLevel.name
    seen.bfloat16IsFast = ProductPrecision.bfloat16IsFast
    seen.machine = .current()
    seen.blasConfiguration = BLASLibrary.configuration
    seen.gigaflops = SpeedProbe.gigaflops()
    seen.messagePassingLibrary = MPILibrary.version
    seen.launcherRankCount = LaunchEnvironment(environment).announcedSize
    seen.launcherPath = ChildProcess.path(of: "mpirun", searchPath: environment["PATH"] ?? "")
    seen.launcherVersion = seen.launcherPath.map(firstLine(ofVersion:)) ?? ""
    seen.runsAsRoot = geteuid() == 0
    seen.allowsRoot = environment["OMPI_ALLOW_RUN_AS_ROOT"] == "1"
    seen.freeDiskByteCount = freeByteCount(at: ".")
    seen.canWriteHere = access(".", W_OK) == 0
    seen.openFileLimit = ProcessLimits.current().openFiles
    seen.jobRankCount = environment["SLURM_NTASKS"].flatMap { Int($0) }
    seen.addressSpaceLimit = Machine.addressLimit
    return Doctor(examination: seen)
  }

  private static func firstLine(ofVersion launcher: String) -> String {
    do {
      let output = try ProgramOutput.text(of: launcher, ["--version"], atMost: 10)
      return output.split(separator: "\n").first.map(String.init) ?? "says no version"
    } catch { return "\(error)" }
  }
}
