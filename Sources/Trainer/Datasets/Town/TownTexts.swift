// The texts of the town language without labels, to pre-train on: two sentences of which the second goes on about somebody or
// something of the first.

import SeedStreams

extension TownDrawing {
  /// How often a second sentence says a part of the first one again.
  static let restatementShare = 0.6
  /// How often a sentence with subject and object is in the passive.
  private static let passiveShare = 0.15

  /// Two sentences of one text.
  mutating func text() -> (TownClause, [String]) {
    if chance(Self.restatementShare) {
      let kinds = TownContrast.weights(.distant)
      let pair = drawn(from: kinds).pair(follows: true, &self)
      return (pair.premise, pair.hypothesis.words)
    }
    let first = sentence()
    return (first, continuation(of: first))
  }

  /// A clause, now and then in the passive.
  mutating func sentence() -> TownClause {
    var clause = clause()
    if clause.objectPhrase != nil, clause.isPast, !clause.isNegative, chance(Self.passiveShare) {
      clause.isPassive = true
    }
    return clause
  }

  /// A sentence about the subject or the object of another, as a pronoun, in the same words, or in others for it.
  private mutating func continuation(of clause: TownClause) -> [String] {
    let phrases = clause.phrases
    var subject = phrases[stream.below(phrases.count)].bare.with(.definite)
    let nounClass = subject.noun.nounClass
    var pronoun: String?
    switch stream.below(10) {
    case 0..<3: pronoun = self.pronoun(for: subject)
    case 3..<6: subject.noun = otherName(of: subject.noun)
    default: break
    }
    let list = TownLexicon.framesOfSubject[nounClass]?.elements ?? []
    var next = self.clause(of: TownLexicon.frames[list[stream.below(list.count)]], subject: subject)
    if case .reflexive(let word) = next.object, let pronoun, pronoun != "they" {
      // The pronoun has decided the gender.
      next.object = .reflexive(["he": "himself", "she": "herself", "it": "itself"][pronoun] ?? word)
    }
    let words = next.words
    guard let pronoun else { return words }
    return [pronoun] + words.dropFirst(2)
  }

  private mutating func pronoun(for phrase: TownPhrase) -> String {
    let reflexive = phrase.reflexives[stream.below(phrase.reflexives.count)]
    return switch reflexive {
    case "himself": "he"
    case "herself": "she"
    case "themselves": "they"
    default: "it"
    }
  }

  /// A synonym, where there is one, or the noun of the class.
  private func otherName(of noun: TownNoun) -> TownNoun {
    if let synonym = TownLexicon.nounSynonyms[noun.singular] {
      return TownLexicon.noun(synonym, noun.nounClass, noun.gender)
    }
    return TownLexicon.classNames[noun.nounClass] ?? noun
  }

  /// One of some kinds with their weights.
  mutating func drawn<Kind>(from kinds: [(Kind, Int)]) -> Kind {
    var rest = stream.below(kinds.reduce(0) { $0 + $1.1 })
    for (kind, weight) in kinds {
      rest -= weight
      if rest < 0 { return kind }
    }
    return kinds[0].0
  }
}
