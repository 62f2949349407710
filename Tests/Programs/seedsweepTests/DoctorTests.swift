// The doctor's judgement of machines that are not this one, as whole text.

import Numerics
import XCTest

@testable import Diagnosis
@testable import Runs
@testable import seedsweep

final class DoctorTests: XCTestCase {
  private var healthy: Examination {
    var seen = Examination()
    seen.machine.host = "node01"
    seen.machine.processor = "Some Processor"
    seen.machine.kernel = "Linux 6.1"
    seen.machine.coreCount = 8
    seen.machine.usableCoreCount = 8
    seen.machine.memoryByteCount = 16 << 30
    seen.machine.availableByteCount = 8 << 30
    seen.fingerprint = NumericsFingerprint(
      blasCore: "Haswell", blasThreadCount: 1, instructionSet: "x86-64-v3", libraryVersion: "glibc-2.36", probe: "abc")
    seen.productLevel = "avx2"
    seen.blasConfiguration = "OpenBLAS 0.3.21"
    seen.gigaflops = 100
    seen.messagePassingLibrary = "Open MPI v4.1.4"
    seen.launcherPath = "/usr/bin/mpirun"
    seen.launcherVersion = "mpirun (Open MPI) 4.1.4"
    seen.freeDiskByteCount = 100 << 30
    seen.openFileLimit = 1024
    return seen
  }

  func testHealthyMachine() {
    XCTAssertEqual(
      Doctor(examination: healthy).text,
      """
      seedsweep       0.2.0, built for x86-64-v3
      host            node01, Linux 6.1, glibc-2.36
      processor       Some Processor
      cores           8, of which this process may use 8
      memory          16.0 GiB, 8.0 GiB available
      OpenBLAS        OpenBLAS 0.3.21
      BLAS kernels    Haswell, 1 thread a rank
      speed           100 GFLOP/s a core in a (256, 384) by (384, 384) product
      numerics        blas=Haswell/1 simd=x86-64-v3 libc=glibc-2.36 probe=abc trainer=2
      portable        portable/1, products made with avx2; bfloat16 is no faster here
      MPI library     Open MPI v4.1.4
      mpirun          /usr/bin/mpirun, mpirun (Open MPI) 4.1.4
      user            not root
      free disk here  100.0 GiB
      open files      1024, enough for a leader of 960 ranks on other machines
      address space   unlimited

      Nothing keeps a sweep from running here.
      """)
  }

  func testSeriousProblemsComeFirst() {
    var seen = healthy
    seen.launcherPath = nil
    seen.machine.usableCoreCount = 1
    seen.machine.availableByteCount = 100 << 20
    XCTAssertEqual(
      Doctor(examination: seen).complaints.map { "\($0.isSerious) \($0.problem)" },
      [
        "true only 100.0 MiB of memory is available",
        "false there is no mpirun on the PATH, without which a run uses one core",
        "false this process may use 1 of 8 cores",
      ])
  }

  func testSlowCore() {
    var seen = healthy
    seen.gigaflops = 4
    XCTAssertEqual(
      Doctor(examination: seen).complaints,
      [
        Complaint(
          isSerious: false, problem: "a core reaches 4.0 GFLOP/s, a tenth of what is usual",
          cure: "another program may be using it: look with `top`, and ask again when it has ended")
      ])
  }

  /// Kernels far below the processor are named, however fast it is with them. A program that is built for older processors may
  /// run on one of them.
  func testSlowKernels() {
    for gigaflops in [4.0, 30] {
      var seen = healthy
      seen.gigaflops = gigaflops
      for core in ["Prescott", "Nehalem", "Sandybridge"] {
        seen.fingerprint.blasCore = core
        XCTAssertEqual(
          Doctor(examination: seen).complaints,
          [
            Complaint(
              isSerious: false, problem: "OpenBLAS uses its \(core) kernels, far slower than this processor",
              cure: "run with --blas-core Haswell")
          ])
      }
    }
    var seen = healthy
    for (core, level) in [
      ("Haswell", "x86-64-v3"), ("Zen", "x86-64-v3"), ("SkylakeX", "x86-64-v4"), ("COOPERLAKE", "x86-64-v4"),
      ("Sandybridge", "x86-64"), ("neoversen1", "arm64"),
    ] {
      (seen.fingerprint.blasCore, seen.fingerprint.instructionSet) = (core, level)
      XCTAssertEqual(Doctor(examination: seen).complaints, [], core)
    }
  }

  func testTooFewOpenFilesForTheRanksOfAJob() {
    var seen = healthy
    seen.jobRankCount = 961
    XCTAssertEqual(Doctor(examination: seen).complaints, [])
    seen.jobRankCount = 1000
    XCTAssertEqual(
      Doctor(examination: seen).complaints,
      [
        Complaint(
          isSerious: true, problem: "this job has 1000 ranks",
          cure:
            "the leader needs about 1063 open files, 999 of them for ranks on other machines, but only 1024 may be open at "
            + "a time (ulimit -n); type `ulimit -n 4096` before mpirun")
      ])
  }

  func testForeignLauncher() {
    var seen = healthy
    seen.launcherVersion = "HYDRA build details:"
    XCTAssertEqual(
      Doctor(examination: seen).complaints,
      [
        Complaint(
          isSerious: true, problem: "the mpirun on the PATH is not Open MPI's: HYDRA build details:",
          cure: "put the mpirun of the MPI library named above first on the PATH")
      ])
  }
}
