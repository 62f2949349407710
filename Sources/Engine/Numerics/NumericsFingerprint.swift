// What decides the last bits of a trial besides its inputs: the BLAS kernels, the SIMD level of the build, the C library, and a
// probe computation that shows differences which the names hide.

import Arithmetics
import CProcessor
import Digests
import Foundation
import Host
import Kernels
import Training

/// What this process computes with, as far as it decides the last bits of a result.
package struct NumericsFingerprint: Equatable, CustomStringConvertible {
  /// The processor kind whose kernels OpenBLAS chose.
  package var blasCore: String
  /// The number of threads that OpenBLAS uses for a product.
  package var blasThreadCount: Int
  /// The instruction set the program is built for.
  package var instructionSet: String
  /// The C library's version.
  package var libraryVersion: String
  /// The first digits of a digest of probe results.
  package var probe: String
  /// The revision of the trainer's arithmetic.
  package var trainerRevision = Trainer.arithmeticRevision

  package init(blasCore: String, blasThreadCount: Int, instructionSet: String, libraryVersion: String, probe: String) {
    self.blasCore = blasCore
    self.blasThreadCount = blasThreadCount
    self.instructionSet = instructionSet
    self.libraryVersion = libraryVersion
    self.probe = probe
  }

  /// The fingerprint as one line, as the journal and a rank's hello hold it.
  package var description: String {
    "blas=\(blasCore)/\(blasThreadCount) simd=\(instructionSet) libc=\(libraryVersion) probe=\(probe) "
      + "trainer=\(trainerRevision)"
  }

  /// What is wrong and what to type where OpenBLAS chose kernels without AVX2, as it does for a processor that it does not know,
  /// though this program needs a processor that has it; nil elsewhere.
  package var slowKernels: (problem: String, cure: String)? {
    let fast = ["haswell", "zen", "excavator", "skylakex", "cooperlake", "sapphirerapids"]
    guard instructionSet.hasPrefix("x86-64-v"), !fast.contains(blasCore.lowercased()) else { return nil }
    return ("OpenBLAS uses its \(blasCore) kernels, far slower than this processor", "run with --blas-core Haswell")
  }

  /// The same as a line for the beginning of a command that trains or plans to.
  package var slowKernelsNote: String? { slowKernels.map { "note: \($0.problem); \($0.cure)" } }

  /// The fingerprint of this process. Sets BLAS to one thread first.
  package static func current() -> NumericsFingerprint {
    let threadCount = useSingleBLASThread()
    return NumericsFingerprint(
      blasCore: BLASLibrary.coreName, blasThreadCount: threadCount,
      instructionSet: String(cString: cprocessor_build_level()),
      libraryVersion: Machine.libraryVersion(), probe: probeDigest())
  }

  /// A digest of a matrix product of a shape that uses the kernels' edges, and of `Double` functions whose bits change
  /// with fused multiply-add.
  private static func probeDigest() -> String {
    let (m, n, k) = (37, 53, 129)
    let a = probeValues(m * k, salt: 1)
    let b = probeValues(k * n, salt: 2)
    var c = [Float](repeating: 0, count: m * n)
    BLASLibrary.tryKernels { Arithmetic.openblas.multiply(a, by: b, into: &c, columns: n) }
    let functions = a.prefix(256).flatMap { value -> [Double] in
      let value = Double(value)
      return [exp(value), log(value + 2), cos(value * 100), tanh(value)]
    }
    var digest = SHA256()
    c.withUnsafeBytes { digest.update($0) }
    functions.withUnsafeBytes { digest.update($0) }
    return String(digest.finalizedHex().prefix(12))
  }

  /// Fixed numbers in (-1, 1), the same in every process of every version.
  private static func probeValues(_ count: Int, salt: UInt64) -> [Float] {
    (0..<count).map { index in
      let mixed = (UInt64(index) &+ salt &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
      return Float(Int64(bitPattern: mixed ^ mixed >> 29) >> 40) / Float(1 << 23)
    }
  }
}
