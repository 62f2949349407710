// Clocks and repetition. Every figure is a median of samples of the same work; nothing here knows what is measured.

import Foundation
import Statistics

/// Measures short work again and again.
struct Sampling {
  /// Work is repeated until it took this many seconds in all.
  var totalSeconds: Double
  /// The least number of samples.
  var leastCount: Int

  /// The sampling of a thorough benchmark, or of a quick one that only shows that everything runs.
  init(isQuick: Bool) {
    totalSeconds = isQuick ? 0 : 0.2
    leastCount = isQuick ? 3 : 7
  }

  /// The seconds of each run of `work`. `preparing` runs before each and is not timed. A first run is not counted.
  func seconds(preparing: () -> Void = {}, _ work: () -> Void) -> [Double] {
    var samples: [Double] = []
    var sum = 0.0
    preparing()
    work()
    while samples.count < leastCount || sum < totalSeconds {
      preparing()
      let sample = measuredSeconds(work)
      samples.append(sample)
      sum += sample
    }
    return samples
  }
}

/// The seconds that some work takes.
func measuredSeconds(_ work: () -> Void) -> Double { ContinuousClock().measure(work) / .seconds(1) }

/// The seconds since the kernel started this process, to a hundredth; NaN where /proc does not tell.
func secondsSinceProcessStart() -> Double {
  // proc(5): field 22 of stat, in clock ticks since the system booted; the second field may hold spaces in parentheses.
  let text = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? ""
  let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
  guard fields.count > 19, let ticks = Double(fields[19]) else { return .nan }
  var now = timespec()
  clock_gettime(CLOCK_BOOTTIME, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
}
