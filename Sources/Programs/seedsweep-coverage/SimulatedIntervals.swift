// Coverage of the intervals of doses and of the multi-bootstrap on simulated runs.

import Foundation
import SeedStreams
import Statistics

extension SimulatedVerdicts {
  /// Five doses at .8 to 1.25 times LD50 with 15 runs each, as registered, for three slopes: coverage of LD50's 95 % interval, and of
  /// the 90 % interval of a ratio of two recipes' LD50.
  static func printDoses() {
    for slope in [5.0, 10, 20] {
      let found = simulated(doseSimulationCount, UInt32(300 + Int(slope))) {
        stream -> (middle: Bool?, ratio: Bool?, within: Bool?) in
        let shift = log(1.1)
        let (one, other) = (response(slope, middle: 0, &stream), response(slope, middle: shift, &stream))
        let ratio = other.interval(ofMiddleOver: one, level: 0.9)
        return (
          holds(one.interval(ofLogDoseAt: 0.5), 0), holds(ratio, shift),
          ratio.low.isNaN ? nil : ratio.low > -log(1.15) && ratio.high < log(1.15)
        )
      }
      func share(_ part: (((middle: Bool?, ratio: Bool?, within: Bool?)) -> Bool?)) -> String {
        let known = found.compactMap(part)
        return "\(Coverage.text(Double(known.count { $0 }) / Double(known.count))) of \(known.count)"
      }
      print(
        "dose, slope \(slope), 5 doses of 15 runs: LD50, 95 %: \(share { $0.middle }); ratio 1.1 of two LD50, 90 %: "
          + "\(share { $0.ratio }), within 1.15 in \(share { $0.within })")
    }
  }

  private static func response(_ slope: Double, middle: Double, _ stream: inout SeedStream) -> DoseResponse {
    DoseResponse(
      [0.8, 0.9, 1, 1.1, 1.25].map { dose in
        let logDose = middle + log(dose)
        let rate = 1 / (1 + exp(-slope * (logDose - middle)))
        return DoseResponse.Cell(
          logDose: logDose, failed: (0..<15).reduce(0) { count, _ in count + (stream.uniform() < rate ? 1 : 0) },
          total: 15)
      })
  }

  private static func holds(_ interval: ConfidenceInterval, _ truth: Double) -> Bool? {
    interval.low.isNaN ? nil : interval.low <= truth && truth <= interval.high
  }

  /// Accuracy of 8 seeds on 200 examples in 3 x 3 draws. What varies on the scale of log odds: examples, pre-trainings, data seeds and
  /// seeds. The truth is the mean over all of them.
  static func printMultiBootstrap() {
    let settings: [(name: String, pretraining: Double, data: Double)] = [
      ("seeds and examples vary alone", 0, 0), ("pre-trainings and data vary a little", 0.1, 0.1),
      ("pre-trainings vary much", 0.4, 0.1),
    ]
    for sd in settings {
      let found = simulated(bootstrapSimulationCount, UInt32(400 + Int(sd.pretraining * 100))) { stream -> [Bool?] in
        let effects = (
          (0..<pretrainingCount).map { _ in sd.pretraining * stream.normal() },
          (0..<dataCount).map { _ in sd.data * stream.normal() }
        )
        // A data seed has one dev set for all pre-trainings.
        let examples = (0..<dataCount).map { _ in (0..<200).map { _ in exampleDeviation * stream.normal() } }
        let draws = (0..<pretrainingCount).flatMap { row in
          (0..<dataCount).map { column in
            DrawScores(
              pretraining: row, data: column,
              scores: scores(examples[column], shift: effects.0[row] + effects.1[column], &stream))
          }
        }
        let truth = expected(sd: (sd.pretraining * sd.pretraining + sd.data * sd.data).squareRoot())
        let crossed = CrossedMean(
          (0..<pretrainingCount).map { row in
            (0..<dataCount).map { draws[row * dataCount + $0].mean }
          })
        return [
          holds(MultiBootstrap(resampleCount: 500, seed: stream.next()).interval(draws), truth),
          holds(crossed.interval(), truth),
          holds(Student.interval(ofMeanOf: draws.map(\.mean)), truth),
        ]
      }
      let shares = (0..<3).map { index -> String in
        let known = found.compactMap { $0[index] }
        return Coverage.text(Double(known.count { $0 }) / Double(known.count))
      }
      print(
        "mean accuracy of 3 x 3 draws, 8 seeds, 200 examples, \(sd.name): multi-bootstrap \(shares[0]), t of crossed means \(shares[1]), t of "
          + "nine draws \(shares[2])")
    }
  }

  /// The log odds of a right answer, and how examples and seeds vary about it.
  private static let (logOdds, exampleDeviation, seedDeviation) = (1.4, 1.0, 0.15)

  private static func scores(_ examples: [Double], shift: Double, _ stream: inout SeedStream) -> [[Double]] {
    (0..<8).map { _ in
      let seed = seedDeviation * stream.normal()
      return examples.map { stream.uniform() < 1 / (1 + exp(-(logOdds + shift + seed + $0))) ? 1.0 : 0 }
    }
  }

  /// The expected accuracy over everything that varies, by Simpson's rule over the normal distribution of the log odds.
  private static func expected(sd: Double) -> Double {
    let total = (sd * sd + exampleDeviation * exampleDeviation + seedDeviation * seedDeviation).squareRoot()
    let steps = 2000
    var (sum, mass) = (0.0, 0.0)
    for index in 0...steps {
      let z = -8 + 16 * Double(index) / Double(steps)
      let weight = exp(-z * z / 2) * (index == 0 || index == steps ? 1 : index % 2 == 1 ? 4 : 2)
      mass += weight
      sum += weight / (1 + exp(-(logOdds + total * z)))
    }
    return sum / mass
  }
}
