// When one sentence of the town language says another, and when two say the same, decided from readings by the rules of the
// language's page.

@testable import Datasets

/// What sentences say.
enum TownMeaning {
  /// Whether a sentence follows from another.
  static func follows(_ hypothesis: ParsedClause, from premise: ParsedClause) -> Bool {
    said(by: premise).contains { clause in
      isSaid(hypothesis, by: clause)
    }
  }

  /// The clause itself and what the relative clauses of its phrases say: those of the subject, and of the object where the clause is
  /// not negative, and those within them behind a noun of which not all or none are meant.
  private static func said(by clause: ParsedClause) -> [ParsedClause] {
    let isNegative = clause.predicate.isNegated || clause.subject.determiner == "no"
    return [clause] + relativeClauses(of: clause.subject, isOuter: true)
      + (isNegative ? [] : clause.predicate.object.map { relativeClauses(of: $0) } ?? [])
  }

  private static func relativeClauses(of phrase: ParsedPhrase, isOuter: Bool = false) -> [ParsedClause] {
    let isPlain = isOuter || !["every", "each", "no", "any"].contains(phrase.determiner)
    switch phrase.modifier {
    case .none: return []
    case .preposition(_, let inner): return relativeClauses(of: inner)
    case .subjectClause(let predicate):
      guard isPlain else { return [] }
      let inner = predicate.isNegated ? nil : predicate.object
      return [ParsedClause(subject: phrase.bare, predicate: predicate)] + (inner.map { relativeClauses(of: $0) } ?? [])
    case .objectClause(let subject, var predicate):
      predicate.object = phrase.bare
      return isPlain ? [ParsedClause(subject: subject, predicate: predicate)] + relativeClauses(of: subject) : []
    }
  }

  private static func isSaid(_ hypothesis: ParsedClause, by clause: ParsedClause) -> Bool {
    let (old, new) = (clause.predicate, hypothesis.predicate)
    guard old.verb == new.verb, old.isPast == new.isPast, old.isNegated == new.isNegated, old.hasEver == new.hasEver,
      old.reflexive == new.reflexive
    else { return false }
    let isNegative = old.isNegated || clause.subject.determiner == "no"
    guard new.adverb == old.adverb || (isNegative ? old.adverb == nil : new.adverb == nil) else { return false }
    let speaksOfAllOrNone = ["every", "each", "no"].contains(clause.subject.determiner)
    guard
      speaksOfAllOrNone
        ? isMoreGeneral(clause.subject, than: hypothesis.subject)
        : isMoreGeneral(hypothesis.subject, than: clause.subject)
    else { return false }
    switch (old.object, new.object) {
    case (nil, nil): return true
    case (let old?, let new?):
      if old.determiner == "any" { return isMoreGeneral(old, than: new) }
      return isNegative ? old == new : isMoreGeneral(new, than: old)
    default: return false
    }
  }

  /// Whether a phrase fits all that another one fits.
  private static func isMoreGeneral(_ phrase: ParsedPhrase, than other: ParsedPhrase) -> Bool {
    phrase.determiner == other.determiner && phrase.isPlural == other.isPlural
      && (phrase.noun == other.noun || phrase.noun == other.nounClass.word)
      && (phrase.adjective == nil || phrase.adjective == other.adjective)
      && (phrase.modifier == .none || phrase.modifier == other.modifier)
  }

  /// Whether two sentences say the same: who did what to whom, synonyms taken for one word.
  static func areEqual(_ first: ParsedClause, _ second: ParsedClause) -> Bool { differences(first, second).isEmpty }

  /// The parts in which two sentences differ.
  static func differences(_ first: ParsedClause, _ second: ParsedClause) -> Set<String> {
    var parts: Set<String> = []
    func compare(_ one: String?, _ other: String?, _ synonyms: [String: String], _ part: String) {
      if one != other, one.flatMap({ synonyms[$0] }) != other { parts.insert(part) }
    }
    func compare(_ one: ParsedPhrase?, _ other: ParsedPhrase?, _ part: String) {
      compare(one?.noun, other?.noun, TownLexicon.nounSynonyms, part)
      compare(one?.adjective, other?.adjective, TownLexicon.adjectiveSynonyms, "adjective")
      if one?.modifier != other?.modifier || one?.determiner != other?.determiner || one?.isPlural != other?.isPlural {
        parts.insert(part)
      }
    }
    compare(first.subject, second.subject, "subject")
    compare(first.predicate.object, second.predicate.object, "object")
    compare(first.predicate.verb, second.predicate.verb, TownLexicon.verbSynonyms, "verb")
    compare(first.predicate.adverb, second.predicate.adverb, TownLexicon.adverbSynonyms, "adverb")
    if first.predicate.isNegated != second.predicate.isNegated { parts.insert("polarity") }
    if first.predicate.isPast != second.predicate.isPast || first.predicate.reflexive != second.predicate.reflexive {
      parts.insert("verb")
    }
    return parts
  }
}
