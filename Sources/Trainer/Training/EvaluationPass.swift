// One pass over examples with dropout off, and the scores of its logits. Batches are cut in the order of the examples. With
// OpenBLAS they have a fixed size, because a row's bits may depend on the rows beside it; portable rows do not, so there they
// are cut for speed. Nothing else about a run enters. Scores are sums and counts, divided once.

import Arithmetics
import Datasets
import Statistics
import Tasks
import Transformer
import TrialTables
import Trials

/// Examples with everything their evaluation needs: a fixed function of the data.
package struct EvaluationSet: Sendable {
  /// Sequences in one call of the classifier.
  package static let batchSize = 32

  /// The encoded examples.
  package let examples: EncodedSet
  /// The examples to evaluate, in order.
  package let indices: [Int]
  /// The labels of these examples, in the order of `indices`.
  package let targets: Targets
  /// Whether each belongs to the first of the two fixed stratified halves.
  package let halves: [Bool]
  /// The positive class of two, as an output of the head: scores count it as the second one.
  private let positiveClass: Int

  /// The set of chosen examples, which `halves` must match if there are any.
  package init(_ examples: EncodedSet, indices: [Int], halves: [Bool] = [], positiveClass: Int = 1) {
    self.examples = examples
    self.indices = indices
    self.halves = halves
    self.positiveClass = positiveClass
    targets =
      examples.isRegression
      ? .values(indices.map { Float(examples.values[$0]) }) : .classes(indices.map { examples.classes[$0] })
  }

  /// The set of all examples, with their fixed halves.
  init(all examples: EncodedSet, positiveClass: Int = 1) {
    self.init(
      examples, indices: Array(0..<examples.count), halves: examples.halves(), positiveClass: positiveClass)
  }

  /// The logits of every example, (examples, labels); `beat` is called before each batch and may throw to stop.
  func logits(of classifier: Classifier, beat: () throws -> Void) rethrows -> [Float] {
    try logits(of: classifier, EvaluationBatches(classifier.arithmetic), beat: beat)
  }

  /// The same in batches of a cut.
  func logits(of classifier: Classifier, _ batches: EvaluationBatches, beat: () throws -> Void) rethrows -> [Float] {
    var logits: [Float] = []
    logits.reserveCapacity(indices.count * classifier.labelCount)
    let lengths = examples.lengths
    for batch in batches.ranges(of: indices.map { lengths[$0] }) {
      try beat()
      logits += classifier.logits(of: PackedSequences(examples.batch(indices[batch])))
    }
    return logits
  }

  /// The mean loss of logits, (examples, labels); NaN when a logit is not finite.
  func meanLoss(of logits: [Float], labelCount: Int, _ arithmetic: Arithmetic) -> Double {
    guard logits.allSatisfy(\.isFinite) else { return .nan }
    let losses = Classifier.losses(logits: logits, labelCount: labelCount, targets: targets, arithmetic)
    return losses.reduce(0, +) / Double(losses.count)
  }

  /// The scores of logits, (examples, labels), after `step` updates; NaN throughout when a logit is not finite.
  /// The functions of the loss are those of an arithmetic.
  func evaluation(
    of logits: [Float], labelCount: Int, metric: MetricName, step: Int, epoch: Double,
    _ arithmetic: Arithmetic = .ofIdentifiers
  ) -> Evaluation {
    guard logits.allSatisfy(\.isFinite) else {
      return .diverged(step: step, epoch: epoch, isRegression: labelCount == 1)
    }
    let loss = meanLoss(of: logits, labelCount: labelCount, arithmetic)
    var evaluation = Evaluation(step: step, epoch: epoch, value: .nan, valueA: .nan, valueB: .nan, loss: loss)
    switch targets {
    case .classes(let classes):
      let labels = classes.map(Int.init)
      let predictions = predictedClasses(logits, labelCount: labelCount)
      func counts(_ chosen: some Collection<Int>) -> ConfusionMatrix {
        let matrix = ConfusionMatrix(
          labels: chosen.map { labels[$0] }, predictions: chosen.map { predictions[$0] }, classCount: labelCount)
        return positiveClass == 0 ? matrix.reversed : matrix
      }
      func score(_ half: Bool) -> Double {
        counts(halves.indices.filter { halves[$0] == half }).value(of: metric)
      }
      let matrix = counts(labels.indices)
      evaluation.value = matrix.value(of: metric)
      (evaluation.valueA, evaluation.valueB) = (score(true), score(false))
      evaluation.accuracy = matrix.accuracy
      evaluation.f1 = matrix.f1
      evaluation.matthews = matrix.matthews
      evaluation.correctCount = matrix.correctCount
      evaluation.confusion = matrix.counts
      evaluation.isConstant = matrix.isConstant
    case .values(let values):
      let labels = values.map(Double.init)
      let predictions = logits.map(Double.init)
      func score(_ half: Bool) -> Double {
        let chosen = halves.indices.filter { halves[$0] == half }
        return Correlation.value(
          of: metric, labels: chosen.map { labels[$0] }, predictions: chosen.map { predictions[$0] })
      }
      evaluation.value = Correlation.value(of: metric, labels: labels, predictions: predictions)
      (evaluation.valueA, evaluation.valueB) = (score(true), score(false))
      evaluation.pearson = Correlation.value(of: .pearson, labels: labels, predictions: predictions)
      evaluation.spearman = Correlation.value(of: .spearman, labels: labels, predictions: predictions)
      evaluation.isConstant = isNearlyConstant(predictions, labels: labels)
    }
    return evaluation
  }
}

