// What models together answer: classes from the logits of each (the mean of logits, the mean of probabilities, or the class with the
// most votes), or the mean of predicted numbers. Members join one after another, so that the ensembles of all sizes cost no more than
// the largest.

import Foundation
import Statistics

/// How an ensemble joins its members' answers.
package enum EnsembleRule: String, Sendable {
  /// The class with the largest mean logit.
  case logits
  /// The class with the largest mean probability.
  case probabilities
  /// The class that most members predict; of several, the one with the largest mean probability.
  case votes
  /// The mean of the members' numbers, for regression, where nothing is voted on.
  case predictions
}

/// The answers of some models to the same examples: how they are joined, and what joined answers score.
package protocol EnsemblePool: Sendable {
  /// What an ensemble answers to an example.
  associatedtype Answer: Sendable

  /// The ways of joining these answers. All of them leave the answers of a single model as they are.
  static var rules: [EnsembleRule] { get }
  /// The number of models.
  var modelCount: Int { get }
  /// The number of examples.
  var exampleCount: Int { get }
  /// All examples in groups of similar ones, each of which is cut where the examples are cut into halves.
  var strata: [[Int]] { get }

  /// The answers of the ensembles of the first 1, 2, ... models of an order to some examples, `(sizes, examples)`.
  func answers(_ rule: EnsembleRule, order: [Int], examples: [Int]) -> [[Answer]]
  /// The score of answers to some examples; larger is better.
  func score(_ answers: [Answer], examples: [Int]) -> Double
  /// How far two members' answers differ, in the mean over the pairs among the first 1, 2, ... models of an order; NaN for one model.
  func disagreements(order: [Int]) -> [Double]
}

extension EnsemblePool {
  /// The scores of the ensembles of the first 1, 2, ... models of an order on some examples.
  package func scores(_ rule: EnsembleRule, order: [Int], examples: [Int]) -> [Double] {
    answers(rule, order: order, examples: examples).map { score($0, examples: examples) }
  }

  /// The score of each model alone on some examples.
  package func singleScores(examples: [Int]) -> [Double] {
    (0..<modelCount).map { scores(Self.rules[0], order: [$0], examples: examples)[0] }
  }
}

/// Models that chose classes.
package struct ClassPool: EnsemblePool {
  package static let rules: [EnsembleRule] = [.logits, .probabilities, .votes]
  package let strata: [[Int]]
  /// The class of each example.
  private let labels: [Int]
  private let classCount: Int
  /// Each model's logits, `(examples, classes)`.
  private let logits: [[Double]]
  private let probabilities: [[Double]]
  /// Each model's class for every example.
  private let predictions: [[Int]]
  private let measure: @Sendable (ConfusionMatrix) -> Double

  /// The models with these logits, each `(examples, classes)`.
  ///
  /// - Parameter score: The score of a confusion matrix; larger is better.
  package init(
    labels: [Int], classCount: Int, logits: [[Double]], score: @escaping @Sendable (ConfusionMatrix) -> Double
  ) {
    precondition(logits.allSatisfy { $0.count == labels.count * classCount }, "logits of other examples")
    self.labels = labels
    self.classCount = classCount
    self.logits = logits
    measure = score
    probabilities = logits.map { ClassProbabilities(logits: $0, classCount: classCount).values }
    predictions = logits.map { logits in labels.indices.map { Self.largest(logits, of: $0, classCount) } }
    strata = (0..<classCount).map { label in labels.indices.filter { labels[$0] == label } }
  }

  package var modelCount: Int { logits.count }
  package var exampleCount: Int { labels.count }

  package func answers(_ rule: EnsembleRule, order: [Int], examples: [Int]) -> [[Int]] {
    var sums = [Double](repeating: 0, count: examples.count * classCount)
    return order.map { model in
      for (row, example) in examples.enumerated() {
        for index in 0..<classCount {
          let (sum, own) = (row * classCount + index, example * classCount + index)
          switch rule {
          case .logits: sums[sum] += logits[model][own]
          case .probabilities: sums[sum] += probabilities[model][own]
          // The probabilities of all members sum to less than one vote more only if they are scaled down.
          case .votes: sums[sum] += probabilities[model][own] / Double(2 * modelCount)
          case .predictions: preconditionFailure("classes have no mean")
          }
        }
        if rule == .votes { sums[row * classCount + predictions[model][example]] += 1 }
      }
      return examples.indices.map { Self.largest(sums, of: $0, classCount) }
    }
  }

  package func score(_ answers: [Int], examples: [Int]) -> Double {
    measure(ConfusionMatrix(labels: examples.map { labels[$0] }, predictions: answers, classCount: classCount))
  }

  /// The share of examples to which two members answer another class.
  package func disagreements(order: [Int]) -> [Double] {
    var votes = Votes(exampleCount: labels.count, classCount: classCount)
    return order.map { model in
      votes.add(predictions[model], areCorrect: zip(predictions[model], labels).map { $0 == $1 })
      return votes.disagreement
    }
  }

  /// The class with the largest number of an example, the first of equal ones.
  private static func largest(_ values: [Double], of example: Int, _ classCount: Int) -> Int {
    let start = example * classCount
    return (1..<max(1, classCount)).reduce(0) { values[start + $1] > values[start + $0] ? $1 : $0 }
  }
}

/// Models that predicted numbers.
package struct NumberPool: EnsemblePool {
  package static let rules: [EnsembleRule] = [.predictions]
  package let strata: [[Int]]
  private let labels: [Double]
  /// Each model's number for every example.
  private let predictions: [[Double]]
  private let measure: @Sendable (_ labels: [Double], _ predictions: [Double]) -> Double

  /// The models with these predictions, each `(examples)`.
  ///
  /// - Parameter score: The score of predictions for labels; larger is better.
  package init(
    labels: [Double], predictions: [[Double]], score: @escaping @Sendable ([Double], [Double]) -> Double
  ) {
    precondition(predictions.allSatisfy { $0.count == labels.count }, "predictions of other examples")
    self.labels = labels
    self.predictions = predictions
    measure = score
    // Neighbours by their labels, so that both halves have the same range.
    let order = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    strata = stride(from: 0, to: order.count, by: 2).map { Array(order[$0..<min($0 + 2, order.count)]) }
  }

  package var modelCount: Int { predictions.count }
  package var exampleCount: Int { labels.count }

  package func answers(_ rule: EnsembleRule, order: [Int], examples: [Int]) -> [[Double]] {
    precondition(rule == .predictions, "numbers have no classes")
    var sums = [Double](repeating: 0, count: examples.count)
    return order.enumerated().map { index, model in
      for (row, example) in examples.enumerated() { sums[row] += predictions[model][example] }
      return sums.map { $0 / Double(index + 1) }
    }
  }

  package func score(_ answers: [Double], examples: [Int]) -> Double {
    measure(examples.map { labels[$0] }, answers)
  }

  /// The root of the mean squared difference between two members' predictions, over examples and pairs. That mean is twice the
  /// variance (ddof 1) over the members, here by Welford's (1962) updates.
  package func disagreements(order: [Int]) -> [Double] {
    var means = [Double](repeating: 0, count: labels.count)
    var squares = means
    return order.enumerated().map { index, model in
      for (example, prediction) in predictions[model].enumerated() {
        let difference = prediction - means[example]
        means[example] += difference / Double(index + 1)
        squares[example] += difference * (prediction - means[example])
      }
      return index == 0 ? .nan : (2 * Sample.mean(squares) / Double(index)).squareRoot()
    }
  }
}
