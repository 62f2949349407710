// A parser of the town language, written from the rules of its page (seedsweep.docc/Town.md). It shares the lists of words with
// the generator, but neither its forms of words nor its structures.

@testable import Datasets

/// A noun phrase as it was read.
struct ParsedPhrase: Equatable {
  indirect enum Modifier: Equatable {
    case none
    case preposition(String, ParsedPhrase)
    /// A relative clause; the subject, or else the object, is the noun itself.
    case subjectClause(ParsedPredicate)
    case objectClause(ParsedPhrase, ParsedPredicate)
  }

  var determiner: String
  var adjective: String?
  var noun: String
  var isPlural: Bool
  var modifier = Modifier.none

  var nounClass: TownClass { ParsedWords.noun(noun)?.nounClass ?? .person }
  var bare: ParsedPhrase {
    ParsedPhrase(determiner: determiner, adjective: nil, noun: noun, isPlural: isPlural)
  }
}

/// What is said of a subject.
struct ParsedPredicate: Equatable {
  var verb: String
  var isPast: Bool
  var isNegated: Bool
  var hasEver = false
  var object: ParsedPhrase?
  var reflexive: String?
  var adverb: String?
}

/// A main clause, active or passive.
struct ParsedClause: Equatable {
  var subject: ParsedPhrase
  var predicate: ParsedPredicate
  var isPassive = false
}

/// The words of the lexicon by their forms, which are made here by the page's rules.
enum ParsedWords {
  static let nouns: [String: TownNoun] = Dictionary(
    uniqueKeysWithValues: TownLexicon.nouns.values.flatMap(\.elements).map { ($0.singular, $0) })
  static let verbs: [String: (subjects: [TownClass], objects: [TownClass])] = Dictionary(
    uniqueKeysWithValues: TownLexicon.frames.flatMap { frame in
      frame.verbs.elements.map { ($0.base, (frame.subjects, frame.objects)) }
    })
  static let adjectives = Dictionary(uniqueKeysWithValues: TownLexicon.adjectives.map { ($0.text, $0.classes) })

  private static let plurals = Dictionary(uniqueKeysWithValues: nouns.keys.map { (plural($0), $0) })
  private static let presents = Dictionary(uniqueKeysWithValues: verbs.keys.map { (withS($0), $0) })
  private static let pasts = Dictionary(uniqueKeysWithValues: verbs.keys.map { (past($0), $0) })

  static func noun(_ singular: String) -> TownNoun? { nouns[singular] }

  /// The noun of a form, and whether that is the plural.
  static func readNoun(_ word: String) -> (String, isPlural: Bool)? {
    nouns[word] != nil ? (word, false) : plurals[word].map { ($0, true) }
  }

  /// The verb of a form without auxiliary, and whether it is past; a present form only for its number.
  static func readVerb(_ word: String, isPlural: Bool) -> (String, isPast: Bool)? {
    if let verb = pasts[word] { return (verb, true) }
    if isPlural { return verbs[word] != nil ? (word, false) : nil }
    return presents[word].map { ($0, false) }
  }

  static func participle(_ word: String) -> String? { pasts[word] }

  private static func plural(_ noun: String) -> String {
    ["person": "people", "child": "children", "man": "men", "woman": "women"][noun] ?? withS(noun)
  }

  private static func withS(_ word: String) -> String {
    if word.wholeMatch(of: /.*(s|x|z|ch|sh)/) != nil { return word + "es" }
    if word.wholeMatch(of: /.*[^aeiou]y/) != nil { return word.dropLast() + "ies" }
    return word + "s"
  }

  private static func past(_ verb: String) -> String {
    if verb.last == "e" { return verb + "d" }
    return verb.wholeMatch(of: /.*[^aeiou]y/) != nil ? verb.dropLast() + "ied" : verb + "ed"
  }
}

/// Reads a sentence in every way that the grammar allows.
struct TownParser {
  private let words: [String]

  /// Every reading of a sentence.
  static func readings(_ text: String) -> [ParsedClause] {
    let parser = TownParser(words: text.split(separator: " ").map(String.init))
    return parser.active() + parser.passive()
  }

  private func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
  private func isEnd(_ index: Int) -> Bool { index == words.count - 1 && word(index) == "." }

  private func active() -> [ParsedClause] {
    phrases(0, mayBeNegative: true).flatMap { subject, next in
      predicates(of: subject, next, isMain: true).filter { isEnd($0.1) }
        .map { ParsedClause(subject: subject, predicate: $0.0) }
    }
  }

  private func passive() -> [ParsedClause] {
    phrases(0).flatMap { object, next -> [ParsedClause] in
      guard word(next) == (object.isPlural ? "were" : "was") else { return [] }
      let isNegated = word(next + 1) == "not"
      let verbIndex = next + (isNegated ? 2 : 1)
      guard let verb = ParsedWords.participle(word(verbIndex)), let frame = ParsedWords.verbs[verb],
        frame.objects.contains(object.nounClass), word(verbIndex + 1) == "by"
      else { return [] }
      return phrases(verbIndex + 2).flatMap { subject, next -> [ParsedClause] in
        guard frame.subjects.contains(subject.nounClass) else { return [] }
        return adverbs(next).filter { isEnd($0.1) }.map { adverb, _ in
          ParsedClause(
            subject: subject,
            predicate: ParsedPredicate(verb: verb, isPast: true, isNegated: isNegated, object: object, adverb: adverb),
            isPassive: true)
        }
      }
    }
  }

