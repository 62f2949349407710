// Softmax cross-entropy over rows as wide as a vocabulary. The logits become their own gradient, so that the widest
// buffer of a language model exists once.

import Glibc

/// losses, (rows), = -log softmax(logits)[target] of each row of `logits`, (rows, columns), without overflow; an infinite
/// largest logit or a NaN gives NaN. `targets` is (rows). With `gradientScale` the logits become (softmax - one hot)
/// times it; without, they are left alone.
package func vocabularyLoss(
  _ logits: Rows, targets: UnsafePointer<Int32>, losses: UnsafeMutablePointer<Double>, gradientScale: Double?,
  on team: ThreadTeam = .alone
) {
  team.run(.rows(logits.count, columns: logits.columns)) { range in
    for row in range {
      losses[row] = vocabularyLoss(
        row: logits[row], target: Int(targets[row]), gradientScale: gradientScale, columns: logits.columns)
    }
  }
}

private func vocabularyLoss(
  row: UnsafeMutablePointer<Float>, target: Int, gradientScale: Double?, columns: Int
) -> Double {
  var largest = -Float.infinity
  for column in 0..<columns { largest = max(largest, row[column]) }
  let inside = Lanes(0, 1, 2, 3, 4, 5, 6, 7)
  var sums = SIMD8<Double>.zero
  forEachGroup(of: columns) { index, lanes in
    var power = exponential(row.lanes(index, lanes) - largest)
    if lanes < 8 { power.replace(with: 0, where: inside .>= Float(lanes)) }
    sums += SIMD8<Double>(power)
  }
  let sum = sums.sum()
  let loss = log(sum) - (Double(row[target]) - Double(largest))
  guard let gradientScale else { return loss }
  let share = Float(gradientScale / sum)
  forEachGroup(of: columns) { index, lanes in
    row.store(exponential(row.lanes(index, lanes) - largest) * share, index, lanes)
  }
  row[target] -= Float(gradientScale)
  return loss
}
