// The ways a sentence of the built-in language becomes unacceptable, by difficulty. Each changes or moves one word and
// never gives another sentence of the grammar.

import SeedStreams
import Tasks

/// One way to make a sentence unacceptable.
enum Corruption: CaseIterable {
  /// A determiner is missing: "dog sees the cat ."
  case missingDeterminer
  /// A determiner stands after the word it should precede: "dog the sees the cat ."
  case lateDeterminer
  /// The main verb comes first: "sees the dog the cat ."
  case verbFirst
  /// A determiner of the wrong number: "these dog sees the cat ."
  case determinerNumber
  /// A verb right after its subject has the wrong number: "the dog see the cat ."
  case verbNumber
  /// A verb apart from its subject agrees with a noun between them: "the dog near the houses see the cat ."
  case attractedVerb

  /// The kinds of a difficulty with their weights; the easier difficulty's kinds together have half the weight.
  static func weights(_ difficulty: TaskDifficulty) -> [(Corruption, Int)] {
    switch difficulty {
    case .order: [(.missingDeterminer, 2), (.lateDeterminer, 1), (.verbFirst, 1)]
    case .local:
      [(.missingDeterminer, 2), (.lateDeterminer, 1), (.verbFirst, 1), (.determinerNumber, 2), (.verbNumber, 2)]
    case .distant:
      [
        (.missingDeterminer, 2), (.lateDeterminer, 1), (.verbFirst, 1), (.determinerNumber, 2), (.verbNumber, 2),
        (.attractedVerb, 8),
      ]
    case .diagnostic: [(.attractedVerb, 1)]
    }
  }

  /// A kind of a difficulty.
  static func drawn(for difficulty: TaskDifficulty, _ stream: inout SeedStream) -> Corruption {
    let weights = weights(difficulty)
    var rest = stream.below(weights.reduce(0) { $0 + $1.1 })
    for (corruption, weight) in weights {
      rest -= weight
      if rest < 0 { return corruption }
    }
    return weights[0].0
  }

  /// Whether a sentence could be corrupted so.
  func applies(to sentence: Sentence) -> Bool {
    switch self {
    case .missingDeterminer, .lateDeterminer, .verbFirst: true
    case .determinerNumber: sentence.words.contains { $0.role == .determiner && $0.number != nil }
    case .verbNumber: sentence.verb == sentence.subject + 1
    case .attractedVerb: sentence.hasAttractor
    }
  }

  /// Corrupts an acceptable sentence to which this kind applies.
  func apply(to sentence: inout Sentence, _ stream: inout SeedStream) {
    let words = sentence.words
    func index(where suits: (SentenceWord) -> Bool) -> Int {
      let indices = words.indices.filter { suits(words[$0]) }
      return indices[stream.below(indices.count)]
    }
    switch self {
    case .missingDeterminer:
      sentence.words.remove(at: index { $0.role == .determiner })
    case .lateDeterminer:
      let determiner = index { $0.role == .determiner }
      sentence.words.swapAt(determiner, determiner + 1)
    case .verbFirst:
      sentence.words.insert(sentence.words.remove(at: sentence.verb), at: 0)
    case .determinerNumber:
      let determiner = index { $0.role == .determiner && $0.number != nil }
      if let number = words[determiner].number {
        sentence.words[determiner].text = Lexicon.markedDeterminer(number.other, &stream)
      }
    case .verbNumber, .attractedVerb:
      let verb = words[sentence.verb].text
      sentence.words[sentence.verb].text =
        words[sentence.verb].number == .singular ? String(verb.dropLast()) : verb + "s"
    }
  }
}