/// How examples are cut into the batches of an evaluation.
enum EvaluationBatches {
  /// This number of sequences each.
  case sequences(Int)
  /// As many sequences as reach this number of tokens.
  case tokens(Int)

  /// Tokens of a batch whose activations stay in a core's second cache, and whose products are as fast as those of larger ones.
  private static let fastTokenCount = 512

  /// The cut of an arithmetic.
  init(_ arithmetic: Arithmetic) {
    self =
      switch arithmetic {
      case .openblas: .sequences(EvaluationSet.batchSize)
      case .portable: .tokens(Self.fastTokenCount)
      }
  }

  /// The batches of sequences of these lengths, in order.
  func ranges(of lengths: [Int]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var (start, tokenCount) = (0, 0)
    for (index, length) in lengths.enumerated() {
      tokenCount += length
      let isFull =
        switch self {
        case .sequences(let count): index + 1 - start == count
        case .tokens(let count): tokenCount >= count
        }
      guard isFull || index + 1 == lengths.count else { continue }
      ranges.append(start..<index + 1)
      (start, tokenCount) = (index + 1, 0)
    }
    return ranges
  }
}

extension Evaluation {
  /// What stands for an evaluation whose numbers are not finite.
  static func diverged(step: Int, epoch: Double, isRegression: Bool) -> Evaluation {
    let classScore: Double? = isRegression ? nil : .nan
    let valueScore: Double? = isRegression ? .nan : nil
    return Evaluation(
      step: step, epoch: epoch, value: .nan, valueA: .nan, valueB: .nan, loss: .nan, accuracy: classScore,
      f1: classScore, matthews: classScore, pearson: valueScore, spearman: valueScore)
  }
}

extension PackedSequences {
  /// The sequences of a batch of examples.
  init(_ batch: PackedBatch) {
    self.init(
      tokenIdentifiers: batch.tokenIdentifiers, typeIdentifiers: batch.typeIdentifiers, offsets: batch.offsets)
  }
}

extension Targets {
  /// The targets of a batch of examples.
  init(_ batch: PackedBatch) {
    self = batch.classes.isEmpty ? .values(batch.values) : .classes(batch.classes)
  }
}

/// The class of the largest of each row of logits, (examples, labels); the first of equal ones.
func predictedClasses(_ logits: [Float], labelCount: Int) -> [Int] {
  stride(from: 0, to: logits.count, by: labelCount).map { start in
    var best = start
    for index in start + 1..<start + labelCount where logits[index] > logits[best] { best = index }
    return best - start
  }
}

/// Whether more than 99 % of the predictions lie within one hundredth of the labels' range of each other.
func isNearlyConstant(_ predictions: [Double], labels: [Double]) -> Bool {
  guard let lowest = labels.min(), let highest = labels.max() else { return false }
  let sorted = predictions.sorted()
  let count = 99 * sorted.count / 100 + 1
  guard count <= sorted.count else { return false }
  return (0...sorted.count - count).contains { sorted[$0 + count - 1] - sorted[$0] <= (highest - lowest) / 100 }
}
