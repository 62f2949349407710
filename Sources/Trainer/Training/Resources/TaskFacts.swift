// What a user should know about a task with a vocabulary, before anything is trained: its classes, and how much of its text
// the vocabulary lacks. `plan` and `run` print it; that a vocabulary does not fit is refused where a sweep is prepared.

import Datasets
import Foundation
import Trials

extension EncodedTask {
  /// The word pieces of the set of which the vocabulary lacks the largest share.
  var unknownTokens: UnknownTokens {
    sets.map(\.set.unknownTokens).max { $0.share < $1.share } ?? UnknownTokens()
  }

  /// Its sets with their names in sentences.
  var sets: [(name: String, set: EncodedSet)] {
    [("train", train), ("dev", dev.examples)] + finalSets.map { ($0.name, $0.content.examples) }
  }

  /// The classes and the share of unknown word pieces.
  func fact(task: String, vocabulary: String) -> String {
    let classes =
      isRegression
      ? "predicts a number" : "\(labelNames.count) classes (\(LabelRemarks.quoted(labelNames)))"
    return "task \(task): \(classes); \(UnknownShare.sentence(sets, vocabulary: vocabulary))"
  }

  /// A warning where at least 5 % of the word pieces are unknown.
  func warnings(task: String, vocabulary: String) -> [String] {
    UnknownShare.warnings(unknownTokens, task: task, vocabulary: vocabulary)
  }
}

/// What is said of word pieces that a vocabulary lacks, and the share of them from which on a sweep is refused.
package enum UnknownShare {
  /// The share from which on a sweep has to ask for it.
  package static let refused = 0.5

  /// A warning where at least 5 % of some word pieces are unknown.
  static func warnings(_ tokens: UnknownTokens, task: String, vocabulary: String) -> [String] {
    tokens.share < Outcome.remarkableUnknownShare
      ? [] : ["warning: task \(task): \(problem(tokens, vocabulary: vocabulary))"]
  }

  /// The shares of all sets.
  static func sentence(_ sets: [(name: String, set: EncodedSet)], vocabulary: String) -> String {
    let counts = sets.map(\.set.unknownTokens)
    let name = counts.lazy.compactMap(\.name).first ?? "unknown"
    guard counts.contains(where: { $0.unknownCount > 0 }) else {
      return "no word piece is \(name) in the vocabulary of \(vocabulary)"
    }
    let parts = zip(sets, counts).map { set, count in
      "\(percent(count.share)) of \(set.name), \(count.unknownCount) of \(count.pieceCount)"
    }
    return "\(name) in the vocabulary of \(vocabulary): " + parts.joined(separator: "; ")
  }

  /// What a large share means, and what to do.
  package static func problem(_ tokens: UnknownTokens, vocabulary: String) -> String {
    "\(percent(tokens.share)) of the word pieces are \(tokens.name ?? "unknown"), which stands for text that the vocabulary of "
      + "\(vocabulary) lacks; the vocabulary does not fit these texts, so use a model whose vocabulary does"
  }

  private static func percent(_ share: Double) -> String { String(format: "%.3g %%", 100 * share) }
}
