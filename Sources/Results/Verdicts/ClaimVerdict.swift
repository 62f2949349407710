// The rules by which pooled effects become words. They are the same for every claim; which effect is asked for, and how large it must
// be, the registration says.

import Claims
import Foundation
import Host
import Statistics

/// What a claim or a part of it comes to.
package enum VerdictWord: Equatable, Sendable {
  /// The effect lies on the registered side, at least as large as registered, at Holm's adjusted p below .05; no effect: the 90 %
  /// interval lies within the margin.
  case holds
  /// The effect lies on the registered side, and is estimated smaller than registered.
  case smallerThanAsked
  /// The 95 % interval lies on the other side; no effect: it lies outside the margin.
  case contradicted
  /// A part holds and another does not.
  case holdsInPart
  /// None of these.
  case notShown
  /// There is no estimate, and why.
  case notRun(String)

  /// The word in tables.
  package var words: String {
    switch self {
    case .holds: "holds"
    case .smallerThanAsked: "smaller than asked"
    case .contradicted: "contradicted"
    case .holdsInPart: "holds in part"
    case .notShown: "not shown"
    case .notRun: "not run"
    }
  }

  /// Why there is no estimate.
  package var reason: String? { if case .notRun(let reason) = self { reason } else { nil } }

  /// The level of all tests.
  static let significance = 0.05

  /// What an effect comes to.
  ///
  /// - Parameters:
  ///   - estimate: The pooled effect.
  ///   - interval: Its 95 % interval.
  ///   - isAbove: Whether the registered side is above 0.
  ///   - smallest: The smallest effect that matters, with its sign.
  ///   - adjustedP: Holm's p-value.
  package static func ofEffect(
    estimate: Double, interval: ConfidenceInterval, isAbove: Bool, smallest: Double, adjustedP: Double
  ) -> VerdictWord {
    let (low, high) = isAbove ? (interval.low, interval.high) : (-interval.high, -interval.low)
    let (size, least) = isAbove ? (estimate, smallest) : (-estimate, -smallest)
    if high < 0 { return .contradicted }
    guard low > 0 else { return .notShown }
    if size < least { return .smallerThanAsked }
    return adjustedP < significance ? .holds : .notShown
  }

  /// What a claim of no effect comes to.
  ///
  /// - Parameters:
  ///   - narrow: The 90 % interval.
  ///   - wide: The 95 % interval.
  ///   - margin: How far from 0 is nothing.
  package static func ofAbsence(narrow: ConfidenceInterval, wide: ConfidenceInterval, margin: Double) -> VerdictWord {
    if narrow.low > -margin && narrow.high < margin { return .holds }
    return wide.low > margin || wide.high < -margin ? .contradicted : .notShown
  }

  /// What a claim comes to whose parts must all hold.
  package static func ofAll(_ parts: [VerdictWord]) -> VerdictWord {
    if let missing = parts.first(where: { $0.reason != nil }) { return missing }
    if parts.allSatisfy({ $0 == .holds }) { return .holds }
    if parts.contains(.holds) { return .holdsInPart }
    if parts.contains(.contradicted) { return .contradicted }
    return parts.allSatisfy { $0 == .smallerThanAsked } ? .smallerThanAsked : .notShown
  }
}

/// A part of a claim with its verdict.
package struct JudgedPart {
  /// The part over all draws.
  package let pooled: PooledPart
  /// The p-value of an effect; nil for a claim of none, and where it is not tested.
  package let p: Double?
  /// The p-value adjusted over the claims of the family.
  package fileprivate(set) var adjustedP: Double?
  /// What it comes to; nil for a measure that is only reported.
  package fileprivate(set) var word: VerdictWord?
  /// What would show the registered effect; nil unless it was not shown.
  package fileprivate(set) var needed: String?

  init(_ pooled: PooledPart) {
    self.pooled = pooled
    if case .effect = pooled.part.asked { p = pooled.reason == nil ? pooled.model?.p : nil } else { p = nil }
  }

  /// Judges the part.
  ///
  /// - Parameters:
  ///   - adjustment: Turns a p-value into Holm's.
  ///   - familySize: The claims of the family, over which a later test would be adjusted at worst.
  fileprivate mutating func judge(familySize: Int, adjustment: (Double) -> Double) {
    adjustedP = p.map(adjustment)
    guard let model = pooled.model, pooled.reason == nil else {
      word = .notRun(pooled.reason ?? "")
      return
    }
    switch pooled.part.asked {
    case .effect(let isAbove, let smallest):
      word = .ofEffect(
        estimate: model.mean, interval: model.interval(), isAbove: isAbove, smallest: pooled.scaled(smallest),
        adjustedP: adjustedP ?? 1)
    case .absence(let margin):
      word = .ofAbsence(narrow: model.interval(level: 0.9), wide: model.interval(), margin: pooled.scaled(margin))
    case .nothing: word = nil
    }
    if word == .notShown {
      needed = pooled.needed(significance: VerdictWord.significance / Double(max(1, familySize)))
    }
  }
}

