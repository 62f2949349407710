// What tells one family of encoders from another, as values that sweeps, passes and files ask for. A family is one file
// beside this one and one line in `Architecture.all`. Sizes belong to `EncoderConfiguration`.

/// A family of encoders.
package struct Architecture: Sendable {
  /// `model_type` of a `config.json`.
  package let modelType: String
  /// Where its norms stand and what else tells it from others, as the end of the sentence "`model_type` has ...", in Markdown.
  package let documentation: String
  /// What Hugging Face's classes are called by, before `ForMaskedLM` and the like.
  package let className: String
  /// What Hugging Face's class of a language model with a head for two sentences is called by, behind that; nil where we have no
  /// such models of the family.
  package var pairClassName: String?
  /// Where its norms stand.
  package var normPosition = NormPosition.afterSum
  /// The row of the position table that a sequence's first token has.
  package var firstPosition = FirstPosition.row(0)
  /// The feed-forward part of a layer.
  package var feedForward = FeedForward.plain
  /// The keys that a query attends to.
  package var mask = AttentionMask.all
  /// Whether a layer's queries, keys and values come from one linear layer (`LinearRole.queryKeyValue`).
  package var joinsProjections = false
  /// Whether model files hold the weights of a layer's linear layers as (inputs, outputs).
  package var storesTransposedLayers = false
  /// Whether the weights whose outputs enter a residual sum are drawn smaller, by the square root of the number of such sums
  /// (Radford et al. 2019).
  package var scalesResidualWeights = false
  /// Whether all layers are applications of one, whose tensors have the number 0 (Lan et al. 2020); its norms stand after
  /// the sums.
  package var sharesLayers = false
  /// Whether dropout stands between a layer's attention and its residual sum.
  package var dropsAttentionOutput = true
  /// Whether dropout stands between a layer's feed-forward part and its residual sum.
  package var dropsFeedForwardOutput = true
  /// The embedding tables, in the order of the parameters.
  package var embeddings: [EmbeddingRole] = [.words, .positions, .types]
  /// Whether a linear layer stands between the embeddings and the encoder.
  package var embeddingProjection = EmbeddingProjection.never
  /// What stands between the encoder and a classifier's output layer.
  package var head = HeadShape()
  /// What stands between the encoder and a language model's decoder.
  package var languageModelHead = LanguageModelHead()
  /// What its `config.json` calls sizes and constants, and what they are where it gives none.
  package var keys = ModelKeys()
  /// What the encoder's names begin with; a file of the encoder alone leaves it away.
  package let prefix: String
  /// What a tensor is called in model files; nil for one that the family lacks.
  let nameOfRole: @Sendable (_ role: TensorRole, _ layerCount: Int) -> String?
  /// Names that checkpoints may have in place of a usual one.
  package var otherNames: @Sendable (_ usual: String) -> [String] = { _ in [] }
}

/// Where the norm of a residual sum stands.
package enum NormPosition: Sendable {
  /// Post-LN: after the sum, so that the next sum adds to normalized rows.
  case afterSum
  /// Pre-LN: before the part that reads the sum, and once at the end, while sums add to sums.
  case beforePart
}

/// The row of the position table that a sequence's first token has.
package enum FirstPosition: Sendable {
  case row(Int)
  /// The row after the number of the padding token, which `pad_token_id` of a `config.json` gives.
  case afterPadding(usually: Int)

  /// The row where nothing says what the padding token is.
  package var usual: Int {
    switch self {
    case .row(let row): row
    case .afterPadding(let padding): padding + 1
    }
  }
}

/// Whether a linear layer stands between the embeddings, after their norm and dropout, and a post-LN encoder.
package enum EmbeddingProjection: Sendable {
  case never
  /// Where the embeddings' width is not the encoder's.
  case whereWidthsDiffer
  case always
}

/// A layer's feed-forward part. A gated one would be a case here, an intermediate size twice as wide, and a branch in
/// `EncoderModel.forwardFeedForward` and its gradient.
package enum FeedForward: Sendable {
  /// output(activation(intermediate(x))).
  case plain
}

extension Architecture {
  /// Whether it has a table of token types.
  package var hasTypes: Bool { embeddings.contains(.types) }

  /// What a tensor is called in model files; the family must have it.
  package func name(of role: TensorRole, layerCount: Int) -> String {
    guard let name = nameOfRole(role, layerCount) else {
      preconditionFailure("a model of type \(modelType) has no tensor for \(role)")
    }
    return name
  }

  /// The other one of two names of one tensor, of which files have had either; none for a third name.
  static func otherName(than usual: String, of names: (String, String)) -> [String] {
    switch usual {
    case names.0: [names.1]
    case names.1: [names.0]
    default: []
    }
  }

  /// Whether it has a tensor of a role.
  package func has(_ role: TensorRole) -> Bool { nameOfRole(role, 1) != nil }

  /// The layers that have tensors of their own, of `layerCount` that are applied.
  package func ownLayerCount(of layerCount: Int) -> Int { sharesLayers ? 1 : layerCount }

  /// What tables call a shared layer's tensor in its application as one layer, from 0.
  package static func name(of tensor: String, asLayer layer: Int) -> String { "\(tensor)#\(layer)" }

  /// The transformer layer, from 0, of a tensor of any family by its name in tables, or the application of a shared layer; nil for a
  /// tensor outside the layers, and for all applications of a shared layer together.
  package static func layer(ofTensor name: String) -> Int? {
    if let mark = name.lastIndex(of: "#") { return Int(name[name.index(after: mark)...]) }
    return layerPrefixes.lazy.filter(name.hasPrefix).compactMap { prefix in
      Int(name.dropFirst(prefix.count).prefix { $0 != "." })
    }.first
  }

  /// What stands before the number of a layer in the names of its tensors, in each family whose layers have numbers.
  private static let layerPrefixes: Set<String> = Set(
    all.filter { !$0.sharesLayers }.map { family in
      let (first, second) = (family.nameOfOutput(layer: 0), family.nameOfOutput(layer: 1))
      return String(zip(first, second).prefix { $0 == $1 }.map(\.0))
    })

  private func nameOfOutput(layer: Int) -> String { name(of: .linear(.output(layer), .weight), layerCount: 2) }
}

extension Architecture: RawRepresentable, CaseIterable, Hashable {
  /// The families that are read, trained and written, in the order that messages name them.
  package static let all: [Architecture] = [
    .bert,
    .megatronBERT,
    .gpt2,
    .roberta,
    .xlmRoberta,
    .camembert,
    .electra,
    .distilBERT,
    .albert,
  ]

  package static var allCases: [Architecture] { all }

  /// The family of a `model_type`; nil for another.
  package init?(rawValue: String) {
    guard let family = Self.all.first(where: { $0.modelType == rawValue }) else { return nil }
    self = family
  }

  package var rawValue: String { modelType }

  /// Families are told apart by their `model_type`.
  package static func == (first: Architecture, second: Architecture) -> Bool { first.modelType == second.modelType }

  package func hash(into hasher: inout Hasher) { hasher.combine(modelType) }
}
