// The section `optimizer`: the update rule, its constants and how gradients are clipped, with its keys beside the fields.

import JSON5
import UpdateRules

/// The optimizer.
package struct OptimizerSpecification: Hashable, Sendable {
  /// An update rule that sweeps may name: the list of them is `UpdateRules.all`.
  package struct Algorithm: Hashable, CaseIterable, RawRepresentable, Sendable {
    /// The rule.
    package let rule: any UpdateRule.Type

    package init(_ rule: any UpdateRule.Type) { self.rule = rule }

    package init?(rawValue: String) {
      guard let rule = UpdateRules.all.first(where: { $0.name == rawValue }) else { return nil }
      self.rule = rule
    }

    /// The rule's name in sweep files.
    package var rawValue: String { rule.name }

    /// Every rule, in the order in which they are listed.
    package static var allCases: [Self] { UpdateRules.all.map { Self($0) } }
    /// Hugging Face `AdamW`, the default.
    package static let huggingFace = Self(HuggingFaceAdamW.self)
    /// `torch.optim.AdamW`, with which pre-training runs.
    package static let torch = Self(TorchAdamW.self)

    package static func == (left: Self, right: Self) -> Bool { left.rule == right.rule }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(rule)) }
  }

  /// What weights decay towards.
  package enum DecayTarget: String, CaseIterable, Sendable {
    /// Zero.
    case zero
    /// The pre-trained weights; zero where a tensor has none, such as a new head.
    case pretrained
  }

  /// How gradients are clipped.
  package typealias Clip = GradientClip

  /// The update rule.
  package var algorithm = Algorithm.huggingFace
  /// The peak learning rate.
  package var learningRate = 2e-5
  /// Whether the moments are corrected for their start at zero.
  package var biasCorrection = false
  /// Decay of the first moment.
  package var beta1 = 0.9
  /// Decay of the second moment.
  package var beta2 = 0.999
  /// The constant added to the root of the second moment.
  package var epsilon = 1e-6
  /// Decoupled weight decay, on all but biases and LayerNorm parameters.
  package var weightDecay = 0.01
  /// What weights decay towards.
  package var decayTowards = DecayTarget.zero
  /// Whether the rate of a run without bias correction is lowered so that its steps sum to the corrected run's.
  package var matchesStepMass = false
  /// What a layer's learning rate is of that of the layer above: 1 for one rate (Clark et al. 2020, Zhang et al. 2021).
  package var layerDecay = 1.0
  /// How gradients are clipped, or nil for the way of the algorithm's publication.
  package var clip: Clip?
  /// The norm that clipping enforces.
  package var maximumGradientNorm = 1.0

  /// The defaults: the recipe of google-research/bert without bias correction.
  package init() {}

  /// How the algorithm's publication clips.
  package var ownClip: Clip { algorithm.rule.ownClip }

  /// How gradients are clipped.
  package var appliedClip: Clip { clip ?? ownClip }
}

extension OptimizerSpecification {
  /// A key of a constant, with which algorithms use it if not all do.
  private static func constant(_ constant: UpdateConstant, _ key: ConfigurationKey) -> ConfigurationKey {
    let users = UpdateRules.all.filter { $0.constants.contains(constant) }.map { "`\($0.name)`" }
    guard users.count < UpdateRules.all.count else { return key }
    return key.used(
      where: "`optimizer.algorithm` is \(alternatives(users))", unless: "optimizer.algorithm",
      .isOther("does not use it")
    ) { $0.optimizer.algorithm.rule.constants.contains(constant) }
  }

