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
import Tasks

/// A small language whose sentences are acceptable or not.
package enum SyntheticLanguage {
  /// What is to be told about the sentences.
  package enum Form: Sendable {
    /// Whether one is acceptable.
    case sentence
    /// Which of two that differ by one corruption is acceptable.
    case pair
  }

  /// Of every 25 examples 13 are of class 1, so the majority is .52 and not .5.
  static let largerShare = (numerator: 13, denominator: 25)

  /// The WordPiece vocabulary of a model for this language: the special tokens and every word, in identifier order.
  package static var vocabulary: [String] {
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + Lexicon.words
  }

  /// The sets of a task, no sentence twice in one of them: a pure function of its argument.
  ///
  /// Exactly 13 in 25 examples (rounded up) of each set are of class 1, in random order. A sentence of either class is
  /// drawn for a kind of corruption that could befall it, so that its structure tells nothing about its class. A pair is a
  /// sentence and its corruption; its acceptable sentence stands in no other pair.
  @Sendable
  static func sets(_ task: BuiltInExamples) -> [[LabeledText]] {
    let form: Form = task.task.hasPairs ? .pair : .sentence
    return task.drawn { examples($0, form, seed: task.seed, seen: &$1) }
  }

  private static func examples(
    _ set: BuiltInSet, _ form: Form, seed: UInt64, seen: inout Set<String>
  ) -> [LabeledText] {
    var stream = SeedStream(seed: seed, purpose: .synthesis, site: form.sites[set.stream], step: set.step)
    let count = set.count
    let (numerator, denominator) = largerShare
    let largerCount = (count * numerator + denominator - 1) / denominator
    return stream.permutation(count).map { rank in
      let isLarger = rank < largerCount
      let target = Target.classIndex(isLarger ? 1 : 0)
      while true {
        let corruption = Corruption.drawn(for: set.difficulty, &stream)
        let sentence = Sentence.drawn(&stream)
        guard corruption.applies(to: sentence) else { continue }
        var corrupted = sentence
        switch form {
        case .sentence:
          if !isLarger { corruption.apply(to: &corrupted, &stream) }
          if seen.insert(corrupted.text).inserted { return LabeledText(text: corrupted.text, target: target) }
        case .pair:
          corruption.apply(to: &corrupted, &stream)
          guard seen.insert(sentence.text).inserted else { continue }
          let texts = isLarger ? (corrupted.text, sentence.text) : (sentence.text, corrupted.text)
          return LabeledText(text: texts.0, pair: texts.1, target: target)
        }
      }
    }
  }
}

extension SyntheticLanguage.Form {
  /// The sites of a set's stream, by `BuiltInSet.stream`; 2 and 3 are those of pre-training.
  fileprivate var sites: [UInt32] { self == .sentence ? [0, 1, 6, 8] : [4, 5, 7, 9] }
}
