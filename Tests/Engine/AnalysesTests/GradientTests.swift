import Foundation
import Storage
import Tables
import Trials
import XCTest

@testable import Analyses

final class GradientTests: XCTestCase {
  private let steps = Array(stride(from: 10, through: 400, by: 10))

  /// Norms of four layers: at first alike, from step 60 on the first one's times `late`, the others' between.
  private func norms(late: Double) -> LayerNorms {
    LayerNorms(
      steps: steps,
      norms: steps.map { step in
        (0..<4).map { layer in step < 60 ? 0.5 : 0.5 * pow(late, Double(3 - layer) / 3) }
      })
  }

  func testAVanishedGradientAndOneThatRecovered() throws {
    let vanished = try XCTUnwrap(GradientStatistics(norms(late: 1e-3), stepCount: 400))
    XCTAssertEqual(vanished.ratio, 1e-3, accuracy: 1e-12)
    XCTAssertEqual(vanished.depthRatio, 1e-3, accuracy: 1e-12)
    XCTAssertEqual(vanished.depthCorrelation, 1)
    XCTAssertEqual(vanished.collapseStep, 60)
    let healthy = try XCTUnwrap(GradientStatistics(norms(late: 2), stepCount: 400))
    XCTAssertEqual(healthy.ratio, 2, accuracy: 1e-12)
    XCTAssertEqual(healthy.depthCorrelation, -1)
    XCTAssertNil(healthy.collapseStep)
    // A dip that the run recovers from is no collapse.
    var dipped = norms(late: 1e-3).norms
    dipped[20] = dipped[0]
    let recovered = LayerNorms(steps: steps, norms: dipped)
    XCTAssertEqual(GradientStatistics(recovered, stepCount: 400)?.collapseStep, 220)
    // Without a record in the last quarter there is nothing to say.
    XCTAssertNil(GradientStatistics(norms(late: 2), stepCount: 4000))
  }

  /// A small ratio counts only while the loss is still near chance.
  func testTheRatioIsJudgedWithTheLoss() throws {
    let vanished = try XCTUnwrap(GradientTable.columns.first { $0.name == "vanished" })
    for (loss, expected) in [(0.69, CSVField.flag(true)), (0.01, .flag(false))] {
      let run = TinyRuns.run("a", failed: true, stepCount: 400, losses: [0.7, 0.7, 0.7, loss])
      let row = try XCTUnwrap(GradientTable.Row(run, norms(late: 1e-3), tensors: .all))
      XCTAssertEqual(vanished.value(row), expected)
      XCTAssertEqual(GradientTable.columns.fields(of: row).count, GradientTable.columns.count)
    }
  }

  func testNormsAreReadByLayerAndTensorSet() throws {
    let folder = try temporaryFolder()
    let path = folder + "/a.csv"
    try """
    trial_id,step,tensor,norm
    a,10,bert.embeddings.word_embeddings.weight,9
    a,10,bert.encoder.layer.0.attention.self.query.weight,3
    a,10,bert.encoder.layer.0.output.dense.weight,4
    a,10,bert.encoder.layer.10.output.dense.weight,1
    a,10,bert.encoder.layer.2.output.dense.weight,2
    a,10,classifier.weight,9

    """.write(toFile: path, atomically: true, encoding: .utf8)
    XCTAssertEqual(
      try LayerNorms(contentsOf: path, tensors: .all), LayerNorms(steps: [10], norms: [[5, 2, 1]]))
    XCTAssertEqual(
      try LayerNorms(contentsOf: path, tensors: .output), LayerNorms(steps: [10], norms: [[4, 2, 1]]))
    XCTAssertEqual(try LayerNorms(contentsOf: path, tensors: .query), LayerNorms(steps: [10], norms: [[3]]))
    XCTAssertThrowsError(try GradientTable.write([], of: RunFolder(folder), tensors: .all, to: RunFolder(folder))) {
      XCTAssertTrue("\($0)".contains("record.gradient_norms_every: 10"), "\($0)")
    }
  }

  /// Values of sqrt(1 - .999^t) / (1 - .9^t), by hand.
  func testTheCorrectionFactorsFigure() throws {
    let folder = try temporaryFolder()
    var other = TrialConfiguration()
    other.optimizer.beta2 = 0.98
    let runs = [
      TinyRuns.run("a", failed: true, stepCount: 189),
      TinyRuns.run("b", failed: true, configuration: other, configurationIdentifier: "c1", stepCount: 20),
    ]
    try Correction.write(runs, to: RunFolder(folder))
    let factors = try rows(folder + "/correction_factor.csv")
    XCTAssertEqual(factors.count, 1 + 189 + 20)
    for (step, value) in [
      (1, 0.3162), (2, 0.2353), (3, 0.2020), (10, 0.1532), (12, 0.15224), (100, 0.3086), (189, 0.4151),
    ] {
      XCTAssertEqual(try XCTUnwrap(Double(factors[step][3])), value, accuracy: 6e-5, "\(step)")
      XCTAssertEqual(try XCTUnwrap(Double(factors[step][4])), 1 / value, accuracy: 3e-3, "\(step)")
    }
    // With beta2 .98 the least factor is .6436, at step 14.
    XCTAssertEqual(try XCTUnwrap(Double(factors[189 + 14][3])), 0.6436, accuracy: 6e-5)
    let masses = try rows(folder + "/step_mass.csv")
    XCTAssertEqual(masses.count, 3)
    XCTAssertEqual(try XCTUnwrap(Double(masses[1][9])), 0.253, accuracy: 6e-4)
  }
}
