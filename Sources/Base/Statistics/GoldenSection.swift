// The maximum of a function of one number, where it is known to have one peak.

/// Golden-section search (Kiefer 1953).
enum GoldenSection {
  /// The middle of what is left of a range around a peak, once that is no wider than the tolerance.
  static func peak(from low: Double, to high: Double, tolerance: Double, of function: (Double) -> Double) -> Double {
    let golden = (5.0.squareRoot() - 1) / 2
    var (low, high) = (low, high)
    while high - low > tolerance {
      let (left, right) = (high - golden * (high - low), low + golden * (high - low))
      if function(left) > function(right) { high = right } else { low = left }
    }
    return (low + high) / 2
  }
}
