// What the built-in language leaves uncertain about a masked word, computed from its grammar: the loss of a reader who
// knows the grammar and how words are masked, below which no model's expected loss can fall. Nothing is trained here.

import Glibc
import SeedStreams

/// A derivation of the grammar as positions with independent words, and its probability.
private struct Derivation {
  /// The words that each position may hold, with their probabilities.
  var positions: [WordDistribution] = []
  var probability = 1.0
}

/// The words of one position.
private typealias WordDistribution = [(word: String, probability: Double)]

extension SyntheticLanguage {
  /// -log of the best share that anyone who sees `masked` can give each word that stood at its chosen positions, in order; the
  /// vocabulary is the language's own. Nil where a sequence is no sentence of the language.
  ///
  /// Words are chosen independently, so given that a position was chosen, every other position shows its own word unless it was
  /// chosen too: the share is a sum over the grammar's derivations of that length.
  package static func idealLosses(of masked: PredictedBatch) -> [Double]? {
    let reader = IdealReader()
    var losses: [Double] = []
    for sequence in 0..<masked.batch.count {
      let range = masked.batch.offsets[sequence]..<masked.batch.offsets[sequence + 1]
      let seen = masked.batch.tokenIdentifiers[range].dropFirst().dropLast().map(Int.init)
      for index in masked.indices.indices where range.contains(masked.indices[index]) {
        let position = masked.indices[index] - range.lowerBound - 1
        guard let share = reader.share(of: Int(masked.targets[index]), at: position, seen: seen) else { return nil }
        losses.append(-log(share))
      }
    }
    return losses
  }
}

/// Someone who knows the grammar, its frequencies and the masking.
private struct IdealReader {
  private let byLength: [Int: [(positions: [[(word: Int, probability: Double)]], probability: Double)]]
  private let vocabularySize: Double
  private let mask: Int

  init() {
    let vocabulary = SyntheticLanguage.vocabulary
    let numbers = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
    vocabularySize = Double(vocabulary.count)
    mask = numbers["[MASK]"] ?? 0
    byLength = Dictionary(
      grouping: Derivation.all.map { derivation in
        (
          positions: derivation.positions.map { $0.map { (word: numbers[$0.word] ?? 0, probability: $0.probability) } },
          probability: derivation.probability
        )
      }, by: \.positions.count)
  }

  /// The share of a word at a chosen position among all that could have stood there.
  func share(of target: Int, at position: Int, seen: [Int]) -> Double? {
    guard let derivations = byLength[seen.count] else { return nil }
    var (joint, total) = (0.0, 0.0)
    for derivation in derivations {
      var weight = derivation.probability
      for (other, words) in derivation.positions.enumerated() where other != position && weight > 0 {
        weight *= words.reduce(0) { $0 + $1.probability * chance(seen[other], given: $1.word, isChosen: false) }
      }
      guard weight > 0 else { continue }
      for (word, probability) in derivation.positions[position] {
        let share = weight * probability * chance(seen[position], given: word, isChosen: true)
        total += share
        if word == target { joint += share }
      }
    }
    return total > 0 ? joint / total : nil
  }

  /// The probability of seeing one word where another stood, at a position that is known to be chosen or is chosen with the
  /// masking's probability.
  private func chance(_ seen: Int, given word: Int, isChosen: Bool) -> Double {
    let chosen = (seen == mask ? 0.8 : 0) + 0.1 / vocabularySize + (seen == word ? 0.1 : 0)
    if isChosen { return chosen }
    let probability = WordMasking.probability
    return probability * chosen + (seen == word ? 1 - probability : 0)
  }
}

extension Derivation {
  /// Every derivation of the grammar: the branches of `Sentence.drawn`.
  static let all: [Derivation] = numbers.flatMap { number, share in
    let start = Derivation(probability: share).phrase(number)
    let inner = numbers
    let subjects =
      start.map { $0.times(0.6) }
      + start.map { $0.times(0.2).then(Lexicon.prepositions) }.anyPhrase()
      + inner.flatMap { innerNumber, innerShare in
        start.flatMap { $0.times(0.1 * innerShare).then([Lexicon.complementizer]).phrase(innerNumber) }
          .map { $0.verb(Lexicon.transitives, innerNumber) }
      }
      + start.map { $0.times(0.1).then([Lexicon.complementizer]).verb(Lexicon.transitives, number) }.anyPhrase()
    let transitive = subjects.map { $0.times(0.5).verb(Lexicon.transitives, number) }.anyPhrase()
    let intransitive = subjects.map { $0.times(0.5).verb(Lexicon.intransitives, number) }
    let whole =
      transitive + intransitive.map { $0.times(0.5).then(Lexicon.adverbs) }
      + intransitive.map { $0.times(0.25).then(Lexicon.prepositions) }.anyPhrase()
      + intransitive.map { $0.times(0.25) }
    return whole.map { $0.then([Lexicon.stop]) }
  }

  static let numbers: [(GrammaticalNumber, Double)] = [(.singular, 0.6), (.plural, 0.4)]

  func times(_ factor: Double) -> Derivation {
    var result = self
    result.probability *= factor
    return result
  }

  func then(_ words: WordDistribution) -> Derivation {
    var result = self
    result.positions.append(words)
    return result
  }

  /// A word of a list in the order of falling frequency, `Lexicon.draw`.
  func then(_ words: [String]) -> Derivation { then(Self.ranked(words)) }

  func verb(_ stems: [String], _ number: GrammaticalNumber) -> Derivation {
    then(stems.map { number == .singular ? $0 + "s" : $0 })
  }

  /// A phrase of a number, with and without adjective.
  func phrase(_ number: GrammaticalNumber) -> [Derivation] {
    let marked = number == .singular ? Lexicon.singularDeterminers : Lexicon.pluralDeterminers
    let determiner = (Self.ranked(Lexicon.unmarkedDeterminers) + Self.ranked(marked)).map {
      ($0.word, $0.probability / 2)
    }
    let nouns = Lexicon.nouns.map { number == .singular ? $0.0 : $0.1 }
    let start = then(determiner)
    return [start.times(0.75).then(nouns), start.times(0.25).then(Lexicon.adjectives).then(nouns)]
  }

  private static func ranked(_ words: [String]) -> WordDistribution {
    let total = words.indices.reduce(0) { $0 + 1 / Double($1 + 1) }
    return words.enumerated().map { ($1, 1 / Double($0 + 1) / total) }
  }
}

extension [Derivation] {
  /// Each followed by a phrase of either number.
  fileprivate func anyPhrase() -> [Derivation] {
    flatMap { derivation in
      Derivation.numbers.flatMap { number, share in derivation.times(share).phrase(number) }
    }
  }
}
