// Softmax over the rows of attention scores. A row of `length` scores has a stride rounded up to whole vectors, so no
// row has a remainder; what lies behind a row's scores is ignored on entry and zero on return.

/// The stride of a row of `length` scores.
package func scoreStride(_ length: Int) -> Int { (length + 7) & ~7 }

/// The stride that scores and another matrix of the same shape must have.
private func requiredStride(_ scores: Rows, _ other: Rows) -> Int {
  let stride = scoreStride(scores.columns)
  precondition(
    scores.stride == stride && other.stride == stride && scores.count == other.count,
    "(\(scores.count), \(scores.columns)) at stride \(scores.stride) and \(other.count) rows at \(other.stride), "
      + "not \(stride)")
  return stride
}

/// scores = softmax(scores) over (queries, length) at `scoreStride(length)`. With a mask, `dropped`, of the same shape,
/// becomes the masked probabilities (marks indexed from `firstMark`); without, it is left alone.
package func softmaxForward(_ scores: Rows, dropout: DropoutMask?, firstMark: Int, dropped: Rows) {
  let (stride, length) = (requiredStride(scores, dropped), scores.columns)
  for row in 0..<scores.count {
    let rowScores = scores[row]
    let last = stride &- 8
    let beyond = Lanes(0, 1, 2, 3, 4, 5, 6, 7) .>= Float(length &- last)
    rowScores.store(rowScores.lanes(last).replacing(with: -.infinity, where: beyond), last)
    var top = rowScores.lanes(0)
    forEachWholeGroup(of: stride) { index in
      let score = rowScores.lanes(index)
      top.replace(with: score, where: score .> top)
    }
    let largest = top.largest
    var sum = Lanes.zero
    forEachWholeGroup(of: stride) { index in
      let power = exponential(rowScores.lanes(index) - largest)
      rowScores.store(power, index)
      sum += power
    }
    let share = 1 / sum.total
    forEachWholeGroup(of: stride) { index in rowScores.store(rowScores.lanes(index) * share, index) }
    if let dropout {
      applyMask(dropout, firstMark &+ row &* stride, rowScores, dropped[row], count: stride)
    }
  }
}

/// dropped = mask(probabilities), (count), with marks from `firstMark`; the count is in whole vectors.
@inline(__always)
func applyMask(
  _ dropout: DropoutMask, _ firstMark: Int, _ probabilities: UnsafePointer<Float>,
  _ dropped: UnsafeMutablePointer<Float>, count: Int
) {
  forEachWholeGroup(of: count) { index in
    let kept = dropout.marks.marks(firstMark &+ index) * dropout.scale
    dropped.store(probabilities.lanes(index) * kept, index)
  }
}

/// The gradient of `softmaxForward`: `gradient`, (queries, length) at the same stride, enters as that of the (dropped)
/// probabilities and leaves as that of the scores: with g = mask(gradient), p (g - sum(p g)).
package func softmaxBackward(_ gradient: Rows, probabilities: Rows, dropout: DropoutMask?, firstMark: Int) {
  let (stride, length) = (requiredStride(gradient, probabilities), gradient.columns)
  for row in 0..<gradient.count {
    let (rowGradient, rowProbabilities) = (gradient[row], probabilities[row])
    let last = stride &- 8
    let beyond = Lanes(0, 1, 2, 3, 4, 5, 6, 7) .>= Float(length &- last)
    rowGradient.store(rowGradient.lanes(last).replacing(with: 0, where: beyond), last)
    if let dropout {
      applyMask(dropout, firstMark &+ row &* stride, rowGradient, rowGradient, count: stride)
    }
    var products = Lanes.zero
    forEachWholeGroup(of: stride) { index in
      products.addProduct(rowGradient.lanes(index), rowProbabilities.lanes(index))
    }
    let sum = products.total
    forEachWholeGroup(of: stride) { index in
      rowGradient.store((rowGradient.lanes(index) - sum) * rowProbabilities.lanes(index), index)
    }
  }
}
