// Softmax cross-entropy over rows as wide as a vocabulary. The logits become their own gradient, so that the widest
// buffer of a language model exists once.

import Arithmetics
import CElementwise

/// losses, (rows), = -log softmax(logits)[target] of each row of `logits`, (rows, columns), without overflow; an infinite
/// largest logit or a NaN gives NaN. `targets` is (rows). With `gradientScale` the logits become (softmax - one hot)
/// times it; without, they are left alone. The logarithms are those of an arithmetic.
package func vocabularyLoss(
  _ logits: Rows, targets: UnsafePointer<Int32>, losses: UnsafeMutablePointer<Double>, gradientScale: Double?,
  _ arithmetic: Arithmetic = .ofIdentifiers, on team: ThreadTeam = .alone
) {
  team.run(.rows(logits.count, columns: logits.columns)) { range in
    for row in range {
      losses[row] = vocabularyLoss(
        row: logits[row], target: Int(targets[row]), gradientScale: gradientScale, columns: logits.columns, arithmetic)
    }
  }
}

private func vocabularyLoss(
  row: UnsafeMutablePointer<Float>, target: Int, gradientScale: Double?, columns: Int, _ arithmetic: Arithmetic
) -> Double {
  let largest = celementwise_largest(row, columns)
  let sum = celementwise_sum_of_exponentials(row, largest, columns)
  let loss = arithmetic.log(sum) - (Double(row[target]) - Double(largest))
  guard let gradientScale else { return loss }
  celementwise_exponential_shares(row, largest, Float(gradientScale / sum), columns)
  row[target] -= Float(gradientScale)
  return loss
}
