// How acceptable sentences of the town language are drawn: the frequencies of its structures. Words are drawn by `RankedList`.

import SeedStreams

/// What a drawn main clause must have; the default asks for nothing.
struct TownWish {
  /// Whether its object is a reflexive.
  var isReflexive = false
  /// Whether its subject has a modifier; nil for either.
  var isModified: Bool?
  /// Whether the verb's form shows a number.
  var isPresent = false
  /// Whether it is negated and has "any" or "ever".
  var isPolar = false
  /// Whether its verb has an object; nil for either.
  var isTransitive: Bool?
}

/// Draws acceptable clauses from a stream.
struct TownDrawing {
  var stream: SeedStream
  /// How deep relative clauses and prepositions may be nested.
  static let deepest = 2

  init(_ stream: SeedStream) { self.stream = stream }

  mutating func chance(_ probability: Double) -> Bool { stream.uniform() < probability }

  /// Singular in three of five draws.
  mutating func number() -> GrammaticalNumber { chance(0.6) ? .singular : .plural }

  /// A main clause, active.
  mutating func clause(_ wish: TownWish = TownWish()) -> TownClause {
    if wish.isReflexive {
      let frames = TownLexicon.reflexiveFrames
      return clause(of: frames[stream.below(frames.count)], wish)
    }
    let nounClass = chance(0.75) ? .person : TownClass.allCases[stream.below(TownClass.allCases.count)]
    return clause(of: frame(ofSubject: nounClass, isTransitive: wish.isTransitive), wish)
  }

  private mutating func clause(of frame: TownFrame, _ wish: TownWish) -> TownClause {
    let subject = subject(frame, modified: wish.isModified.map { $0 ? 1 : 0 } ?? 0.45, isPlain: wish.isPolar)
    return clause(of: frame, subject: subject, wish)
  }

  /// Transitive in two of three draws, where there are such verbs.
  private mutating func frame(ofSubject nounClass: TownClass, isTransitive: Bool? = nil) -> TownFrame {
    let transitive = TownLexicon.transitivesOfSubject[nounClass]
    let intransitive = TownLexicon.intransitivesOfSubject[nounClass]
    let isTransitive = isTransitive ?? chance(2 / 3.0)
    let lists = isTransitive ? [transitive, intransitive] : [intransitive, transitive]
    guard let list = lists.lazy.compactMap(\.self).first(where: { !$0.isEmpty }) else {
      preconditionFailure("every class is the subject of a verb")
    }
    return TownLexicon.frames[list.elements[stream.below(list.elements.count)]]
  }

  /// A subject that a frame's verbs may have; a plain one has no determiner "no".
  private mutating func subject(_ frame: TownFrame, modified: Double, isPlain: Bool) -> TownPhrase {
    var subject = phrase(frame.subjects[stream.below(frame.subjects.count)], depth: 0, modified: modified)
    if chance(0.08), !isPlain { subject.determiner = .negative }
    return subject
  }

  /// A clause about a subject.
  mutating func clause(of frame: TownFrame, subject: TownPhrase, _ wish: TownWish = TownWish()) -> TownClause {
    var clause = TownClause(subject: subject, number: subject.number, verb: frame.verbs.draw(&stream))
    clause.isPast = chance(0.5) && !wish.isPresent
    let isNegated = chance(wish.isPolar ? 1 : 0.25)
    clause.isNegated = isNegated && subject.determiner.force != TownDeterminer.Force.none
    addObject(&clause, depth: 0, reflexive: wish.isReflexive ? 1 : 0.2)
    addAdverbs(&clause)
    if wish.isPolar, clause.objectPhrase?.determiner != .polar { clause.hasEver = true }
    return clause
  }

  private mutating func addObject(_ clause: inout TownClause, depth: Int, reflexive: Double = 0.2) {
    let frame = clause.frame
    guard frame.isTransitive else { return }
    if let subject = clause.subject, frame.objects.contains(subject.noun.nounClass), chance(reflexive) {
      clause.object = .reflexive(subject.reflexives[stream.below(subject.reflexives.count)])
      return
    }
    let nounClass = frame.objects[stream.below(frame.objects.count)]
    var object = phrase(nounClass, depth: depth + 1, modified: 0.25)
    if clause.isNegative, chance(0.5) { object.determiner = .polar }
    clause.object = .phrase(object)
  }

