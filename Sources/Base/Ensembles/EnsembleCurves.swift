// What ensembles of a pool score, for every size, with random and with selected members. Examples are cut into halves again and again,
// so that none scores the members that it selected. Of small pools all sets of members are used, not draws of them.

import Statistics

/// Ensembles of random and of selected models of a pool, of every size, over sets of members and draws of halves.
package struct EnsembleCurves: Sendable {
  /// Some numbers: their mean and the bounds of their middle 95 %.
  package struct Middle: Equatable, Sendable {
    package var mean: Double
    package var low: Double
    package var high: Double

    /// The level of the bounds.
    package static let level = 0.95

    /// Numbers of several draws.
    init(_ draws: [[Double]]) {
      // Each draw has as many numbers as the others; the mean of one draw's is rounded like that of the single models.
      mean = Sample.mean(draws.map(Sample.mean))
      let numbers = draws.flatMap { $0 }
      let tail = (1 - Self.level) / 2
      (low, high) = (Sample.quantile(numbers, at: tail), Sample.quantile(numbers, at: 1 - tail))
    }
  }

  /// What the ensembles of one kind of members, way of joining and size score.
  package struct Point: Equatable, Sendable {
    /// The score on the examples that selected nobody.
    package var score: Middle
    /// That score less the mean score of single models on the same examples.
    package var gain: Middle
    /// The disagreement of the members, in the mean; NaN for one.
    package var disagreement: Double
    /// Whether every set of members of this size was used with every draw of halves, not one set for each draw.
    package var hasAllSets: Bool
  }

  /// Who the members are.
  package enum Members: String, CaseIterable, Sendable {
    /// Any models.
    case random
    /// The models with the best scores on the other half of the examples.
    case selected
  }

  /// The most sets of members of one size that are all used.
  package static let mostSets = 200

  /// The ways of joining, in the order of the tables.
  package let rules: [EnsembleRule]
  /// For each kind of members and rule the points of sizes 1, 2, ...
  private var points: [Members: [EnsembleRule: [Point]]] = [:]

  /// The curves of a pool. Each draw orders the models at random and cuts the examples of every group of similar ones into two
  /// halves: the first selects, the second scores both kinds of members.
  ///
  /// - Parameters:
  ///   - drawCount: The number of draws.
  ///   - seed: Of the draws, which depend on nothing else.
  package init<Pool: EnsemblePool>(_ pool: Pool, drawCount: Int, seed: UInt64) {
    rules = Pool.rules
    var gathered: [Members: [EnsembleRule: [Gathered]]] = [:]
    for members in Members.allCases {
      gathered[members] = Dictionary(
        uniqueKeysWithValues: rules.map { ($0, Array(repeating: Gathered(), count: pool.modelCount)) })
    }
    var models = IndexStream(seed: seed, site: 0)
    var halves = HalvesStream(pool, seed: seed)
    var singles: [Double] = []
    for _ in 0..<drawCount {
      let order = models.permutation(pool.modelCount)
      let (first, second) = halves.next()
      singles.append(Sample.mean(pool.singleScores(examples: second)))
      for (members, order) in [(Members.random, order), (.selected, Self.ranked(order, pool, on: first))] {
        let disagreements = pool.disagreements(order: order)
        for rule in rules {
          for (index, score) in pool.scores(rule, order: order, examples: second).enumerated() {
            gathered[members]?[rule]?[index].add([score], disagreements[index], singles: singles[singles.count - 1])
          }
        }
      }
    }
    points = gathered.mapValues { $0.mapValues { $0.map { $0.point(hasAllSets: false) } } }
    for size in 1...max(1, pool.modelCount) {
      guard let sets = Self.sets(of: pool.modelCount, size: size) else { continue }
      for rule in rules {
        points[.random]?[rule]?[size - 1] = Self.point(of: sets, rule, pool, seed: seed, singles: singles)
      }
    }
  }

  /// What the ensembles of a size, from 1, score.
  package func point(_ members: Members, _ rule: EnsembleRule, size: Int) -> Point {
    guard let point = points[members]?[rule]?[size - 1] else { preconditionFailure("\(rule) joins no such answers") }
    return point
  }

  /// The models by their scores on some examples, the best first; equal ones stay in the given order.
  private static func ranked(_ order: [Int], _ pool: some EnsemblePool, on examples: [Int]) -> [Int] {
    let scores = pool.singleScores(examples: examples)
    return order.enumerated().sorted { one, other in
      let (left, right) = (scores[one.element], scores[other.element])
      return left == right ? one.offset < other.offset : left > right
    }.map(\.element)
  }

  /// The point of given sets of members on the second half of every draw.
  private static func point(
    of sets: [[Int]], _ rule: EnsembleRule, _ pool: some EnsemblePool, seed: UInt64, singles: [Double]
  ) -> Point {
    let all = Array(0..<pool.exampleCount)
    let answers = sets.map { pool.answers(rule, order: $0, examples: all)[$0.count - 1] }
    let disagreement = Sample.mean(sets.map { pool.disagreements(order: $0)[$0.count - 1] })
    var gathered = Gathered()
    var halves = HalvesStream(pool, seed: seed)
    for single in singles {
      let second = halves.next().second
      let scores = answers.map { answers in pool.score(second.map { answers[$0] }, examples: second) }
      gathered.add(scores, disagreement, singles: single)
    }
    return gathered.point(hasAllSets: true)
  }

  /// Every set of `size` of the numbers below `count`, in lexicographic order; nil where there are more than `mostSets`.
  static func sets(of count: Int, size: Int) -> [[Int]]? {
    guard (1...max(1, count)).contains(size), count > 0 else { return nil }
    var set = Array(0..<size)
    var sets = [set]
    while let last = set.indices.last(where: { set[$0] < count - size + $0 }) {
      if sets.count == mostSets { return nil }
      let start = set[last] + 1
      for index in last..<size { set[index] = start + index - last }
      sets.append(set)
    }
    return sets
  }
}

/// What draws gave for one kind of members, rule and size.
private struct Gathered {
  /// For each draw, the scores of its sets of members.
  private var scores: [[Double]] = []
  /// For each draw, the mean score of the single models.
  private var singles: [Double] = []
  private var disagreements: [Double] = []

  mutating func add(_ scores: [Double], _ disagreement: Double, singles: Double) {
    self.scores.append(scores)
    self.singles.append(singles)
    disagreements.append(disagreement)
  }

  func point(hasAllSets: Bool) -> EnsembleCurves.Point {
    var gain = EnsembleCurves.Middle(zip(scores, singles).map { scores, single in scores.map { $0 - single } })
    gain.mean = Sample.mean(zip(scores, singles).map { Sample.mean($0) - $1 })
    return EnsembleCurves.Point(
      score: EnsembleCurves.Middle(scores), gain: gain, disagreement: Sample.mean(disagreements),
      hasAllSets: hasAllSets)
  }
}

/// Draws of halves of a pool's examples.
private struct HalvesStream {
  private let strata: [[Int]]
  private var stream: IndexStream

  init(_ pool: some EnsemblePool, seed: UInt64) {
    strata = pool.strata
    stream = IndexStream(seed: seed, site: 1)
  }

  /// Each group of examples cut into two halves at random; of an odd number the second half has one more.
  mutating func next() -> (first: [Int], second: [Int]) {
    var (first, second): ([Int], [Int]) = ([], [])
    for examples in strata {
      let order = stream.permutation(examples.count).map { examples[$0] }
      first += order.prefix(examples.count / 2)
      second += order.dropFirst(examples.count / 2)
    }
    return (first.sorted(), second.sorted())
  }
}
