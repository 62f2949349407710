// How often the rules of verdicts find an effect that is there, and one that is not, on simulated draws whose effects vary; and how
// often the intervals beside them hold the truth. Every number follows from the seeds here.

import Dispatch
import Foundation
import SeedStreams
import Statistics
import Verdicts

enum SimulatedVerdicts {
  /// Pre-trainings, data seeds, and fine-tuning seeds of each draw.
  static let (pretrainingCount, dataCount, runCount) = (3, 3, 10)
  static let simulationCount = 4000
  static let doseSimulationCount = 2000
  static let bootstrapSimulationCount = 1000

  static func printAll() {
    printRates()
    printAbsence()
    printSpread()
    printDoses()
    printMultiBootstrap()
  }

  /// What simulations come to, in the order of their numbers, made on all cores.
  static func simulated<Result: Sendable>(
    _ count: Int, _ site: UInt32, _ body: @Sendable (inout SeedStream) -> Result
  ) -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { buffer in
      // Each iteration writes its own element.
      nonisolated(unsafe) let buffer = buffer
      DispatchQueue.concurrentPerform(iterations: count) { number in
        var stream = SeedStream(seed: 20_060_493, purpose: .bootstrap, site: site, step: UInt32(number))
        buffer[number] = body(&stream)
      }
    }
    return results.compactMap { $0 }
  }

  /// How the effects of the draws vary about their mean: each by itself, or draws of one pre-training alike.
  enum Variation: String, CaseIterable, Sendable {
    case independent = "draws vary by themselves"
    case crossed = "pre-trainings and data vary"

    /// The deviations of the 3 x 3 draws, each with the standard deviation .15.
    func deviations(_ stream: inout SeedStream) -> [Double] {
      let sd = 0.15
      switch self {
      case .independent: return (0..<pretrainingCount * dataCount).map { _ in sd * stream.normal() }
      case .crossed:
        // Two parts of a half each.
        let half = sd / 2.0.squareRoot()
        let rows = (0..<pretrainingCount).map { _ in half * stream.normal() }
        let columns = (0..<dataCount).map { _ in half * stream.normal() }
        return rows.flatMap { row in columns.map { row + $0 } }
      }
    }
  }

  /// What one simulated registration of a difference of rates came to.
  struct Found: Sendable {
    var word: VerdictWord
    var unguarded: VerdictWord
    var crossedFinds: Bool
    var mantelHaenszelFinds: Bool
  }

  private static func printRates() {
    for variation in Variation.allCases {
      for effect in [0, 0.1, 0.2, 0.3] {
        let site = UInt32(10 + Int(effect * 10)) + (variation == .crossed ? 10 : 0)
        let found = simulated(simulationCount, site) { rates(effect, variation, &$0) }
        func share(_ chosen: (Found) -> Bool) -> String {
          Coverage.text(Double(found.count(where: chosen)) / Double(found.count))
        }
        print(
          "rates .5 and \(Coverage.text(0.5 - effect)), \(variation.rawValue), effect asked .1: holds \(share { $0.word == .holds }), "
            + "smaller than asked \(share { $0.word == .smallerThanAsked }), contradicted \(share { $0.word == .contradicted }), not shown "
            + "\(share { $0.word == .notShown }); unguarded: holds \(share { $0.unguarded == .holds }), contradicted "
            + "\(share { $0.unguarded == .contradicted }); above 0 by crossed means \(share { $0.crossedFinds }), by Mantel and Haenszel "
            + share { $0.mantelHaenszelFinds })
      }
    }
  }

  /// Two recipes in every draw: the first fails at .5, the second at .5 less an effect that varies.
  private static func rates(_ effect: Double, _ variation: Variation, _ stream: inout SeedStream) -> Found {
    let strata = variation.deviations(&stream).map { deviation in
      stratum(0.5, min(1, max(0, 0.5 - effect - deviation)), &stream)
    }
    let effects = strata.map { DrawEffect(rates: $0) }
    let (guarded, plain) = (model(effects, guarded: true), model(effects, guarded: false))
    let crossed = CrossedMean(
      (0..<pretrainingCount).map { row in
        (0..<dataCount).map { effects[row * dataCount + $0].estimate }
      })
    return Found(
      word: word(guarded), unguarded: word(plain), crossedFinds: crossed.interval().low > 0,
      mantelHaenszelFinds: StratifiedRates(strata).interval().low > 0)
  }

  private static func stratum(_ one: Double, _ other: Double, _ stream: inout SeedStream) -> StratifiedRates.Stratum {
    StratifiedRates.Stratum(
      first: binomial(one, &stream), firstTotal: runCount, second: binomial(other, &stream), secondTotal: runCount)
  }

  private static func binomial(_ rate: Double, _ stream: inout SeedStream) -> Int {
    (0..<runCount).reduce(0) { count, _ in count + (stream.uniform() < rate ? 1 : 0) }
  }

  private static func model(_ effects: [DrawEffect], guarded: Bool) -> RandomEffects {
    RandomEffects(estimates: effects.map(\.estimate), variances: effects.map(\.variance), guarded: guarded)
  }

  private static func word(_ model: RandomEffects) -> VerdictWord {
    .ofEffect(estimate: model.mean, interval: model.interval(), isAbove: true, smallest: 0.1, adjustedP: model.p)
  }

  /// Claims of no difference of rates within .10, where there is none, where it is the margin, and where it is .3.
  private static func printAbsence() {
    for (one, other) in [(0.0, 0.0), (0.02, 0.02), (0.1, 0.1), (0.12, 0.02), (0.35, 0.05)] {
      let words = simulated(simulationCount, UInt32(100 + Int(one * 100))) { stream -> VerdictWord in
        let effects = (0..<pretrainingCount * dataCount).map { _ in DrawEffect(rates: stratum(one, other, &stream)) }
        let model = model(effects, guarded: true)
        return .ofAbsence(narrow: model.interval(level: 0.9), wide: model.interval(), margin: 0.1)
      }
      let shares = [VerdictWord.holds, .contradicted].map { word in
        Coverage.text(Double(words.count { $0 == word }) / Double(words.count))
      }
      print("no difference within .1, rates \(one) and \(other): holds \(shares[0]), contradicted \(shares[1])")
    }
  }

  /// Ratios of standard deviations of normal scores, where they are equal, and where one is twice the other.
  private static func printSpread() {
    for ratio in [1.0, 2.0] {
      let words = simulated(simulationCount, UInt32(200 + Int(ratio))) { stream -> VerdictWord in
        let effects = (0..<pretrainingCount * dataCount).compactMap { _ in
          DrawEffect(
            deviations: StratifiedSamples.Stratum(
              first: (0..<runCount).map { _ in ratio * stream.normal() },
              second: (0..<runCount).map { _ in stream.normal() }))
        }
        let model = model(effects, guarded: true)
        return .ofEffect(
          estimate: model.mean, interval: model.interval(), isAbove: true, smallest: log(1.25), adjustedP: model.p)
      }
      let shares = [VerdictWord.holds, .smallerThanAsked, .contradicted].map { word in
        Coverage.text(Double(words.count { $0 == word }) / Double(words.count))
      }
      print(
        "ratio of deviations \(ratio), asked 1.25: holds \(shares[0]), smaller \(shares[1]), contradicted \(shares[2])")
    }
  }
}
