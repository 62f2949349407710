// Wrong labels on purpose: a model that fits its training data then fits some that say nothing.

import SeedStreams
import Tables

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
  /// that of the next chosen text. A single chosen text gets the number of one that was not chosen.
  ///
  /// - Parameter source: What messages call the texts.
  /// - Throws: `DataError` where no label would be replaced.
  func apply(to texts: inout [LabeledText], of source: String, classCount: Int) throws {
    var stream = SeedStream(seed: seed, purpose: .labelNoise)
    let count = Int((share * Double(texts.count)).rounded())
    guard count > 0 || texts.isEmpty else {
      throw DataError(
        "\(source): task.label_noise is \(share) of \(texts.count) training texts, which is less than half a text, so that no "
          + "label would be replaced; raise it or remove it")
    }
    guard classCount > 0 || texts.count != 1 else {
      throw DataError(
        "\(source): task.label_noise gives a text the number of another one, and there is one training text alone; remove this "
          + "key")
    }
    let order = stream.permutation(texts.count)
    let chosen = order.prefix(count)
    let targets = order.prefix(max(2, count)).map { texts[$0].target }
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
