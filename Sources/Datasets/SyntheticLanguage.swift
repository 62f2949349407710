// The built-in language: sentences of a small grammar, acceptable or not, generated from a seed, so that a sweep needs
// no file. It claims to be no natural language and keeps no state.
//
// The grammar (SG or PL is the number; brackets are optional; a bar separates alternatives):
//
//   sentence  = subject(n) predicate(n) "."
//   subject   = phrase(n) [ preposition phrase(m) | "that" phrase(m) transitive(m) | "that" transitive(n) phrase(m) ]
//   predicate = transitive(n) phrase(m) | intransitive(n) [ adverb | preposition phrase(m) ]
//   phrase    = determiner(n) [ adjective ] noun(n)
//
// "the" and "my" go with either number; "a", "this" and "every" are SG, "these", "some" and "many" are PL. Nouns end in
// -s in PL, verbs in SG. Words are drawn with weights 1, 1/2, 1/3, ... along their lists. An unacceptable sentence is an
// acceptable one with one corruption; see `Corruption`.

import SeedStreams

/// A small language whose sentences are acceptable or not.
public enum SyntheticLanguage {
  /// What tells an unacceptable sentence from an acceptable one.
  public enum Difficulty: String, CaseIterable, Sendable {
    /// Determiners and word order.
    case order
    /// Agreement of neighbouring words as well.
    case local
    /// Agreement over a distance as well.
    case distant
  }

  /// The classes: 0 unacceptable, 1 acceptable, as in CoLA.
  public static let labelNames = ["unacceptable", "acceptable"]

  /// Of every 25 sentences 13 are acceptable, so the majority is .52 and not .5.
  static let acceptableShare = (numerator: 13, denominator: 25)

  /// The WordPiece vocabulary of a model for this language: the special tokens and every word, in identifier order.
  public static var vocabulary: [String] {
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + Lexicon.words
  }

  /// A task of generated sentences, no sentence twice in training and dev together: a pure function of its arguments.
  ///
  /// Exactly 13 in 25 sentences (rounded up) of each set are acceptable, in random order. A sentence of either class is
  /// drawn for a kind of corruption that could befall it, so that its structure tells nothing about its class.
  ///
  /// - Throws: `DataError` if a count is too small for two classes or too large for the language.
  public static func generate(
    _ difficulty: Difficulty, trainCount: Int, devCount: Int, seed: UInt64
  ) throws -> TaskData {
    let allowed = 4...100_000
    for (name, count) in [("training", trainCount), ("dev", devCount)] where !allowed.contains(count) {
      throw DataError(
        "synthetic task: \(count) \(name) sentences; allowed: \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    var seen: Set<String> = []
    return TaskData(
      name: "synthetic", labelNames: labelNames,
      train: sentences(difficulty, count: trainCount, seed: seed, site: 0, seen: &seen),
      dev: sentences(difficulty, count: devCount, seed: seed, site: 1, seen: &seen))
  }

  private static func sentences(
    _ difficulty: Difficulty, count: Int, seed: UInt64, site: UInt32, seen: inout Set<String>
  ) -> [LabeledText] {
    var stream = SeedStream(seed: seed, purpose: .synthesis, site: site)
    let (numerator, denominator) = acceptableShare
    let acceptableCount = (count * numerator + denominator - 1) / denominator
    return stream.permutation(count).map { rank in
      let isAcceptable = rank < acceptableCount
      while true {
        let corruption = Corruption.drawn(for: difficulty, &stream)
        var sentence = Sentence.drawn(&stream)
        guard corruption.applies(to: sentence) else { continue }
        if !isAcceptable { corruption.apply(to: &sentence, &stream) }
        let text = sentence.text
        if seen.insert(text).inserted { return LabeledText(text: text, target: .classIndex(isAcceptable ? 1 : 0)) }
      }
    }
  }
}
