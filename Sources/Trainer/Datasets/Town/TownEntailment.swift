// Pairs of sentences of the town language of which the first says the second, or does not. Each kind of contrast makes both,
// from premises that look alike.
//
// What a sentence says, by rule: it stays true when an adjective, a modifier or an adverb goes or when a noun becomes that of its
// class; behind "every", "each" and "no" and in an "any" it is the other way round. A relative clause whose noun a plain
// determiner has is said, too.

import SeedStreams
import Tasks

/// One way in which a sentence may follow from another or not.
enum TownContrast: CaseIterable {
  /// Who does it to whom.
  case roles
  /// Another noun of the class.
  case noun
  /// Another verb of the frame.
  case verb
  /// An adjective that goes or comes.
  case adjective
  /// A noun that becomes that of its class, or the other way round.
  case className
  /// An adverb that goes or comes.
  case adverb
  /// A negation that stays or does not.
  case polarity
  /// An adjective behind "every", "each" and "no" and in an "any".
  case scopedAdjective
  /// The noun of a class there.
  case scopedClassName
  /// Whether the subject does it or a noun behind the subject's.
  case attachment
  /// What a relative clause says.
  case relativeClause

  static func weights(_ difficulty: TaskDifficulty) -> [(TownContrast, Int)] {
    let order: [(TownContrast, Int)] = [(.roles, 2), (.noun, 2), (.verb, 2)]
    let local: [(TownContrast, Int)] = [(.adjective, 2), (.className, 2), (.adverb, 2), (.polarity, 2)]
    let distant: [(TownContrast, Int)] = [
      (.scopedAdjective, 3), (.scopedClassName, 3), (.attachment, 4), (.relativeClause, 4),
    ]
    return switch difficulty {
    case .order: order
    case .local: order + local
    case .distant: order + local + distant
    case .diagnostic: distant
    }
  }

  /// A premise and a hypothesis that follows from it or does not.
  func pair(follows: Bool, _ drawing: inout TownDrawing) -> (premise: TownClause, hypothesis: TownClause) {
    while true {
      guard let pair = attempt(follows, &drawing) else { continue }
      // A relative clause with the same verb might say what the premise shall not.
      let said = pair.0.subject?.saidClause?.verb
      guard said != pair.0.verb, self == .relativeClause || said != pair.1.verb else { continue }
      if follows || !mightFollow(pair.1, from: pair.0) { return pair }
    }
  }

  /// Whether a hypothesis that is not to follow might do so, because another relative clause of the premise has its verb, or because
  /// the two nouns that it takes for each other mean the same.
  private func mightFollow(_ hypothesis: TownClause, from premise: TownClause) -> Bool {
    let sayings = premise.relativeClauses.count { $0.verb.means(hypothesis.verb) }
    if sayings > (self == .relativeClause ? 1 : 0) { return true }
    switch self {
    case .roles, .relativeClause: return hypothesis.isBetweenNounsOfOneMeaning
    case .attachment:
      return [hypothesis.subject, premise.subject].compactMap(\.self).areOfOneMeaning
    case .noun, .verb, .adjective, .className, .adverb, .polarity, .scopedAdjective, .scopedClassName: return false
    }
  }

  private func attempt(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause)? {
    switch self {
    case .roles: swapped(follows, &drawing)
    case .noun, .verb: replaced(follows, &drawing)
    case .adjective: adjectives(follows, &drawing)
    case .className: classNames(follows, &drawing)
    case .adverb: adverbs(follows, &drawing)
    case .polarity: polarities(follows, &drawing)
    case .scopedAdjective, .scopedClassName: scoped(follows, &drawing)
    case .attachment: attached(follows, &drawing)
    case .relativeClause: saidByRelativeClause(follows, &drawing)
    }
  }

  private func swapped(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause)? {
    let premise = drawing.assertion(TownWish(isTransitive: true))
    guard let other = premise.withRolesSwapped else { return nil }
    return (premise, drawing.simplified(follows ? premise : other))
  }

  /// A clause and the same, or one with another verb or noun.
  private func replaced(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause) {
    let premise = drawing.assertion()
    var hypothesis = drawing.simplified(premise)
    if !follows {
      if self == .verb { drawing.replaceVerb(&hypothesis) } else { drawing.replaceNoun(&hypothesis) }
    }
    return (premise, hypothesis)
  }

