// The ways a sentence of the town language becomes unacceptable, by difficulty. Each breaks one rule, and a sentence that it
// could be done to looks like one that it was done to but for that rule.

import SeedStreams
import Tasks

/// One way to make a sentence unacceptable.
enum TownViolation: CaseIterable {
  /// A determiner is missing.
  case missingDeterminer
  /// A determiner stands behind the word that it should precede.
  case lateDeterminer
  /// The predicate's first word comes first.
  case predicateFirst
  /// A determiner of the wrong number.
  case determinerNumber
  /// A verb of the wrong number right behind its subject's noun.
  case verbNumber
  /// A reflexive of the wrong number or gender, in a clause whose subject has no modifier.
  case reflexive
  /// "any" or "ever" without a negation.
  case polarity
  /// A transitive verb without its object, or an intransitive one with an object.
  case transitivity
  /// An object of a class that the verb does not take.
  case objectClass
  /// A subject of a class that the verb does not take, right before it.
  case subjectClass
  /// An adjective that does not go with its noun.
  case adjectiveClass
  /// A verb agrees with a noun between its subject's and itself.
  case attractedVerb
  /// A reflexive agrees with a noun between its subject's and itself.
  case attractedReflexive
  /// "any" or "ever" whose negation is that of a relative clause.
  case misplacedNegation
  /// A verb that takes a noun between its subject's and itself, and not its subject's.
  case attractedClass

  private static let order: [(TownViolation, Int)] = [
    (.missingDeterminer, 2), (.lateDeterminer, 1), (.predicateFirst, 1),
  ]
  private static let local: [(TownViolation, Int)] = [
    (.determinerNumber, 2), (.verbNumber, 2), (.reflexive, 2), (.polarity, 2), (.transitivity, 2), (.objectClass, 2),
    (.subjectClass, 2), (.adjectiveClass, 2),
  ]
  private static let distant: [(TownViolation, Int)] = [
    (.attractedVerb, 5), (.attractedReflexive, 5), (.misplacedNegation, 5), (.attractedClass, 5),
  ]

  /// The kinds of a difficulty with their weights.
  static func weights(_ difficulty: TaskDifficulty) -> [(TownViolation, Int)] {
    switch difficulty {
    case .order: order
    case .local: order + local
    case .distant: order + local + distant
    case .diagnostic: distant
    }
  }

  /// What a clause must have so that this may be done to it.
  var wish: TownWish {
    switch self {
    case .missingDeterminer, .lateDeterminer, .predicateFirst, .determinerNumber, .adjectiveClass: TownWish()
    case .verbNumber: TownWish(isModified: false, isPresent: true)
    case .reflexive: TownWish(isReflexive: true, isModified: false)
    case .polarity: TownWish(isModified: false, isPolar: true)
    case .transitivity: TownWish()
    case .objectClass: TownWish(isTransitive: true)
    case .subjectClass: TownWish(isModified: false)
    case .attractedVerb: TownWish(isModified: true, isPresent: true)
    case .attractedReflexive: TownWish(isReflexive: true, isModified: true)
    case .misplacedNegation: TownWish(isModified: true, isPolar: true)
    case .attractedClass: TownWish(isModified: true, isTransitive: false)
    }
  }

  /// An acceptable clause to which this may be done.
  func clause(_ drawing: inout TownDrawing) -> TownClause {
    while true {
      let clause = drawing.clause(wish)
      if applies(to: clause) { return clause }
    }
  }

  private func applies(to clause: TownClause) -> Bool {
    guard let subject = clause.subject else { return false }
    let object = clause.objectPhrase
    switch self {
    case .missingDeterminer, .lateDeterminer, .predicateFirst: return true
    case .determinerNumber: return clause.phrases.contains { $0.determiner.number != nil }
    case .verbNumber, .polarity: return true
    case .reflexive: return object == nil
    case .transitivity: return object.map { $0.modifier == .none } ?? (clause.object == .none)
    case .objectClass: return object.map { $0.adjective == nil && $0.modifier == .none } ?? false
    case .subjectClass: return subject.adjective == nil && (clause.object == .none || object != nil)
    case .adjectiveClass: return clause.phrases.contains { $0.adjective != nil }
    case .attractedVerb: return subject.innerPhrases.contains { $0.number != subject.number }
    case .attractedReflexive: return !attractingReflexives(subject).isEmpty
    case .misplacedNegation: return Self.hasPlainClause(subject)
    case .attractedClass: return !attractingFrames(clause).isEmpty
    }
  }

  /// Whether a relative clause follows the noun that is not negated and has no negation within.
  private static func hasPlainClause(_ phrase: TownPhrase) -> Bool {
    switch phrase.modifier {
    case .none, .preposition: false
    case .subjectClause(let clause), .objectClause(let clause): !clause.words.contains("not")
    }
  }

  /// The reflexives of nouns behind a phrase's own that do not refer to it.
  private func attractingReflexives(_ phrase: TownPhrase) -> [String] {
    phrase.innerPhrases.flatMap(\.reflexives).filter { !phrase.reflexives.contains($0) }
  }

