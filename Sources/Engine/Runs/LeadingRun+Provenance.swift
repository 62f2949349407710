// What a run knows of itself for provenance.json: program, libraries, inputs, launcher.

import CommandLine
import Digests
import Files
import Foundation
import Host
import Kernels
import Storage

extension LeadingRun {
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
    provenance.mpi = place.library
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

/// What this program is made of.
struct ProgramOrigin: Sendable {
  /// The SHA-256 of the executable.
  var executableDigest: String?
  /// The commit of the sources, if known.
  var commit: String?

  /// Looks at the executable and asks git, which takes a tenth of a second.
  static func current() -> ProgramOrigin {
    ProgramOrigin(executableDigest: try? SHA256.hex(ofFile: "/proc/self/exe"), commit: commit())
  }

  /// The commit of the checkout whose build folder the program lies in, where git is at hand.
  private static func commit() -> String? {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      program.contains("/.build")
    else { return nil }
    let words = [
      "git", "-C", RawFile.folder(of: program), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*",
    ]
    let text = try? ProgramOutput.text(of: "/usr/bin/env", words, atMost: 10)
    return text?.split(separator: "\n").first.map(String.init)
  }
}
