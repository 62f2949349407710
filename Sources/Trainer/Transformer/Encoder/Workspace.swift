// Every buffer that a batch needs between its tokens and its gradients, cut from one arena that grows to the largest
// batch seen. It holds what the passes left in it and computes nothing.

import Kernels

/// One layer's buffers. `rows` are the tokens, but in the last layer the chosen ones: the head reads no other.
struct LayerActivations {
  let rows: Int
  let attention: AttentionShape
  /// The layer's input, (tokens, hidden).
  var input: ResidualStream
  /// The input of the rows that are computed, (rows, hidden): the input itself but in the last layer.
  var rowInput: ResidualStream
  let projections: Projections
  /// (attention.probabilityCount).
  let probabilities: UnsafeMutablePointer<Float>
  /// (rows, hidden).
  let context: Rows
  var attentionSum: SumActivations
  /// (rows, intermediate): the pre-activation, then the activation's derivative.
  let intermediate: Rows
  /// (rows, intermediate).
  let activated: Rows
  var outputSum: SumActivations
  /// Room for the mask of the attention probabilities.
  let probabilityMarks: UnsafeMutablePointer<UInt8>
  /// The attention probabilities' mask of the last forward pass.
  var probabilityDropout: DropoutMask?

  /// Whether only chosen tokens ask here: in the last layer.
  var isLast: Bool { attention.chosen != nil }
}

/// A layer's queries, keys and values, or their gradients, as the products make them.
enum Projections {
  /// (tokens, 3 hidden): rows of query, key and value.
  case joint(Rows)
  /// (chosen, hidden), and (tokens, 2 hidden): rows of key and value.
  case separate(queries: Rows, keysAndValues: Rows)

  /// Views of a buffer of (tokens, 3 hidden), of which `chosen` queries take the beginning if given.
  init(_ buffer: UnsafeMutablePointer<Float>, tokens: Int, chosen: Int?, hiddenSize: Int) {
    if let chosen {
      self = .separate(
        queries: Rows(buffer, count: chosen, columns: hiddenSize),
        keysAndValues: Rows(buffer + chosen * hiddenSize, count: tokens, columns: 2 * hiddenSize))
    } else {
      self = .joint(Rows(buffer, count: tokens, columns: 3 * hiddenSize))
    }
  }

  /// Each as a view of its columns.
  var operands: AttentionOperands {
    switch self {
    case .joint(let all):
      let size = all.columns / 3
      return AttentionOperands(
        query: all[columns: 0..<size], key: all[columns: size..<2 * size], value: all[columns: 2 * size..<3 * size])
    case .separate(let queries, let keysAndValues):
      let size = queries.columns
      return AttentionOperands(
        query: queries, key: keysAndValues[columns: 0..<size], value: keysAndValues[columns: size..<2 * size])
    }
  }
}

/// The buffers of a residual sum, or of the embeddings' sum, and its layer norm. The width is the hidden size, or the embeddings'.
struct SumActivations {
  /// (rows, width): the values to be summed, then the normalized rows.
  let values: Rows
  /// (rows).
  let inverseDeviations: UnsafeMutablePointer<Float>
  /// What the next part reads and the next sum adds to, (rows, width).
  let stream: ResidualStream
  /// Room for the mask of (rows, width).
  let marks: UnsafeMutablePointer<UInt8>
  /// The mask of the last forward pass.
  var dropout: DropoutMask?

  var buffers: NormBuffers {
    NormBuffers(values: values, inverseDeviations: inverseDeviations, output: stream.norm)
  }
}

/// Gradients that flow down the network; each layer reuses them.
struct GradientBuffers {
  /// Of a layer's output, then of its input, (tokens, hidden).
  let tokens: ResidualStream
  /// Of the normalized embeddings, (tokens, embedding); the same buffers where no layer projects them.
  let embedding: ResidualStream
  /// The same of the last layer's rows, (chosen, hidden); the head leaves its input's in the norm.
  let chosen: ResidualStream
  /// (tokens, hidden): of what a residual sum adds, before dropout.
  var values: Rows
  /// (tokens, hidden).
  var context: Rows
  /// (tokens, intermediate).
  var intermediate: Rows
  /// (tokens, 3 hidden), cut as the layer's projections are.
  let queryKeyValue: UnsafeMutablePointer<Float>

  /// The buffers of a layer that computes `rows` rows.
  func first(_ rows: Int) -> GradientBuffers {
    var first = self
    first.values = values[rows: 0..<rows]
    first.context = context[rows: 0..<rows]
    first.intermediate = intermediate[rows: 0..<rows]
    return first
  }
}

/// Cuts buffers off an arena, or with no arena only adds up their sizes.
struct ArenaCutter {
  let arena: UnsafeMutableRawPointer?
  private(set) var byteCount = 0

  init(arena: UnsafeMutableRawPointer?) { self.arena = arena }

