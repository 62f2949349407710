// The sizes of a model without a folder that no memory holds, told before anybody multiplies them.

extension EncoderShape {
  /// The most layers and parameters of a model without a folder.
  private static let maximumLayerCount = 1000
  private static let maximumParameterCount = 1e16

  /// What is wrong with sizes whose products no memory holds: the keys it is about, the most telling first, and what to say.
  package var sizeProblems: [(paths: [String], message: String)] {
    var problems: [(paths: [String], message: String)] = []
    if layerCount > Self.maximumLayerCount {
      problems.append(
        (
          ["model.config.num_hidden_layers"],
          "expected at most \(Self.maximumLayerCount) layers, found \(layerCount)"
        ))
    }
    let hidden = Double(hiddenSize)
    let layers = (4 * hidden + 2 * Double(intermediateSize)) * Double(layerCount)
    let parameterCount = hidden * (layers + Double(positionCount) + Double(typeCount))
    if parameterCount > Self.maximumParameterCount {
      problems.append(
        (
          ["model.config.hidden_size", "model.config.intermediate_size", "model.config.max_position_embeddings"],
          "these sizes make \(parameterCount) parameters, and \(Self.maximumParameterCount) are allowed"
        ))
    }
    return problems
  }
}
