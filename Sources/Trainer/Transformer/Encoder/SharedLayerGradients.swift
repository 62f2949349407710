// The gradients of a layer that is applied again and again (`Architecture.sharesLayers`): each application's are computed
// and measured by themselves, then added to the parameters' in a fixed order, from the last application to the first.

import Kernels

/// The gradients of one application of the shared layer.
final class SharedLayerGradients {
  private let layout: ParameterLayout
  /// The elements of the parameters that are the layer's.
  private let range: Range<Int>
  private let arena: Arena
  /// The norms of the gradients in each application by the last backward pass, (layers, shared tensors); 0 before the first, and
  /// where the layer is not trained.
  private(set) var norms: [[Double]]

  /// Memory for a layout with shared tensors.
  init(_ layout: ParameterLayout) {
    self.layout = layout
    range = layout.sharedElements
    arena = Arena(floatCount: range.count)
    norms = Array(
      repeating: Array(repeating: 0, count: layout.sharedTensors.count), count: layout.configuration.layerCount)
  }

  /// Where a tensor's gradient begins; nil for a tensor of another part of the model.
  func start(ofTensor index: Int) -> UnsafeMutablePointer<Float>? {
    layout.sharedTensors.contains(index) ? elements(of: index).baseAddress : nil
  }

  /// Zeros what a backward pass adds to.
  func startLayer() {
    for index in layout.sharedTensors where layout.tensors[index].isSummed { elements(of: index).update(repeating: 0) }
  }

  /// Measures the gradients of a layer's application and adds them to the parameters' `gradients`.
  func endLayer(_ layer: Int, addingTo gradients: UnsafeMutableBufferPointer<Float>, on team: ThreadTeam) {
    norms[layer] = layout.sharedTensors.map { sumOfSquares(UnsafeBufferPointer(elements(of: $0))).squareRoot() }
    let sums = UnsafeMutableBufferPointer(rebasing: gradients[range])
    if layer == layout.configuration.layerCount - 1 {
      _ = sums.update(fromContentsOf: arena.floats)
    } else {
      add(UnsafeBufferPointer(arena.floats), to: sums, on: team)
    }
    startLayer()
  }

  private func elements(of index: Int) -> UnsafeMutableBufferPointer<Float> {
    let tensor = layout.tensors[index].range
    return UnsafeMutableBufferPointer(
      rebasing: arena.floats[tensor.lowerBound - range.lowerBound..<tensor.upperBound - range.lowerBound])
  }
}
