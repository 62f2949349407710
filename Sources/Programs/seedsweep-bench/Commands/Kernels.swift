// `seedsweep-bench kernels`: the time of every kernel but the matrix products for each element, and the rate at
// which it moves bytes. The kernels and their buffers are in `ElementwiseKernels` and `ArenaKernels`.

import CommandLine
import Statistics

/// A kernel ready to be timed.
struct MeasuredKernel {
  /// Its name in the table.
  let name: String
  /// The number of elements of one run.
  let elementCount: Int
  /// Bytes that have to be read or written once for an element.
  let bytesPerElement: Int
  /// Puts back what the last run overwrote; not timed.
  var prepare: () -> Void = {}
  /// One run.
  let run: () -> Void
}

/// Measures kernels.
struct KernelsCommand: Command {
  static let tokens = Flag(
    "--tokens", "N", "tokens of a batch", .count(atMost: ModelSizes.mostTokens), default: 1024)
  static let length = Flag(
    "--length", "N", "tokens of each sequence", .count(atMost: ModelSizes.mostTokens), default: 64)

  static let syntax = CommandSyntax(
    "kernels", "rate of every other kernel, the optimizers and the digests",
    details: """
      Measures each elementwise kernel on the buffers of one layer, and optimizers, norms and digests on a whole model. The
      rate counts every byte that has to be read or written once, so that kernels can be compared with the memory's rate.
      """,
    flags: ModelSizes.flags + [tokens, length] + OutputOptions.flags)

  let sizes: ModelSizes
  let tokenCount: Int
  let length: Int
  let output: OutputOptions

  init(_ given: Given) {
    sizes = ModelSizes(given)
    output = OutputOptions(given)
    length = output.isQuick && !given.isGiven(Self.length) ? 8 : given[Self.length]
    tokenCount =
      given.value(Self.tokens, .count(atLeast: length, atMost: ModelSizes.mostTokens))
      ?? (output.isQuick ? length : max(Self.tokens.defaultValue, length))
  }

  func perform(_ context: Context) throws -> ExitCode {
    try output.prepareBLAS()
    var sizes = sizes
    if output.isQuick, !sizes.isGiven {
      sizes.shape.layerCount = 1
      sizes.shape.hiddenSize = 24
      sizes.shape.headCount = 2
      sizes.shape.intermediateSize = 40
    }
    let encoder = try sizes.encoder()
    let sampling = Sampling(isQuick: output.isQuick)
    let sequenceCount = tokenCount / length
    let layer = ElementwiseKernels(encoder, sequenceCount: sequenceCount, length: length)
    let arenas = ArenaKernels(encoder, digestedByteCount: output.isQuick ? 1 << 16 : 1 << 24)
    let sections = [
      Self.section(
        "one layer of hidden size \(encoder.hiddenSize), \(sequenceCount * length) tokens in sequences of "
          + "\(length)", layer.all, sampling),
      Self.section("a model of \(arenas.parameterCount) parameters", arenas.optimizers, sampling),
      Self.section("\(arenas.digestedByteCount) bytes, each an element", arenas.digests, sampling),
    ]
    try ResultTable(benchmark: "kernels", sections: sections).report(output)
    return .success
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
