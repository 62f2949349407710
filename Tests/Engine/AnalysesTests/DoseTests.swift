// The analysis `dose` on runs whose failures follow one of its measures exactly.

import Foundation
import Storage
import Trials
import XCTest

@testable import Analyses

final class DoseTests: XCTestCase {
  private static let rates = [2e-4, 3e-4, 4.5e-4, 7e-4, 1.1e-3, 1.7e-3, 2.6e-3, 4e-3, 6e-3, 9e-3]
  private static let warmups = [0.1, 0.5]

  /// Recipes with and without bias correction and with two warm-ups at several rates, ten runs each. A run of 189 steps fails where
  /// its peak rate, by the factors 6.30 and 3.32 (1 with correction), is beyond a threshold of its seed.
  private func study(warmups: [Double] = warmups) throws -> (plan: SweepPlan, trials: [JudgedTrial]) {
    let thresholds = (1...10).map { 1.2e-3 * pow(1.15, Double($0)) }
    var planned: [PlannedConfiguration] = []
    var trials: [JudgedTrial] = []
    for isCorrected in [true, false] {
      for warmup in warmups {
        for rate in Self.rates {
          var configuration = TrialConfiguration()
          configuration.optimizer.biasCorrection = isCorrected
          configuration.optimizer.learningRate = rate
          configuration.schedule.warmup = warmup
          let identifier = String(format: "%016x", planned.count + 1)
          planned.append(
            PlannedConfiguration(
              variant: isCorrected ? "corrected" : "plain", label: isCorrected ? "corrected" : "plain",
              configuration: configuration,
              axisValues: [
                AxisValue(key: "schedule.warmup", text: "\(warmup)"),
                AxisValue(key: "optimizer.learning_rate", text: "\(rate)"),
              ], identifier: identifier))
          let factor = isCorrected ? 1 : warmup == 0.1 ? 6.30 : 3.32
          for (seed, threshold) in thresholds.enumerated() {
            trials.append(
              TinyRuns.run(
                "t\(trials.count)", seed: UInt64(seed + 1), failed: rate * factor > threshold,
                configuration: configuration, configurationIdentifier: identifier, stepCount: 189,
                accuracies: [rate * factor > threshold ? 0.5 : 0.9]))
          }
        }
      }
    }
    let seeds = (1...10).map { TrialSeeds(initialization: $0, order: 7, dropout: 7) }
    return (try SweepPlan(name: "doses", configurations: planned, seeds: seeds), trials)
  }

  func testThePeakRateExplainsRunsThatFollowIt() throws {
    let (plan, trials) = try study()
    let series = try DoseSeries.all(of: trials, plan, reference: "corrected")
    XCTAssertEqual(
      series.map(\.recipe),
      Self.names(["corrected", "plain"], Self.warmups.map { "schedule.warmup=\($0)" }))
    XCTAssertEqual(series.map(\.isReference), [true, false, false, false])
    XCTAssertEqual(series.map(\.cells.count), [10, 10, 10, 10])
    // The largest threshold is 4.85e-3: at two rates no corrected run learns.
    for series in series {
      XCTAssertEqual(
        series.cells.filter(\.isExcluded).map { $0[.learningRate] }, [6e-3, 9e-3], series.recipe)
    }
    XCTAssertEqual(
      Dose.exclusions(series),
      [
        "8 of 40 rows of doses.csv are left out of all fits, because no run of the recipe with bias correction has a score above the "
          + "constant classifier's there (column excluded)"
      ])
    let fits = DoseFit.all(series).filter { $0.kind == .peakRate }
    XCTAssertEqual(fits.map { DoseFit.columns.fields(of: $0)[4] }, Array(repeating: .integer(8), count: 4))
    let models = DoseModel.all(series)
    XCTAssertEqual(models.map(\.kind), DoseKind.allCases)
    let peak = try XCTUnwrap(models.first { $0.kind == .peakRate })
    let rate = try XCTUnwrap(models.first { $0.kind == .learningRate })
    XCTAssertEqual(models.min { $0.deviance < $1.deviance }?.kind, .peakRate)
    XCTAssertEqual(
      models.compactMap { model in model.leftOutDeviance.map { (model.kind, $0) } }.min { $0.1 < $1.1 }?.0, .peakRate)
    XCTAssertGreaterThan(try XCTUnwrap(peak.explained), 0.97)
    XCTAssertEqual(rate.explained, 0)
    XCTAssertGreaterThan(try XCTUnwrap(peak.recipeP), 0.5)
    XCTAssertLessThan(try XCTUnwrap(rate.recipeP), 1e-9)
    XCTAssertTrue(Dose.lines(models)[0].contains("peak_rate predicts the failures of recipes left out best"))
  }

