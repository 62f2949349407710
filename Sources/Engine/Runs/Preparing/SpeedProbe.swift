// Measures the speed of one core for estimates, with a fifth of a second of matrix products. No result depends on it.

import Foundation
import Kernels

/// Measures this core.
package enum SpeedProbe {
  /// Billions of floating-point operations a second in products of (m, k) by (k, n), on the calling thread.
  package static func gigaflops(m: Int = 256, n: Int = 384, k: Int = 384, seconds: Double = 0.2) -> Double {
    useSingleBLASThread()
    let a = [Float](repeating: 0.5, count: m * k)
    let b = [Float](repeating: 0.25, count: k * n)
    var c = [Float](repeating: 0, count: m * n)
    let clock = ContinuousClock()
    multiply(a, by: b, into: &c, columns: n)
    let start = clock.now
    var productCount = 0
    var elapsed = Duration.zero
    while elapsed < .seconds(seconds) {
      multiply(a, by: b, into: &c, columns: n)
      productCount += 1
      elapsed = clock.now - start
    }
    return 2 * Double(m * n * k) * Double(productCount) / (elapsed / .nanoseconds(1))
  }
}