  private mutating func addAdverbs(_ clause: inout TownClause) {
    if chance(0.25) { clause.adverb = TownLexicon.rankedAdverbs.draw(&stream) }
    if clause.isNegative, chance(0.25) { clause.hasEver = true }
  }

  // MARK: - Phrases

  /// A noun phrase of a class. What modifies it lies one deeper than it does.
  mutating func phrase(_ nounClass: TownClass, depth: Int, modified: Double) -> TownPhrase {
    let number = number()
    guard let nouns = TownLexicon.nouns[nounClass], let adjectives = TownLexicon.adjectivesOfClass[nounClass] else {
      preconditionFailure("every class has nouns and adjectives")
    }
    var phrase = TownPhrase(determiner: determiner(number), noun: nouns.draw(&stream), number: number)
    if chance(0.3) { phrase.adjective = adjectives.draw(&stream) }
    if depth < Self.deepest, chance(modified) { phrase.modifier = modifier(of: phrase, depth: depth) }
    return phrase
  }

  /// One that goes with either number in half of the draws.
  mutating func determiner(_ number: GrammaticalNumber) -> TownDeterminer {
    if chance(0.5) { return TownDeterminer(TownLexicon.rankedUnmarked.draw(&stream)) }
    return markedDeterminer(number)
  }

  /// One that goes with a number only.
  mutating func markedDeterminer(_ number: GrammaticalNumber) -> TownDeterminer {
    let text = (number == .singular ? TownLexicon.rankedSingular : TownLexicon.rankedPlural).draw(&stream)
    return TownDeterminer(text, ["every", "each"].contains(text) ? .all : .plain, number)
  }

  mutating func modifier(of phrase: TownPhrase, depth: Int) -> TownPhrase.Modifier {
    switch stream.below(10) {
    case 0..<4: return preposition(depth: depth)
    case 4..<7: return .subjectClause(subjectClause(about: phrase, depth: depth))
    default:
      return objectClause(about: phrase, depth: depth).map(TownPhrase.Modifier.objectClause)
        ?? preposition(depth: depth)
    }
  }

  mutating func preposition(depth: Int) -> TownPhrase.Modifier {
    let spot = TownClass.spots[stream.below(TownClass.spots.count)]
    return .preposition(TownLexicon.rankedPrepositions.draw(&stream), phrase(spot, depth: depth + 1, modified: 0.25))
  }

  /// A relative clause whose subject is the phrase's noun.
  mutating func subjectClause(about phrase: TownPhrase, depth: Int) -> TownClause {
    let frame = frame(ofSubject: phrase.noun.nounClass)
    var clause = TownClause(subject: phrase, number: phrase.number, verb: frame.verbs.draw(&stream))
    clause.isPast = chance(0.5)
    clause.isNegated = chance(0.15)
    // What "no" says of the noun is not said of its relative clause.
    clause.subject?.determiner = .definite
    addObject(&clause, depth: depth)
    clause.subject = nil
    return clause
  }

  /// A relative clause whose object is the phrase's noun; nil where no verb has such objects.
  mutating func objectClause(about phrase: TownPhrase, depth: Int) -> TownClause? {
    guard let list = TownLexicon.framesOfObject[phrase.noun.nounClass], !list.isEmpty else { return nil }
    let frame = TownLexicon.frames[list.elements[stream.below(list.elements.count)]]
    let nounClass = frame.subjects[stream.below(frame.subjects.count)]
    let subject = self.phrase(nounClass, depth: depth + 1, modified: 0.25)
    var clause = TownClause(subject: subject, number: subject.number, verb: frame.verbs.draw(&stream))
    clause.isPast = chance(0.5)
    clause.isNegated = chance(0.1)
    return clause
  }
}

extension TownLexicon {
  /// The frames whose objects may be what their subjects are.
  static let reflexiveFrames = frames.filter { frame in frame.subjects.allSatisfy(frame.objects.contains) }
  static let rankedUnmarked = RankedList(unmarkedDeterminers)
  static let rankedSingular = RankedList(singularDeterminers)
  static let rankedPlural = RankedList(pluralDeterminers)
  static let rankedPrepositions = RankedList(prepositions)
  static let rankedAdverbs = RankedList(adverbs)
}