  func testTheDoseOfHalfOfTheRuns() throws {
    let (plan, trials) = try study()
    let fits = DoseFit.all(try DoseSeries.all(of: trials, plan, reference: nil))
    // The fifth and the sixth of ten thresholds are 2.41e-3 and 2.78e-3.
    for fit in fits where fit.kind == .peakRate {
      let half = exp(try XCTUnwrap(fit.curve).middle)
      XCTAssertTrue((2.2e-3...3e-3).contains(half), "\(fit.series.recipe): \(half)")
      if let ratio = fit.ratio {
        XCTAssertEqual(ratio, 1, accuracy: 0.12)
        XCTAssertTrue(fit.ratioInterval.low < 1 && fit.ratioInterval.high > 1)
      }
    }
    // What is printed: a line for each recipe with the numbers of the table.
    let lines = Dose.middles(fits)
    XCTAssertEqual(lines.count, 4)
    let first = try XCTUnwrap(fits.first { $0.kind == .learningRate })
    XCTAssertEqual(
      lines[0],
      "\(first.series.task), \(first.series.recipe): half of the runs fail at the learning rate "
        + String(
          format: "%.3g (95 %% interval %.3g to %.3g)", exp(try XCTUnwrap(first.curve).middle), first.middle.low,
          first.middle.high))
    let plain = try XCTUnwrap(fits.first { $0.kind == .learningRate && $0.series.recipe.hasPrefix("plain") })
    XCTAssertEqual(try XCTUnwrap(plain.ratio), 1 / 6.30, accuracy: 0.03)
    XCTAssertLessThan(plain.ratioInterval.high, 0.25)
  }

  /// Without the corrected recipe nothing is left out, and a recipe of which nothing counts has no fit.
  func testWhatIsLeftOut() throws {
    let (plan, trials) = try study(warmups: [0.1])
    let plain = trials.filter { !$0.configuration.optimizer.biasCorrection }
    let alone = try DoseSeries.all(of: plain, plan, reference: nil)
    XCTAssertEqual(alone.map { $0.cells.count { $0.isExcluded } }, [0])
    XCTAssertEqual(Dose.exclusions(alone), [])
    // One run above the constant classifier's score is enough.
    let high = trials.filter { $0.configuration.optimizer.learningRate > 3.9e-3 }
    let both = try DoseSeries.all(of: high, plan, reference: nil)
    XCTAssertEqual(both.map { $0.cells.map(\.isExcluded) }, [[false, true, true], [false, true, true]])
    // Rates that are matched in step mass are plain ones where the correction is on.
    let matched = try SweepPlan(
      name: plan.name,
      configurations: plan.configurations.map { planned in
        var configuration = planned.configuration
        configuration.optimizer.matchesStepMass = !configuration.optimizer.biasCorrection
        return PlannedConfiguration(
          variant: planned.variant, label: planned.label, configuration: configuration, axisValues: planned.axisValues,
          identifier: planned.identifier)
      }, seeds: plan.seeds)
    XCTAssertEqual(
      try DoseSeries.all(of: high, matched, reference: nil).map { $0.cells.map(\.isExcluded) },
      [[false, true, true], [false, true, true]])
    let nothing = try DoseSeries.all(
      of: high.filter { $0.configuration.optimizer.learningRate > 5e-3 }, plan, reference: nil)
    XCTAssertTrue(DoseFit.all(nothing).isEmpty)
    XCTAssertTrue(DoseModel.all(nothing).isEmpty)
    XCTAssertTrue(Dose.lines([]).isEmpty)
  }

