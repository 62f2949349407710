// The optimizer with which BERT was published, and its first translation to PyTorch.

import CElementwise

/// google-research/bert `AdamWeightDecayOptimizer`: w -= a m / (sqrt v + eps) + lr wd (w - target).
package enum GoogleAdam: AdamRule {
  package static let name = "google"
  package static let documentation =
    "google-research/bert's AdamWeightDecayOptimizer: decay inside the update, epsilon added to the uncorrected root"

  static var pass: celementwise_rule { celementwise_google }
}

/// pytorch_pretrained_bert `BertAdam`: google's update, each tensor's gradient clipped by its own norm.
package enum BertAdam: AdamRule {
  package static let name = "bert_adam"
  package static let documentation =
    "pytorch_pretrained_bert's BertAdam: the update of `google`, and each tensor clipped by its own norm"
  package static let ownClip = GradientClip.perTensor

  static var pass: celementwise_rule { celementwise_google }
}
