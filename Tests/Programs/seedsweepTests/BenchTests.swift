// The benchmarks run and measure what they say they measure; how fast anything is, no test asks.

import CommandLine
import Foundation
import Storage
import Training
import Transformer
import XCTest

@testable import seedsweep_bench

final class BenchTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  /// A row of a benchmark's CSV file.
  private struct Row {
    var item: String
    var quantity: String
    var unit: String
    var value: Double
  }

  /// Runs a benchmark to its end and answers with its rows, all of which are positive numbers.
  private func rows(_ words: [String], ranks: Int? = nil, line: UInt = #line) throws -> [Row] {
    let launcher = ranks.map { ["mpirun", "--oversubscribe", "-np", "\($0)"] } ?? []
    let program = Child.products + "/seedsweep-bench"
    let result = try Child(launcher + [program] + words + ["--quick", "--csv", "rows.csv"], in: folder.path)
      .wait(line: line)
    XCTAssertEqual(result.code, 0, result.errors, line: line)
    XCTAssertEqual(result.errors, "", line: line)
    let lines = folder.text("rows.csv").split(separator: "\n").map(String.init)
    XCTAssertEqual(lines.first, "benchmark,item,quantity,unit,value", line: line)
    return try lines.dropFirst().map { text in
      let cells = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      XCTAssertEqual(cells.count, 5, text, line: line)
      XCTAssertEqual(cells[0], words[0], text, line: line)
      let value = try XCTUnwrap(Double(cells[4]), text, line: line)
      XCTAssertTrue(value.isFinite && value > 0, text, line: line)
      XCTAssertTrue(
        result.output.contains(cells[1]) || result.output.contains("\n\(cells[2]) "),
        "\(text) is not in\n\(result.output)", line: line)
      return Row(item: cells[1], quantity: cells[2], unit: cells[3], value: value)
    }
  }

  private func value(_ rows: [Row], _ item: String, _ quantity: String) throws -> Double {
    try XCTUnwrap(rows.first { $0.item == item && $0.quantity == quantity }, "\(item) \(quantity)").value
  }

  func testBLAS() throws {
    let rows = try rows(["blas", "--layers", "3", "--hidden", "32", "--tokens", "40", "--batch-size", "5"])
    let items = rows.filter { $0.quantity == "rate" }.map(\.item)
    // Four layers of weights for 40 rows, keys and values, four shapes for 5 rows; three products each.
    XCTAssertEqual(items.count, 9 * 3 + 1)
    XCTAssertEqual(
      Array(items.prefix(3)),
      ["forward 40x96x32", "input gradient 40x32x96", "weight gradient 96x32x40"])
    XCTAssertEqual(try value(rows, "forward 40x96x32", "count"), 2)
    XCTAssertEqual(try value(rows, "forward 5x32x32", "count"), 3)
    XCTAssertEqual(try value(rows, "all of a step", "count"), 3 * (2 * 4 + 1 + 6))
    let shares = rows.filter { $0.quantity == "share" && $0.item != "all of a step" }.map(\.value)
    XCTAssertEqual(shares.reduce(0, +), 1, accuracy: 1e-9)
    // The mean rate is the operations over the time of all products.
    let encoder = EncoderConfiguration(
      vocabularySize: 9, hiddenSize: 32, layerCount: 3, headCount: 1, intermediateSize: 128)
    let products = ModelProducts(encoder, labelCount: 2, tokenCount: 40, sequenceCount: 5)
    XCTAssertEqual(
      try value(rows, "all of a step", "rate") * 1e9 * value(rows, "all of a step", "seconds"), products.flops,
      accuracy: 1e-6 * products.flops)
  }

  func testKernels() throws {
    let rows = try rows(["kernels"])
    XCTAssertEqual(
      rows.filter { $0.quantity == "rate" }.map(\.item),
      [
        "embedding gather", "embedding scatter", "dropout draw", "dropout apply", "softmax forward",
        "softmax backward", "layer norm forward", "layer norm backward", "GELU forward", "GELU backward",
        "tanh forward", "tanh backward", "column sums", "update hf", "update google", "update bert_adam",
        "update torch", "gradient norms", "SHA-256", "CRC-32",
      ])
    XCTAssertEqual(Set(rows.filter { $0.quantity == "rate" }.map(\.unit)), ["GB/s"])
    for item in Set(rows.map(\.item)) {
      XCTAssertEqual(
        try value(rows, item, "rate") * value(rows, item, "time_per_element"),
        try value(rows, item, "bytes_per_element"), accuracy: 1e-6, item)
    }
  }

  func testPeak() throws {
    let rows = try rows(["peak"]).filter { $0.quantity == "best" }
    // Linux names what the processor has.
    let flags = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8).split(whereSeparator: \.isWhitespace)
    let operations = [
      ("asimd", "float32 multiply-add in 128 bits"), ("avx2", "float32 multiply-add in 256 bits"),
      ("avx512f", "float32 multiply-add in 512 bits"), ("avx512_bf16", "bfloat16 dot product in 512 bits"),
    ].filter { flags.contains(Substring($0.0)) }
    XCTAssertEqual(rows.filter { $0.unit == "GFLOP/s" }.map(\.item), operations.map(\.1))
    let reading = rows.filter { $0.unit == "GB/s" }.map(\.item)
    XCTAssertEqual(reading.first?.hasPrefix("cache 1 ("), true)
    XCTAssertEqual(reading.last, "memory (64.0 KiB)")
  }

  /// A measured step as its line of JSON.
  private struct Line: Decodable, Equatable {
    var input_ids: [[Int32]]
    var token_type_ids: [[Int32]]
    var labels: [Double]
    var loss: Double
    var seconds: Double
  }

  private static let tinyModel = [
    "--layers", "2", "--hidden", "16", "--heads", "2", "--intermediate", "32", "--task", "synthetic",
  ]

  func testStep() throws {
    let words = ["step"] + Self.tinyModel + ["--steps", "4", "--batches", "b.jsonl"]
    let rows = try rows(words)
    let parts = StepPart.allCases.map(\.rawValue)
    XCTAssertEqual(rows.filter { $0.quantity == "median" }.map(\.item), ["step"] + parts)
    XCTAssertEqual(try parts.map { try value(rows, $0, "share") }.reduce(0, +), 1, accuracy: 1e-9)
    let steps = try lines()
    XCTAssertEqual(steps.count, 4)
    let seconds = steps.map(\.seconds)
    XCTAssertEqual(try value(rows, "step", "mean"), seconds.reduce(0, +) / 4, accuracy: 1e-9)
    XCTAssertEqual(try value(rows, "step", "min"), seconds.min())
    for step in steps {
      XCTAssertEqual(step.input_ids.count, 16)
      XCTAssertEqual(step.input_ids.map(\.count), step.token_type_ids.map(\.count))
      XCTAssertEqual(step.labels.count, 16)
      XCTAssertEqual(step.loss, 0.69, accuracy: 0.2)
    }
    let tokenCount = steps.reduce(0) { $0 + $1.input_ids.joined().count }
    XCTAssertEqual(try value(rows, "step", "tokens"), Double(tokenCount) / 4)
    XCTAssertEqual(
      rows.suffix(7).map { "\($0.quantity) \($0.unit)" },
      [
        "tokens ", "tokens_per_second 1/s", "executed GFLOP", "rate_in_step GFLOP/s", "products_alone GFLOP/s",
        "roofline_share ", "first_step_after s",
      ])
  }

  private func lines() throws -> [Line] {
    try folder.text("b.jsonl").split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
  }

  func testThreadsComputeTheSameSteps() throws {
    let words = ["step"] + Self.tinyModel + ["--batches", "b.jsonl"]
    func results() throws -> [Line] {
      try lines().map { line in
        var line = line
        line.seconds = 0
        return line
      }
    }
    _ = try rows(words)
    let alone = try results()
    _ = try rows(words + ["--threads", "2"])
    XCTAssertEqual(try results(), alone)
    XCTAssertEqual(Set(alone.map(\.loss)).count, alone.count)
  }

  /// The steps are those that `seedsweep run` makes, to the last bit of the loss.
  func testTheStepsAreTheProducts() throws {
    _ = try rows(["step"] + Self.tinyModel + ["--warmup", "2", "--steps", "5", "--batches", "b.jsonl"])
    try folder.write(
      """
      {
        model: {
          init: "random",
          config: {
            num_hidden_layers: 2, hidden_size: 16, num_attention_heads: 2, intermediate_size: 32,
            max_position_embeddings: 512,
          },
        },
        task: { name: "synthetic" },
        training: { max_steps: 8 },
        record: { curves_every: 1 },
        seeds: 1,
      }
      """, to: "same.json5")
    let run = try Child.seedsweep(["run", "same.json5", "--output", "out"], in: folder.path)
    XCTAssertEqual(run.code, 0, run.errors)
    let losses = folder.text("out/curves.csv").split(separator: "\n").filter { $0.contains(",train,loss,") }
      .map { String($0.split(separator: ",", omittingEmptySubsequences: false)[5]) }
    XCTAssertEqual(try lines().map { "\($0.loss)" }, Array(losses[2..<7]))
  }

  /// The parts of a trial are all of it.
  func testTrial() throws {
    try folder.write(TinySweep.text(steps: 6), to: "tiny.json5")
    let rows = try rows(["trial", "tiny.json5", "evaluation.train_examples=0", "--trials", "2"])
    let parts = ["files and weights", "steps", "recording", "evaluations and digests"]
    XCTAssertEqual(rows.filter { $0.quantity == "share" }.map(\.item), ["trial"] + parts + ["outside its steps"])
    let shares = try parts.map { try value(rows, $0, "share") }
    XCTAssertEqual(shares.reduce(0, +), 1, accuracy: 1e-9)
    XCTAssertGreaterThan(try value(rows, "trial", "median"), try value(rows, "steps", "median"))
  }

  func testFarm() throws {
    let alone = try rows(["farm", "--trials", "30", "--output", "kept"])
    XCTAssertEqual(
      alone.map { "\($0.quantity) \($0.unit)" },
      [
        "ranks ", "trials ", "seconds s", "trials_per_second 1/s", "leader_time_per_trial us", "synced_groups ",
      ])
    XCTAssertEqual(try value(alone, "empty trials", "ranks"), 1)
    XCTAssertEqual(try value(alone, "empty trials", "trials"), 30)
    let summary = try Child.seedsweep(["summarize", "kept"], in: folder.path)
    XCTAssertEqual(summary.code, 0, summary.errors)
    XCTAssertEqual(folder.text("kept/trials.csv").split(separator: "\n").count, 31)
    let launched = try rows(["farm"], ranks: 2)
    XCTAssertEqual(try value(launched, "empty trials", "ranks"), 2)
    XCTAssertEqual(
      try value(launched, "empty trials", "trials_per_second") * value(launched, "empty trials", "seconds"), 200,
      accuracy: 1e-6)
  }

  /// Every trial of the measured folder has its two records.
  func testEmptyTrialsLeaveAFolderOfResults() throws {
    let measured = try rows(["farm", "--trials", "250", "--recipes", "2", "--output", "kept"], ranks: 2)
    XCTAssertEqual(try value(measured, "empty trials", "trials"), 500)
    let index = try JournalIndex(path: folder.path + "/kept/journal.jsonl")
    XCTAssertEqual(index.resultCount, 500)
    XCTAssert(index.trials.allSatisfy { index[$0]?.attemptCount == 1 })
    XCTAssertEqual(index.skipped, [])
  }

  /// The operations that a step executes, counted product by product.
  func testOperationsOfAStep() {
    let lengths = [5, 1, 9, 12]
    for layerCount in [1, 2, 5] {
      let encoder = EncoderConfiguration(
        vocabularySize: 9, hiddenSize: 24, layerCount: layerCount, headCount: 3, intermediateSize: 40)
      let products = ModelProducts(encoder, labelCount: 3, tokenCount: 27, sequenceCount: 4)
      // A layer's attention for each head and query row: scores and context forward; the gradients of values,
      // probabilities, queries and keys backward. Each takes 2 * length * head size.
      let whole = lengths.reduce(0) { $0 + 3 * $1 * 6 * 2 * $1 * 8 }
      let last = lengths.reduce(0) { $0 + 3 * 1 * 6 * 2 * $1 * 8 }
      XCTAssertEqual(
        products.flops + Double((layerCount - 1) * whole + last),
        3 * CostEstimate.forwardFlops(encoder, labelCount: 3, lengths: LengthSummary(lengths)))
    }
  }

  func testRefusals() throws {
    func refusal(_ words: [String]) throws -> String {
      let result = try Child([Child.products + "/seedsweep-bench"] + words, in: folder.path).wait()
      XCTAssertEqual(result.code, 2)
      XCTAssertEqual(result.output, "")
      return result.errors
    }
    XCTAssertEqual(
      try refusal(["steps"]),
      """
      seedsweep-bench: unknown command 'steps'; did you mean 'step'?

      """)
    XCTAssertEqual(
      try refusal(["step", "--task", "rtee", "--dropout", "1", "--head", "keep", "--batches", "b.json"]),
      """
      seedsweep-bench step: a model is missing: --model DIR, or --layers N and --hidden N
      seedsweep-bench step: --task: unknown task 'rtee'; did you mean 'rte'? Allowed are cola, sst2, rte, mrpc, qnli, \
      qqp, wnli, mnli, mnli-mm, stsb, synthetic, synthetic-pairs, town-acceptability, \
      town-entailment, town-paraphrase, town-similarity.
      seedsweep-bench step: --dropout: found '1', expected a number of at least 0 and below 1
      seedsweep-bench step: --batches: found 'b.json', expected a file name ending in .jsonl
      seedsweep-bench step: --head: keep needs --model, a folder whose head can be kept

      """)
    XCTAssertEqual(
      try refusal(["blas", "--model", "m", "--hidden", "64", "--tokens", "3"]),
      """
      seedsweep-bench blas: --hidden: found beside --model, whose folder has sizes of its own; give one of the two
      seedsweep-bench blas: --tokens: found '3', expected a whole number from 16 to 1048576

      """)
    XCTAssertEqual(
      try refusal(["kernels", "--layers", "2", "--heads", "5"]),
      """
      seedsweep-bench kernels: --hidden is missing: sizes without a model folder need --layers and --hidden

      """)
    XCTAssertEqual(
      try refusal(["kernels", "--layers", "1001", "--hidden", "384", "--heads", "5"]),
      """
      seedsweep-bench kernels: --heads: 5 heads do not divide the hidden size 384
      seedsweep-bench kernels: --layers: expected at most 1000 layers, found 1001

      """)
    XCTAssertEqual(
      try refusal(["step", "--layers", "2", "--hidden", "64", "--task", "cola"]),
      """
      seedsweep-bench step: --data DIR is missing: task cola needs its folder of .tsv files
      seedsweep-bench step: --vocab FILE is missing: random weights know only the words of the synthetic task

      """)
    XCTAssertEqual(
      try refusal(["farm", "--output", "", "--trials", "0"]),
      """
      seedsweep-bench farm: --trials: found '0', expected a whole number from 1 to 10000000
      seedsweep-bench farm: --output: found an empty path, expected a folder

      """)
    XCTAssertEqual(
      try refusal(["step", "--model", "nowhere", "--task", "synthetic"]),
      "seedsweep-bench step: nowhere: there is no such model folder\n")
  }
}
