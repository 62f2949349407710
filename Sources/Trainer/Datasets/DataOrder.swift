// The order in which an epoch visits the training texts: a pure function of the order seed and the epoch, so that a
// resumed trial needs no state.

import SeedStreams

/// The order of the training texts in every epoch.
package struct DataOrder: Equatable, Sendable {
  /// The number of training texts.
  package let count: Int
  /// The order seed, or nil to keep the order of the file in every epoch.
  package let seed: UInt64?

  /// The order of `count` texts, shuffled anew each epoch where a seed is given.
  package init(count: Int, seed: UInt64?) {
    self.count = count
    self.seed = seed
  }

  /// The indexes of all texts in the order of an epoch, which counts from 0.
  package func order(ofEpoch epoch: Int) -> [Int] {
    guard let seed else { return Array(0..<count) }
    var stream = SeedStream(seed: seed, purpose: .dataOrder, step: UInt32(epoch))
    return stream.permutation(count)
  }
}
