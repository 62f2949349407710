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

  /// Norms of one layer recorded every 5 steps: `levels` over the early ones, the first of which is 1, four records each.
  private func onset(_ levels: [Double], every interval: Int = 5) -> Int? {
    let norms = levels.flatMap { Array(repeating: [$0], count: 4) }
    let steps = norms.indices.map { interval * ($0 + 1) }
    return GradientStatistics(LayerNorms(steps: steps, norms: norms), stepCount: steps.count * interval)?.onsetStep
  }

  /// The median of the last 10 steps, of two records each, is below .1 for 20 steps.
  func testTheOnsetOfACollapse() {
    // At step 25 the median is that of 1 and .05, from step 30 on .05.
    XCTAssertEqual(onset([1, 0.05, 0.05, 0.05, 0.05]), 30)
    XCTAssertNil(onset([1, 0.15, 0.15, 0.15, 0.15]))
    // Steps 30 to 40 are too short, and a recovery after 20 steps is none that counts: the median is low at 30, 35, ..., 60.
    XCTAssertNil(onset([1, 0.05, 1, 1, 1]))
    XCTAssertEqual(onset([1, 0.05, 0.05, 1, 1]), 30)
    // The record ends before 20 steps are over.
    XCTAssertNil(onset([1, 1, 1, 1, 0.05]))
    // Every other step: five records, of which the middle one counts, so that the third low one is the first.
    XCTAssertEqual(onset([1, 0.05, 0.05, 0.05, 0.05, 0.05], every: 2), 14)
    // One spike is no end of it.
    var norms = Array(repeating: [1.0], count: 10) + Array(repeating: [0.01], count: 40)
    norms[18] = [1]
    let recorded = LayerNorms(steps: Array(1...50), norms: norms)
    let statistics = GradientStatistics(recorded, stepCount: 50)
    XCTAssertEqual(statistics?.onsetStep, 16)
    XCTAssertEqual(statistics?.collapseStep, 20)
  }

  func testTheStepOfTheLargestRate() throws {
    func step(_ change: (inout TrialConfiguration) -> Void) throws -> CSVField {
      var configuration = TrialConfiguration()
      change(&configuration)
      let run = TinyRuns.run("a", failed: true, configuration: configuration, stepCount: 400, losses: [0.7])
      let row = try XCTUnwrap(GradientTable.Row(run, norms(late: 1e-3), tensors: .all))
      return try XCTUnwrap(GradientTable.columns.first { $0.name == "peak_step" }).value(row)
    }
    // Update 41 is the first with the whole rate, after a warm-up of 40, and without correction the largest as well.
    XCTAssertEqual(try step { $0.optimizer.biasCorrection = true }, .integer(41))
    XCTAssertEqual(try step { _ in }, .integer(41))
    // Without warm-up f(t) is least at t = 12, and the rate falls meanwhile.
    XCTAssertEqual(
      try step {
        $0.schedule.warmup = 0
        $0.schedule.kind = .constant
      }, .integer(12))
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

  /// A file of norms with two recorded steps: the norm of each tensor at step 10 is given, at step 20 it is 1.
  private func norms(_ tensors: [(name: String, norm: Double)], in folder: String) throws -> String {
    let path = folder + "/a.csv"
    let rows = tensors.map { "a,10,\($0.name),\($0.norm)\n" } + tensors.map { "a,20,\($0.name),1\n" }
    try ("trial_id,step,tensor,norm\n" + rows.joined()).write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// The names that Transformers' `BertForSequenceClassification` and `MegatronBertForSequenceClassification` give the tensors of
  /// their layers, of two layers each.
  private static let linears = [
    "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
    "intermediate.dense",
    "output.dense",
  ]
  private static let bertNames = (0..<2).map { layer in
    (linears + ["attention.output.LayerNorm", "output.LayerNorm"]).flatMap {
      ["bert.encoder.layer.\(layer).\($0).weight", "bert.encoder.layer.\(layer).\($0).bias"]
    }
  }
  private static let megatronNames = (0..<2).map { layer in
    (linears + ["attention.ln", "ln"]).flatMap {
      ["bert.encoder.layer.\(layer).\($0).weight", "bert.encoder.layer.\(layer).\($0).bias"]
    }
  }

  func testNormsAreReadByLayerAndTensors() throws {
    let folder = try temporaryFolder()
    let others = ["bert.embeddings.word_embeddings.weight", "bert.pooler.dense.weight", "classifier.weight"]
    // Megatron's norm behind the last layer lies in no layer.
    let behind = ["bert.encoder.ln.weight", "bert.encoder.ln.bias"]
    for (layers, others) in [(Self.bertNames, others), (Self.megatronNames, others + behind)] {
      let names = layers.flatMap(\.self)
      let tensors = (others + names).map { name in
        (name: name, norm: name.hasSuffix("query.weight") ? 3.0 : name.hasSuffix("1.output.dense.weight") ? 4 : 2)
      }
      let path = try norms(tensors, in: folder)
      // Each layer has 16 tensors: squares of 4 but for the query's 9 and the second layer's output's 16.
      let squares = layers.enumerated().map { Double(4 * ($1.count - 1) + 9 + ($0 == 1 ? 12 : 0)) }
      XCTAssertEqual(
        try LayerNorms(contentsOf: path, tensors: .all),
        LayerNorms(
          steps: [10, 20], norms: [squares.map { $0.squareRoot() }, layers.map { Double($0.count).squareRoot() }]))
      XCTAssertEqual(
        try LayerNorms(contentsOf: path, tensors: .output), LayerNorms(steps: [10, 20], norms: [[2, 4], [1, 1]]))
      XCTAssertEqual(
        try LayerNorms(contentsOf: path, tensors: .query), LayerNorms(steps: [10, 20], norms: [[3, 3], [1, 1]]))
      XCTAssertEqual(
        try LayerNorms(contentsOf: path, tensors: .attentionOutput).norms, [[2, 2], [1, 1]], "not the layer's output")
    }
  }

  /// The first layer is the first trained one: frozen layers, whose norms are 0, would have collapsed from the first step on.
  func testFrozenLayersAreLeftOut() throws {
    let tensors = Self.bertNames.enumerated().flatMap { layer, names in
      names.map { (name: $0, norm: layer == 0 ? 0.0 : 2) }
    }
    let path = try temporaryFolder() + "/frozen.csv"
    let rows = [10, 20].flatMap { step in tensors.map { "a,\(step),\($0.name),\($0.norm)\n" } }
    try ("trial_id,step,tensor,norm\n" + rows.joined()).write(toFile: path, atomically: true, encoding: .utf8)
    let norms = try LayerNorms(contentsOf: path, tensors: .query)
    XCTAssertEqual(norms, LayerNorms(steps: [10, 20], norms: [[2], [2]]))
    let statistics = try XCTUnwrap(GradientStatistics(norms, stepCount: 20))
    XCTAssertEqual(statistics.ratio, 1)
    XCTAssertNil(statistics.collapseStep)
  }

  func testNormsOfNoKnownFamilyAreRefused() throws {
    let folder = try temporaryFolder()
    for name in ["roberta.encoder.layer.0.output.dense.weight", "bert.encoder.layer.999999999.output.dense.weight"] {
      let path = try norms([("classifier.weight", 1), (name, 1)], in: folder)
      XCTAssertThrowsError(try LayerNorms(contentsOf: path, tensors: .all)) {
        XCTAssertEqual(
          "\($0)",
          "\(path): the names of its tensors are those of no family that this program reads: bert, megatron-bert, gpt2, roberta, "
            + "xlm-roberta, camembert, electra, distilbert, albert")
      }
    }
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
