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

  /// The classes, the share of unknown word pieces, and what is cut off, if anything, at a length.
  func fact(task: String, vocabulary: String, maximumLength: Int) -> String {
    let classes =
      isRegression
      ? "predicts a number" : "\(labelNames.count) classes (\(LabelRemarks.quoted(labelNames)))"
    let cut = sets.contains { $0.set.cut.textCount > 0 } ? "; " + CutShare.sentence(sets, at: maximumLength) : ""
    return "task \(task): \(classes); \(UnknownShare.sentence(sets, vocabulary: vocabulary))\(cut)"
  }

  /// A warning where at least 5 % of the word pieces are unknown, and one where at least 20 % are cut off at a length.
  func warnings(task: String, vocabulary: String, maximumLength: Int) -> [String] {
    UnknownShare.warnings(unknownTokens, task: task, vocabulary: vocabulary)
      + CutShare.warnings(sets, task: task, at: maximumLength)
  }
}

/// What is said of texts that are longer than `task.max_length`.
enum CutShare {
  /// The share of a set's word pieces from which on a warning is given.
  private static let remarkable = 0.2

  /// What is cut off each set.
  static func sentence(_ sets: [(name: String, set: EncodedSet)], at maximumLength: Int) -> String {
    let parts = sets.filter { $0.set.cut.textCount > 0 }.map { name, set in
      "\(percent(Double(set.cut.textCount) / Double(set.count))) of \(name) with \(percent(share(set))) of its word pieces"
    }
    let longest = sets.map(\.set.cut.longest).max() ?? 0
    return "cut at \(maximumLength) tokens: \(parts.joined(separator: "; ")); the longest text has \(longest)"
  }

  /// A warning for the set that loses most, where that is much.
  static func warnings(_ sets: [(name: String, set: EncodedSet)], task: String, at maximumLength: Int) -> [String] {
    guard let most = sets.max(by: { share($0.set) < share($1.set) }), share(most.set) >= remarkable else { return [] }
    return [
      "warning: task \(task): \(percent(share(most.set))) of the word pieces of \(most.name) are cut off at \(maximumLength) tokens; "
        + "raise task.max_length as far as the model's positions allow"
    ]
  }

  /// The share of a set's word pieces that is cut off.
  private static func share(_ set: EncodedSet) -> Double {
    set.cut.pieceCount == 0
      ? 0 : Double(set.cut.pieceCount) / Double(set.unknownTokens.pieceCount + set.cut.pieceCount)
  }
}

/// A share as sentences have it.
private func percent(_ share: Double) -> String { String(format: "%.3g %%", 100 * share) }

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
}
