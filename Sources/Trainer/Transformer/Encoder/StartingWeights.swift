// Where a classifier's weights start, able to say it again at any time. Nothing is kept for that but an open file or a
// seed: a model's weights are read by position, so that the page cache of a node is the one copy its ranks share, and a
// file that is changed or cut meanwhile is an error, never a signal and never another result; drawn weights are drawn again.

package struct StartingWeights: Sendable {
  /// The model folder; nil where everything is drawn.
  private let folder: ModelFolder?
  private let keepsHead: Bool
  private let redrawn: Redrawn
  private let seed: UInt64

  /// The parts of a model folder that are drawn anew beside the head (Zhang et al. 2021).
  package struct Redrawn: Equatable, Sendable {
    /// The layers, from the top.
    package var layerCount: Int
    package var includesPooler: Bool

    package init(layerCount: Int = 0, includesPooler: Bool = false) {
      self.layerCount = layerCount
      self.includesPooler = includesPooler
    }
  }

  /// The numbers in a piece of a tensor at most.
  private static func pieceCount(of tensor: ParameterLayout.Tensor) -> Int {
    // The file holds rows of a transposed tensor apart; they are read fast only together.
    tensor.isStoredTransposed ? tensor.range.count : 1 << 16
  }

  /// Every tensor drawn from a seed.
  package init(drawnFrom seed: UInt64) {
    folder = nil
    keepsHead = false
    redrawn = Redrawn()
    self.seed = seed
  }

  /// A model folder's weights. The head, unless it is kept, and a pooler that the folder lacks are drawn from the seed, as
  /// Hugging Face draws them anew; and so is what is `redrawn`.
  package init(of folder: ModelFolder, keepsHead: Bool, redrawn: Redrawn = Redrawn(), seed: UInt64) {
    self.folder = folder
    self.keepsHead = keepsHead
    self.redrawn = redrawn
    self.seed = seed
  }

  /// Gives every parameter of a classifier its start. A kept head must have the classifier's number of labels.
  ///
  /// - Throws: `ModelFileError` naming the tensor, what was found and what is expected, or a file that was changed since it
  ///   was opened.
  package func write(to classifier: Classifier) throws {
    if keepsHead { try folder?.checkHead(labelCount: classifier.labelCount) }
    for index in classifier.layout.tensors.indices {
      let tensor = classifier.layout.tensors[index]
      let values = classifier.values(of: tensor)
      if let folder = source(of: tensor) {
        try folder.weights.read(tensor, from: 0, into: values)
      } else {
        var drawn = classifier.initialValues(ofTensor: index, seed: seed)
        drawn.fill(values)
      }
    }
    try checkUnchanged()
  }

  /// Calls `body` with the start of a tensor of the classifier's layout, in pieces: where a piece begins among the
  /// parameters, and its values.
  ///
  /// - Throws: `ModelFileError` where the file cannot be read; whether it is still the same, `checkUnchanged` says.
  package func forEachPiece(
    of index: Int, in classifier: Classifier, _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    let tensor = classifier.layout.tensors[index]
    let folder = source(of: tensor)
    var drawn = classifier.initialValues(ofTensor: index, seed: seed)
    let pieceCount = Self.pieceCount(of: tensor)
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: pieceCount) { buffer in
      for start in stride(from: 0, to: tensor.range.count, by: pieceCount) {
        let values = UnsafeMutableBufferPointer(rebasing: buffer[..<min(pieceCount, tensor.range.count - start)])
        if let folder { try folder.weights.read(tensor, from: start, into: values) } else { drawn.fill(values) }
        body(tensor.range.lowerBound + start, UnsafeBufferPointer(values))
      }
    }
  }

  /// Whether a tensor is read from the model folder, and not drawn.
  package func isPretrained(_ tensor: ParameterLayout.Tensor) -> Bool { source(of: tensor) != nil }

  /// Writes the tensors that are read from the model folder into an arena laid out as the classifier, and zeros for those
  /// that are drawn.
  ///
  /// - Throws: as `write(to:)`.
  package func writePretrained(to arena: UnsafeMutableBufferPointer<Float>, of classifier: Classifier) throws {
    precondition(arena.count == classifier.layout.count, "the arena must have the classifier's layout")
    for tensor in classifier.layout.tensors {
      let values = UnsafeMutableBufferPointer(rebasing: arena[tensor.range])
      if let folder = source(of: tensor) {
        try folder.weights.read(tensor, from: 0, into: values)
      } else {
        values.update(repeating: 0)
      }
    }
    try checkUnchanged()
  }

  /// Refuses a model file that was changed since it was opened.
  ///
  /// - Throws: `ModelFileError`.
  package func checkUnchanged() throws { try folder?.weights.files.checkUnchanged() }

  /// The folder that a tensor is read from; nil if it is drawn.
  private func source(of tensor: ParameterLayout.Tensor) -> ModelFolder? {
    switch tensor.group {
    case .head: keepsHead ? folder : nil
    case .pooler: folder?.holdsPooler == false || redrawn.includesPooler ? nil : folder
    case .layer(let layer): layer >= (folder?.configuration.layerCount ?? 0) - redrawn.layerCount ? nil : folder
    case .embeddings, .sharedLayer: folder
    }
  }
}