  /// The intransitive frames of nouns behind the subject's own that do not take the subject, where the verb takes the subject and
  /// not that noun.
  private func attractingFrames(_ clause: TownClause) -> [Int] {
    guard let subject = clause.subject, !clause.frame.isTransitive else { return [] }
    let classes = subject.innerPhrases.map(\.noun.nounClass).filter { !clause.frame.subjects.contains($0) }
    return classes.flatMap { TownLexicon.intransitivesOfSubject[$0]?.elements ?? [] }
      .filter { !TownLexicon.frames[$0].subjects.contains(subject.noun.nounClass) }
  }

  // MARK: - Doing it

  /// The words of a clause to which this was done.
  func words(of clause: TownClause, _ drawing: inout TownDrawing) -> [String] {
    switch self {
    case .missingDeterminer, .lateDeterminer, .predicateFirst: return reordered(clause, &drawing)
    default:
      var clause = clause
      change(&clause, &drawing)
      return clause.words
    }
  }

  private func reordered(_ clause: TownClause, _ drawing: inout TownDrawing) -> [String] {
    var writer = TownWriter()
    writer.write(clause)
    let determiner = writer.determiners[drawing.stream.below(writer.determiners.count)]
    switch self {
    case .missingDeterminer: writer.words.remove(at: determiner)
    case .lateDeterminer: writer.words.swapAt(determiner, determiner + 1)
    default: writer.words.insert(writer.words.remove(at: writer.predicate), at: 0)
    }
    return writer.words + [TownLexicon.stop]
  }

  private func change(_ clause: inout TownClause, _ drawing: inout TownDrawing) {
    switch self {
    case .missingDeterminer, .lateDeterminer, .predicateFirst: break
    case .determinerNumber:
      clause.changePhrase(where: { $0.determiner.number != nil }, &drawing) { phrase, drawing in
        phrase.determiner = drawing.markedDeterminer(phrase.number.other)
      }
    case .verbNumber, .attractedVerb: clause.number = clause.number.other
    case .reflexive:
      let wrong = TownLexicon.reflexives.filter { !(clause.subject?.reflexives.contains($0) ?? false) }
      clause.object = .reflexive(wrong[drawing.stream.below(wrong.count)])
    case .attractedReflexive:
      let wrong = clause.subject.map(attractingReflexives) ?? []
      clause.object = .reflexive(wrong[drawing.stream.below(wrong.count)])
    case .polarity: clause.isNegated = false
    case .misplacedNegation:
      clause.isNegated = false
      clause.subject?.negateClause()
    case .transitivity: clause.object = clause.object == .none ? .phrase(drawing.barePhrase()) : .none
    case .objectClass:
      let noun = drawing.noun(notOf: clause.frame.objects)
      clause.objectPhrase?.noun = noun
    case .subjectClass:
      let noun = drawing.noun(notOf: clause.frame.subjects)
      clause.subject?.noun = noun
    case .adjectiveClass:
      clause.changePhrase(where: { $0.adjective != nil }, &drawing) { phrase, drawing in
        let wrong = TownLexicon.adjectives.filter { !$0.classes.contains(phrase.noun.nounClass) }
        phrase.adjective = wrong[drawing.stream.below(wrong.count)]
      }
    case .attractedClass:
      let frames = attractingFrames(clause)
      clause.verb = TownLexicon.frames[frames[drawing.stream.below(frames.count)]].verbs.draw(&drawing.stream)
    }
  }
}

extension TownClause {
  /// Changes its subject or its object, whichever suits.
  fileprivate mutating func changePhrase(
    where suits: (TownPhrase) -> Bool, _ drawing: inout TownDrawing,
    _ change: (inout TownPhrase, inout TownDrawing) -> Void
  ) {
    let choices = [subject.map(suits) ?? false, objectPhrase.map(suits) ?? false]
    let isSubject = choices[0] && (!choices[1] || drawing.chance(0.5))
    guard var phrase = isSubject ? subject : objectPhrase else { return }
    change(&phrase, &drawing)
    if isSubject { subject = phrase } else { objectPhrase = phrase }
  }
}

extension TownPhrase {
  /// Negates the relative clause that follows the noun.
  fileprivate mutating func negateClause() {
    switch modifier {
    case .none, .preposition: break
    case .subjectClause(var clause):
      clause.isNegated = true
      modifier = .subjectClause(clause)
    case .objectClause(var clause):
      clause.isNegated = true
      modifier = .objectClause(clause)
    }
  }
}

extension TownDrawing {
  /// A noun phrase of any class without a modifier.
  fileprivate mutating func barePhrase() -> TownPhrase {
    phrase(TownClass.allCases[stream.below(TownClass.allCases.count)], depth: Self.deepest, modified: 0)
  }

  /// A noun of none of some classes.
  fileprivate mutating func noun(notOf classes: [TownClass]) -> TownNoun {
    let others = TownClass.allCases.filter { !classes.contains($0) }
    guard let nouns = TownLexicon.nouns[others[stream.below(others.count)]] else {
      preconditionFailure("every class has nouns")
    }
    return nouns.draw(&stream)
  }
}
