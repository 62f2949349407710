// `seedsweep-bench blas`: the rate of every distinct whole product of a training step.

import Arithmetics
import CommandLine
import Kernels
import Statistics
import Training
import Trials

/// Measures matrix products.
struct BLASCommand: Command {
  static let tokens = Flag(
    "--tokens", "N", "tokens of a batch", .count(atMost: ModelSizes.mostTokens), default: 1024)
  static let batchSize = Flag(
    "--batch-size", "N", "sequences of a batch", .count(atMost: ModelSizes.mostTokens), default: 16)

  static let syntax = CommandSyntax(
    "blas", "rate of the matrix products of a model's training step",
    details: """
      Measures the rate of every distinct product that a training step makes with whole weight matrices: forward (rows by
      weight transposed), input gradient (rows by weight) and weight gradient (rows transposed by rows). The mean rate weighs
      each by the time that a step spends in it. Attention's small products are not among them.
      """,
    flags: ModelSizes.flags + [tokens, batchSize, Flag.arithmetic, Flag.precision] + OutputOptions.flags)

  private static let labelCount = 2

  let sizes: ModelSizes
  let tokenCount: Int
  let batchSize: Int
  let arithmetic: Arithmetic
  let precision: TrainingSpecification.Precision
  let output: OutputOptions

  init(_ given: Given) {
    sizes = ModelSizes(given)
    output = OutputOptions(given)
    batchSize = given[Self.batchSize]
    tokenCount =
      given.value(Self.tokens, .count(atLeast: batchSize, atMost: ModelSizes.mostTokens))
      ?? (output.isQuick ? 4 * batchSize : Self.tokens.defaultValue)
    arithmetic = given[.arithmetic] ?? .ofSweepFiles
    precision = given[.precision]
  }

  func perform(_ context: Context) throws -> ExitCode {
    try output.prepareBLAS()
    let encoder = try sizes.encoder()
    let products = ModelProducts(
      encoder, labelCount: Self.labelCount, tokenCount: tokenCount, sequenceCount: batchSize)
    let sampling = Sampling(isQuick: output.isQuick)
    let timer = ProductTimer(
      Products(arithmetic, ProductPrecision(precision)),
      leastSeconds: sampling.totalSeconds / Double(sampling.leastCount))
    let seconds = products.counted.map { product, _ in
      Sample.median(
        (0..<sampling.leastCount).map { _ in timer.seconds(product) })
    }
    let stepSeconds = zip(products.counted, seconds).map { Double($0.count) * $1 }
    let total = stepSeconds.reduce(0, +)
    let heading =
      "\(encoder.layerCount) layers of hidden size \(encoder.hiddenSize), \(tokenCount) tokens in "
      + "\(batchSize) sequences, \(arithmetic.heading) on one thread"
      + precision.heading
    var section = ResultTable.Section(
      heading: heading, itemHeading: "product",
      quantities: [Quantity("count"), Quantity("seconds", "s"), Quantity("share"), Quantity("rate", "GFLOP/s")])
    for (index, counted) in products.counted.enumerated() {
      section.rows.append(
        (
          counted.product.title,
          [
            Double(counted.count), seconds[index], stepSeconds[index] / total,
            counted.product.flops / seconds[index] * 1e-9,
          ]
        ))
    }
    let count = products.counted.reduce(0) { $0 + $1.count }
    section.rows.append(("all of a step", [Double(count), total, 1, products.flops / total * 1e-9]))
    try ResultTable(benchmark: "blas", sections: [section]).report(output)
    return .success
  }
}