  // MARK: - Phrases

  private func phrases(
    _ start: Int, mayBeNegative: Bool = false, mayBePolar: Bool = false
  ) -> [(ParsedPhrase, Int)] {
    let determiner = word(start)
    var readings: [(ParsedPhrase, Int)] = []
    for (adjective, next) in [(nil, start + 1), (word(start + 1), start + 2)] as [(String?, Int)] {
      guard let (noun, isPlural) = ParsedWords.readNoun(word(next)),
        fits(determiner, isPlural, before: word(start + 1), mayBeNegative: mayBeNegative, mayBePolar: mayBePolar)
      else { continue }
      let phrase = ParsedPhrase(
        determiner: determiner == "an" ? "a" : determiner, adjective: adjective, noun: noun, isPlural: isPlural)
      if let adjective {
        guard let classes = ParsedWords.adjectives[adjective], classes.contains(phrase.nounClass) else { continue }
      }
      readings.append((phrase, next + 1))
      readings += modified(phrase, next + 1)
    }
    return readings
  }

  private func fits(
    _ determiner: String, _ isPlural: Bool, before next: String, mayBeNegative: Bool, mayBePolar: Bool
  ) -> Bool {
    switch determiner {
    case "the", "my", "our", "his", "her": true
    case "a": !isPlural && !"aeiou".contains(next.prefix(1))
    case "an": !isPlural && "aeiou".contains(next.prefix(1))
    case "this", "every", "each": !isPlural
    case "some", "these", "many", "several", "two", "three": isPlural
    case "no": mayBeNegative
    case "any": mayBePolar
    default: false
    }
  }

  private func modified(_ phrase: ParsedPhrase, _ next: Int) -> [(ParsedPhrase, Int)] {
    func with(_ modifier: ParsedPhrase.Modifier) -> ParsedPhrase {
      var whole = phrase
      whole.modifier = modifier
      return whole
    }
    if TownLexicon.prepositions.contains(word(next)) {
      return phrases(next + 1).filter { [.location, .vehicle, .plant, .object].contains($0.0.nounClass) }
        .map { (with(.preposition(word(next), $0.0)), $0.1) }
    }
    guard word(next) == "that" else { return [] }
    var subject = phrase
    subject.determiner = "the"
    let asSubject = predicates(of: subject, next + 1, isMain: false).map { (with(.subjectClause($0.0)), $0.1) }
    let asObject = phrases(next + 1).flatMap { inner, next in
      predicates(of: inner, next, isMain: false, objectIs: phrase).map { (with(.objectClause(inner, $0.0)), $0.1) }
    }
    return asSubject + asObject
  }

  // MARK: - Predicates

  /// What may be said of a subject; `objectIs` is the noun of a relative clause whose object it is.
  private func predicates(
    of subject: ParsedPhrase, _ start: Int, isMain: Bool, objectIs object: ParsedPhrase? = nil
  ) -> [(ParsedPredicate, Int)] {
    var next = start
    let isNegated = word(next + 1) == "not"
    let auxiliary = word(next)
    if isNegated {
      guard auxiliary == "did" || auxiliary == (subject.isPlural ? "do" : "does") else { return [] }
      next += 2
    }
    let isNegative = isNegated || isMain && subject.determiner == "no"
    let hasEver = isMain && isNegative && word(next) == "ever"
    if hasEver { next += 1 }
    let found =
      isNegated ? (word(next), auxiliary == "did") : ParsedWords.readVerb(word(next), isPlural: subject.isPlural)
    guard let (verb, isPast) = found, let frame = ParsedWords.verbs[verb], frame.subjects.contains(subject.nounClass)
    else { return [] }
    let predicate = ParsedPredicate(verb: verb, isPast: isPast, isNegated: isNegated, hasEver: hasEver)
    if let object { return frame.objects.contains(object.nounClass) ? [(predicate, next + 1)] : [] }
    return objects(of: predicate, frame.objects, subject, next + 1, isNegative: isNegative)
      .flatMap { predicate, next -> [(ParsedPredicate, Int)] in
        guard isMain else { return [(predicate, next)] }
        return adverbs(next).map { adverb, next in
          var whole = predicate
          whole.adverb = adverb
          return (whole, next)
        }
      }
  }

  private func objects(
    of predicate: ParsedPredicate, _ classes: [TownClass], _ subject: ParsedPhrase, _ next: Int, isNegative: Bool
  ) -> [(ParsedPredicate, Int)] {
    if classes.isEmpty { return [(predicate, next)] }
    var whole = predicate
    if reflexives(of: subject).contains(word(next)), classes.contains(subject.nounClass) {
      whole.reflexive = word(next)
      return [(whole, next + 1)]
    }
    return phrases(next, mayBePolar: isNegative).filter { classes.contains($0.0.nounClass) }.map { object, next in
      whole.object = object
      return (whole, next)
    }
  }

  private func reflexives(of phrase: ParsedPhrase) -> [String] {
    if phrase.isPlural { return ["themselves"] }
    return switch ParsedWords.noun(phrase.noun)?.gender {
    case .masculine: ["himself"]
    case .feminine: ["herself"]
    case .either: ["himself", "herself"]
    default: ["itself"]
    }
  }

  private func adverbs(_ next: Int) -> [(String?, Int)] {
    TownLexicon.adverbs.contains(word(next)) ? [(nil, next), (word(next), next + 1)] : [(nil, next)]
  }
}
