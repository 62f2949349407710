// Sentences of the town language that say the same in other words, and how like two sentences are.

import SeedStreams

extension TownDrawing {
  /// A past clause with a subject and an object, which can be said in the passive.
  mutating func transitiveAssertion() -> TownClause {
    while true {
      var clause = assertion(TownWish(isTransitive: true))
      guard clause.objectPhrase != nil else { continue }
      clause.isPast = true
      return clause
    }
  }

  /// The same in other words: synonyms for words that have one, or in the passive, and at least one of both.
  mutating func rewritten(_ clause: TownClause) -> TownClause {
    while true {
      var other = clause
      if clause.objectPhrase != nil, clause.isPast, chance(0.5) { other.isPassive.toggle() }
      for isSubject in [true, false] where isSubject || clause.objectPhrase != nil {
        replaceBySynonyms(&other[phraseOfSubject: isSubject])
      }
      if let base = TownLexicon.verbSynonyms[clause.verb.base], chance(0.7) {
        other.verb = TownLexicon.verb(base, frame: clause.verb.frame)
      }
      if let adverb = clause.adverb.flatMap({ TownLexicon.adverbSynonyms[$0] }), chance(0.7) { other.adverb = adverb }
      if other != clause || clause.objectPhrase == nil || !clause.isPast { return other }
    }
  }

  private mutating func replaceBySynonyms(_ phrase: inout TownPhrase) {
    if let other = TownLexicon.nounSynonyms[phrase.noun.singular], chance(0.7) {
      phrase.noun = TownLexicon.noun(other, phrase.noun.nounClass, phrase.noun.gender)
    }
    if let adjective = phrase.adjective, let other = TownLexicon.adjectiveSynonyms[adjective.text], chance(0.7) {
      phrase.adjective = TownAdjective(text: other, classes: adjective.classes)
    }
  }

  /// A sentence and one that says the same, or nearly the same words and something else.
  mutating func paraphrase(isEquivalent: Bool) -> (TownClause, TownClause) {
    let first = transitiveAssertion()
    var second = first
    while !isEquivalent && second == first { change(&second, to: [.roles, .noun, .verb, .adjective][stream.below(4)]) }
    return (first, rewritten(second))
  }

  // MARK: - Similarity

  /// What may differ between two sentences.
  enum Difference: CaseIterable {
    case roles
    case noun
    case verb
    case adjective
    case polarity

    /// What it takes from the largest similarity.
    var cost: Double {
      switch self {
      case .roles, .verb, .polarity: 1.5
      case .noun: 1
      case .adjective: 0.5
      }
    }
  }

  /// The largest similarity, of sentences that say the same.
  static let largestSimilarity = 5.0

  /// Two sentences and how like they are, from 0 to 5.
  mutating func similarity() -> (TownClause, TownClause, Double) {
    let first = transitiveAssertion()
    var second = first
    var value = Self.largestSimilarity
    for index in stream.permutation(Difference.allCases.count).prefix(stream.below(5)) {
      let difference = Difference.allCases[index]
      let before = second
      change(&second, to: difference)
      if second != before { value -= difference.cost }
    }
    return (first, rewritten(second), max(0, value))
  }

  /// Makes a clause say something else; roles stay where the verb does not take its object as subject, and where both nouns mean the
  /// same.
  private mutating func change(_ clause: inout TownClause, to difference: Difference) {
    switch difference {
    case .roles:
      if !clause.isBetweenNounsOfOneMeaning, let swapped = clause.withRolesSwapped { clause = swapped }
    case .noun: replaceNoun(&clause)
    case .verb: replaceVerb(&clause)
    case .adjective:
      let isSubject = chance(0.5)
      let old = clause[phraseOfSubject: isSubject].adjective
      let list = TownLexicon.adjectivesOfClass[clause[phraseOfSubject: isSubject].noun.nounClass]
      clause[phraseOfSubject: isSubject].adjective = list?.draw(&stream) {
        $0 != old && $0.text != old.flatMap { TownLexicon.adjectiveSynonyms[$0.text] }
      }
    case .polarity: clause.isNegated.toggle()
    }
  }
}