  func testTablesHaveTheirColumns() throws {
    let (plan, trials) = try study(warmups: [0.1])
    let series = try DoseSeries.all(of: trials, plan, reference: nil)
    let folder = try temporaryFolder()
    try DoseCell.columns.write(series.flatMap(\.cells), to: folder + "/doses.csv")
    try DoseFit.columns.write(DoseFit.all(series), to: folder + "/dose_fits.csv")
    try DoseModel.columns.write(DoseModel.all(series), to: folder + "/dose_models.csv")
    let doses = try rows(folder + "/doses.csv")
    XCTAssertEqual(doses.count, 21)
    let place = try XCTUnwrap(doses[0].firstIndex(of: "peak_rate"))
    XCTAssertEqual(try XCTUnwrap(Double(doses[11][place])), 2e-4 * 6.30, accuracy: 2e-6)
    XCTAssertEqual(Double(doses[1][place]), 2e-4)
    XCTAssertEqual(try rows(folder + "/dose_fits.csv").count, 1 + 2 * DoseKind.allCases.count)
    XCTAssertEqual(try rows(folder + "/dose_models.csv").count, 1 + DoseKind.allCases.count)
  }

  /// One recipe has a curve, and nothing that it could differ from.
  func testOneRecipe() throws {
    let (plan, trials) = try study(warmups: [0.1])
    let series = try DoseSeries.all(
      of: trials.filter { !$0.configuration.optimizer.biasCorrection }, plan, reference: nil)
    XCTAssertEqual(DoseModel.all(series).map(\.recipeCount), DoseKind.allCases.map { _ in 1 })
    let folder = try temporaryFolder()
    try DoseModel.columns.write(DoseModel.all(series), to: folder + "/dose_models.csv")
    let models = try rows(folder + "/dose_models.csv")
    for name in ["left_out_deviance", "recipe_p", "explained"] {
      let index = try XCTUnwrap(models[0].firstIndex(of: name))
      XCTAssertEqual(models.dropFirst().map { $0[index] }, DoseKind.allCases.map { _ in "" }, name)
    }
  }

  /// Where some runs fail at one rate, none below it and all above it, the likeliest curve is a step there.
  func testAStep() throws {
    let (plan, trials) = try study(warmups: [0.1])
    let plain = trials.filter { !$0.configuration.optimizer.biasCorrection }
    let few = plain.filter { [2e-4, 3e-4, 1.1e-3].contains($0.configuration.optimizer.learningRate) }
    let fits = DoseFit.all(try DoseSeries.all(of: few, plan, reference: nil))
    let fit = try XCTUnwrap(fits.first { $0.kind == .learningRate })
    let fields = Dictionary(
      uniqueKeysWithValues: zip(DoseFit.columns.names(), DoseFit.columns.fields(of: fit).map(\.encoded)))
    XCTAssertEqual(
      ["doses", "n_failed", "slope", "ld10", "ld90"].map { fields[$0] }, ["3", "13", "inf", "", ""])
    func number(_ name: String) throws -> Double { try XCTUnwrap(fields[name].flatMap { Double($0) }) }
    XCTAssertEqual(try number("ld50"), 3e-4, accuracy: 1e-9)
    // Three of ten runs at the rate of the step are no more unlike five than chance has them be.
    XCTAssertLessThan(try number("ld50_low"), 3e-4)
    XCTAssertGreaterThan(try number("ld50_high"), 3e-4)
    XCTAssertLessThan(try number("ld50_high"), 1.1e-3)
  }

  func testAnUnknownReference() throws {
    let (plan, trials) = try study(warmups: [0.1])
    XCTAssertThrowsError(try DoseSeries.all(of: trials, plan, reference: "other")) {
      XCTAssertEqual("\($0)", "--reference: the sweep has no variant 'other'; it has corrected, plain")
    }
    XCTAssertTrue(Dose.lines(DoseModel.all([])).isEmpty)
  }

  private static func names(_ variants: [String], _ values: [String]) -> [String] {
    variants.flatMap { variant in values.map { "\(variant) (\($0))" } }
  }
}
