// verdicts.csv of a registration: one row for each claim, model and part, numbers in their shortest text.

import Claims
import Foundation
import Statistics
import Tables

/// A row of the table: a part of a claim in a family.
package struct VerdictRow: Sendable {
  /// One of the values that a part comes to, as tables write them.
  struct Numbers: Sendable {
    var estimate: Double?
    var interval = ConfidenceInterval.undefined
    var narrow = ConfidenceInterval.undefined
    var prediction = ConfidenceInterval.undefined
    var leftOut = ConfidenceInterval.undefined
    var crossed = ConfidenceInterval.undefined
    var between: Double?
    var heterogeneity: (q: Double, p: Double)?
  }

  var claim: RegisteredClaim
  var family: Registration.Family
  var word: VerdictWord
  var what: String
  var measure: String
  var asked: ClaimPart.Asked
  var partWord: VerdictWord?
  var drawCount: Int
  var runCount: Int?
  var numbers = Numbers()
  var p: Double?
  var adjustedP: Double?
  var stratified: StratifiedResult?
  var needed: String?

  /// The rows of some verdicts: those of each part, then of what is reported beside them; of a law one for each recipe.
  package static func all(_ verdicts: [RegisteredVerdict]) -> [VerdictRow] {
    verdicts.flatMap { verdict in
      verdict.law.map { rows(of: $0, verdict) }
        ?? (verdict.parts + verdict.beside).map { VerdictRow($0, of: verdict) }
    }
  }

  private init(_ part: JudgedPart, of verdict: RegisteredVerdict) {
    let pooled = part.pooled
    (claim, family, word) = (verdict.claim, verdict.family, verdict.word)
    (what, measure, asked) = (pooled.part.what, pooled.part.measure.name, pooled.part.asked)
    (partWord, drawCount, runCount) = (part.word, pooled.drawCount, pooled.runCount)
    (p, adjustedP, stratified, needed) = (part.p, part.adjustedP, pooled.stratified, part.needed)
    guard let model = pooled.model else { return }
    numbers.estimate = pooled.natural(model.mean)
    numbers.interval = pooled.natural(model.interval())
    numbers.narrow = pooled.natural(model.interval(level: 0.9))
    numbers.prediction = pooled.natural(model.predictionInterval())
    numbers.leftOut = pooled.withoutOnePretraining ?? .undefined
    numbers.crossed = pooled.crossed.map { pooled.natural($0.interval()) } ?? .undefined
    numbers.between = model.betweenVariance.squareRoot()
    numbers.heterogeneity = model.heterogeneity
  }

  private static func rows(of law: JudgedLaw, _ verdict: RegisteredVerdict) -> [VerdictRow] {
    let whole = VerdictRow(
      claim: verdict.claim, family: verdict.family, word: verdict.word, what: law.law.what, measure: law.dose ?? "dose",
      asked: .absence(margin: law.law.margin), drawCount: law.drawCount)
    guard !law.ratios.isEmpty else { return [whole] }
    return law.ratios.map { ratio in
      var row = whole
      row.what += ": \(ratio.recipe)"
      row.drawCount = ratio.drawCount
      row.numbers.interval = ratio.interval(level: 0.95)
      row.numbers.narrow = ratio.interval(level: 0.9)
      row.numbers.estimate = ratio.model.map { exp($0.mean) }
      row.numbers.between = ratio.model?.betweenVariance.squareRoot()
      row.numbers.heterogeneity = ratio.model?.heterogeneity
      return row
    }
  }

  private init(
    claim: RegisteredClaim, family: Registration.Family, word: VerdictWord, what: String, measure: String,
    asked: ClaimPart.Asked, drawCount: Int
  ) {
    self.claim = claim
    self.family = family
    self.word = word
    self.what = what
    self.measure = measure
    self.asked = asked
    self.drawCount = drawCount
  }

  private static let identity: [Column<VerdictRow>] = [
    Column("claim", "The claim's number.", role: .key) { .text($0.claim.name) },
    Column("says", "What it says.", role: .key) { .text($0.claim.says) },
    Column("model", "The family of claims: the model that the draws are of.", role: .key) { .text($0.family.name) },
    Column("kind", "`confirmatory`, or `replication` of it on another model.", role: .key) {
      .text($0.family.isConfirmatory ? "confirmatory" : "replication")
    },
    Column("verdict", "What the claim comes to.") { .text($0.word.words) },
    Column("measured", "The part's quantity in words.", role: .key) { .text($0.what) },
    Column("measure", "How it is computed; for the law the dose that was chosen.", role: .key) { .text($0.measure) },
    Column(
      "direction", "The registered side; `within` for a claim of no effect, empty for what is only reported.",
      role: .key
    ) {
      .text(direction($0.asked))
    },
    Column("smallest", "The smallest effect that matters, or the margin within which there is none.", role: .key) {
      .number(smallest($0.asked))
    },
    Column("part_verdict", "What the part comes to.") { .text($0.partWord?.words) },
    Column("n_draws", "The draws that count.") { .integer($0.drawCount) },
    Column("n", "Their runs, over all groups.") { .integer($0.runCount) },
  ]

  private static func interval(
    _ name: String, _ what: String, _ method: String, _ value: @escaping @Sendable (Numbers) -> ConfidenceInterval
  ) -> [Column<VerdictRow>] {
    [
      Column(name + "_low", "The lower bound of \(what).", role: .lowerBound(of: name), .interval(method)) {
        .finite(value($0.numbers).low)
      },
      Column(name + "_high", "The upper bound of \(what).", role: .upperBound(of: name), .interval(method)) {
        .finite(value($0.numbers).high)
      },
    ]
  }

  private static let pooled: [Column<VerdictRow>] =
    [
      Column(
        "estimate", "The effect pooled over draws: a difference, a ratio or a correlation.",
        .note("random effects by restricted maximum likelihood, on the log or Fisher scale for ratios and correlations")
      ) { .number($0.numbers.estimate) }
    ] + interval("estimate", "its 95 % interval", knappHartung) { $0.interval }
    + interval("estimate90", "its 90 % interval", knappHartung) { $0.narrow } + [
      Column("p", "The two-sided p-value of no effect; empty for a claim of none.") { .number($0.p) },
      Column("p_holm", "The same, adjusted over the claims of the model (Holm 1979).") { .number($0.adjustedP) },
      Column("tau", "The standard deviation of true effects between draws, on the scale of the estimates.") {
        .number($0.numbers.between)
      },
      Column("q", "Cochran's Q, large where effects differ between draws.") { .number($0.numbers.heterogeneity?.q) },
      Column("q_p", "Its p-value.") { .number($0.numbers.heterogeneity?.p) },
    ]
    + interval(
      "prediction", "the 95 % interval of the effect in one more draw",
      "Higgins et al. 2009 with the n_draws - 1 degrees of freedom of the mean, as metafor's (Viechtbauer 2010)"
    ) { $0.prediction }
    + interval("left_out", "the pooled effect with one pre-training left out", "the smallest and the largest") {
      $0.leftOut
    }
    + interval(
      "crossed", "the 95 % interval that knows that draws of one pre-training are alike",
      "Satterthwaite's t of crossed means"
    ) { $0.crossed }

  private static let knappHartung = "Hartung and Knapp's, no narrower than known variances make it"

  private static let stratified: [Column<VerdictRow>] = [
    Column("within_test", "The test within draws, which is about these draws alone.", role: .convention) {
      .text($0.stratified?.name)
    },
    Column("within_estimate", "Its estimate.") { .number($0.stratified?.estimate) },
    Column("within_low", "The lower bound of its 95 % interval.", role: .lowerBound(of: "within"), .interval("Sato's"))
    {
      .finite($0.stratified?.interval?.low ?? .nan)
    },
    Column("within_high", "The upper bound of its 95 % interval.", role: .upperBound(of: "within"), .interval("Sato's"))
    {
      .finite($0.stratified?.interval?.high ?? .nan)
    },
    Column("within_p", "Its p-value.") { .number($0.stratified?.p) },
    Column(
      "needed",
      "How many runs or draws would put the interval on the registered side of no effect, or within the margin, with power .8 if the effect is `smallest`; empty unless it is not shown."
    ) { .text($0.needed) },
    Column("reason", "Why the claim was not judged; empty where it was.") { .text($0.word.reason) },
  ]

  /// The columns of the table.
  package static let columns = identity + pooled + stratified

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "verdicts of a registration (the file that `verdict --output` names)",
    "One row for each claim, model and part, and for each recipe of the dose's law. Written by `verdict` for a registration.",
    columns)

  private static func direction(_ asked: ClaimPart.Asked) -> String? {
    switch asked {
    case .effect(let isAbove, _): isAbove ? "above" : "below"
    case .absence: "within"
    case .nothing: nil
    }
  }

  private static func smallest(_ asked: ClaimPart.Asked) -> Double? {
    switch asked {
    case .effect(_, let smallest): smallest
    case .absence(let margin): margin
    case .nothing: nil
    }
  }
}