  /// A clause with an adjective and one without: the second follows from the first.
  private func adjectives(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause) {
    var premise = drawing.assertion()
    let isSubject = premise.objectPhrase == nil || drawing.chance(0.5)
    premise[phraseOfSubject: isSubject].adjective = nil
    var hypothesis = drawing.simplified(premise)
    if follows {
      drawing.addAdjective(&premise[phraseOfSubject: isSubject])
    } else {
      drawing.addAdjective(&hypothesis[phraseOfSubject: isSubject])
    }
    return (premise, hypothesis)
  }

  private func adverbs(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause) {
    var longer = drawing.assertion()
    longer.adverb = TownLexicon.rankedAdverbs.draw(&drawing.stream)
    var shorter = longer
    shorter.adverb = nil
    return follows ? (longer, drawing.simplified(shorter)) : (shorter, drawing.simplified(longer, keepsAdverb: true))
  }

  private func polarities(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause)? {
    var premise = drawing.assertion()
    premise.isNegated = drawing.chance(0.5)
    var hypothesis = premise
    if premise.isNegated {
      hypothesis.subject = hypothesis.subject?.bare
    } else {
      hypothesis = drawing.simplified(premise)
    }
    if !follows { hypothesis.isNegated.toggle() }
    return premise == hypothesis ? nil : (premise, hypothesis)
  }

  private func attached(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause)? {
    let premise = drawing.assertion(TownWish(isModified: true))
    guard let subject = premise.subject, let inner = subject.innerPhrases.first,
      premise.frame.subjects.contains(inner.noun.nounClass), inner.noun != subject.noun,
      inner.noun != TownLexicon.classNames[subject.noun.nounClass], premise.takesAnySubject
    else { return nil }
    var hypothesis = premise
    hypothesis.subject = follows ? subject.bare : inner.bare.plain
    hypothesis.number = hypothesis.subject?.number ?? hypothesis.number
    return (premise, drawing.simplified(hypothesis))
  }

  private func saidByRelativeClause(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause)? {
    let premise = drawing.assertion(TownWish(isModified: true))
    guard let said = premise.subject?.saidClause, !said.isNegated, let other = said.withRolesSwapped,
      said.phrases.allSatisfy({ $0.determiner.force == .plain })
    else { return nil }
    return (premise, drawing.simplified(follows ? said : other))
  }

  private func classNames(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause)? {
    var premise = drawing.assertion()
    guard premise.takesAnySubject else { return nil }
    let isSubject = premise.objectPhrase == nil || drawing.chance(0.5)
    let noun = premise[phraseOfSubject: isSubject].noun
    guard let name = TownLexicon.classNames[noun.nounClass], noun != name else { return nil }
    var hypothesis = drawing.simplified(premise)
    if follows {
      hypothesis[phraseOfSubject: isSubject].noun = name
    } else {
      premise[phraseOfSubject: isSubject].noun = name
    }
    return (premise, hypothesis)
  }

  /// A clause about all or none, or an "any" in a negative one: more about the noun says less.
  private func scoped(_ follows: Bool, _ drawing: inout TownDrawing) -> (TownClause, TownClause)? {
    var general = drawing.assertion()
    guard general.takesAnySubject else { return nil }
    let isSubject = general.objectPhrase == nil || drawing.chance(0.6)
    var phrase = general[phraseOfSubject: isSubject].bare
    if isSubject {
      phrase.determiner = drawing.chance(0.5) || phrase.number == .plural ? .negative : drawing.universal()
    } else {
      general.isNegated = true
      phrase.determiner = .polar
    }
    var special = phrase
    if self == .scopedAdjective {
      drawing.addAdjective(&special)
    } else {
      guard let name = TownLexicon.classNames[phrase.noun.nounClass], phrase.noun != name else { return nil }
      phrase.noun = name
    }
    var specific = general
    general[phraseOfSubject: isSubject] = phrase
    specific[phraseOfSubject: isSubject] = special
    return follows ? (general, specific) : (specific, general)
  }
}

// MARK: - Changes of clauses

