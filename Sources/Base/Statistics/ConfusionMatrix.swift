// Counts by (label, prediction) and the scores that depend on nothing else. Everything is kept as integers until one
// final division, so a score does not depend on the order of the examples. Logits and argmax belong to the trainer.

/// Counts of a classifier's predictions, rows by label and columns by prediction.
package struct ConfusionMatrix: Equatable, Sendable {
  /// The counts, `(classes, classes)`: `counts[label][prediction]`.
  package let counts: [[Int]]

  /// A matrix of given counts, `(classes, classes)`.
  package init(counts: [[Int]]) {
    precondition(counts.allSatisfy { $0.count == counts.count }, "a confusion matrix is square")
    self.counts = counts
  }

  /// The matrix of labels and predictions, one of each an example, all in `0..<classCount`.
  package init(labels: [Int], predictions: [Int], classCount: Int) {
    precondition(labels.count == predictions.count, "\(labels.count) labels, \(predictions.count) predictions")
    var counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
    for (label, prediction) in zip(labels, predictions) { counts[label][prediction] += 1 }
    self.counts = counts
  }

  /// The matrix with its classes in reverse order.
  package var reversed: ConfusionMatrix { ConfusionMatrix(counts: counts.reversed().map { Array($0.reversed()) }) }

  /// The number of classes.
  package var classCount: Int { counts.count }

  /// The number of examples of each class, `(classes)`.
  package var labelCounts: [Int] { counts.map { $0.reduce(0, +) } }

  /// The number of predictions of each class, `(classes)`.
  package var predictionCounts: [Int] { counts.indices.map { column in counts.reduce(0) { $0 + $1[column] } } }

  /// The number of examples.
  package var total: Int { labelCounts.reduce(0, +) }

  /// The number of correct predictions.
  package var correctCount: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// The examples of the largest class: what the constant classifier of that class gets right.
  package var majorityCount: Int { labelCounts.max() ?? 0 }

  /// Whether one class takes more than 99 % of the predictions; false without predictions.
  package var isConstant: Bool { 100 * (predictionCounts.max() ?? 0) > 99 * total }

  /// The share of correct predictions; NaN without examples.
  package var accuracy: Double { Double(correctCount) / Double(total) }

  /// F1 of one class, `2 TP / (2 TP + FP + FN)`; 0 where that is 0 / 0.
  package func f1(ofClass index: Int) -> Double {
    let both = labelCounts[index] + predictionCounts[index]
    return both == 0 ? 0 : Double(2 * counts[index][index]) / Double(both)
  }

  /// F1 of class 1 for two classes, otherwise `macroF1` (scikit-learn's `f1_score` with `average="binary"` and `"macro"`).
  package var f1: Double { classCount == 2 ? f1(ofClass: 1) : macroF1 }

  /// The plain mean of F1 over the classes that occur among labels or predictions, for any number of classes (scikit-learn's
  /// `f1_score`, `average="macro"`, `zero_division=0`).
  package var macroF1: Double {
    let (labels, predictions) = (labelCounts, predictionCounts)
    let occurring = counts.indices.filter { labels[$0] + predictions[$0] > 0 }
    return occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + f1(ofClass: $1) } / Double(occurring.count)
  }

  /// The mean of accuracy and F1, as GLUE reports MRPC and QQP.
  package var accuracyAndF1: Double { (accuracy + f1) / 2 }

  /// Matthews' correlation, for several classes Gorodkin's R_K; 0 where labels or predictions are constant.
  package var matthews: Double {
    let (labels, predictions, total) = (labelCounts, predictionCounts, total)
    let covariance = correctCount * total - zip(labels, predictions).reduce(0) { $0 + $1.0 * $1.1 }
    let labelVariance = total * total - labels.reduce(0) { $0 + $1 * $1 }
    let predictionVariance = total * total - predictions.reduce(0) { $0 + $1 * $1 }
    guard labelVariance > 0, predictionVariance > 0 else { return 0 }
    return Double(covariance) / (Double(labelVariance) * Double(predictionVariance)).squareRoot()
  }
}
