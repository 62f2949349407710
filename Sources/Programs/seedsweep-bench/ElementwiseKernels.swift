// The kernels of one layer and of the embeddings, each on buffers as large as a training step's. No number in the
// buffers may become subnormal from run to run, because arithmetic on subnormal numbers is slow.

import Architectures
import Kernels
import SeedStreams
import Transformer

/// A buffer of floats that lives as long as this object.
final class FloatBuffer {
  let start: UnsafeMutablePointer<Float>
  let count: Int
  private let pattern: [Float]

  /// A buffer of `count` normal numbers with deviation `scale`.
  init(_ count: Int, scale: Double = 1) {
    var stream = SeedStream(seed: 1, purpose: .synthesis)
    pattern = (0..<1009).map { _ in Float(stream.normal() * scale) }
    start = .allocate(capacity: count)
    start.initialize(repeating: 0, count: count)
    self.count = count
    restore()
  }

  deinit { start.deallocate() }

  /// The numbers as a matrix.
  func rows(of columns: Int) -> Rows { Rows(start, count: count / columns, columns: columns) }

  /// Puts the numbers of the beginning back.
  func restore() {
    for index in stride(from: 0, to: count, by: pattern.count) {
      (start + index).update(from: pattern, count: min(pattern.count, count - index))
    }
  }
}

/// The kernels of one layer.
final class ElementwiseKernels {
  private let encoder: EncoderConfiguration
  private let length: Int
  private let rows: Int
  private let columns: Int
  private let values: FloatBuffer
  private let residual: FloatBuffer
  private let output: FloatBuffer
  private let wide: FloatBuffer
  private let wideOutput: FloatBuffer
  private let scores: FloatBuffer
  private let probabilities: FloatBuffer
  private let dropped: FloatBuffer
  private let deviations: FloatBuffer
  private let vectors: FloatBuffer
  private let vectorGradients: FloatBuffer
  private let tables: FloatBuffer
  private let tableGradients: FloatBuffer
  private let words: [Int32]
  private let types: [Int32]
  private let offsets: [Int]
  private let marks: UnsafeMutablePointer<UInt8>
  private let stream = SeedStream(seed: 1, purpose: .dropout)
  private let mask: DropoutMask

  /// Buffers for a batch of equally long sequences.
  init(_ encoder: EncoderConfiguration, sequenceCount: Int, length: Int) {
    self.encoder = encoder
    self.length = length
    rows = sequenceCount * length
    columns = encoder.hiddenSize
    let scoreCount = rows * encoder.headCount * scoreStride(length)
    values = FloatBuffer(rows * columns)
    residual = FloatBuffer(rows * columns)
    output = FloatBuffer(rows * columns)
    wide = FloatBuffer(rows * encoder.intermediateSize)
    wideOutput = FloatBuffer(rows * encoder.intermediateSize)
    scores = FloatBuffer(scoreCount)
    probabilities = FloatBuffer(scoreCount)
    dropped = FloatBuffer(scoreCount)
    deviations = FloatBuffer(rows)
    vectors = FloatBuffer(2 * columns)
    vectorGradients = FloatBuffer(3 * max(columns, encoder.intermediateSize))
    let tableRows = encoder.vocabularySize + max(encoder.positionCount, length) + encoder.typeCount
    tables = FloatBuffer(tableRows * columns)
    tableGradients = FloatBuffer(tableRows * columns)
    var stream = SeedStream(seed: 2, purpose: .synthesis)
    words = (0..<rows).map { _ in Int32(stream.below(encoder.vocabularySize)) }
    types = (0..<rows).map { _ in Int32(stream.below(max(1, encoder.typeCount))) }
    offsets = (0...sequenceCount).map { $0 * length }
    let markCount = max(rows * columns, scoreCount)
    marks = .allocate(capacity: DropoutMask.capacity(for: markCount))
    mask = DropoutMask(drawing: markCount, into: marks, from: self.stream, probability: 0.1)
  }

  deinit { marks.deallocate() }

  /// Every kernel, in the order of a step.
  var all: [MeasuredKernel] { embeddings + dropout + softmax + layerNorm + activations }

  private var embeddings: [MeasuredKernel] {
    let count = rows * columns
    return [
      MeasuredKernel(name: "embedding gather", elementCount: count, bytesPerElement: 16) { [self] in
        withTokens { embeddingForward($0, tables: tables(in: tables), into: output.rows(of: columns)) }
      },
      MeasuredKernel(
        name: "embedding scatter", elementCount: count, bytesPerElement: 28, prepare: tableGradients.restore
      ) { [self] in
        withTokens {
          embeddingBackward(
            $0, gradient: values.rows(of: columns), tableGradients: tables(in: tableGradients))
        }
      },
    ]
  }

