// Every buffer that a batch needs between its tokens and its gradients, cut from one arena that grows to the largest
// batch seen. It holds what the passes left in it and computes nothing.

import Kernels

/// One layer's buffers. `rows` are the tokens, but in the last layer the chosen ones: the head reads no other.
struct LayerActivations {
  let rows: Int
  let attention: AttentionShape
  /// The layer's input, (tokens, hidden).
  var input: UnsafeMutablePointer<Float>
  /// The input of the rows that are computed, (rows, hidden): the input itself but in the last layer.
  var rowInput: UnsafeMutablePointer<Float>
  /// What the attention's sum adds to, (tokens, hidden): the input, but in a pre-LN model the sum before it.
  var residual: UnsafeMutablePointer<Float>
  /// The same of the rows that are computed, (rows, hidden).
  var rowResidual: UnsafeMutablePointer<Float>
  /// Views of the projections: (tokens, 3 hidden), or in the last layer (chosen, hidden) and (tokens, 2 hidden).
  let operands: AttentionOperands
  let probabilities: UnsafeMutablePointer<Float>
  /// (rows, hidden).
  let context: UnsafeMutablePointer<Float>
  let attentionSum: NormActivations
  /// (rows, intermediate): the pre-activation, then GELU's derivative.
  let intermediate: UnsafeMutablePointer<Float>
  /// (rows, intermediate).
  let activated: UnsafeMutablePointer<Float>
  let outputSum: NormActivations
  let probabilityMarks: UnsafeMutablePointer<UInt8>
  /// The attention probabilities' mask of the last forward pass.
  var probabilityDropout: DropoutMask?
  /// The attention output's mask of the last forward pass.
  var attentionDropout: DropoutMask?
  /// The feed-forward output's mask of the last forward pass.
  var outputDropout: DropoutMask?

  /// Whether only chosen tokens ask here: in the last layer.
  var isLast: Bool { attention.queryOffsets != nil }
}

/// The buffers of a residual sum and its layer norm.
struct NormActivations {
  /// (rows, hidden): the values to be summed, then the normalized rows.
  let normalized: UnsafeMutablePointer<Float>
  /// (rows).
  let inverseDeviations: UnsafeMutablePointer<Float>
  /// (rows, hidden).
  let output: UnsafeMutablePointer<Float>
  /// What the next sum adds to, (rows, hidden): the output, but in a pre-LN model the sum itself.
  let residual: UnsafeMutablePointer<Float>
  /// Room for the mask of (rows, hidden).
  let marks: UnsafeMutablePointer<UInt8>
}

/// Gradients that flow down the network; each layer reuses them.
struct GradientBuffers {
  /// (tokens, hidden): of a layer's output, then of its input; in a pre-LN model of the sums.
  let stream: UnsafeMutablePointer<Float>
  /// (chosen, hidden): the same for the last layer's rows.
  let rowStream: UnsafeMutablePointer<Float>
  /// (tokens, hidden): of a norm's output; the stream, but in a pre-LN model a buffer of its own.
  let branch: UnsafeMutablePointer<Float>
  /// (chosen, hidden): the same for the last layer's rows, at first what the head leaves.
  let rowBranch: UnsafeMutablePointer<Float>
  /// (tokens, hidden): of a projection before its residual sum.
  let projection: UnsafeMutablePointer<Float>
  /// (tokens, hidden).
  let context: UnsafeMutablePointer<Float>
  /// (tokens, intermediate).
  let intermediate: UnsafeMutablePointer<Float>
  /// (tokens, 3 hidden), cut as the layer's projections are.
  let queryKeyValue: UnsafeMutablePointer<Float>
}

/// Cuts buffers off an arena, or with no arena only adds up their sizes.
struct ArenaCutter {
  let arena: UnsafeMutableRawPointer?
  private(set) var byteCount = 0

  init(arena: UnsafeMutableRawPointer?) { self.arena = arena }

  mutating func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    cut(count * MemoryLayout<Float>.stride).assumingMemoryBound(to: Float.self)
  }

  mutating func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
    cut(count * MemoryLayout<Double>.stride).assumingMemoryBound(to: Double.self)
  }

  mutating func marks(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    cut(DropoutMask.capacity(for: count)).assumingMemoryBound(to: UInt8.self)
  }

  private mutating func cut(_ size: Int) -> UnsafeMutableRawPointer {
    defer { byteCount += (size + 63) & ~63 }
    // Without an arena an address stands for every buffer that nobody reads or writes.
    return (arena ?? UnsafeMutableRawPointer(bitPattern: 64)!) + byteCount
  }
}

