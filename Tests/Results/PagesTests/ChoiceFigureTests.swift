// The figures of ensembles.csv and best_of_n.csv: what is drawn is what the tables hold.

import Figures
import Foundation
import Reports
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Pages

final class ChoiceFigureTests: PageTestCase {
  private func folder() throws -> (folder: RunFolder, identifiers: [String]) {
    let plan = try plan([("off", "no correction"), ("on", "correction")], seeds: 3)
    let folder = try results(plan) { self.outcome(failed: $0 == 0) }
    return (folder, plan.configurations.map(\.identifier))
  }

  private func figures(_ folder: RunFolder) throws -> [Figure] {
    ReportPage([try PageFolder(folder.path)], time: 0).figures.analyses
  }

  func testEnsemblesBySize() throws {
    let (folder, identifiers) = try folder()
    let header = "configuration_id,members,combination,size,score,score_low,score_high\n"
    let rows = [
      "random,logits,1,.1,.1,.1", "random,probabilities,1,.7,.6,.8", "random,probabilities,2,.75,.7,.82",
      "random,probabilities,3,.8,.74,.83", "selected,probabilities,1,.72,.6,.8", "selected,probabilities,2,.77,.6,.8",
      "selected,probabilities,3,.8,.74,.83",
    ]
    let text = rows.map { "\(identifiers[0]),\($0)\n" }.joined() + "\(identifiers[1]),,,,,,\n"
    try write((header + text).utf8, to: folder.ensembles)
    let figure = try XCTUnwrap(figures(folder).first { $0.name == "ensembles" })
    XCTAssertEqual(
      figure.description, "no correction: 0.700 for 1, 0.800 for 3; the best runs by the other half: 0.800 for 3.")
    let marks = figure.panels[0].marks
    XCTAssertEqual(marks.count, 4, "a band, two lines and the points")
    let middle = [FigurePoint(1, 0.7), FigurePoint(2, 0.75), FigurePoint(3, 0.8)]
    guard case .band(let low, let high, _) = marks[0], case .line(let other, _, .dashed, _, _, _) = marks[1],
      case .line(let line, _, .solid, _, _, _) = marks[2], case .points(let points, .dot, _, _) = marks[3]
    else { return XCTFail("\(marks)") }
    XCTAssertEqual(low.map(\.y), [0.6, 0.7, 0.74])
    XCTAssertEqual(high.map(\.y), [0.8, 0.82, 0.83])
    XCTAssertEqual(other.map(\.y), [0.72, 0.77, 0.8])
    XCTAssertEqual(line, middle)
    XCTAssertEqual(points, middle)
    XCTAssertEqual(
      figure.legend.map(\.label),
      ["no correction", "any runs", "the best runs by the other half", "95 % of sets and halves"])
  }

  /// A table that somebody edited ends no page.
  func testANumberOfRunsThatNoIntegerHolds() throws {
    let (folder, identifiers) = try folder()
    let header = "configuration_id,n,expected_best,expected_best_low,expected_best_high,selected_b,level\n"
    let text = header + "\(identifiers[0]),1,.6,,,,.95\n\(identifiers[0]),1e300,.7,,,,.95\n"
    try write(text.utf8, to: folder.bestOfN)
    let figure = try XCTUnwrap(figures(folder).first { $0.name == "best-of-n" })
    XCTAssertEqual(figure.description, "no correction: 0.600 for 1, 0.700 for 1e+300.")
  }

  /// A metric without bounds has no band, and a recipe of one run no curve.
  func testTheBestOfSeveralRuns() throws {
    let (folder, identifiers) = try folder()
    try write(
      """
      configuration_id,n,expected_best,expected_best_low,expected_best_high,selected_b,level
      \(identifiers[0]),1,.6,.5,.9,.58,.9
      \(identifiers[0]),2,.7,.6,.95,.61,.9
      \(identifiers[1]),1,.9,nan,nan,.9,
      \(identifiers[1]),2,.95,nan,nan,.91,

      """.utf8, to: folder.bestOfN)
    let figure = try XCTUnwrap(figures(folder).first { $0.name == "best-of-n" })
    XCTAssertEqual(
      figure.description,
      "no correction: 0.600 for 1, 0.700 for 2; best by one half, scored on the other: 0.610 for 2. "
        + "correction: 0.900 for 1, 0.950 for 2; best by one half, scored on the other: 0.910 for 2.")
    XCTAssertTrue(figure.note.contains("at least 90 %"), figure.note)
    let bands = figure.panels[0].marks.filter { if case .band = $0 { true } else { false } }
    XCTAssertEqual(bands.count, 1)
    let shapes = figure.panels[0].marks.compactMap { mark -> Shape? in
      if case .points(_, let shape, _, _) = mark { shape } else { nil }
    }
    XCTAssertEqual(shapes, [.dot, .square])
    try write(
      "configuration_id,n,expected_best,expected_best_low,expected_best_high,selected_b,level\n\(identifiers[0]),1,.6,,,.5,\n"
        .utf8,
      to: folder.bestOfN)
    XCTAssertNil(try figures(folder).first { $0.name == "best-of-n" })
  }
}