  private var dropout: [MeasuredKernel] {
    let count = rows * columns
    return [
      MeasuredKernel(name: "dropout draw", elementCount: count, bytesPerElement: 1) { [self] in
        _ = DropoutMask(drawing: count, into: marks, from: stream, probability: 0.1)
      },
      MeasuredKernel(name: "dropout apply", elementCount: count, bytesPerElement: 9, prepare: values.restore) {
        [self] in applyDropout(mask, to: values.rows(of: columns))
      },
    ]
  }

  private var softmax: [MeasuredKernel] {
    let scoreRows = rows * encoder.headCount
    func scoreMatrix(_ buffer: FloatBuffer) -> Rows {
      Rows(buffer.start, count: scoreRows, columns: length, stride: scoreStride(length))
    }
    return [
      MeasuredKernel(
        name: "softmax forward", elementCount: scoreRows * length, bytesPerElement: 13, prepare: scores.restore
      ) { [self] in
        softmaxForward(scoreMatrix(scores), dropout: mask, firstMark: 0, dropped: scoreMatrix(dropped))
      },
      MeasuredKernel(
        name: "softmax backward", elementCount: scoreRows * length, bytesPerElement: 13, prepare: scores.restore
      ) { [self] in
        softmaxBackward(
          scoreMatrix(scores), probabilities: scoreMatrix(probabilities), dropout: mask, firstMark: 0,
          dropped: scoreMatrix(dropped))
      },
    ]
  }

  private var layerNorm: [MeasuredKernel] {
    let gain = LayerNormTensors(gain: vectors.start, shift: vectors.start + columns)
    let gainGradient = LayerNormTensors(gain: vectorGradients.start, shift: vectorGradients.start + columns)
    func norm(_ values: FloatBuffer) -> NormBuffers {
      NormBuffers(
        values: values.rows(of: columns), inverseDeviations: deviations.start, output: output.rows(of: columns))
    }
    return [
      MeasuredKernel(
        name: "layer norm forward", elementCount: rows * columns, bytesPerElement: 17, prepare: values.restore
      ) { [self] in
        layerNormForward(
          norm(values), residual: residual.rows(of: columns), dropout: mask, tensors: gain, epsilon: 1e-12)
      },
      MeasuredKernel(
        name: "layer norm backward", elementCount: rows * columns, bytesPerElement: 17, prepare: values.restore
      ) { [self] in
        layerNormBackward(
          values.rows(of: columns), norm(residual), dropout: mask, tensors: gain, tensorGradients: gainGradient,
          valueGradient: output.rows(of: columns), biasGradient: vectorGradients.start + 2 * columns)
      },
    ]
  }

  private var activations: [MeasuredKernel] {
    let (count, wideColumns) = (rows * columns, encoder.intermediateSize)
    let wideCount = rows * wideColumns
    return [
      MeasuredKernel(name: "GELU forward", elementCount: wideCount, bytesPerElement: 12, prepare: wide.restore) {
        [self] in Activation.gelu.forward(wide.rows(of: wideColumns), into: wideOutput.rows(of: wideColumns))
      },
      MeasuredKernel(name: "GELU backward", elementCount: wideCount, bytesPerElement: 12, prepare: wide.restore) {
        [self] in
        Activation.backward(
          wide.rows(of: wideColumns), derivative: wideOutput.rows(of: wideColumns),
          biasGradient: vectorGradients.start)
      },
      MeasuredKernel(name: "tanh forward", elementCount: count, bytesPerElement: 8, prepare: values.restore) {
        [self] in tanhForward(values.rows(of: columns))
      },
      MeasuredKernel(name: "tanh backward", elementCount: count, bytesPerElement: 12, prepare: values.restore) {
        [self] in tanhBackward(values.rows(of: columns), output: output.rows(of: columns))
      },
      MeasuredKernel(name: "column sums", elementCount: wideCount, bytesPerElement: 4) { [self] in
        addColumnSums(wideOutput.rows(of: wideColumns), to: vectorGradients.start)
      },
    ]
  }

  private func tables(in buffer: FloatBuffer) -> EmbeddingTables {
    let (wordCount, positionCount) = (encoder.vocabularySize, max(encoder.positionCount, length))
    let all = buffer.rows(of: columns)
    return EmbeddingTables(
      words: all[rows: 0..<wordCount], positions: all[rows: wordCount..<wordCount + positionCount],
      types: all[rows: wordCount + positionCount..<all.count])
  }

  private func withTokens(_ body: (PackedTokens) -> Void) {
    words.withUnsafeBufferPointer { words in
      types.withUnsafeBufferPointer { types in
        offsets.withUnsafeBufferPointer { offsets in
          guard let words = words.baseAddress, let types = types.baseAddress, let first = offsets.baseAddress else {
            return
          }
          body(PackedTokens(words: words, types: types, offsets: first, sequenceCount: offsets.count - 1))
        }
      }
    }
  }
}
