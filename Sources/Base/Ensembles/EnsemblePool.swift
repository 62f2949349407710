// What models together answer, from the logits of each: the mean of logits, the mean of probabilities, or the class with the most
// votes. Members join one after another, so that the ensembles of all sizes cost no more than the largest.

import Foundation

/// How an ensemble joins its members' answers.
package enum EnsembleRule: String, CaseIterable, Sendable {
  /// The class with the largest mean logit.
  case logits
  /// The class with the largest mean probability.
  case probabilities
  /// The class that most members predict; of several, the one with the largest mean probability.
  case votes
}

/// The answers of some models to the same examples of known classes.
package struct EnsemblePool: Sendable {
  /// The class of each example.
  package let labels: [Int]
  /// The number of classes.
  package let classCount: Int
  /// Each model's logits, `(examples, classes)`.
  private let logits: [[Double]]
  private let probabilities: [[Double]]
  /// Each model's class for every example.
  private let predictions: [[Int]]

  /// The models with these logits, each `(examples, classes)`.
  package init(labels: [Int], classCount: Int, logits: [[Double]]) {
    precondition(logits.allSatisfy { $0.count == labels.count * classCount }, "logits of other examples")
    self.labels = labels
    self.classCount = classCount
    self.logits = logits
    probabilities = logits.map { ClassProbabilities(logits: $0, classCount: classCount).values }
    predictions = logits.map { logits in labels.indices.map { Self.largest(logits, of: $0, classCount) } }
  }

  /// The number of models.
  package var modelCount: Int { logits.count }

  /// The scores of the ensembles of the first 1, 2, ... models of an order on some examples.
  package func scores(
    _ rule: EnsembleRule, order: [Int], examples: [Int], _ score: (ConfusionMatrix) -> Double
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: labels.count * classCount)
    return order.map { model in
      for example in examples {
        for index in example * classCount..<(example + 1) * classCount {
          switch rule {
          case .logits: sums[index] += logits[model][index]
          case .probabilities: sums[index] += probabilities[model][index]
          // The probabilities of all members sum to less than one vote more only if they are scaled down.
          case .votes: sums[index] += probabilities[model][index] / Double(2 * modelCount)
          }
        }
        if rule == .votes { sums[example * classCount + predictions[model][example]] += 1 }
      }
      var counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
      for example in examples { counts[labels[example]][Self.largest(sums, of: example, classCount)] += 1 }
      return score(ConfusionMatrix(counts: counts))
    }
  }

  /// The score of each model alone on some examples.
  package func scores(examples: [Int], _ score: (ConfusionMatrix) -> Double) -> [Double] {
    predictions.map { predictions in
      score(
        ConfusionMatrix(
          labels: examples.map { labels[$0] }, predictions: examples.map { predictions[$0] }, classCount: classCount))
    }
  }

  /// The share of examples about which two members disagree, in the mean over the pairs among the first 1, 2, ... models of an order;
  /// NaN for one model.
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

/// Ensembles of random and of selected models of a pool, of every size, over draws of members and of examples.
package struct EnsembleCurves: Sendable {
  /// What the draws of one kind of members of one size gave.
  package struct Point: Equatable, Sendable {
    /// The scores on the examples that selected nobody, in the order of the draws.
    package var scores: [Double] = []
    /// Those scores less the mean score of single models on the same examples.
    package var gains: [Double] = []
    /// The disagreement of the members; NaN for one.
    package var disagreements: [Double] = []
  }

  /// Who the members are.
  package enum Members: String, CaseIterable, Sendable {
    /// Models drawn at random.
    case random
    /// The models with the best scores on the other half of the examples.
    case selected
  }

  /// For each kind of members and rule the points of sizes 1, 2, ...
  private var points: [Members: [EnsembleRule: [Point]]] = [:]

  /// The curves of a pool. Each draw orders the models at random and cuts the examples of every class into two halves: the first
  /// selects, the second scores both kinds of members, so that no example scores the members that it selected.
  ///
  /// - Parameters:
  ///   - drawCount: The number of draws.
  ///   - seed: Of the draws, which depend on nothing else.
  ///   - score: The score of a confusion matrix; larger is better.
  package init(_ pool: EnsemblePool, drawCount: Int, seed: UInt64, _ score: (ConfusionMatrix) -> Double) {
    let empty = [Point](repeating: Point(), count: pool.modelCount)
    for members in Members.allCases {
      points[members] = Dictionary(uniqueKeysWithValues: EnsembleRule.allCases.map { ($0, empty) })
    }
    var models = IndexStream(seed: seed, site: 0)
    var halves = IndexStream(seed: seed, site: 1)
    for _ in 0..<drawCount {
      let order = models.permutation(pool.modelCount)
      let (first, second) = Self.halves(of: pool, &halves)
      let selecting = pool.scores(examples: first, score)
      let singles = Sample.mean(pool.scores(examples: second, score))
      // Equal scores stay in the random order.
      let ranked = order.enumerated().sorted { one, other in
        let (left, right) = (selecting[one.element], selecting[other.element])
        return left == right ? one.offset < other.offset : left > right
      }.map(\.element)
      for (members, order) in [(Members.random, order), (.selected, ranked)] {
        let disagreements = pool.disagreements(order: order)
        for rule in EnsembleRule.allCases {
          for (index, found) in pool.scores(rule, order: order, examples: second, score).enumerated() {
            points[members]?[rule]?[index].scores.append(found)
            points[members]?[rule]?[index].gains.append(found - singles)
            points[members]?[rule]?[index].disagreements.append(disagreements[index])
          }
        }
      }
    }
  }

  /// What the draws of a size, from 1, gave.
  package func point(_ members: Members, _ rule: EnsembleRule, size: Int) -> Point {
    points[members]?[rule]?[size - 1] ?? Point()
  }

  /// The examples of each class cut into two halves at random; of an odd number the second half has one more.
  private static func halves(of pool: EnsemblePool, _ stream: inout IndexStream) -> (first: [Int], second: [Int]) {
    var (first, second): ([Int], [Int]) = ([], [])
    for label in 0..<pool.classCount {
      let examples = pool.labels.indices.filter { pool.labels[$0] == label }
      let order = stream.permutation(examples.count).map { examples[$0] }
      first += order.prefix(examples.count / 2)
      second += order.dropFirst(examples.count / 2)
    }
    return (first.sorted(), second.sorted())
  }
}

extension IndexStream {
  /// The numbers below `count` in a random order (Durstenfeld 1964).
  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in order.indices.dropLast() { order.swapAt(index, index + next(below: count - index)) }
    return order
  }
}
