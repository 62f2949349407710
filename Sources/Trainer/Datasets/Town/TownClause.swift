// The structure of a sentence of the town language, and its words. A structure may be one that the grammar forbids: what is
// allowed, `TownDrawing` and `TownViolation` know.
//
//   sentence = subject(n) predicate(n) "."             of an active clause
//   phrase   = determiner [ adjective ] noun [ preposition phrase | "that" predicate | "that" phrase verb ]
//   predicate = [ auxiliary "not" ] [ "ever" ] verb [ phrase | reflexive ] [ adverb ]

/// The determiner of a noun phrase.
struct TownDeterminer: Hashable {
  /// What it does to what is said of its noun.
  enum Force {
    /// Something is said of some or certain ones.
    case plain
    /// Of all: "every", "each".
    case all
    /// Of none: "no".
    case none
    /// "any" of a negative clause.
    case polar
  }

  let text: String
  let force: Force
  /// The number that it goes with; nil for both.
  let number: GrammaticalNumber?

  init(_ text: String, _ force: Force = .plain, _ number: GrammaticalNumber? = nil) {
    self.text = text
    self.force = force
    self.number = number
  }

  static let definite = TownDeterminer("the")
  static let negative = TownDeterminer(TownLexicon.negativeDeterminer, .none)
  static let polar = TownDeterminer(TownLexicon.polarDeterminer, .polar)
}

/// A noun phrase.
struct TownPhrase: Hashable {
  /// What follows the noun.
  indirect enum Modifier: Hashable {
    case none
    case preposition(String, TownPhrase)
    /// A relative clause whose subject the noun is; the clause has no subject.
    case subjectClause(TownClause)
    /// A relative clause whose object the noun is; the clause has no object.
    case objectClause(TownClause)
  }

  var determiner: TownDeterminer
  var adjective: TownAdjective?
  var noun: TownNoun
  var number: GrammaticalNumber
  var modifier = Modifier.none

  /// The nouns behind the phrase's own, in their order.
  var innerPhrases: [TownPhrase] {
    switch modifier {
    case .none: []
    case .preposition(_, let phrase): [phrase] + phrase.innerPhrases
    case .subjectClause(let clause), .objectClause(let clause): clause.phrases.flatMap { [$0] + $0.innerPhrases }
    }
  }

  /// The reflexives that refer to it.
  var reflexives: [String] {
    if number == .plural { return ["themselves"] }
    return switch noun.gender {
    case .masculine: ["himself"]
    case .feminine: ["herself"]
    case .either: ["himself", "herself"]
    case .thing: ["itself"]
    }
  }

  /// The same without adjective and modifier.
  var bare: TownPhrase {
    var phrase = self
    (phrase.adjective, phrase.modifier) = (nil, .none)
    return phrase
  }

  func with(_ determiner: TownDeterminer) -> TownPhrase {
    var phrase = self
    phrase.determiner = determiner
    return phrase
  }
}

/// A clause.
struct TownClause: Hashable {
  enum Object: Hashable {
    /// Of an intransitive verb, or of a relative clause whose object its noun is.
    case none
    case phrase(TownPhrase)
    case reflexive(String)
  }

  /// Nil in a relative clause whose subject its noun is.
  var subject: TownPhrase?
  /// The number of the verb's form, which is that of its subject.
  var number: GrammaticalNumber
  var verb: TownVerb
  var isPast = true
  /// Whether an auxiliary and "not" stand before the verb.
  var isNegated = false
  /// Whether "ever" does.
  var hasEver = false
  var object = Object.none
  var adverb: String?
  /// Whether the object comes first: "the cake was baked by the cook".
  var isPassive = false

  /// Whether something in it makes "any" and "ever" possible.
  var isNegative: Bool { isNegated || subject?.determiner.force == TownDeterminer.Force.none }

  var frame: TownFrame { TownLexicon.frames[verb.frame] }

  /// Its subject and its object, where they are phrases.
  var phrases: [TownPhrase] { [subject, objectPhrase].compactMap(\.self) }

  var objectPhrase: TownPhrase? {
    get { if case .phrase(let phrase) = object { phrase } else { nil } }
    set { object = newValue.map(Object.phrase) ?? .none }
  }

  /// The words of the clause as a sentence.
  var text: String { words.joined(separator: " ") }

  /// The words with the stop.
  var words: [String] {
    var writer = TownWriter()
    writer.write(self)
    writer.words.append(TownLexicon.stop)
    return writer.words
  }
}

/// Writes structures as words.
struct TownWriter {
  var words: [String] = []
  /// The indices of determiners.
  private(set) var determiners: [Int] = []
  /// The index of the first word of the main clause's predicate.
  private(set) var predicate = 0

  mutating func write(_ clause: TownClause) {
    if clause.isPassive, let subject = clause.subject, let object = clause.objectPhrase {
      write(object)
      words.append(object.number == .singular ? "was" : "were")
      if clause.isNegated { words.append("not") }
      words += [clause.verb.past, "by"]
      write(subject)
      words += clause.adverb.map { [$0] } ?? []
      return
    }
    if let subject = clause.subject { write(subject) }
    predicate = words.count
    writePredicate(clause)
  }

  private mutating func writePredicate(_ clause: TownClause) {
    let isSingular = clause.number == .singular
    if clause.isNegated { words += [clause.isPast ? "did" : isSingular ? "does" : "do", "not"] }
    if clause.hasEver { words.append(TownLexicon.polarAdverb) }
    let verb = clause.verb
    words.append(clause.isNegated ? verb.base : clause.isPast ? verb.past : isSingular ? verb.present : verb.base)
    switch clause.object {
    case .none: break
    case .phrase(let phrase): write(phrase)
    case .reflexive(let word): words.append(word)
    }
    if let adverb = clause.adverb { words.append(adverb) }
  }

  private mutating func write(_ phrase: TownPhrase) {
    determiners.append(words.count)
    words.append(phrase.determiner.text)
    if let adjective = phrase.adjective { words.append(adjective.text) }
    words.append(phrase.noun.form(phrase.number))
    if words[determiners.last ?? 0] == "a", let next = words[(determiners.last ?? 0) + 1].first, "aeiou".contains(next)
    {
      words[determiners.last ?? 0] = "an"
    }
    switch phrase.modifier {
    case .none: break
    case .preposition(let preposition, let inner):
      words.append(preposition)
      write(inner)
    case .subjectClause(let clause):
      words.append(TownLexicon.complementizer)
      writePredicate(clause)
    case .objectClause(let clause):
      words.append(TownLexicon.complementizer)
      if let subject = clause.subject { write(subject) }
      writePredicate(clause)
    }
  }
}
