// Softmax over the rows of attention scores. A row of `length` scores has a stride rounded up to whole vectors, so no
// row has a remainder; what lies behind a row's scores is ignored on entry and zero on return. The loops are C's
// (`CElementwise`).

import CElementwise

/// The stride of a row of `length` scores.
package func scoreStride(_ length: Int) -> Int { (length + 7) & ~7 }

/// Refuses scores and another matrix that are not of the same shape at that stride.
private func requireStride(_ scores: Rows, _ other: Rows) {
  let stride = scoreStride(scores.columns)
  precondition(
    scores.stride == stride && other.stride == stride && scores.count == other.count,
    "(\(scores.count), \(scores.columns)) at stride \(scores.stride) and \(other.count) rows at \(other.stride), "
      + "not \(stride)")
}

/// scores = softmax(scores) over (queries, length) at `scoreStride(length)`. With a mask, `dropped`, of the same shape,
/// becomes the masked probabilities (marks indexed from `firstMark`); without, it is left alone.
package func softmaxForward(_ scores: Rows, dropout: DropoutMask?, firstMark: Int, dropped: Rows) {
  requireStride(scores, dropped)
  var shape = celementwise_scores(scores, dropout, firstMark)
  celementwise_softmax_forward(&shape, scores.start, dropped.start)
}

/// The gradient of `softmaxForward`: `gradient`, (queries, length) at the same stride, enters as that of the (dropped)
/// probabilities and leaves as that of the scores: with g = mask(gradient), p (g - sum(p g)). With a mask, `dropped`, of the
/// same shape, becomes the masked probabilities again; without, it is left alone.
package func softmaxBackward(
  _ gradient: Rows, probabilities: Rows, dropout: DropoutMask?, firstMark: Int, dropped: Rows
) {
  requireStride(gradient, probabilities)
  requireStride(gradient, dropped)
  var shape = celementwise_scores(gradient, dropout, firstMark)
  celementwise_softmax_backward(&shape, gradient.start, probabilities.start, dropped.start)
}

extension celementwise_scores {
  fileprivate init(_ scores: Rows, _ dropout: DropoutMask?, _ firstMark: Int) {
    self.init(
      rows: scores.count, length: scores.columns, marks: dropout.map { $0.marks + firstMark },
      scale: dropout?.scale ?? 1)
  }
}
