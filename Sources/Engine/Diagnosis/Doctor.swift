// What `seedsweep doctor` says: what this machine offers, what is wrong with it and how to mend it. The examination reads the
// system; the diagnosis is a pure function of what was read.

import CommandLine
import Foundation
import Host
import Kernels
import Numerics
import Runs
import Training

/// One thing that is wrong and its cure.
package struct Complaint: Equatable {
  /// Whether it keeps a sweep from running.
  package var isSerious: Bool
  /// What is wrong.
  var problem: String
  /// How to mend it.
  var cure: String
}

/// Everything the diagnosis looks at.
struct Examination: Equatable {
  var machine = Machine()
  var fingerprint = NumericsFingerprint(
    blasCore: "", blasThreadCount: 1, instructionSet: "", libraryVersion: "", probe: "")
  /// The instructions of the portable arithmetic's products.
  var productLevel = ""
  /// Whether bfloat16 products are faster than float32's.
  var bfloat16IsFast = false
  /// OpenBLAS's own description.
  var blasConfiguration = ""
  /// Billions of floating-point operations a second of one core in a matrix product.
  var gigaflops = 0.0
  /// What the linked MPI library says about itself.
  var messagePassingLibrary = ""
  /// The `mpirun` on the PATH.
  var launcherPath: String?
  /// The first line of `mpirun --version`.
  var launcherVersion = ""
  var runsAsRoot = false
  var allowsRoot = false
  /// Free bytes where the program was started.
  var freeDiskByteCount: Int?
  var canWriteHere = true
  /// The limits of open files and of address space in bytes; nil is unlimited.
  var openFileLimit: Int?
  var addressSpaceLimit: Int?
  /// The number of ranks that a launcher announced in the environment.
  var launcherRankCount: Int?
  /// The number of tasks of the Slurm job that this shell belongs to.
  var jobRankCount: Int?
}

