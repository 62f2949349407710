// Measures the coverage of the tables' intervals: that of rates exactly, over all counts; that of what stops early on simulated studies; that of means and standard deviations
// on samples drawn from real runs, whose own mean and standard deviation are the truth.
// A measurement for developers (scripts/check/measure-coverage.sh); no command of the product.

import Datasets
import Dispatch
import Foundation
import SeedStreams
import Statistics

@main
enum Coverage {
  static let level = 0.95
  static let sampleCount = 2000
  /// When a recipe may stop, and to which half width its rate is then known.
  static let looks = [25, 50, 75, 100, 150, 200]
  static let halfWidths = [0.1, 0.15]

  private static let usage = """
    usage: seedsweep-coverage [--verdicts] [RUNS.csv TASK=BASELINE ...]
    Prints how often the intervals of the tables hold the truth: those of rates exactly, those of comparisons and runs that stop early
    on 10,000 simulated studies each; with a table of runs (columns dataset,
    method, val_last) also those of means and standard deviations, on samples drawn from the runs. With --verdicts, and nothing
    else, it prints how often the rules of verdicts find effects that are there and that are not, and how often the intervals of
    doses and of the multi-bootstrap hold the truth, on simulated draws.
    """

  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    if words.contains("--help") || words.contains("-h") { return print(usage) }
    if words == ["--verdicts"] { return SimulatedVerdicts.printAll() }
    if let flag = words.first(where: { $0.hasPrefix("-") }) { refuse("unknown flag '\(flag)'\n\(usage)") }
    for word in words.dropFirst() where word.split(separator: "=").count != 2 {
      refuse("'\(word)' is no baseline; write TASK=BASELINE, such as RTE=0.5271")
    }
    do { try measure(words) } catch { refuse("\(error)") }
  }

  private static func refuse(_ problem: String) -> Never {
    FileHandle.standardError.write(Data("seedsweep-coverage: \(problem)\n".utf8))
    exit(2)
  }

  private static func measure(_ words: [String]) throws {
    // A table that cannot be read is told before the minutes that the rates take.
    if let path = words.first { _ = try runs(path) }
    printRates()
    printDifferences()
    printStopped()
    printChoosing()
    guard let path = words.first else {
      return print("No file of runs was given, so means and standard deviations are not measured.")
    }
    try printSamples(of: path, baselines: Array(words.dropFirst()))
  }

  /// Exact coverage: the probability, over all counts, of those whose interval holds the rate.
  static func coverage(
    _ total: Int, _ rate: Double, _ interval: (Int) -> ConfidenceInterval
  ) -> Double {
    (0...total).reduce(0) { sum, count in
      let bounds = interval(count)
      guard bounds.low <= rate, rate <= bounds.high else { return sum }
      return sum + probability(count, total, rate)
    }
  }

  static func probability(_ count: Int, _ total: Int, _ rate: Double) -> Double {
    exp(
      lgamma(Double(total + 1)) - lgamma(Double(count + 1)) - lgamma(Double(total - count + 1))
        + Double(count) * log(rate) + Double(total - count) * log1p(-rate))
  }

  static func printRates() {
    let rates = (2...50).map { Double($0) / 100 }
    for total in [10, 25, 50] {
      for (name, interval) in [
        ("wilson", { Proportion.wilson(count: $0, total: total, level: level) }),
        ("clopper_pearson", { Proportion.clopperPearson(count: $0, total: total, level: level) }),
      ] {
        let intervals = (0...total).map(interval)
        let found = rates.map { rate in coverage(total, rate) { intervals[$0] } }
        report("\(name), n \(total), rates .02 to .50", found)
      }
    }
  }

  static func printDifferences() {
    let rates = [0.02, 0.08, 0.2, 0.35, 0.5]
    for total in [10, 25, 50] {
      let intervals = (0...total).map { first in
        (0...total).map { second in
          TwoProportions.newcombe(
            first: first, firstTotal: total, second: second, secondTotal: total, level: level)
        }
      }
      let found = rates.flatMap { one in
        rates.map { other in
          (0...total).reduce(0) { sum, first in
            sum + probability(first, total, one)
              * (0...total).reduce(0) { sum, second in
                let bounds = intervals[first][second]
                let holds = bounds.low <= one - other && one - other <= bounds.high
                return holds ? sum + probability(second, total, other) : sum
              }
          }
        }
      }
      report("newcombe, n \(total) each, \(rates.count) x \(rates.count) rates", found)
    }
  }

  /// Exact coverage of the confidence sequence at the look where a recipe stops, beside that of Wilson's interval, which does
  /// not know of looks, had it been used to stop and to report; and the runs that stopping saves.
  static func printStopped() {
    let rates = (1...25).map { 0.02 * Double($0) }
    for halfWidth in halfWidths {
      for (name, interval) in [
        ("beta_binomial_sequence", { Proportion.confidenceSequence(count: $0, total: $1, level: level) }),
        ("wilson, naively", { Proportion.wilson(count: $0, total: $1, level: level) }),
      ] {
        let found = rates.map { stopped(at: $0, looks, halfWidth, interval) }
        report("stopped at +-\(halfWidth), looks \(looks), \(name)", found.map(\.coverage))
        report("  runs", found.map(\.count))
      }
    }
  }

  /// The probability that the interval at the stop holds the rate, and the expected number of runs.
  static func stopped(
    at rate: Double, _ looks: [Int], _ halfWidth: Double, _ interval: (Int, Int) -> ConfidenceInterval
  ) -> (coverage: Double, count: Double) {
    var going = [1.0]
    var (coverage, runs, last) = (0.0, 0.0, 0)
    for look in looks {
      var next = Array(repeating: 0.0, count: look + 1)
      for (count, chance) in going.enumerated() where chance > 0 {
        for more in 0...look - last { next[count + more] += chance * probability(more, look - last, rate) }
      }
      for count in next.indices {
        let bounds = interval(count, look)
        guard look == looks.last || bounds.high - bounds.low <= 2 * halfWidth else { continue }
        if bounds.low <= rate && rate <= bounds.high { coverage += next[count] }
        runs += Double(look) * next[count]
        next[count] = 0
      }
      (going, last) = (next, look)
    }
    return (coverage, runs)
  }

  static func report(_ name: String, _ values: [Double]) {
    print(
      "\(name): mean \(text(Sample.mean(values))), least \(text(Sample.minimum(values))), most "
        + text(Sample.maximum(values)))
  }

  static func text(_ value: Double) -> String { String(format: "%.3f", value) }
}
