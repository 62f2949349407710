// The gradients of a parameter layout in one arena of the same order. A batch reaches few rows of the position table, and of
// the word table unless a decoder shares it; the arena knows which, so that clearing, norms and updates pass over the others, which are zero.

import Kernels

/// The rows of an embedding table that a batch reaches.
package struct TouchedRows: Equatable, Sendable {
  /// The table's index in `ParameterLayout.tensors`.
  package let tensorIndex: Int
  /// Rows, ascending, each once.
  package let rows: [Int]

  package init(tensorIndex: Int, rows: [Int]) {
    self.tensorIndex = tensorIndex
    self.rows = rows
  }
}

extension ParameterLayout {
  /// The rows of every embedding table (`Tensor.isTable`) that a batch reads, in the layout's order.
  package func touchedRows(_ batch: PackedSequences) -> [TouchedRows] {
    tensors.indices.filter { tensors[$0].isTable }.map { index in
      TouchedRows(
        tensorIndex: index,
        rows: tensors[index].role == .embedding(.words) ? words(of: batch) : positions(of: batch))
    }
  }

  private func words(of batch: PackedSequences) -> [Int] {
    var rows: [Int] = []
    for identifier in batch.tokenIdentifiers.sorted() where rows.last != Int(identifier) {
      rows.append(Int(identifier))
    }
    return rows
  }

  private func positions(of batch: PackedSequences) -> [Int] {
    let lengths = zip(batch.offsets.dropFirst(), batch.offsets).map { $0 - $1 }
    let first = configuration.firstPosition
    return Array(first..<first + (lengths.max() ?? 0))
  }
}

/// Gradients laid out as the parameters. It belongs to one thread of work, and every step overwrites the last one's.
///
/// Where layers share their tensors, the backward pass of each writes to `application`, from which `endLayer` adds to the
/// gradients, last layer first.
package final class GradientArena {
  /// Where each tensor's gradient lies.
  package let layout: ParameterLayout
  /// Every gradient, (layout.count); rows of tables that the last step did not touch are zero.
  package let values: UnsafeMutableBufferPointer<Float>
  /// The table rows that the last step touched.
  package private(set) var touched: [TouchedRows] = []
  private let arena: Arena
  /// The gradients of one application of the shared layer; nil where each layer has its own.
  private let application: SharedLayerGradients?
  /// The norms of the shared layer's gradients in each application by the last backward pass, (layers, shared tensors).
  package var applicationNorms: [[Double]] { application?.norms ?? [] }
  /// Where the backward pass writes.
  let tensors: ModelTensors
  /// The tensors whose gradients are computed; what stands in place of the others' has no meaning.
  package let trained: TrainedTensors

  /// Gradients of all tensors of a layout, or of those that are trained.
  package init(_ layout: ParameterLayout, trained: TrainedTensors? = nil) {
    let trained = trained ?? TrainedTensors(allOf: layout)
    self.layout = layout
    self.trained = trained
    arena = Arena(floatCount: layout.count)
    values = arena.floats
    guard let base = values.baseAddress else { preconditionFailure("a layout holds at least one tensor") }
    let application = layout.sharedTensors.isEmpty ? nil : SharedLayerGradients(layout)
    self.application = application
    tensors = ModelTensors(
      TensorSet(layout, trained: trained) {
        application?.start(ofTensor: $0) ?? base + layout.tensors[$0].range.lowerBound
      })
  }

  /// Refuses a layout that is not the gradients' own.
  func require(_ other: ParameterLayout) {
    precondition(
      values.count == other.count, "the gradients' \(values.count) elements must be the parameters' \(other.count)")
  }

  /// Zeros what a step adds to: vectors, token types, and the table rows touched by the last step. Matrix products
  /// overwrite all else. `batch` says which rows come next.
  func startStep(_ batch: PackedSequences) {
    for table in touched {
      for row in table.rows { values[layout.tensors[table.tensorIndex].row(row)].update(repeating: 0) }
    }
    for tensor in layout.tensors where tensor.isSummed && !tensor.isTable {
      values[tensor.range].update(repeating: 0)
    }
    application?.startLayer()
    touched = layout.touchedRows(batch)
  }

  /// Ends the backward pass of a layer, each of which ends before that of the layer below.
  func endLayer(_ layer: Int, on team: ThreadTeam) { application?.endLayer(layer, addingTo: values, on: team) }
}
