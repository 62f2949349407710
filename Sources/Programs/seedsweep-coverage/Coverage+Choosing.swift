// Simulated studies of what stops or saves runs: paired comparisons that end when they are decided, runs that a rule stopped early,
// and differences of scores that are looked at more than once.

import Dispatch
import SeedStreams
import Statistics

extension Coverage {
  /// The studies of each simulation.
  private static let studyCount = 10_000

  static func printChoosing() {
    printPairedEvidence()
    printStoppedRuns()
    printBetting()
  }

  /// The values of every study, each from a stream of its own.
  private static func studies<Value: Sendable>(_ site: Int, _ study: (inout SeedStream) -> Value) -> [Value] {
    (0..<studyCount).map { number in
      var stream = SeedStream(seed: 20_210_491, purpose: .bootstrap, site: UInt32(site), step: UInt32(number))
      return study(&stream)
    }
  }

  private static func share(_ answers: [Bool]) -> Double {
    Double(answers.count(where: \.self)) / Double(answers.count)
  }

  /// How often a comparison of two failure rates is decided and after how many pairs, beside McNemar's test of all pairs.
  private static func printPairedEvidence() {
    var site = 0
    for pairCount in [25, 50, 100] {
      let design = PairedDesign(pairCount: pairCount)
      for (one, other) in [(0.05, 0.05), (0.2, 0.2), (0.5, 0.5), (0.56, 0.0), (0.5, 0.12), (0.3, 0.1)] {
        site += 1
        let found = studies(site) { stream -> (isDecided: Bool, pairs: Double, isSignificant: Bool) in
          study(design, one, other, &stream)
        }
        let pairs = found.map(\.pairs)
        print(
          "pairs that stop when decided, failure rates \(one) and \(other), at most \(pairCount): decided "
            + "\(text(share(found.map(\.isDecided)))), \(text(Sample.mean(pairs))) pairs on average; McNemar's test of all "
            + "\(pairCount): \(text(share(found.map(\.isSignificant))))")
      }
    }
  }

  private static func study(
    _ design: PairedDesign, _ one: Double, _ other: Double, _ stream: inout SeedStream
  ) -> (isDecided: Bool, pairs: Double, isSignificant: Bool) {
    var (first, second) = (0, 0)
    var end: (isDecided: Bool, pairs: Int)?
    for pairs in 1...design.pairCount {
      let (firstFails, secondFails) = (stream.uniform() < one, stream.uniform() < other)
      if firstFails && !secondFails { first += 1 }
      if secondFails && !firstFails { second += 1 }
      guard end == nil else { continue }
      switch design.answer(first, of: first + second, after: pairs) {
      case .goesOn: break
      case .decided: end = (true, pairs)
      case .undecided: end = (false, pairs)
      }
    }
    let pairs = PairedProportions(
      both: 0, onlyFirst: first, onlySecond: second, neither: design.pairCount - first - second)
    return (end?.isDecided ?? false, Double(end?.pairs ?? design.pairCount), pairs.mcNemar <= 1 - level)
  }

  /// How often the interval of a failure rate holds it where a rule stopped some of the runs.
  private static func printStoppedRuns() {
    var site = 1000
    for (ofFailed, ofOthers) in [(0.95, 0.02), (0.8, 0.2), (0.5, 0.5)] {
      var coverages: [Double] = []
      for count in [25, 50, 100, 200] {
        for rate in [0.1, 0.2, 0.3, 0.5, 0.7] {
          site += 1
          let found = studies(site) { stoppedStudy(count, rate, ofFailed, ofOthers, &$0) }
          let held = found.compactMap(\.self)
          coverages.append(share(held))
        }
      }
      report(
        "runs of which a rule stops \(ofFailed) of the failed and \(ofOthers) of the others, a quarter of them finished, n 25 to "
          + "200, rates .1 to .7", coverages)
    }
  }

  private static func stoppedStudy(
    _ count: Int, _ rate: Double, _ ofFailed: Double, _ ofOthers: Double, _ stream: inout SeedStream
  ) -> Bool? {
    var ended: [Bool] = []
    var stopped: [Bool] = []
    for _ in 0..<count {
      let isFailed = stream.uniform() < rate
      if stream.uniform() < (isFailed ? ofFailed : ofOthers) {
        stopped.append(isFailed)
      } else {
        ended.append(isFailed)
      }
    }
    // The runs are independent draws, so the first stopped ones are as good a choice as any.
    let finished = stopped.prefix(StoppedRuns.finishedCount(of: stopped.count, share: 0.25))
    let runs = StoppedRuns(
      endedCount: ended.count, endedFailedCount: ended.count(where: \.self), stoppedCount: stopped.count,
      finishedCount: finished.count, finishedFailedCount: finished.count(where: \.self))
    let interval = runs.interval(level: level)
    return interval.low.isNaN ? nil : interval.low <= rate && rate <= interval.high
  }

  /// How often the mean of differences lies in the intervals of all looks together, and how wide the last one is beside Student's.
  private static func printBetting() {
    let looks = [10, 25, 50, 100]
    let kinds: [(name: String, mean: Double, draw: (inout SeedStream) -> Double)] = [
      ("uniform in -.2 to .3", 0.05, { $0.uniform() / 2 - 0.2 }),
      ("0, or 1 with probability .1", 0.1, { $0.uniform() < 0.1 ? 1 : 0 }),
      ("-1 or 1", 0, { $0.uniform() < 0.5 ? -1 : 1 }),
    ]
    for (number, kind) in kinds.enumerated() {
      let found = studies(2000 + number) { stream -> (holds: Bool, width: Double, student: Double) in
        let values = (0..<looks[looks.count - 1]).map { _ in kind.draw(&stream) }
        let intervals = looks.map {
          BettingSequence.interval(ofMeanOf: Array(values.prefix($0)), in: -1...1, level: level)
        }
        let holds = intervals.allSatisfy { $0.low <= kind.mean && kind.mean <= $0.high }
        let (last, student) = (intervals[looks.count - 1], Student.interval(ofMeanOf: values, level: level))
        return (holds, last.high - last.low, student.high - student.low)
      }
      print(
        "betting, differences \(kind.name), looks \(looks): held by all \(text(share(found.map(\.holds)))); width after "
          + "\(looks[looks.count - 1]) \(text(Sample.mean(found.map(\.width)))), Student's "
          + text(Sample.mean(found.map(\.student))))
    }
  }
}
