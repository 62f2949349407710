// `seedsweep-bench blas`: the rate of every distinct whole product of a training step.

import Kernels
import Statistics
import Training

/// Measures matrix products.
enum BLASBench {
  private static let labelCount = 2

  /// Measures and reports.
  static func perform(_ options: BLASOptions) throws {
    let encoder = try options.sizes.encoder()
    let products = ModelProducts(
      encoder, labelCount: labelCount, tokenCount: options.tokenCount, sequenceCount: options.batchSize)
    let sampling = Sampling(isQuick: options.output.isQuick)
    let timer = ProductTimer(
      try ProductPrecision(options.precision), leastSeconds: sampling.totalSeconds / Double(sampling.leastCount))
    let seconds = products.counted.map { product, _ in
      Sample.median(
        (0..<sampling.leastCount).map { _ in timer.seconds(product) })
    }
    let stepSeconds = zip(products.counted, seconds).map { Double($0.count) * $1 }
    let total = stepSeconds.reduce(0, +)
    let heading =
      "\(encoder.layerCount) layers of hidden size \(encoder.hiddenSize), \(options.tokenCount) tokens in "
      + "\(options.batchSize) sequences, OpenBLAS \(BLASLibrary.coreName) on one thread"
      + options.precision.heading
    var section = ResultTable.Section(
      heading: heading, itemHeading: "product",
      quantities: [Quantity("count"), Quantity("seconds", "s"), Quantity("share"), Quantity("rate", "GFLOP/s")])
    for (place, counted) in products.counted.enumerated() {
      section.rows.append(
        (
          counted.product.title,
          [
            Double(counted.count), seconds[place], stepSeconds[place] / total,
            counted.product.flops / seconds[place] * 1e-9,
          ]
        ))
    }
    let count = products.counted.reduce(0) { $0 + $1.count }
    section.rows.append(("all of a step", [Double(count), total, 1, products.flops / total * 1e-9]))
    try ResultTable(benchmark: "blas", sections: [section]).report(options.output)
  }
}
