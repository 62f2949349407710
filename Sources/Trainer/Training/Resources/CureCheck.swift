// Whether what a trial draws anew, holds still or gives rates of its own fits the model, said before any step is made. What the
// keys alone tell is in their entries.

import Transformer
import Trials

/// Whether cures and models go together.
enum CureCheck {
  /// What is wrong with a trial's cures for an encoder, beginning with a key; nil for nothing.
  static func problem(of trial: TrialConfiguration, with encoder: EncoderConfiguration) -> String? {
    problem(ofLayers: trial, in: encoder) ?? problem(ofPooler: trial, in: encoder)
  }

  /// What is wrong with a trial whose cure has nothing to work on, because it is frozen or drawn anew; nil for nothing.
  static func problem(
    ofTrained trial: TrialConfiguration, in layout: ParameterLayout, from start: StartingWeights
  ) -> String? {
    let trained = TrainedTensors(trial.training, layout, from: start)
    func trains(_ isMeant: (ParameterLayout.Tensor) -> Bool) -> Bool {
      layout.tensors.contains { isMeant($0) && trained.contains($0) }
    }
    if trial.training.mixout > 0, !trains({ $0.isMixable && start.isPretrained($0) }) {
      return
        "training.mixout: no linear weight of the model folder is trained below the head, so that nothing would be mixed and "
        + "dropout would be off; remove this key, or freeze fewer layers"
    }
    let isBelowHead: (ParameterLayout.Tensor) -> Bool = { $0.group != .head && $0.group != .pooler }
    if trial.optimizer.layerDecay < 1, !trains(isBelowHead) {
      return
        "optimizer.layer_decay: no layer is trained, so that every trained weight would have the whole rate; remove this key, "
        + "or freeze fewer layers"
    }
    return nil
  }

  private static func problem(ofLayers trial: TrialConfiguration, in encoder: EncoderConfiguration) -> String? {
    let layerCount = encoder.layerCount
    let redrawn = trial.model.reinitializedLayerCount
    let frozen = trial.training.freeze == .layers ? trial.training.frozenLayerCount ?? 0 : 0
    let counts = [("model.reinit_layers", redrawn), ("training.freeze_layers", frozen)]
    let isDecayed = trial.optimizer.layerDecay < 1
    if encoder.architecture.sharesLayers,
      let key = counts.first(where: { $0.1 > 0 })?.0 ?? (isDecayed ? "optimizer.layer_decay" : nil)
    {
      return
        "\(key): the layers of a model of type \"\(encoder.architecture.modelType)\" share their tensors, so that none of "
        + "them can be treated otherwise than the others; remove this key"
    }
    if let (key, count) = counts.first(where: { $0.1 > layerCount }) {
      return "\(key) is \(count), but the model has \(layerCount) layers"
    }
    if redrawn + frozen > layerCount {
      return
        "training.freeze_layers: the lowest \(frozen) and the top \(redrawn) (model.reinit_layers) of \(layerCount) layers "
        + "overlap; what is drawn anew cannot keep its values"
    }
    return nil
  }

  private static func problem(ofPooler trial: TrialConfiguration, in encoder: EncoderConfiguration) -> String? {
    guard trial.model.reinitializesPooler, encoder.architecture.head.dense != .pooler else { return nil }
    return
      "model.reinit_pooler: a classifier of type \"\(encoder.architecture.modelType)\" has no pooler below its head; remove "
      + "this key"
  }
}