/// The arena and the buffers of the batch at hand.
final class Workspace {
  private let configuration: EncoderConfiguration
  private let threadCount: Int
  private var arena: Arena?
  var embedding: NormActivations
  var embeddingDropout: DropoutMask?
  var layers: [LayerActivations] = []
  var gradients: GradientBuffers
  /// Two heads' worth of attention probabilities for every thread.
  var attentionScratch: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)

  init(_ configuration: EncoderConfiguration, threadCount: Int) {
    self.configuration = configuration
    self.threadCount = threadCount
    var cutter = ArenaCutter(arena: nil)
    embedding = NormActivations(&cutter, rows: 0, configuration, training: false)
    gradients = GradientBuffers(&cutter, tokens: 0, chosen: 0, configuration)
    attentionScratch = (cutter.floats(0), cutter.floats(0))
  }

  /// Lays out the buffers of a batch, and by `head` those of the head. Without training there are no masks and no
  /// gradients, and layers take turns with two sets of buffers.
  func prepare(
    _ tokens: PackedTokens, _ chosen: ChosenTokens, training: Bool, head: (inout ArenaCutter) -> Void
  ) {
    let needed = byteCount(tokens, chosen, training: training, head: head)
    if needed > arena?.bytes.count ?? 0 {
      arena = nil  // its memory goes before the next one's comes
      // Room for longer batches costs nothing before one comes, but addresses may be few.
      let generous = needed + needed / 2
      arena = Arena(byteCount: Arena.isAvailable(byteCount: generous) ? generous : needed)
    }
    var cutter = ArenaCutter(arena: arena?.bytes.baseAddress)
    layOut(tokens, chosen, training: training, &cutter)
    head(&cutter)
  }

  /// Bytes that a batch's buffers take. The layout at hand is void afterwards, until the next `prepare`.
  func byteCount(
    _ tokens: PackedTokens, _ chosen: ChosenTokens, training: Bool, head: (inout ArenaCutter) -> Void
  ) -> Int {
    var measure = ArenaCutter(arena: nil)
    layOut(tokens, chosen, training: training, &measure)
    head(&measure)
    return measure.byteCount
  }

  private func layOut(_ tokens: PackedTokens, _ chosen: ChosenTokens, training: Bool, _ cutter: inout ArenaCutter) {
    let tokenCount = tokens.tokenCount
    embedding = NormActivations(&cutter, rows: tokenCount, configuration, training: training)
    embeddingDropout = nil
    layers.removeAll(keepingCapacity: true)
    var before = embedding
    var scratchCount = 0
    for index in 0..<configuration.layerCount {
      let isLast = index == configuration.layerCount - 1
      if !training && index >= 2 && !isLast {
        var reused = layers[index - 2]
        (reused.input, reused.rowInput) = (before.output, before.output)
        (reused.residual, reused.rowResidual) = (before.residual, before.residual)
        layers.append(reused)
      } else {
        layers.append(layer(&cutter, tokens, isLast ? chosen : nil, after: before, training: training))
      }
      scratchCount = max(scratchCount, layers[index].attention.largestHeadCount)
      before = layers[index].outputSum
    }
    attentionScratch = (cutter.floats(threadCount * scratchCount), cutter.floats(threadCount * scratchCount))
    if training {
      gradients = GradientBuffers(&cutter, tokens: tokenCount, chosen: chosen.count, configuration)
    }
  }

  private func layer(
    _ cutter: inout ArenaCutter, _ tokens: PackedTokens, _ chosen: ChosenTokens?, after before: NormActivations,
    training: Bool
  ) -> LayerActivations {
    let hiddenSize = configuration.hiddenSize
    let tokenCount = tokens.tokenCount
    let rows = chosen?.count ?? tokenCount
    let shape = AttentionShape(
      offsets: tokens.offsets, sequenceCount: tokens.sequenceCount, headCount: configuration.headCount,
      headSize: configuration.headSize, queryOffsets: chosen?.offsets)
    let probabilityCount = shape.probabilityCount
    let rowInput = chosen == nil ? before.output : cutter.floats(rows * hiddenSize)
    let rowResidual =
      !configuration.isPreNorm ? rowInput : chosen == nil ? before.residual : cutter.floats(rows * hiddenSize)
    return LayerActivations(
      rows: rows, attention: shape, input: before.output, rowInput: rowInput, residual: before.residual,
      rowResidual: rowResidual,
      operands: Self.operands(
        cutter.floats(3 * tokenCount * hiddenSize), isLast: chosen != nil, rows: rows, hiddenSize: hiddenSize),
      probabilities: cutter.floats(probabilityCount), context: cutter.floats(rows * hiddenSize),
      attentionSum: NormActivations(&cutter, rows: rows, configuration, training: training),
      intermediate: cutter.floats(rows * configuration.intermediateSize),
      activated: cutter.floats(rows * configuration.intermediateSize),
      outputSum: NormActivations(&cutter, rows: rows, configuration, training: training),
      probabilityMarks: cutter.marks(training ? probabilityCount : 0))
  }

  /// Views of a layer's projections, or of their gradients: rows of (query, key, value), or in the last layer first all
  /// query rows and then rows of (key, value).
  static func operands(
    _ buffer: UnsafeMutablePointer<Float>, isLast: Bool, rows: Int, hiddenSize: Int
  ) -> AttentionOperands {
    let key = buffer + (isLast ? rows : 1) * hiddenSize
    return AttentionOperands(
      query: buffer, queryStride: (isLast ? 1 : 3) * hiddenSize, key: key, value: key + hiddenSize,
      keyStride: (isLast ? 2 : 3) * hiddenSize)
  }
}

extension NormActivations {
  fileprivate init(
    _ cutter: inout ArenaCutter, rows: Int, _ configuration: EncoderConfiguration, training: Bool
  ) {
    let count = rows * configuration.hiddenSize
    normalized = cutter.floats(count)
    inverseDeviations = cutter.floats(rows)
    output = cutter.floats(count)
    residual = configuration.isPreNorm ? cutter.floats(count) : output
    marks = cutter.marks(training ? count : 0)
  }
}

extension GradientBuffers {
  fileprivate init(_ cutter: inout ArenaCutter, tokens: Int, chosen: Int, _ configuration: EncoderConfiguration) {
    let size = configuration.hiddenSize
    stream = cutter.floats(tokens * size)
    rowStream = cutter.floats(chosen * size)
    branch = configuration.isPreNorm ? cutter.floats(tokens * size) : stream
    rowBranch = configuration.isPreNorm ? cutter.floats(chosen * size) : rowStream
    projection = cutter.floats(tokens * size)
    context = cutter.floats(tokens * size)
    intermediate = cutter.floats(tokens * configuration.intermediateSize)
    queryKeyValue = cutter.floats(3 * tokens * size)
  }
}