/// Judges an examination.
package struct Doctor {
  /// What was read.
  let examination: Examination

  /// The whole report.
  package var text: String {
    let width = facts.map(\.0.count).max() ?? 0
    let lines = facts.map { $0.0 + String(repeating: " ", count: width - $0.0.count) + "  " + $0.1 }
    let judged = complaints.map { complaint in
      "\(complaint.isSerious ? "problem" : "note"): \(complaint.problem)\n  \(complaint.cure)"
    }
    let verdict = complaints.contains { $0.isSerious } ? "" : "Nothing keeps a sweep from running here."
    return ([lines.joined(separator: "\n")] + judged + [verdict]).filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var facts: [(String, String)] {
    let seen = examination
    let machine = seen.machine
    return [
      ("seedsweep", "\(Version.current), built for \(seen.fingerprint.instructionSet)"),
      ("host", "\(machine.host), \(machine.kernel), \(seen.fingerprint.libraryVersion)"),
      ("processor", machine.processor),
      ("cores", "\(machine.coreCount), of which this process may use \(machine.usableCoreCount)"),
      (
        "memory",
        "\(readable(bytes: machine.memoryByteCount)), \(readable(bytes: machine.availableByteCount)) available"
      ),
      ("OpenBLAS", seen.blasConfiguration),
      ("BLAS kernels", "\(seen.fingerprint.blasCore), \(seen.fingerprint.blasThreadCount) thread a rank"),
      ("speed", String(format: "%.0f GFLOP/s a core in a (256, 384) by (384, 384) product", seen.gigaflops)),
      ("numerics", seen.fingerprint.description),
      (
        "portable",
        "\(PortableNumerics(roundsOperands: false)), products made with \(seen.productLevel); bfloat16 is "
          + (seen.bfloat16IsFast ? "faster" : "no faster here")
      ),
      ("MPI library", seen.messagePassingLibrary),
      ("mpirun", seen.launcherPath.map { "\($0), \(seen.launcherVersion)" } ?? "not found"),
      ("user", seen.runsAsRoot ? "root" : "not root"),
      ("free disk here", seen.freeDiskByteCount.map(readable(bytes:)) ?? "unknown"),
      (
        "open files",
        seen.openFileLimit.map {
          "\($0), enough for a leader of \(max(0, $0 - ProcessLimits.filesOfLeader(remoteRanks: 0))) ranks on other machines"
        } ?? "unlimited"
      ),
      ("address space", seen.addressSpaceLimit.map(readable(bytes:)) ?? "unlimited"),
    ]
  }

  /// Everything that is wrong, serious things first.
  package var complaints: [Complaint] {
    let all = launcherComplaints + machineComplaints + limitComplaints
    return all.filter(\.isSerious) + all.filter { !$0.isSerious }
  }

  private var launcherComplaints: [Complaint] {
    var found: [Complaint] = []
    if examination.launcherPath == nil {
      found.append(
        Complaint(
          isSerious: false, problem: "there is no mpirun on the PATH, without which a run uses one core",
          cure: "sudo apt-get install openmpi-bin, or load your cluster's Open MPI module"))
    } else if !examination.launcherVersion.contains("Open MPI") && !examination.launcherVersion.contains("OpenRTE") {
      found.append(
        Complaint(
          isSerious: true,
          problem: "the mpirun on the PATH is not Open MPI's: \(examination.launcherVersion)",
          cure: "put the mpirun of the MPI library named above first on the PATH"))
    }
    if examination.runsAsRoot && !examination.allowsRoot {
      found.append(
        Complaint(
          isSerious: false, problem: "mpirun refuses to run as root without --allow-run-as-root",
          cure: "run as a user, or add --allow-run-as-root to mpirun; --processes adds it itself"))
    }
    if let count = examination.launcherRankCount, count > 1 {
      found.append(
        Complaint(
          isSerious: false, problem: "this shell is part of a job step of \(count) ranks",
          cure: "start doctor outside mpirun and srun"))
    }
    return found
  }

  private var machineComplaints: [Complaint] {
    var found: [Complaint] = []
    let machine = examination.machine
    if machine.usableCoreCount < machine.coreCount {
      found.append(
        Complaint(
          isSerious: false,
          problem: "this process may use \(machine.usableCoreCount) of \(machine.coreCount) cores",
          cure: "if that is not your batch system's wish, start it without taskset or with mpirun --bind-to none"))
    }
    if machine.availableByteCount < 1 << 30 {
      found.append(
        Complaint(
          isSerious: true, problem: "only \(readable(bytes: machine.availableByteCount)) of memory is available",
          cure: "end other programs or ask for more memory; 'seedsweep plan' says what a rank needs"))
    }
    if let slow = examination.fingerprint.slowKernels {
      found.append(Complaint(isSerious: false, problem: slow.problem, cure: slow.cure))
    } else if examination.gigaflops < 10 {
      found.append(
        Complaint(
          isSerious: false,
          problem: String(format: "a core reaches %.1f GFLOP/s, a tenth of what is usual", examination.gigaflops),
          cure: "another program may be using it: look with `top`, and ask again when it has ended"))
    }
    return found
  }

  private var limitComplaints: [Complaint] {
    var found: [Complaint] = []
    if let count = examination.jobRankCount,
      let warning = ProcessLimits(openFiles: examination.openFileLimit).warning(remoteRanks: count - 1)
    {
      found.append(Complaint(isSerious: true, problem: "this job has \(count) ranks", cure: warning))
    }
    if let free = examination.freeDiskByteCount, free < 1 << 30 {
      found.append(
        Complaint(
          isSerious: true, problem: "only \(readable(bytes: free)) of disk is free here",
          cure: "pass --output with a folder on another file system"))
    }
    if !examination.canWriteHere {
      found.append(
        Complaint(
          isSerious: false, problem: "this folder is not writable",
          cure: "pass --output with a folder that is"))
    }
    if let limit = examination.openFileLimit, limit < 256 {
      found.append(Complaint(isSerious: true, problem: "only \(limit) files may be open", cure: "ulimit -n 1024"))
    }
    if let limit = examination.addressSpaceLimit, limit < 4 << 30 {
      found.append(
        Complaint(
          isSerious: false, problem: "a process may address only \(readable(bytes: limit))",
          cure: "ulimit -v unlimited, or ask the batch system for more memory"))
    }
    return found
  }
}
