// A map over the cores, for work whose results must not depend on their number.

import Dispatch

extension Array where Element: Sendable {
  /// The results of a function of each element, in order, computed on all cores.
  package func concurrentMap<Result: Sendable>(_ transform: @Sendable (Element) -> Result) -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { buffer in
      // Each iteration writes its own element.
      nonisolated(unsafe) let buffer = buffer
      DispatchQueue.concurrentPerform(iterations: count) { buffer[$0] = transform(self[$0]) }
    }
    return results.compactMap { $0 }
  }
}
