// Samples from groups of real runs. The columns are those of the BERT-large runs: dataset, method, val_last.

import Datasets
import Dispatch
import Reports
import SeedStreams
import Statistics
import Tables

extension Coverage {
  /// One group of runs: its scores and the score at or below which a run failed.
  struct Group {
    var name: String
    var task: String
    var scores: [Double]
    var baseline: Double

    var successful: [Double] { scores.filter { $0 > baseline } }
  }

  /// Whether each interval held its truth in one sample; nil where the sample has none.
  struct Held {
    var mean: Bool?
    var deviation: Bool?
    var successfulMean: Bool?
    var successfulDeviation: Bool?
    var isReliable = false
  }

  /// The table of runs.
  static func runs(_ path: String) throws -> TextTable {
    try TextTable(path: path, format: try TableFormat(path: path), columns: ["dataset", "method", "val_last"])
  }

  static func printSamples(of path: String, baselines: [String]) throws {
    let table = try runs(path)
    let limits = Dictionary(
      baselines.map { text in
        let parts = text.split(separator: "=")
        return (String(parts[0]), (Double(parts[1]) ?? .nan) + 1e-5)
      }, uniquingKeysWith: { $1 })
    var groups: [Group] = []
    for row in table.rows {
      let name = row.fields[0] + " " + row.fields[1]
      if !groups.contains(where: { $0.name == name }) {
        groups.append(Group(name: name, task: row.fields[0], scores: [], baseline: limits[row.fields[0]] ?? -.infinity))
      }
      let index = groups.firstIndex { $0.name == name } ?? 0
      groups[index].scores.append(Double(row.fields[2]) ?? .nan)
    }
    var means: [Double?] = []
    var deviations: [Double?] = []
    var differences: [Double?] = []
    for group in groups {
      for count in [10, 25, 50] {
        let (mean, deviation) = printSamples(of: group, count: count)
        means.append(mean)
        deviations.append(deviation)
      }
      printStopped(group)
    }
    for (index, group) in groups.enumerated() {
      for other in groups[..<index] where other.task == group.task {
        for count in [10, 25, 50] { differences.append(printDifferences(group, other, count: count)) }
      }
    }
    report("successful runs, mean", means.compactMap { $0 })
    report("successful runs, sd", deviations.compactMap { $0 })
    report("successful runs, difference of means", differences.compactMap { $0 })
  }

  /// The interval of a failure rate that stopped early, on samples from a group of which some failed: exactly, as its rate tells
  /// all that such samples can be.
  private static func printStopped(_ group: Group) {
    let rate = 1 - Double(group.successful.count) / Double(group.scores.count)
    guard rate > 0 else { return }
    for halfWidth in halfWidths {
      let found = stopped(at: rate, looks, halfWidth) {
        Proportion.confidenceSequence(count: $0, total: $1, level: level)
      }
      print(
        "\(group.name), stopped at +-\(halfWidth): beta_binomial_sequence \(text(found.coverage)), "
          + "\(text(found.count)) runs")
    }
  }

  /// The share of the samples that have an interval in which it held the truth; nil for fewer than 100 of them.
  private static func share(_ answers: [Bool]) -> Double? {
    answers.count < 100 ? nil : Double(answers.count { $0 }) / Double(answers.count)
  }

  private static func text(_ share: Double?) -> String { share.map { text($0) } ?? "-" }

  /// The difference of two groups' means, over all runs by Welch's interval and over the successful ones by that of the tables.
  ///
  /// - Returns: The latter's coverage.
  private static func printDifferences(_ one: Group, _ other: Group, count: Int) -> Double? {
    let held = (0..<sampleCount).map { number -> (all: Bool?, successful: Bool?) in
      let samples = [one, other].enumerated().map { index, group in
        var stream = SeedStream(
          seed: 20_060_489 + UInt64(index), purpose: .bootstrap, site: UInt32(count), step: UInt32(number))
        return (0..<count).map { _ in group.scores[stream.below(group.scores.count)] }
      }
      let all = LocationTests.welch(samples[0], samples[1], level: level).interval
      let (first, second) = (samples[0].filter { $0 > one.baseline }, samples[1].filter { $0 > other.baseline })
      let successful = SkewedSamples.differenceInterval(first, second, level: level)
      return (
        holds(all, Sample.mean(one.scores) - Sample.mean(other.scores)),
        holds(successful, Sample.mean(one.successful) - Sample.mean(other.successful))
      )
    }
    let successful = share(held.compactMap(\.successful))
    print(
      "\(one.name) against \(other.name), n \(count) each: difference of means "
        + "\(text(share(held.compactMap(\.all)))); successful: \(text(successful))")
    return successful
  }

  /// The mean and the standard deviation of a group, over all runs and over the successful ones.
  ///
  /// - Returns: The coverage of the latter two.
  static func printSamples(of group: Group, count: Int) -> (mean: Double?, deviation: Double?) {
    var held = [Held](repeating: Held(), count: sampleCount)
    held.withUnsafeMutableBufferPointer { buffer in
      // Each iteration writes its own element.
      nonisolated(unsafe) let buffer = buffer
      DispatchQueue.concurrentPerform(iterations: sampleCount) { buffer[$0] = sample(group, count, number: $0) }
    }
    func share(_ part: KeyPath<Held, Bool?>, _ chosen: (Held) -> Bool = { _ in true }) -> Double? {
      Self.share(held.filter(chosen).compactMap { $0[keyPath: part] })
    }
    let (mean, deviation) = (share(\.successfulMean), share(\.successfulDeviation))
    print(
      "\(group.name), n \(count): mean \(text(share(\.mean))), sd \(text(share(\.deviation))); reliable: mean "
        + "\(text(share(\.mean, \.isReliable))), sd \(text(share(\.deviation, \.isReliable))); successful: mean "
        + "\(text(mean)), sd \(text(deviation))")
    return (mean, deviation)
  }

  private static func sample(_ group: Group, _ count: Int, number: Int) -> Held {
    var stream = SeedStream(seed: 20_060_488, purpose: .bootstrap, site: UInt32(count), step: UInt32(number))
    let scores = (0..<count).map { _ in group.scores[stream.below(group.scores.count)] }
    let successful = scores.filter { $0 > group.baseline }
    let intervals = Bootstrap(resampleCount: 1000, seed: UInt64(number), level: level).intervals(
      scores, of: [Sample.mean, { Sample.standardDeviation($0, ddof: 1) }])
    var held = Held()
    held.mean = holds(intervals[0], Sample.mean(group.scores))
    held.deviation = holds(intervals[1], Sample.standardDeviation(group.scores, ddof: 0))
    held.isReliable = SummaryRow.hasReliableBootstrap(failedCount: count - successful.count, count: count)
    held.successfulMean = holds(
      SkewedSamples.meanInterval(successful, level: level), Sample.mean(group.successful))
    held.successfulDeviation = holds(
      SkewedSamples.deviationInterval(successful, level: level), Sample.standardDeviation(group.successful, ddof: 0))
    return held
  }

  private static func holds(_ interval: ConfidenceInterval, _ truth: Double) -> Bool? {
    interval.low.isNaN ? nil : interval.low <= truth && truth <= interval.high
  }
}
