// Sums over whole buffers, whatever shape their numbers have.

import CElementwise

/// The sum of squares in Double, in blocks of 4096 and sixteen lanes whose order of addition never changes.
package func sumOfSquares(_ values: UnsafeBufferPointer<Float>) -> Double {
  guard let start = values.baseAddress else { return 0 }
  return celementwise_sum_of_squares(start, values.count)
}

/// sums += terms, (count) each.
package func add(
  _ terms: UnsafeBufferPointer<Float>, to sums: UnsafeMutableBufferPointer<Float>, on team: ThreadTeam = .alone
) {
  precondition(terms.count == sums.count, "\(terms.count) terms for \(sums.count) sums")
  guard let terms = terms.baseAddress, let start = sums.baseAddress else { return }
  team.run(.elements(sums.count)) { add(terms + $0.lowerBound, to: start + $0.lowerBound, count: $0.count) }
}
