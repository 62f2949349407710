// Wrong labels on purpose: a model that fits its training data then fits some that say nothing.

import SeedStreams

/// A share of the training texts whose labels are replaced by wrong ones.
package struct LabelNoise: Equatable, Sendable {
  /// The share, from 0 to 1.
  package var share: Double
  /// The seed of the choice and of the wrong labels.
  package var seed: UInt64

  /// Noise on a share of the labels.
  package init(share: Double, seed: UInt64) {
    self.share = share
    self.seed = seed
  }

  /// Replaces the labels of exactly the share (rounded) of the texts: a class by one of the others, each as likely, and a number by
  /// that of the next chosen text.
  func apply(to texts: inout [LabeledText], classCount: Int) {
    var stream = SeedStream(seed: seed, purpose: .labelNoise)
    let chosen = stream.permutation(texts.count).prefix(Int((share * Double(texts.count)).rounded()))
    let targets = chosen.map { texts[$0].target }
    for (index, text) in chosen.enumerated() {
      switch targets[index] {
      case .classIndex(let old):
        let other = stream.below(max(1, classCount - 1))
        texts[text].target = .classIndex(other < old ? other : other + 1)
      case .value: texts[text].target = targets[(index + 1) % targets.count]
      }
    }
  }
}