  mutating func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    cut(count * MemoryLayout<Float>.stride).assumingMemoryBound(to: Float.self)
  }

  mutating func rows(_ count: Int, _ columns: Int) -> Rows {
    Rows(floats(count * columns), count: count, columns: columns)
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
  private let residual: any Residual
  private let threadCount: Int
  private var arena: Arena?
  var embedding: SumActivations
  var layers: [LayerActivations] = []
  var gradients: GradientBuffers
  /// Two heads' worth of attention probabilities for every thread.
  private var attentionScratch: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)

  init(_ configuration: EncoderConfiguration, _ residual: any Residual, threadCount: Int) {
    self.configuration = configuration
    self.residual = residual
    self.threadCount = threadCount
    var cutter = ArenaCutter(arena: nil)
    embedding = SumActivations(&cutter, rows: 0, width: configuration.embeddingSize, residual, training: false)
    gradients = GradientBuffers(&cutter, tokens: 0, chosen: 0, configuration, residual)
    attentionScratch = (cutter.floats(0), cutter.floats(0))
  }

  /// The last layer's output, (chosen, hidden).
  var output: Rows { layers[configuration.layerCount - 1].outputSum.stream.norm }

  /// What a layer's attention keeps, and its memory for one head at a time.
  func attentionBuffers(of layer: LayerActivations) -> AttentionBuffers {
    AttentionBuffers(
      probabilities: layer.probabilities, scratch: attentionScratch.0, droppedScratch: attentionScratch.1)
  }

  func projectionGradients(of layer: LayerActivations) -> Projections {
    Projections(
      gradients.queryKeyValue, tokens: layer.input.norm.count, chosen: layer.isLast ? layer.rows : nil,
      hiddenSize: configuration.hiddenSize)
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
    embedding = SumActivations(
      &cutter, rows: tokenCount, width: configuration.embeddingSize, residual, training: training)
    layers.removeAll(keepingCapacity: true)
    var before =
      configuration.projectsEmbeddings
      ? ResidualStream(&cutter, rows: tokenCount, width: configuration.hiddenSize, residual) : embedding.stream
    var scratchCount = 0
    for index in 0..<configuration.layerCount {
      let isLast = index == configuration.layerCount - 1
      if !training && index >= 2 && !isLast {
        var reused = layers[index - 2]
        (reused.input, reused.rowInput) = (before, before)
        layers.append(reused)
      } else {
        layers.append(layer(&cutter, tokens, isLast ? chosen : nil, after: before, training: training))
      }
      scratchCount = max(scratchCount, layers[index].attention.scratchCount)
      before = layers[index].outputSum.stream
    }
    attentionScratch = (cutter.floats(threadCount * scratchCount), cutter.floats(threadCount * scratchCount))
    if training {
      gradients = GradientBuffers(&cutter, tokens: tokenCount, chosen: chosen.count, configuration, residual)
    }
  }

  private func layer(
    _ cutter: inout ArenaCutter, _ tokens: PackedTokens, _ chosen: ChosenTokens?, after before: ResidualStream,
    training: Bool
  ) -> LayerActivations {
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, configuration.intermediateSize)
    let tokenCount = tokens.tokenCount
    let rows = chosen?.count ?? tokenCount
    let shape = AttentionShape(
      tokens, headCount: configuration.headCount, headSize: configuration.headSize, chosen: chosen,
      mask: configuration.architecture.mask)
    let probabilityCount = shape.probabilityCount
    return LayerActivations(
      rows: rows, attention: shape, input: before,
      rowInput: chosen == nil ? before : ResidualStream(&cutter, rows: rows, width: hiddenSize, residual),
      projections: Projections(
        cutter.floats(3 * tokenCount * hiddenSize), tokens: tokenCount, chosen: chosen?.count, hiddenSize: hiddenSize),
      probabilities: cutter.floats(probabilityCount), context: cutter.rows(rows, hiddenSize),
      attentionSum: SumActivations(&cutter, rows: rows, width: hiddenSize, residual, training: training),
      intermediate: cutter.rows(rows, intermediateSize), activated: cutter.rows(rows, intermediateSize),
      outputSum: SumActivations(&cutter, rows: rows, width: hiddenSize, residual, training: training),
      probabilityMarks: cutter.marks(training ? probabilityCount : 0))
  }
}

extension SumActivations {
  fileprivate init(
    _ cutter: inout ArenaCutter, rows: Int, width: Int, _ residual: any Residual, training: Bool
  ) {
    values = cutter.rows(rows, width)
    inverseDeviations = cutter.floats(rows)
    stream = ResidualStream(&cutter, rows: rows, width: width, residual)
    marks = cutter.marks(training ? rows * width : 0)
  }
}

extension GradientBuffers {
  fileprivate init(
    _ cutter: inout ArenaCutter, tokens: Int, chosen: Int, _ configuration: EncoderConfiguration,
    _ residual: any Residual
  ) {
    let size = configuration.hiddenSize
    self.tokens = ResidualStream(&cutter, rows: tokens, width: size, residual)
    self.chosen = ResidualStream(&cutter, rows: chosen, width: size, residual)
    embedding =
      configuration.projectsEmbeddings
      ? ResidualStream(&cutter, rows: tokens, width: configuration.embeddingSize, residual) : self.tokens
    values = cutter.rows(tokens, size)
    context = cutter.rows(tokens, size)
    intermediate = cutter.rows(tokens, configuration.intermediateSize)
    queryKeyValue = cutter.floats(3 * tokens * size)
  }
}
