// The figure of gradient norms by layer, for families that number their layers in other ways than BERT.

import Foundation
import ResultsSupport
import XCTest

@testable import Pages

final class LayerFigureTests: PageTestCase {
  /// Writes the norms of every trial: of two layers, and of tensors that lie in none.
  private func figures(_ first: String, _ second: String) throws -> [String] {
    let plan = try plan([("a", "a")], seeds: 2)
    let run = try results(plan, in: first) { outcome(failed: $0 == 0) }
    for index in plan.trials.indices {
      let path = run.gradientNorms(ofTrial: plan.trialIdentifier(at: index))
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      let rows = [
        ("model.wte.weight", 100.0), (first, 3), (first.replacingOccurrences(of: "weight", with: "bias"), 4),
        (second, 2), ("classifier.weight", 9),
      ]
      let text = [1, 2].flatMap { step in rows.map { "\(step),\($0.0),\($0.1 * Double(step))\n" } }.joined()
      try Data(("step,tensor,norm\n" + text).utf8).write(to: URL(fileURLWithPath: path))
    }
    return AnalysisFigures.layers(try PageFolder(run.path)).map(\.description)
  }

  func testLayersOfOtherFamilies() throws {
    let expected = [
      "Failed run, norms at the end: layer 1 10, layer 2 4. Successful run, norms at the end: layer 1 10, layer 2 4."
    ]
    XCTAssertEqual(
      try figures("transformer.h.0.mlp.c_proj.weight", "transformer.h.1.mlp.c_proj.weight"), expected)
    XCTAssertEqual(
      try figures("distilbert.transformer.layer.0.ffn.lin1.weight", "distilbert.transformer.layer.1.ffn.lin1.weight"),
      expected)
    // The layers of an ALBERT are the applications of its one layer, whose own norm is of none of them.
    let name = "albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.weight"
    XCTAssertEqual(try figures(name + "#0", name + "#1"), expected)
    XCTAssertEqual(try figures(name, name), [])
  }
}
