// The tasks and texts of the town language: how many examples of each class, and which streams draw them.

import SeedStreams
import Tasks

/// The tasks of the town language.
enum TownTasks {
  /// The special tokens and every word, in identifier order.
  static let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + TownLexicon.words

  /// The examples of each set. The larger class has exactly its share (rounded up), in random order; no sentence or premise stands
  /// twice in a set.
  @Sendable
  static func sets(_ examples: BuiltInExamples) -> [[LabeledText]] {
    examples.drawn { set, seen in
      var drawing = TownDrawing(
        SeedStream(
          seed: examples.seed, purpose: .synthesis, site: site(of: examples.task.kind) + UInt32(set.stream),
          step: set.step))
      let share = largerShare(of: examples.task.kind)
      let largerCount = (set.count * share.numerator + share.denominator - 1) / share.denominator
      return drawing.stream.permutation(set.count).map { rank in
        while true {
          let text = example(of: examples.task.kind, set.difficulty, isLarger: rank < largerCount, &drawing)
          if seen.insert(text.text).inserted { return text }
        }
      }
    }
  }

  /// The first of the streams of a task's sets; those of texts come before.
  private static func site(of kind: BuiltInTask.Kind) -> UInt32 {
    switch kind {
    case .acceptability: 110
    case .choice: 120
    case .entailment: 130
    case .paraphrase: 140
    case .similarity: 150
    }
  }

  /// The share of the class that has more examples: 52 %, in MRPC's task 68 %.
  private static func largerShare(of kind: BuiltInTask.Kind) -> (numerator: Int, denominator: Int) {
    kind == .paraphrase ? (17, 25) : (13, 25)
  }

  private static func example(
    of kind: BuiltInTask.Kind, _ difficulty: TaskDifficulty, isLarger: Bool, _ drawing: inout TownDrawing
  ) -> LabeledText {
    switch kind {
    case .acceptability:
      let violation = drawing.drawn(from: TownViolation.weights(difficulty))
      let clause = violation.clause(&drawing)
      let words = isLarger ? clause.words : violation.words(of: clause, &drawing)
      return LabeledText(text: words.joined(separator: " "), target: .classIndex(isLarger ? 1 : 0))
    case .choice:
      let violation = drawing.drawn(from: TownViolation.weights(difficulty))
      let clause = violation.clause(&drawing)
      let texts = [clause.text, violation.words(of: clause, &drawing).joined(separator: " ")]
      return LabeledText(
        text: texts[isLarger ? 1 : 0], pair: texts[isLarger ? 0 : 1], target: .classIndex(isLarger ? 1 : 0))
    case .entailment:
      let contrast = drawing.drawn(from: TownContrast.weights(difficulty))
      let pair = contrast.pair(follows: isLarger, &drawing)
      return LabeledText(
        text: pair.premise.text, pair: pair.hypothesis.text, target: .classIndex(isLarger ? 0 : 1))
    case .paraphrase:
      let pair = drawing.paraphrase(isEquivalent: isLarger)
      return LabeledText(text: pair.0.text, pair: pair.1.text, target: .classIndex(isLarger ? 1 : 0))
    case .similarity:
      let pair = drawing.similarity()
      return LabeledText(text: pair.0.text, pair: pair.1.text, target: .value(pair.2))
    }
  }

  /// Acceptable sentences, repetitions included.
  @Sendable
  static func sentences(count: Int, seed: UInt64, site: UInt32, step: UInt32) -> [LabeledText] {
    var drawing = TownDrawing(SeedStream(seed: seed, purpose: .synthesis, site: 100 + site, step: step))
    return (0..<count).map { _ in LabeledText(text: drawing.sentence().text, target: .classIndex(1)) }
  }

  /// Two sentences of one text each.
  @Sendable
  static func texts(count: Int, seed: UInt64, site: UInt32, step: UInt32) -> [LabeledText] {
    var drawing = TownDrawing(SeedStream(seed: seed, purpose: .synthesis, site: 104 + site, step: step))
    return (0..<count).map { _ in
      let (first, second) = drawing.text()
      return LabeledText(text: first.text, pair: second.joined(separator: " "), target: .classIndex(0))
    }
  }
}
