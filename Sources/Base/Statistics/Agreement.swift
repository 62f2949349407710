// How often models that differ only in their seed predict the same. The spread of scores does not tell: it can be 0 while
// many single predictions change (Du and Nguyen, arXiv 2302.07778). Pairs of models are counted from totals; only the
// Jensen-Shannon divergence visits each pair.

import Foundation

/// The classes that some models predicted for the same examples, as counts.
package struct Votes: Equatable, Sendable {
  /// The number of examples.
  package let exampleCount: Int
  /// The number of classes.
  package let classCount: Int
  /// How many models predicted a class for an example, `(examples, classes)`.
  package private(set) var counts: [Int]
  /// How many models were right about each example.
  package private(set) var correctCounts: [Int]
  /// The accuracy of each model, in the order added.
  package private(set) var accuracies: [Double] = []

  /// No models yet.
  package init(exampleCount: Int, classCount: Int) {
    self.exampleCount = exampleCount
    self.classCount = classCount
    counts = Array(repeating: 0, count: exampleCount * classCount)
    correctCounts = Array(repeating: 0, count: exampleCount)
  }

  /// The number of models.
  package var modelCount: Int { accuracies.count }

  /// The pairs of models.
  package var pairCount: Int { modelCount * (modelCount - 1) / 2 }

  /// Adds a model by its class for every example and whether the class is right.
  package mutating func add(_ predictions: [Int], areCorrect: [Bool]) {
    precondition(predictions.count == exampleCount && areCorrect.count == exampleCount, "one answer an example")
    for (example, prediction) in predictions.enumerated() {
      counts[example * classCount + prediction] += 1
      if areCorrect[example] { correctCounts[example] += 1 }
    }
    accuracies.append(Double(areCorrect.count { $0 }) / Double(exampleCount))
  }

  /// Adds the models of other votes on the same examples.
  package mutating func add(_ other: Votes) {
    precondition(other.exampleCount == exampleCount && other.classCount == classCount, "votes on other examples")
    for index in counts.indices { counts[index] += other.counts[index] }
    for index in correctCounts.indices { correctCounts[index] += other.correctCounts[index] }
    accuracies += other.accuracies
  }

  /// The share of examples about which two of the models disagree, in the mean over pairs:
  /// `1 - sum_k n_k (n_k - 1) / (n (n - 1))` in the mean over examples; NaN for fewer than two models.
  package var disagreement: Double {
    guard modelCount > 1, exampleCount > 0 else { return .nan }
    let agreeing = counts.reduce(0.0) { $0 + Double($1) * Double($1 - 1) }
    return 1 - agreeing / (Double(modelCount) * Double(modelCount - 1) * Double(exampleCount))
  }

  /// The same for pairs of one model of these and one of others; NaN if there is none.
  package func disagreement(with other: Votes) -> Double {
    precondition(other.exampleCount == exampleCount && other.classCount == classCount, "votes on other examples")
    guard modelCount > 0, other.modelCount > 0, exampleCount > 0 else { return .nan }
    let agreeing = zip(counts, other.counts).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    return 1 - agreeing / (Double(modelCount) * Double(other.modelCount) * Double(exampleCount))
  }

  /// Fleiss' kappa (1971) of the models as raters: `(P - E) / (1 - E)`, P the agreement of pairs and E the sum of the
  /// squared shares of the classes; NaN for fewer than two models and where all answers are one class.
  package var fleissKappa: Double {
    guard modelCount > 1, exampleCount > 0 else { return .nan }
    var totals = Array(repeating: 0.0, count: classCount)
    for (index, count) in counts.enumerated() { totals[index % classCount] += Double(count) }
    guard totals.count(where: { $0 > 0 }) > 1 else { return .nan }
    let all = Double(modelCount) * Double(exampleCount)
    let expected = totals.reduce(0) { $0 + ($1 / all) * ($1 / all) }
    return (1 - disagreement - expected) / (1 - expected)
  }

  /// The variance over models (ddof 1) of being right about one example, in the mean over examples (arXiv 2006.04884,
  /// appendix 7.1, variance and expectation exchanged); NaN for fewer than two models.
  package var pointVariance: Double {
    guard modelCount > 1, exampleCount > 0 else { return .nan }
    let sum = correctCounts.reduce(0.0) { $0 + Double($1) * Double(modelCount - $1) }
    return sum / (Double(modelCount) * Double(modelCount - 1) * Double(exampleCount))
  }

  /// The variance over models (ddof 1) of the accuracy; NaN for fewer than two models.
  package var accuracyVariance: Double {
    let deviation = Sample.standardDeviation(accuracies, ddof: 1)
    return deviation * deviation
  }
}

/// The class probabilities of one model, `(examples, classes)`, as the Jensen-Shannon divergence needs them.
package struct ClassProbabilities: Equatable, Sendable {
  package let values: [Double]
  /// The sum over examples of the entropies in nats.
  let entropy: Double

  /// The softmax of logits, `(examples, classes)`.
  package init(logits: [Double], classCount: Int) {
    var values = logits
    for start in stride(from: 0, to: values.count, by: classCount) {
      let row = start..<start + classCount
      let largest = values[row].max() ?? 0
      var total = 0.0
      for index in row {
        values[index] = exp(values[index] - largest)
        total += values[index]
      }
      for index in row { values[index] /= total }
    }
    self.values = values
    entropy = -values.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
  }

  /// The Jensen-Shannon divergence from another model in nats, summed over examples: the entropy of the mean distribution
  /// less the mean of the entropies.
  func divergence(from other: ClassProbabilities) -> Double {
    precondition(values.count == other.values.count, "probabilities of other examples")
    var sum = 0.0
    for index in values.indices {
      let mean = (values[index] + other.values[index]) / 2
      if mean > 0 { sum -= mean * log(mean) }
    }
    return max(0, sum - (entropy + other.entropy) / 2)
  }
}

/// Mean Jensen-Shannon divergences, in nats, over pairs of models and over examples.
package enum JensenShannon {
  /// Over the pairs of some models; NaN for fewer than two.
  package static func mean(_ models: [ClassProbabilities], exampleCount: Int) -> Double {
    var sum = 0.0
    for (index, one) in models.enumerated() {
      for other in models[..<index] { sum += one.divergence(from: other) }
    }
    return sum / (Double(models.count) * Double(models.count - 1) / 2 * Double(exampleCount))
  }

  /// Over the pairs of one model of each list; NaN if one is empty.
  package static func mean(
    _ first: [ClassProbabilities], _ second: [ClassProbabilities], exampleCount: Int
  ) -> Double {
    var sum = 0.0
    for one in first {
      for other in second { sum += one.divergence(from: other) }
    }
    return sum / (Double(first.count) * Double(second.count) * Double(exampleCount))
  }
}
