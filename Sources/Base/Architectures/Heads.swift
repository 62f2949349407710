// What families compute between an encoder and the outputs of a head, as values. `Classifier` and `LanguageModel` compute it.

/// What a classifier computes from one token of each sequence: dropout, a dense layer, an activation, dropout again, of which a
/// family has some, and the output layer.
package struct HeadShape: Sendable {
  /// The token of a sequence that the head reads.
  package enum Token: Sendable {
    case first
    /// The last one that is not the padding token, the first where all are.
    case last
  }

  /// The nonlinearity behind the dense layer.
  package enum Nonlinearity: Sendable {
    case tanh
    case activation(Activation)
  }

  package var token = Token.first
  /// Whether dropout precedes the dense layer.
  package var dropsInput = false
  /// The dense layer: the encoder's pooler, one of the head's own, or none, and then there is no nonlinearity either.
  package var dense: LinearRole? = .pooler
  package var nonlinearity = Nonlinearity.tanh
  /// Whether the output layer has a bias.
  package var hasOutputBias = true

  /// What it computes, as the end of the sentence "A classifier reads ...".
  package var summary: String {
    let position =
      switch token {
      case .first: "the first token"
      case .last: "the last token"
      }
    guard let dense else { return position }
    let activation =
      switch nonlinearity {
      case .tanh: "tanh"
      case .activation(let activation): activation.name
      }
    let layer = dense == .pooler ? "the pooler" : "a dense layer of its own"
    let steps = (dropsInput ? ["dropout"] : []) + [layer, activation]
    return "\(position) through \(steps.joined(separator: ", ")) and dropout"
  }
}

/// What a language model computes from each token that it reads.
package struct LanguageModelHead: Sendable {
  /// The activation between the dense layer and the layer norm.
  package enum Transform: Sendable {
    /// The encoder's own.
    case ofEncoder
    case fixed(Activation)
  }

  /// What stands before the decoder; nil where the decoder reads the encoder's output.
  package var transform: Transform? = .ofEncoder
  /// Whether the decoder has a bias.
  package var hasBias = true
  /// What Hugging Face's class of such models is called by, behind the family's name.
  package var className = "ForMaskedLM"
}
