// The lexicon of the built-in language and the drawing of acceptable sentences. Corruption is another file's.

import SeedStreams

/// The number of a noun, a verb or a determiner.
enum GrammaticalNumber {
  /// One.
  case singular
  /// Several.
  case plural

  /// The other number.
  var other: GrammaticalNumber { self == .singular ? .plural : .singular }
}

/// The words, each list in the order of falling frequency.
enum Lexicon {
  static let unmarkedDeterminers = ["the", "my"]
  static let singularDeterminers = ["a", "this", "every"]
  static let pluralDeterminers = ["these", "some", "many"]
  static let adjectives = [
    "small", "big", "young", "new", "quiet", "red", "happy", "tall", "brave", "dark", "lucky", "gentle", "proud",
    "wise",
  ]
  static let nouns = [
    "dog", "child", "teacher", "girl", "boy", "doctor", "bird", "king", "farmer", "cat", "singer", "friend", "lawyer",
    "horse", "tree", "house", "river", "robot", "pilot", "garden", "painter", "wolf", "tower", "ship",
  ].map { ($0, ["child": "children", "wolf": "wolves"][$0] ?? $0 + "s") }
  static let transitives = [
    "see", "like", "find", "know", "help", "follow", "hear", "draw", "visit", "call", "thank", "greet",
  ]
  static let intransitives = ["sleep", "run", "wait", "sing", "fall", "smile", "jump", "work", "laugh", "shine"]
  static let adverbs = ["here", "today", "slowly", "often", "well", "again", "loudly", "alone"]
  static let prepositions = ["near", "behind", "with", "under", "above", "beside"]
  static let complementizer = "that"
  static let stop = "."

  /// Every word once, in the order of the lists.
  static var words: [String] {
    var words = unmarkedDeterminers + singularDeterminers + pluralDeterminers + adjectives
    words += nouns.flatMap { [$0.0, $0.1] } + (transitives + intransitives).flatMap { [$0, $0 + "s"] }
    return words + adverbs + prepositions + [complementizer, stop]
  }

  /// A position in a list of `count`, position i with a weight of 1 / (i + 1).
  static func rank(_ count: Int, _ stream: inout SeedStream) -> Int {
    var rest = stream.uniform() * (0..<count).reduce(0) { $0 + 1 / Double($1 + 1) }
    for index in 0..<count {
      rest -= 1 / Double(index + 1)
      if rest < 0 { return index }
    }
    return count - 1
  }

  /// A word of a list.
  static func draw(_ words: [String], _ stream: inout SeedStream) -> String {
    words[rank(words.count, &stream)]
  }

  /// A determiner that goes with one number only.
  static func markedDeterminer(_ number: GrammaticalNumber, _ stream: inout SeedStream) -> String {
    draw(number == .singular ? singularDeterminers : pluralDeterminers, &stream)
  }
}

/// A word and its role in the sentence.
struct SentenceWord {
  /// The part of speech, as far as corruption asks.
  enum Role {
    case determiner
    case adjective
    case noun
    case verb
    case other
  }

  var text: String
  var role: Role
  /// The number of a noun, a verb or a determiner that goes with one number only.
  var number: GrammaticalNumber?
}

/// A sentence as words, with the indices that corruption needs.
struct Sentence {
  /// The words, the full stop included.
  var words: [SentenceWord] = []
  /// The index of the subject's noun.
  var subject = 0
  /// The index of the main verb.
  var verb = 0

  /// The words with spaces between them.
  var text: String { words.map(\.text).joined(separator: " ") }

  /// Whether a noun of the other number stands between the subject's noun and its verb.
  var hasAttractor: Bool {
    words[subject + 1..<verb].contains { $0.role == .noun && $0.number == words[verb].number?.other }
  }

  /// An acceptable sentence.
  static func drawn(_ stream: inout SeedStream) -> Sentence {
    var sentence = Sentence()
    let number = drawnNumber(&stream)
    sentence.appendPhrase(number, &stream)
    sentence.subject = sentence.words.count - 1
    let modifier = stream.below(10)
    if modifier < 2 {
      sentence.append(Lexicon.draw(Lexicon.prepositions, &stream), .other)
      sentence.appendPhrase(drawnNumber(&stream), &stream)
    } else if modifier == 2 {
      sentence.append(Lexicon.complementizer, .other)
      let inner = drawnNumber(&stream)
      sentence.appendPhrase(inner, &stream)
      sentence.appendVerb(Lexicon.transitives, inner, &stream)
    } else if modifier == 3 {
      sentence.append(Lexicon.complementizer, .other)
      sentence.appendVerb(Lexicon.transitives, number, &stream)
      sentence.appendPhrase(drawnNumber(&stream), &stream)
    }
    sentence.verb = sentence.words.count
    if stream.below(2) == 0 {
      sentence.appendVerb(Lexicon.transitives, number, &stream)
      sentence.appendPhrase(drawnNumber(&stream), &stream)
    } else {
      sentence.appendVerb(Lexicon.intransitives, number, &stream)
      let adjunct = stream.below(4)
      if adjunct < 2 {
        sentence.append(Lexicon.draw(Lexicon.adverbs, &stream), .other)
      } else if adjunct == 2 {
        sentence.append(Lexicon.draw(Lexicon.prepositions, &stream), .other)
        sentence.appendPhrase(drawnNumber(&stream), &stream)
      }
    }
    sentence.append(Lexicon.stop, .other)
    return sentence
  }

  /// Singular in three of five draws.
  private static func drawnNumber(_ stream: inout SeedStream) -> GrammaticalNumber {
    stream.below(5) < 3 ? .singular : .plural
  }

  private mutating func append(_ text: String, _ role: SentenceWord.Role, _ number: GrammaticalNumber? = nil) {
    words.append(SentenceWord(text: text, role: role, number: number))
  }

  private mutating func appendPhrase(_ number: GrammaticalNumber, _ stream: inout SeedStream) {
    if stream.below(2) == 0 {
      append(Lexicon.draw(Lexicon.unmarkedDeterminers, &stream), .determiner)
    } else {
      append(Lexicon.markedDeterminer(number, &stream), .determiner, number)
    }
    if stream.below(4) == 0 { append(Lexicon.draw(Lexicon.adjectives, &stream), .adjective) }
    let noun = Lexicon.nouns[Lexicon.rank(Lexicon.nouns.count, &stream)]
    append(number == .singular ? noun.0 : noun.1, .noun, number)
  }

  private mutating func appendVerb(_ verbs: [String], _ number: GrammaticalNumber, _ stream: inout SeedStream) {
    let stem = Lexicon.draw(verbs, &stream)
    append(number == .singular ? stem + "s" : stem, .verb, number)
  }
}
