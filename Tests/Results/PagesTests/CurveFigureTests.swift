// Figures of training of many runs: bands over runs of different lengths, and lines of runs that are too few for a band.

import Figures
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Pages

final class CurveFigureTests: PageTestCase {
  /// The first figure of training.
  private func figure(_ folder: RunFolder) throws -> Figure {
    try XCTUnwrap(ReportPage([try PageFolder(folder.path)], time: 0).figures.training.first)
  }

  /// An outcome whose loss is the number of its step; one that diverged has a last loss that is no number.
  private func outcome(failed: Bool, divergedAt length: Int?) -> Outcome {
    let count = length ?? 130
    var outcome = outcome(failed: failed, records: count)
    if length != nil { outcome.status = .diverged }
    outcome.curve = (1...count).map { step in
      CurvePoint(step: step, epoch: 0, quantity: "loss", value: step == length ? .nan : Double(step))
    }
    return outcome
  }

  /// Runs that diverged are shorter than the others. Every loss is the number of its step here, so a band that mixes steps shows.
  func testBandsOfRunsOfDifferentLengthsCompareTheSameSteps() throws {
    // Of 21 failed runs 11 diverged after 20 steps.
    let folder = try results(try plan([("a", "a")], seeds: 210)) { index in
      self.outcome(failed: index % 10 == 0, divergedAt: index % 20 == 0 ? 20 : nil)
    }
    let runs = try PageFolder(folder.path).recipes[0].results
    XCTAssertEqual(Set(runs.map(\.loss.recordsPerPoint)), [3], "130 records in threes, and so those of shorter runs")
    let (short, long) = (runs[0].loss.points, runs[1].loss.points)
    XCTAssertEqual(short.count, 7, "20 records in threes")
    XCTAssertEqual(short.dropLast(), long.prefix(6))
    XCTAssertEqual(short.last, FigurePoint(19.5, 19), "the mean of the records that are numbers")

    let marks = try figure(folder).panels[0].marks
    let bands = marks.compactMap { mark -> [[FigurePoint]]? in
      if case .band(let low, let high, _) = mark { [low, high] } else { nil }
    }
    let medians = marks.compactMap { mark -> [FigurePoint]? in
      if case .line(let points, _, _, _, _, nil) = mark { points } else { nil }
    }
    XCTAssertEqual([bands.count, medians.count], [2, 2])
    for points in bands.flatMap({ $0 }) + medians {
      XCTAssertEqual(points.count, 44)
      for point in points { XCTAssertEqual(point.y, point.x, accuracy: 1e-9) }
    }
  }

  /// A point of another curve is on the line between its neighbours.
  func testACurveHasAValueBetweenItsPoints() {
    let curve = PageCurve([FigurePoint(10, 1), FigurePoint(20, 3), FigurePoint(30, .nan), FigurePoint(40, 5)])
    XCTAssertEqual(curve.value(at: 10, near: 0), 1)
    XCTAssertEqual(curve.value(at: 20, near: 0), 3)
    XCTAssertEqual(curve.value(at: 15, near: 9), 2)
    for step in [5.0, 25, 30, 35, 41] { XCTAssertNil(curve.value(at: step, near: 2), "\(step)") }
  }

  /// Of four failed runs there is no band, so each has a line, wherever it stands among the others.
  func testRunsThatAreTooFewForABandAreLines() throws {
    let folder = try results(try plan([("a", "a")], seeds: 230)) { index in
      self.outcome(failed: [50, 100, 150, 200].contains(index))
    }
    let figure = try figure(folder)
    var (bandCount, lineCounts) = (0, [String: Int]())
    for mark in figure.panels[0].marks {
      if case .band = mark { bandCount += 1 }
      if case .line(_, let ink, _, _, _, .some) = mark { lineCounts["\(ink)", default: 0] += 1 }
    }
    XCTAssertEqual(bandCount, 1)
    XCTAssertEqual(lineCounts, ["series(0)": 20, "failed": 4])
    XCTAssertEqual(
      figure.note,
      "Bands: the middle 80 % of 226 successful runs, and their median; lines: the first 20 of 230 runs, seeds 1 to 20, "
        + "and every failed one.")
  }
}
