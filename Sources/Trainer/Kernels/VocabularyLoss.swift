// Softmax cross-entropy over rows as wide as a vocabulary. The logits become their own gradient, so that the widest
// buffer of a language model exists once.

import Glibc

/// losses = -log softmax(logits)[target] of each row of (rows, columns), without overflow; an infinite largest logit or a
/// NaN gives NaN. With a scale, logits become (softmax - one hot) `scale`; without, they are left alone.
package func vocabularyLoss(
  _ logits: UnsafeMutablePointer<Float>, targets: UnsafePointer<Int32>, losses: UnsafeMutablePointer<Double>,
  gradientScale: Double?, rows: Int, columns: Int, on team: ThreadTeam = .alone
) {
  team.run(.rows(rows, columns: columns)) { range in
    for row in range {
      losses[row] = vocabularyLoss(
        row: logits + row &* columns, target: Int(targets[row]), gradientScale: gradientScale, columns: columns)
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
