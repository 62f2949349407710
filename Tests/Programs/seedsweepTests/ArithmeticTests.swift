// `training.arithmetic` from the outside: with `portable`, the default, the same bytes whatever computes, and the commands that name it.

import XCTest

final class ArithmeticTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(steps: 6), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  private func run(
    _ output: String, _ more: [String] = [], environment: [String: String?] = [:]
  ) throws -> Child.Result {
    try Child.seedsweep(
      ["run", "tiny.json5", "--processes", "1", "--output", output] + more, in: folder.path, environment: environment)
  }

  /// The levels of instructions that this processor has, the highest last.
  private func levels() throws -> [String] {
    let report = try Child.seedsweep(["doctor"], in: folder.path).output
    let highest = report.firstMatch(of: /products made with (\w+)/).map { String($0.1) }
    return highest == "avx512" ? ["avx2", "avx512"] : ["avx2"]
  }

  /// Every level of instructions, every kind of OpenBLAS's kernels, every number of threads; the trained weights are among the
  /// bytes, as digests.
  func testTheSameBytesWhateverComputes() throws {
    let levels = try levels()
    var expected: [Data]?
    let precisions = #"grid={ "training.precision": ["float32", "bfloat16"] }"#
    let cores =
      levels.contains("avx512")
      ? ["Haswell", "SkylakeX", "Prescott", "Cooperlake"] : ["Haswell", "Zen", "Prescott", "Sandybridge"]
    for (index, core) in cores.enumerated() {
      let result = try run(
        core, [precisions, "--threads", String(index % 3 + 1)],
        environment: ["OPENBLAS_CORETYPE": core, "SEEDSWEEP_SIMD": levels[index % levels.count]])
      XCTAssertEqual(result.code, 0, result.errors)
      XCTAssertTrue(
        result.output.contains("\nnumerics: portable/1+bf16/pairs, the same bits on every processor\n"), result.output)
      let tables = try TinySweep.tables(of: folder, core)
      TinySweep.assertSameTables(expected ?? tables, tables)
      expected = tables
    }
    for precision in ["float32", "bfloat16"] {
      XCTAssertTrue(folder.text("Haswell/trials.csv").contains(",portable,\(precision),"), precision)
    }
    XCTAssertTrue(folder.text("Haswell/timings.csv").contains(",portable/1"))
  }

  /// Another machine's kernels are no obstacle, neither to more results nor to `verify`.
  func testFoldersOfOtherMachinesGoOn() throws {
    XCTAssertEqual(try run("out", ["--limit", "1"], environment: ["OPENBLAS_CORETYPE": "Haswell"]).code, 0)
    let more = try run("out", environment: ["OPENBLAS_CORETYPE": "Prescott"])
    XCTAssertEqual(more.code, 0, more.errors)
    XCTAssertTrue(more.output.contains("4 trials: 1 reused, 3 to run"), more.output)
    XCTAssertFalse(more.output.contains("Prescott kernels"), more.output)
    let verified = try Child.seedsweep(
      ["verify", "out", "--sample", "2"], in: folder.path, environment: ["OPENBLAS_CORETYPE": "Sandybridge"])
    XCTAssertEqual(verified.code, 0, verified.output + verified.errors)
    XCTAssertTrue(verified.output.contains("\nArithmetic: portable.\n"), verified.output)
    XCTAssertTrue(verified.output.contains("2 of 2 trials trained again gave the same bits"), verified.output)
  }

  /// Recipes of both arithmetics may stand in one sweep; each result is known by its own numerics.
  func testRecipesOfBothArithmetics() throws {
    let words = [
      "run", "tiny.json5", "grid={\"training.arithmetic\": [\"openblas\", \"portable\"]}", "seeds=1", "--processes",
      "1",
      "--output", "both",
    ]
    let both = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(both.code, 0, both.errors)
    let rows = folder.text("both/timings.csv").split(separator: "\n").dropFirst()
    XCTAssertEqual(rows.count, 4)
    XCTAssertTrue(rows.first?.contains("blas=") ?? false, "\(rows)")
    XCTAssertTrue(rows.last?.contains("portable/1") ?? false, "\(rows)")
    let elsewhere = try Child.seedsweep(words, in: folder.path, environment: Child.otherKernels)
    XCTAssertEqual(elsewhere.code, 2, elsewhere.output)
    let compared = try Child.seedsweep(["compare", "both"], in: folder.path)
    XCTAssertTrue(compared.output.contains("\nArithmetic: openblas and portable.\n"), compared.output + compared.errors)
  }

  /// A processor that is slower for bfloat16 is one with AVX2 only, which the switch for tests stands for.
  func testPlanSaysWhereBFloat16IsSlow() throws {
    let plan = try Child.seedsweep(
      ["plan", "tiny.json5", "training.precision=bfloat16"], in: folder.path, environment: ["SEEDSWEEP_SIMD": "avx2"])
    XCTAssertEqual(plan.code, 0, plan.errors)
    XCTAssertTrue(
      plan.output.contains("\nnote: products in bfloat16 take longer than in float32 on this processor; "), plan.output)
  }

  func testAnUnknownLevelIsRefused() throws {
    let result = try run("out", environment: ["SEEDSWEEP_SIMD": "sse2"])
    XCTAssertEqual(result.code, 2)
    XCTAssertTrue(
      result.errors.hasPrefix("seedsweep run: SEEDSWEEP_SIMD=sse2: this processor's products are made with "),
      result.errors)
    XCTAssertFalse(folder.has("out"))
  }
}