extension TownClause {
  /// The phrase of the subject, or of the object, which must be there.
  subscript(phraseOfSubject isSubject: Bool) -> TownPhrase {
    get {
      guard let phrase = isSubject ? subject : objectPhrase else { preconditionFailure("the clause lacks the phrase") }
      return phrase
    }
    set { if isSubject { subject = newValue } else { objectPhrase = newValue } }
  }

  /// The relative clauses of all its phrases.
  var relativeClauses: [TownClause] {
    phrases.flatMap { [$0] + $0.innerPhrases }.compactMap(\.relativeClause)
  }

  /// Whether its subject and its object mean the same, so that it says the same with both exchanged.
  var isBetweenNounsOfOneMeaning: Bool { phrases.count == 2 && phrases.areOfOneMeaning }

  /// Whether any other subject may do it: its object is no reflexive.
  var takesAnySubject: Bool {
    if case .reflexive = object { false } else { true }
  }

  /// The same with subject and object exchanged; nil where the verb does not take them so, or both are one noun.
  var withRolesSwapped: TownClause? {
    guard let subject, let object = objectPhrase, frame.objects.contains(subject.noun.nounClass),
      frame.subjects.contains(object.noun.nounClass), subject.noun != object.noun
    else { return nil }
    var clause = self
    clause.subject = object
    clause.number = object.number
    clause.object = .phrase(subject)
    return clause
  }
}

extension [TownPhrase] {
  /// Whether the nouns of all of them mean the same.
  fileprivate var areOfOneMeaning: Bool { allSatisfy { $0.noun.means(self[0].noun) } }
}

extension TownPhrase {
  /// The relative clause behind the noun, which lacks what the noun is; nil where there is none.
  fileprivate var relativeClause: TownClause? {
    switch modifier {
    case .none, .preposition: nil
    case .subjectClause(let clause), .objectClause(let clause): clause
    }
  }

  /// The same with a plain determiner.
  var plain: TownPhrase { determiner.force == .plain ? self : with(.definite) }

  /// What the relative clause behind the noun says of it; nil where there is none.
  var saidClause: TownClause? {
    switch modifier {
    case .none, .preposition: return nil
    case .subjectClause(var clause):
      clause.subject = bare
      return clause
    case .objectClause(var clause):
      clause.object = .phrase(bare)
      return clause
    }
  }
}

extension TownDrawing {
  /// A clause that says something, with plain determiners.
  mutating func assertion(_ wish: TownWish = TownWish()) -> TownClause {
    var clause = clause(wish)
    clause.isNegated = false
    clause.hasEver = false
    clause.subject = clause.subject?.plain
    clause.objectPhrase.map { clause.objectPhrase = $0.plain } ?? ()
    return clause
  }

  /// The same without most of what its phrases have around their nouns.
  mutating func simplified(_ clause: TownClause, keepsAdverb: Bool = false) -> TownClause {
    var clause = clause
    if let subject = clause.subject, chance(0.9) { clause.subject = subject.bare }
    if let object = clause.objectPhrase, chance(0.8) { clause.objectPhrase = object.bare }
    if !keepsAdverb, chance(0.7) { clause.adverb = nil }
    return clause
  }

  mutating func addAdjective(_ phrase: inout TownPhrase) {
    phrase.adjective = TownLexicon.adjectivesOfClass[phrase.noun.nounClass]?.draw(&stream)
  }

  mutating func universal() -> TownDeterminer { TownDeterminer(chance(0.5) ? "every" : "each", .all, .singular) }

  /// Another verb of the frame that means something else.
  mutating func replaceVerb(_ clause: inout TownClause) {
    let verb = clause.verb
    let other = clause.frame.verbs.draw(&stream) { $0 != verb && $0.base != TownLexicon.verbSynonyms[verb.base] }
    clause.verb = other ?? verb
  }

  /// Another noun of the class, for the subject or the object, that means something else and does not name the class.
  mutating func replaceNoun(_ clause: inout TownClause) {
    let isSubject = clause.objectPhrase == nil || (clause.takesAnySubject && chance(0.5))
    let noun = clause[phraseOfSubject: isSubject].noun
    let other = TownLexicon.nouns[noun.nounClass]?.draw(&stream) {
      $0 != noun && $0.singular != TownLexicon.nounSynonyms[noun.singular] && $0.singular != noun.nounClass.word
        && $0.gender == noun.gender
    }
    clause[phraseOfSubject: isSubject].noun = other ?? noun
  }
}
