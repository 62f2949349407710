// `seedsweep-bench kernels`: what every kernel but the matrix products takes an element, and the rate at which it moves
// bytes. The kernels and their buffers are in `ElementwiseKernels` and `ArenaKernels`.

import Statistics

/// A kernel ready to be timed.
struct MeasuredKernel {
  /// How tables call it.
  let name: String
  /// Elements of one run.
  let elementCount: Int
  /// Bytes that have to be read or written once for an element.
  let bytesPerElement: Int
  /// Puts back what the last run overwrote; not timed.
  var prepare: () -> Void = {}
  /// One run.
  let run: () -> Void
}

/// Measures kernels.
enum KernelBench {
  /// Measures and reports.
  static func perform(_ options: KernelOptions) throws {
    var sizes = options.sizes
    if options.output.isQuick, !sizes.isGiven {
      sizes.shape.layerCount = 1
      sizes.shape.hiddenSize = 24
      sizes.shape.headCount = 2
      sizes.shape.intermediateSize = 40
    }
    let encoder = try sizes.encoder()
    let sampling = Sampling(isQuick: options.output.isQuick)
    let sequenceCount = options.tokenCount / options.length
    let layer = ElementwiseKernels(encoder, sequenceCount: sequenceCount, length: options.length)
    let arenas = ArenaKernels(encoder, digestedByteCount: options.output.isQuick ? 1 << 16 : 1 << 24)
    let sections = [
      section(
        "one layer of hidden size \(encoder.hiddenSize), \(sequenceCount * options.length) tokens in sequences of "
          + "\(options.length)", layer.all, sampling),
      section("a model of \(arenas.parameterCount) parameters", arenas.optimizers, sampling),
      section("\(arenas.digestedByteCount) bytes, each an element", arenas.digests, sampling),
    ]
    try ResultTable(benchmark: "kernels", sections: sections).report(options.output)
  }

  private static func section(
    _ heading: String, _ kernels: [MeasuredKernel], _ sampling: Sampling
  ) -> ResultTable.Section {
    var section = ResultTable.Section(
      heading: heading, itemHeading: "kernel",
      quantities: [
        Quantity("elements"), Quantity("bytes_per_element", "B"), Quantity("time_per_element", "ns"),
        Quantity("rate", "GB/s"),
      ])
    for kernel in kernels {
      let seconds = Sample.median(sampling.seconds(preparing: kernel.prepare, kernel.run))
      let perElement = seconds / Double(kernel.elementCount) * 1e9
      section.rows.append(
        (
          kernel.name,
          [
            Double(kernel.elementCount), Double(kernel.bytesPerElement), perElement,
            Double(kernel.bytesPerElement) / perElement,
          ]
        ))
    }
    return section
  }
}
