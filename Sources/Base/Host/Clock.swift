// The one clock for spans of time within a process. It is not the time of day, and it stands still while the machine sleeps.

import Foundation

/// Seconds on the monotonic clock; only differences mean anything.
package func monotonicSeconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
