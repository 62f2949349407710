// Measures the speed of one core for estimates, with a fifth of a second of matrix products. No result depends on it.

import Arithmetics
import Foundation
import Kernels

/// Measures this core.
package enum SpeedProbe {
  /// Billions of floating-point operations a second in an arithmetic's products of (m, k) by (k, n), on the calling thread: the
  /// best of several short probes in processor time, because other programs may use the core as well.
  package static func gigaflops(
    m: Int = 256, n: Int = 384, k: Int = 384, _ arithmetic: Arithmetic = .ofSweepFiles, seconds: Double = 0.2
  ) -> Double {
    useSingleBLASThread()
    let a = [Float](repeating: 0.5, count: m * k)
    let b = [Float](repeating: 0.25, count: k * n)
    var c = [Float](repeating: 0, count: m * n)
    func multiply() { arithmetic.multiply(a, by: b, into: &c, columns: n) }
    multiply()
    return best(seconds: seconds, processorSeconds, multiply) * 2 * Double(m * n * k) / 1e9
  }

  /// How often `body` is done in a second, in the best of eight probes that together last as long as said.
  static func best(seconds: Double, _ clock: () -> Double, _ body: () -> Void) -> Double {
    let probeCount = 8
    return (0..<probeCount).reduce(0) { best, _ in
      let start = clock()
      var (count, elapsed) = (0, 0.0)
      while elapsed < seconds / Double(probeCount) {
        body()
        count += 1
        elapsed = clock() - start
      }
      return max(best, Double(count) / elapsed)
    }
  }

  /// The seconds that the calling thread has computed.
  private static func processorSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