/// A registered claim in one family, judged.
package struct RegisteredVerdict {
  /// The claim.
  package let claim: RegisteredClaim
  /// The family.
  package let family: Registration.Family
  /// Its parts, in order; none for a law.
  package fileprivate(set) var parts: [JudgedPart] = []
  /// What is reported beside them.
  package let beside: [JudgedPart]
  /// The law; nil for a claim with parts.
  package let law: JudgedLaw?

  /// What the claim comes to.
  package var word: VerdictWord { law?.word ?? .ofAll(parts.compactMap(\.word)) }

  /// The p-value of the claim, which holds if all parts do: the largest of its effects'; nil where one has none, or all parts claim
  /// that there is no effect.
  fileprivate var p: Double? {
    let effects = parts.filter { if case .effect = $0.pooled.part.asked { true } else { false } }
    let known = effects.compactMap(\.p)
    return known.count == effects.count ? known.max() : nil
  }

  private init(_ claim: RegisteredClaim, _ family: Registration.Family, _ runs: [DrawRuns], leastDraws: Int) throws {
    (self.claim, self.family) = (claim, family)
    func judged(_ part: ClaimPart) throws -> JudgedPart {
      JudgedPart(try PooledPart(part, requirements: claim.requirements, in: runs, leastDraws: leastDraws))
    }
    switch claim.content {
    case .parts(let parts, let others):
      self.parts = try parts.map(judged)
      beside = try others.map(judged)
      law = nil
    case .law(let law):
      beside = []
      self.law = try JudgedLaw(law, requirements: claim.requirements, in: runs, leastDraws: leastDraws)
    }
  }

  /// Every claim of a registration in every family, by family. Holm's adjustment goes over the claims of a family that assert an
  /// effect and have an estimate.
  ///
  /// - Throws: what reading tables throws.
  package static func all(_ registration: Registration, in runs: RegisteredRuns) throws -> [RegisteredVerdict] {
    try zip(registration.families, runs.families).flatMap { family, runs in
      var verdicts = try registration.claims.map {
        try RegisteredVerdict($0, family, runs, leastDraws: registration.leastDraws)
      }
      judge(&verdicts)
      return verdicts
    }
  }

  private static func judge(_ verdicts: inout [RegisteredVerdict]) {
    let values = verdicts.map(\.p)
    let known = values.compactMap { $0 }
    let size = known.count
    let ordered = values.indices.filter { values[$0] != nil }.sorted { (values[$0] ?? 1, $0) < (values[$1] ?? 1, $1) }
    var earlier = 0.0
    for (rank, index) in ordered.enumerated() {
      // A part is adjusted as its claim is, so that all parts are below .05 where the claim is.
      let (factor, least) = (Double(size - rank), earlier)
      verdicts[index].judgeParts(familySize: size) { max(least, min(1, $0 * factor)) }
      earlier = max(earlier, min(1, (values[index] ?? 1) * factor))
    }
    for index in values.indices where values[index] == nil {
      verdicts[index].judgeParts(familySize: max(1, size)) { min(1, $0 * Double(max(1, size))) }
    }
  }

  private mutating func judgeParts(familySize: Int, adjustment: (Double) -> Double) {
    for index in parts.indices { parts[index].judge(familySize: familySize, adjustment: adjustment) }
  }
}
