// Adam's bias corrections of one update after the other, for sums over runs that may have billions of updates.

import UpdateRules

/// The factors `sqrt(1 - beta2^t) / (1 - beta1^t)` of a run's updates, asked for in their order.
struct BiasCorrections {
  private let beta1: Double
  private let beta2: Double
  /// Whether both powers are so small that 1 minus either is 1: then this and every later factor is 1.
  private var isSettled = false

  init(beta1: Double, beta2: Double) {
    self.beta1 = beta1
    self.beta2 = beta2
  }

  /// The factor of an update, counted from 1.
  mutating func factor(update: Int) -> Double {
    if isSettled { return 1 }
    isSettled = max(Adam.power(beta1, update), Adam.power(beta2, update)) < 0x1p-60
    return Adam.biasCorrection(beta1: beta1, beta2: beta2, update: update)
  }
}