  static let keys: [ConfigurationKey] = [
    .choice(
      "optimizer.algorithm", "algorithm", \.optimizer.algorithm,
      "The update rule; they are not the same algorithm. "
        + UpdateRules.all.map { "`\($0.name)` is \($0.documentation)." }.joined(separator: " ")
    ).cost { .integer($0.optimizer.algorithm.rule.momentCount) }.inTransformers("optim"),
    .number(
      "optimizer.learning_rate", "learning_rate", \.optimizer.learningRate, .positive, "The peak learning rate."
    ).usual(1e-8...0.02).withoutCost().inTransformers("learning_rate"),
    constant(
      .biasCorrection,
      .boolean(
        "optimizer.bias_correction", "bias_correction", \.optimizer.biasCorrection,
        "Whether Adam's moments are corrected for their start at zero.")
    ).withoutCost().inTransformers("correct_bias"),
    constant(
      .beta1,
      .number("optimizer.beta1", "beta1", \.optimizer.beta1, .fraction, "The decay of the first moment.")
    ).withoutCost().inTransformers("adam_beta1"),
    constant(
      .beta2,
      .number("optimizer.beta2", "beta2", \.optimizer.beta2, .fraction, "The decay of the second moment.")
    ).withoutCost().inTransformers("adam_beta2"),
    constant(
      .epsilon,
      .number(
        "optimizer.epsilon", "epsilon", \.optimizer.epsilon, .positive,
        "The constant that is added to the root of the second moment.")
    ).usual(1e-16...0.1).withoutCost().inTransformers("adam_epsilon"),
    .number(
      "optimizer.weight_decay", "weight_decay", \.optimizer.weightDecay, .nonnegative,
      "The decoupled weight decay of all tensors but biases and LayerNorm parameters."
    ).usual(0...1, "it is multiplied by the learning rate").withoutCost().inTransformers("weight_decay"),
    .choice(
      "optimizer.decay_towards", "decay_towards", \.optimizer.decayTowards,
      "What weights decay towards: `zero`, or `pretrained` for their pre-trained values (zero for tensors that have none, such as a new head)."
    ).used(where: "`optimizer.weight_decay` is above 0", unless: "optimizer.weight_decay", .isOther("is 0")) {
      $0.optimizer.weightDecay > 0
    }
    .checked {
      $0.optimizer.decayTowards == .pretrained && $0.model.path == nil
        ? "\"pretrained\" needs pre-trained weights: set model.path" : nil
    }
    // Pre-trained weights are kept in memory beside the trained ones.
    .cost { .boolean($0.trainsBesidePretrained) },
    .boolean(
      "optimizer.match_step_mass", "match_step_mass", \.optimizer.matchesStepMass,
      "Whether the learning rate of a trial without bias correction is lowered by the mean of the correction's factor, in which each step counts by its scheduled rate."
    ).used(
      where: "`optimizer.bias_correction` is `false`", unless: "optimizer.bias_correction", .isOther("is true")
    ) { !$0.optimizer.biasCorrection }.withoutCost(),
    .number(
      "optimizer.layer_decay", "layer_decay", \.optimizer.layerDecay, .share,
      "What a layer's learning rate is multiplied by for every layer above it: head and pooler have the whole rate, the top layer this share of it, the layer below its square, and the embeddings the smallest (Zhang et al. 2021; ELECTRA's own program has one power more below the head)."
    ).usual(0.5...1, "it is the share of the rate that each layer passes on").checked {
      guard $0.optimizer.layerDecay < 1, $0.training.freeze == .encoder, $0.model.reinitializedLayerCount == 0 else {
        return nil
      }
      return "no layer is trained with training.freeze: \"encoder\"; remove one of them"
    }.cost { .boolean($0.optimizer.layerDecay < 1) }.shownWhereSet(),
    .choice(
      "optimizer.clip", "clip", \.optimizer.clip,
      "How gradients are clipped: `none` not at all, `global` by the norm over all tensors, `per_tensor` each tensor by its own norm."
    ).whenMissing(
      "the algorithm's own: "
        + UpdateRules.all.map { "`\($0.ownClip.rawValue)` for `\($0.name)`" }.joined(separator: ", ")
    )
    .implies { .text($0.optimizer.ownClip.rawValue) }.withoutCost(),
    .number(
      "optimizer.max_grad_norm", "max_grad_norm", \.optimizer.maximumGradientNorm, .positive,
      "The norm that clipping enforces."
    ).used(
      where: "`optimizer.clip` is not `none`", unless: "optimizer.clip", .isOther("is \"none\""), yields: true
    ) { $0.optimizer.appliedClip != .unclipped }.withoutCost().inTransformers("max_grad_norm"),
  ]
}
