// What families compute between an encoder and the outputs of a head, as values. `Classifier` and `LanguageModel` compute it.

/// What a classifier computes from one token of each sequence before its output layer: dropout, a dense layer, an activation and
/// dropout again, of which a family has some.
package struct HeadShape: Sendable {
  /// The token of a sequence that the head reads.
  package enum Token: Sendable {
    case first
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
  /// The dense layer: the encoder's pooler or one of the head's own.
  package var dense = LinearRole.pooler
  package var nonlinearity = Nonlinearity.tanh
}

/// What a language model computes from each token that it predicts before its decoder.
package struct LanguageModelHead: Sendable {
  /// The activation between the dense layer and the layer norm.
  package enum Transform: Sendable {
    /// The encoder's own.
    case ofEncoder
    case fixed(Activation)
  }

  package var transform = Transform.ofEncoder
}
