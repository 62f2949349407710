extension Classifier {
  /// The head's outputs without dropout, (sequences, labels).
  public func logits(of batch: PackedSequences) -> [Float] { preconditionFailure("in the making") }
  /// x
  public func lossAndGradients(
    of batch: PackedSequences, targets: Targets, dropout: DropoutPlan?,
    into gradients: UnsafeMutableBufferPointer<Float>
  ) -> BatchResult { preconditionFailure("in the making") }
  /// x
  public static func losses(logits: [Float], labelCount: Int, targets: Targets) -> [Double] {
    preconditionFailure("in the making")
  }
}
