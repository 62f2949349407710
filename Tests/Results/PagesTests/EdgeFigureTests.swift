// The figure of the loss between weights: a line for each edge of each pair of runs.

import Figures
import Foundation
import ResultsSupport
import XCTest

@testable import Pages

final class EdgeFigureTests: PageTestCase {
  /// The figure of a table whose rows are (failed run, end, position, loss).
  private func figure(_ rows: [(failed: String, to: String, position: Double, loss: Double)]) throws -> Figure {
    let run = try results(plan([("a", "a")], seeds: 2)) { outcome(failed: $0 == 0) }
    let text = rows.map { "\($0.failed),s,failed,\($0.to),\($0.position),\($0.loss)\n" }.joined()
    try Data(("trial_failed,trial_successful,from,to,place,loss\n" + text).utf8)
      .write(to: URL(fileURLWithPath: run.path + "/surface_edges.csv"))
    return try XCTUnwrap(AnalysisFigures.edges(PageFolder(run.path)))
  }

  private func lines(_ figure: Figure) -> [(points: [FigurePoint], ink: Ink, name: String?)] {
    figure.panels[0].marks.compactMap {
      guard case .line(let points, let ink, _, _, _, let name) = $0 else { return nil }
      return (points, ink, name)
    }
  }

  func testEachPairHasALineOfItsOwn() throws {
    let figure = try figure([
      ("f", "successful", 0, 2), ("f", "successful", 1, 1), ("g", "successful", 0, 3), ("g", "successful", 1, 0.5),
    ])
    let lines = lines(figure)
    XCTAssertEqual(
      lines.map(\.points), [[FigurePoint(0, 2), FigurePoint(1, 1)], [FigurePoint(0, 3), FigurePoint(1, 0.5)]])
    XCTAssertEqual(lines.map(\.ink), [.series(0), .series(0)])
    XCTAssertEqual(
      lines.map(\.name),
      ["failed to successful: failed f, successful s", "failed to successful: failed g, successful s"])
    XCTAssertEqual(figure.legend.map(\.label), ["failed to successful"])
    XCTAssertTrue(
      figure.description.hasPrefix("2 pairs of runs. failed to successful: highest loss 3"), figure.description)
  }

  func testTheEdgesOfOnePairAreNamedByTheirEnds() throws {
    let figure = try figure([
      ("f", "pretrained", 0, 2), ("f", "pretrained", 1, 1), ("f", "successful", 0, 2), ("f", "successful", 1, 0.5),
    ])
    XCTAssertEqual(lines(figure).map(\.name), ["failed to pre-trained", "failed to successful"])
    XCTAssertEqual(lines(figure).map(\.ink), [.series(0), .series(1)])
    XCTAssertTrue(figure.description.hasPrefix("failed to pre-trained: highest loss 2"), figure.description)
  }
}
