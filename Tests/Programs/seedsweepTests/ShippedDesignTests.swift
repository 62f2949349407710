// The designs of the shipped sweeps are what their comments and the registration say: rates around an LD50, equal largest rates, and
// recipes that claims name.

import Analyses
import Claims
import Foundation
import Schedules
import SweepLanguage
import TestSupport
import Trials
import Verdicts
import XCTest

final class ShippedDesignTests: XCTestCase {
  private func sweep(_ name: String) throws -> Sweep {
    try Sweep(file: "sweeps/\(name).json5", workingDirectory: Checkout.root.path)
  }

  /// The configurations of a sweep by the names of their variants.
  private func recipes(_ name: String) throws -> [String: [TrialConfiguration]] {
    let plan = try sweep(name).plan(digests: NoDigests())
    return Dictionary(grouping: plan.configurations, by: \.variant).mapValues { $0.map(\.configuration) }
  }

  private struct NoDigests: ContentDigests {
    func digest(of model: ModelSpecification) throws -> String { "model" }
    func digest(of task: TaskSpecification) throws -> String { "task" }
    func digest(of program: ProgramSpecification) throws -> String { "program" }
  }

  private func rates(_ configurations: [TrialConfiguration]?) -> [Double] {
    (configurations ?? []).map(\.optimizer.learningRate).sorted()
  }

  /// Each recipe's five rates are .8, .9, 1, 1.1 and 1.25 times its middle one, but for two digits, and the search's lie around it.
  func testTheRatesOfTheDose() throws {
    let dose = try recipes("dose")
    let search = try recipes("dose-search")
    let names = [
      "warmup_0", "warmup_10", "warmup_30", "warmup_50", "corrected_0", "corrected_10", "long", "long_corrected",
    ]
    XCTAssertEqual(Set(dose.keys), Set(names))
    XCTAssertEqual(Set(search.keys), Set(names))
    for name in names {
      let five = rates(dose[name])
      XCTAssertEqual(five.count, 5, name)
      for (rate, factor) in zip(five, [0.8, 0.9, 1, 1.1, 1.25]) {
        XCTAssertEqual(rate / five[2], factor, accuracy: 0.02, name)
      }
      let searched = rates(search[name])
      XCTAssertEqual(searched.count, 5, name)
      XCTAssertTrue((searched[0]...searched[4]).contains(five[2]), name)
      for (lower, higher) in zip(searched, searched.dropFirst()) {
        XCTAssertEqual(higher / lower, 2.0.squareRoot(), accuracy: 0.07, name)
      }
    }
    // Both warm-ups run at the LD50 of none.
    let warmup = try recipes("warmup")
    XCTAssertEqual(warmup.mapValues { $0.map(\.schedule.warmup) }, ["warmup_0": [0], "warmup_30": [0.3]])
    let half = rates(dose["warmup_0"])[2]
    for recipe in warmup.values { XCTAssertEqual(rates(recipe), [half]) }
    XCTAssertTrue(try sweep("dose-search").seeds.allSatisfy { (1001...1999).contains($0.order) })
  }

  /// Clipping is crossed with two recipes of the dose at their rates.
  func testTheRatesOfClippedRecipes() throws {
    let (dose, clipping) = (try recipes("dose"), try recipes("dose-clipping"))
    for name in ["warmup_10", "corrected_10"] {
      XCTAssertEqual(clipping[name], dose[name])
      let unclipped = (clipping[name] ?? []).map { configuration in
        var configuration = configuration
        configuration.optimizer.clip = .unclipped
        return configuration
      }
      XCTAssertEqual(clipping["\(name)_unclipped"], unclipped, name)
    }
    XCTAssertEqual(clipping.count, 4)
  }

  /// 1,000 sentences in batches of 16 are 63 steps an epoch.
  func testBetasAtEqualLargestRates() throws {
    let peaks = try recipes("gradients-beta2").values.flatMap { $0 }.map { configuration in
      EffectiveRates(
        configuration.optimizer, LearningRateSchedule(configuration.schedule, stepCount: 189), stepCount: 189
      ).peak
    }
    XCTAssertEqual(peaks.count, 3)
    for peak in peaks { XCTAssertEqual(peak, 3.782e-3, accuracy: 3e-6) }
  }

  func testThresholdsOfClipping() throws {
    let clipped = try recipes("clipping-thresholds")
    XCTAssertEqual(clipped["global"]?.map(\.optimizer.maximumGradientNorm), [0.1, 0.3, 1, 3, 10])
    XCTAssertEqual(clipped["per_tensor"]?.map(\.optimizer.maximumGradientNorm), [0.01, 0.03, 0.1, 0.3, 1])
    XCTAssertEqual(clipped["unclipped"]?.map(\.optimizer.appliedClip), [.unclipped])
    let mixout = try recipes("mixout")
    XCTAssertEqual(
      mixout["default"]?.map { "\($0.training.epochs) \($0.training.mixout)" },
      [3, 20].flatMap { epochs in [0, 0.3, 0.7, 0.9].map { "\(epochs) \($0)" } })
  }

  /// The sweeps of the registration are there, and a variant that a part names is one of its sweep's.
  func testTheRegistrationNamesWhatIsThere() throws {
    let path = Checkout.path("sweeps/registration.json5")
    let registration = try RegistrationReader.file(
      Array(Data(contentsOf: URL(fileURLWithPath: path))), name: "registration.json5", tables: ColumnReference.tables)
    XCTAssertEqual(
      registration.claims.map(\.name),
      ["1", "2", "3", "4", "4b", "5", "6", "7", "8", "9", "10", "11", "12", "13", "dose"])
    for claim in registration.claims {
      guard case .parts(let parts, let beside) = claim.content else { continue }
      for rows in (parts + beside).flatMap({ Self.rows(of: $0.measure) }) {
        // The variants of an intermediate sweep are the same until its models are there.
        let known = try Set(
          rows.run == "intermediate-seeds" ? ["direct", "intermediate", "shuffled"] : Array(recipes(rows.run).keys))
        for case (let column, .oneOf(let names)) in rows.requirements where column == "variant" {
          XCTAssertTrue(known.isSuperset(of: names), "claim \(claim.name): \(rows.run) has no \(names)")
        }
      }
    }
  }

  private static func rows(of measure: Measure) -> [Rows] {
    switch measure {
    case .riskDifference(let one, let other), .meanDifference(let one, let other, _),
      .deviationRatio(let one, let other):
      [one, other]
    case .mean(let rows, _), .covariance(let rows, _), .spearman(let rows, _): [rows]
    case .difference(let one, let other): rows(of: one) + rows(of: other)
    }
  }
}
