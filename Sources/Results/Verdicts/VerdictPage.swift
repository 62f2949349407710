// The verdicts as Markdown: what was measured and what it comes to, what holds for these draws alone, how the runs depart from the
// registration, and every recipe that was started.

import Claims
import Foundation
import Host
import Statistics
import Tables

/// The verdicts of a registration as a page.
package struct VerdictPage {
  private let registration: Registration
  private let runs: RegisteredRuns
  private let verdicts: [RegisteredVerdict]

  package init(_ registration: Registration, _ runs: RegisteredRuns, _ verdicts: [RegisteredVerdict]) {
    self.registration = registration
    self.runs = runs
    self.verdicts = Self.ordered(verdicts, registration)
  }

  /// The verdicts by claims, those of all models of a claim after one another.
  static func ordered(_ verdicts: [RegisteredVerdict], _ registration: Registration) -> [RegisteredVerdict] {
    registration.claims.flatMap { claim in verdicts.filter { $0.claim.name == claim.name } }
  }

  /// The page.
  package var markdown: String {
    [head, table, beside, draws, deviations, arms].map { $0 + "\n" }.joined(separator: "\n")
  }

  /// Whether and when it was registered, and the models.
  var head: String {
    let families = registration.families.map { family in
      let registered = family.draws.count { registration.counts($0) }
      let draws = counted(family.draws.count, "draw")
      return "\(family.name) (\(family.isConfirmatory ? "confirmatory" : "replication"), "
        + (registered == family.draws.count ? "\(draws))" : "\(registered) of \(draws) registered)")
    }
    let registered =
      registration.commit.map { "Registered in commit \($0.identifier.prefix(12)) of \($0.timeText)" }
      ?? "This registration is a draft: it names no commit, and every verdict is exploratory"
    return "\(registered). Models: \(families.joined(separator: ", "))."
  }

  private var table: String {
    var lines = [
      "| # | claim | measured | model | effect and 95 % interval | asked | verdict |", "|---|---|---|---|---|---|---|",
    ]
    for verdict in verdicts {
      for (index, row) in Self.rows(of: verdict).enumerated() {
        let name = index == 0 ? "\(verdict.claim.name) | \(cell(verdict.claim.says))" : " | "
        let word = index == 0 ? "**\(verdict.word.words)**" + (row.verdict.isEmpty ? "" : " ") : ""
        lines.append(
          "| \(name) | \(cell(row.what)) | \(verdict.family.name) | \(row.effect.rounded) | \(row.asked) | \(word)\(cell(row.verdict)) |"
        )
      }
      for part in verdict.beside {
        let row = Self.row(of: part, isOnly: true)
        lines.append(
          "|  |  | beside: \(cell(row.what)) | \(verdict.family.name) | \(row.effect.rounded) |  | \(cell(row.verdict)) |"
        )
      }
    }
    return lines.joined(separator: "\n")
  }

  /// A line of the first table.
  struct Row {
    var what: String
    var effect: Effect
    /// What is asked of it; nothing for a recipe, of which the law's line says it.
    var asked: String
    var verdict: String
    /// Why an effect on the registered side was not shown; nil where that has no need of words.
    var remark: String?
    /// What it comes to; nil for a law as a whole, and for what is only reported.
    var word: VerdictWord?
  }

  /// An effect, of which a page writes as much as it has room for.
  enum Effect {
    /// An estimate with its intervals, each with what stands before its bracket, and what is said of draws and runs behind them.
    case measured(Double, [(before: String, interval: ConfidenceInterval)], after: String)
    /// What is said where there is no interval, and what in a few words.
    case words(String, brief: String)

    /// The effect with its intervals, in four digits.
    var rounded: String { written(VerdictPage.text) }
    /// The same for readers: estimate and interval have as many decimals as each other.
    var aligned: String { written(VerdictPage.aligned) }
    /// That without the interval.
    var estimate: String {
      switch self {
      case .measured(let estimate, let intervals, after: _): VerdictPage.estimate(estimate, intervals[0].interval)
      case .words(_, brief: let text): text
      }
    }

    private func written(_ text: (Double, ConfidenceInterval) -> String) -> String {
      switch self {
      case .measured(let estimate, let intervals, after: let after):
        // The estimate has the digits of the first interval.
        var words = String(text(estimate, intervals[0].interval).prefix { $0 != " " })
        for (before, interval) in intervals {
          let bracket = text(estimate, interval).drop { $0 != "[" }
          words += "\(before)\(bracket)"
        }
        return words + after
      case .words(let words, brief: _): return words
      }
    }
  }

  /// The lines of a verdict: those of its parts, or of its law and the law's recipes.
  static func rows(of verdict: RegisteredVerdict) -> [Row] {
    verdict.law.map { rows(of: $0) } ?? verdict.parts.map { row(of: $0, isOnly: verdict.parts.count == 1) }
  }

  private static func row(of part: JudgedPart, isOnly: Bool) -> Row {
    let pooled = part.pooled
    let remark = Self.remark(on: part)
    var notes: [String] = []
    if !isOnly, let word = part.word, word.reason == nil { notes.append("this part: \(word.words)") }
    if let reason = pooled.reason { notes.append(reason) }
    if let model = pooled.model, part.word == .notShown {
      if let remark { notes.append(remark) }
      notes.append("the interval allows \(text(pooled.natural(model.interval())))")
      if let needed = part.needed { notes.append("\(needed) would \(aim(of: pooled.part))") }
    }
    return Row(
      what: pooled.part.what, effect: pooled.model.map { effect(of: pooled, $0) } ?? .words("-", brief: "-"),
      asked: asked(pooled.part), verdict: notes.isEmpty ? "" : "(\(notes.joined(separator: "; ")))", remark: remark,
      word: part.word)
  }

  /// What more runs would do for a part that is not shown. That an effect holds needs more, an estimate of at least the smallest.
  private static func aim(of part: ClaimPart) -> String {
    let power = "with power .8, if"
    switch part.asked {
    case .effect(let isAbove, let smallest):
      let side = "\(isAbove ? "above" : "below") \(part.measure.scale == .ratio ? 1 : 0)"
      return
        "put the interval \(side) \(power) the effect is \(rounded(smallest)), also when adjusted over the model's "
        + "claims"
    case .absence: return "put the 90 % interval \(asked(part)) \(power) there is no effect"
    case .nothing: return "tell \(power) there is an effect"
    }
  }

  /// The pooled effect with its interval, for a claim of none also the 90 % one that it is judged by, and the draws where some do not
  /// count.
  private static func effect(of pooled: PooledPart, _ model: RandomEffects) -> Effect {
    var intervals = [(before: " ", interval: pooled.natural(model.interval()))]
    if case .absence = pooled.part.asked {
      intervals.append((before: ", 90 %: ", interval: pooled.natural(model.interval(level: 0.9))))
    }
    var after = countedDraws(pooled.drawCount, missing: pooled.missingDraws.count)
    let count = pooled.divergedCount
    if count > 0 {
      after += " (without \(counted(count, "run")) that diverged and \(count == 1 ? "has" : "have") no number)"
    }
    return .measured(pooled.natural(model.mean), intervals, after: after)
  }

  /// How many of the registered draws count; nothing where all do.
  private static func countedDraws(_ count: Int, missing: Int) -> String {
    missing == 0 ? "" : " (\(count) of \(counted(count + missing, "draw")))"
  }

  /// That an effect lies on the registered side, and would hold if it were the only claim.
  private static func remark(on part: JudgedPart) -> String? {
    guard part.word == .notShown, let p = part.p, let adjusted = part.adjustedP, p < VerdictWord.significance else {
      return nil
    }
    return "p = \(rounded(p)), but \(rounded(adjusted)) when adjusted over the model's claims"
  }

  /// The line of a law, and one for each of its recipes.
  private static func rows(of law: JudgedLaw) -> [Row] {
    let deviances = law.deviances.map { "\($0.dose) \($0.deviance.map { rounded($0) } ?? "none")" }.joined(
      separator: ", ")
    let share = explained(by: law)
    let effect = (share ?? "-") + countedDraws(law.drawCount, missing: law.missingDraws.count)
    var notes = [law.word.reason].compactMap { $0 }
    if !deviances.isEmpty { notes.append("deviance of recipes left out: \(deviances)") }
    let margin = rounded(law.law.margin)
    let whole = Row(
      what: law.law.what + (law.dose.map { ", in \($0)" } ?? ""),
      effect: .words(effect, brief: law.explained.map { "\(rounded($0)) explained" } ?? "-"),
      asked: "each within 1/\(margin) to \(margin); explains at least \(rounded(law.law.explained)), to hold in part",
      verdict: notes.isEmpty ? "" : "(\(notes.joined(separator: "; ")))", remark: nil, word: nil)
    return [whole] + law.ratios.map { row(of: $0, in: law) }
  }

  private static func row(of ratio: PooledRatio, in law: JudgedLaw) -> Row {
    let word = law.word(of: ratio)
    let draws = countedDraws(ratio.drawCount, missing: law.drawCount - ratio.drawCount)
    let narrow = [(before: ", 90 %: ", interval: ratio.interval(level: 0.9))]
    return Row(
      what: ratio.recipe,
      effect: ratio.model.map { Effect.measured(exp($0.mean), narrow, after: draws) }
        ?? .words("no interval" + draws, brief: "-"),
      asked: "", verdict: "(this recipe: \(word.words))", remark: nil, word: word)
  }

  /// How much of the variance between recipes the dose of a law explains, and in how many of the draws that can be told; nil where no
  /// dose was chosen.
  private static func explained(by law: JudgedLaw) -> String? {
    guard law.dose != nil, !law.ratios.isEmpty else { return nil }
    if law.explainedDrawCount == 0 {
      return "no draw has an LD50 of every recipe, which would tell what the dose explains"
    }
    let draws =
      law.explainedDrawCount == law.drawCount
      ? "" : ", in the \(law.explainedDrawCount) of \(counted(law.drawCount, "draw")) with one of every recipe"
    return law.explained.map { "explains \(rounded($0)) of the variance of log LD50\(draws)" }
  }

  /// What a part asks, in a few words.
  private static func asked(_ part: ClaimPart) -> String {
    switch part.asked {
    case .effect(let isAbove, let smallest):
      let nothing: Double = part.measure.scale == .ratio ? 1 : 0
      let side = "\(isAbove ? "above" : "below") \(rounded(nothing))"
      return smallest == nothing ? side : "\(side), at \(isAbove ? "least" : "most") \(rounded(smallest))"
    case .absence(let margin):
      return part.measure.scale == .ratio
        ? "within 1/\(rounded(margin)) to \(rounded(margin))" : "within -\(rounded(margin)) to \(rounded(margin))"
    case .nothing: return ""
    }
  }

  private var beside: String {
    var lines = [
      "## For these draws", "",
      "| # | measured | model | draws | runs | p (Holm) | Q (p) | next draw, 95 % | one pre-training left out | pre-trainings and data crossed | within draws |",
      "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for verdict in verdicts {
      for part in verdict.parts + verdict.beside {
        guard let model = part.pooled.model else { continue }
        lines.append(
          "| \(verdict.claim.name) | \(cell(part.pooled.part.what)) | \(verdict.family.name) | "
            + Self.details(part, model))
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func details(_ part: JudgedPart, _ model: RandomEffects) -> String {
    let pooled = part.pooled
    let q = model.heterogeneity
    let p = part.p.map { "\(rounded($0)) (\(part.adjustedP.map { rounded($0) } ?? "-"))" } ?? "-"
    let crossed = pooled.crossed.map { text(pooled.natural($0.mean), pooled.natural($0.interval())) } ?? "-"
    return [
      "\(pooled.drawCount)", "\(pooled.runCount)", p, "\(rounded(q.q)) (\(rounded(q.p)))",
      text(pooled.natural(model.predictionInterval())), pooled.withoutOnePretraining.map { text($0) } ?? "-", crossed,
      pooled.stratified.map(text) ?? "-",
    ].joined(separator: " | ") + " |"
  }

  private static func text(_ result: StratifiedResult) -> String {
    let estimate = result.estimate.map { estimate in
      result.interval.map { text(estimate, $0) } ?? rounded(estimate)
    }
    return "\(result.name): " + (estimate.map { "\($0), " } ?? "") + "p = \(rounded(result.p))"
  }

  /// What the verdicts took: runs, hours and the arithmetic that decides their bits, without the pre-trainings.
  var computed: String {
    let trainings = runs.families.joined().map(\.training)
    let fingerprints = Set(trainings.flatMap(\.fingerprints)).sorted().map { "`\($0)`" }.joined(separator: ", ")
    return "\(counted(trainings.map(\.runCount).reduce(0, +), "run")) took "
      + "\(Self.hours(trainings.map(\.hours).reduce(0, +))) hours of one core"
      + (fingerprints.isEmpty ? "" : ", with arithmetic \(fingerprints)") + "."
  }

  private static func hours(_ hours: Double) -> String { String(format: "%.1f", hours) }

  private var draws: String {
    var lines = [
      "## Draws", "",
      "| draw | pre-training | data | registered | runs | hours of one core | arithmetic | processor |",
      "|---|---|---|---|---|---|---|---|",
    ]
    for runs in runs.families.joined() {
      let (draw, training) = (runs.draw, runs.training)
      let commit = draw.commit.map { "\($0.identifier.prefix(12)) of \($0.timeText)" } ?? "no"
      lines.append(
        "| \(draw.name) | \(cell(draw.pretraining)) | \(draw.data) | \(commit) | \(training.runCount) | "
          + "\(Self.hours(training.hours)) | \(cell(training.fingerprints.joined(separator: ", "))) | "
          + "\(cell(draw.processor ?? "not noted")) |")
    }
    return lines.joined(separator: "\n")
  }

  private var deviations: String {
    let lines = runs.deviations.isEmpty ? ["None."] : runs.deviations.map { "- \($0)" }
    let left = leftOut.isEmpty ? [] : ["", "## Draws that claims leave out", ""] + leftOut.map { "- \($0)" }
    let stages = runs.stages.isEmpty ? [] : ["", "## First stages", ""] + runs.stages.map { "- \($0)" }
    return (["## Deviations from the registration", ""] + lines + left + stages).joined(separator: "\n")
  }

  /// The registered draws that do not count for a claim, each with the reason.
  private var leftOut: [String] {
    verdicts.flatMap { verdict -> [String] in
      let missing = (verdict.parts + verdict.beside).flatMap(\.pooled.missingDraws) + (verdict.law?.missingDraws ?? [])
      return missing.map { "claim \(verdict.claim.name) leaves out \($0.draw.name): \($0.reason)" }
    }.uniqued()
  }

  private var arms: String {
    let lines = runs.arms.map { arm in
      "| \(arm.sweep) | \(cell(arm.recipe)) | \(arm.drawCount) | \(arm.plannedCount) | \(arm.resultCount) | "
        + "\(arm.unfinishedDraws.joined(separator: ", ")) |"
    }
    return
      ([
        "## Recipes that were started", "", "| sweep | recipe | draws | trials | with a result | unfinished in |",
        "|---|---|---|---|---|---|",
      ] + lines).joined(separator: "\n")
  }

  private func cell(_ text: String) -> String { VerdictTable.cell(text) }

  /// An estimate with its interval.
  private static func text(_ estimate: Double, _ interval: ConfidenceInterval) -> String {
    "\(rounded(estimate)) [\(rounded(interval.low)), \(rounded(interval.high))]"
  }

  /// The same with as many decimals as give three digits to half the interval, and more where a bound would look like 0.
  static func aligned(_ estimate: Double, _ interval: ConfidenceInterval) -> String {
    guard let decimals = Self.decimals(of: interval), estimate.isFinite else { return text(estimate, interval) }
    return "\(fixed(estimate, decimals)) [\(fixed(interval.low, decimals)), \(fixed(interval.high, decimals))]"
  }

  /// The estimate with this number of decimals.
  private static func estimate(_ estimate: Double, _ interval: ConfidenceInterval) -> String {
    guard let decimals = Self.decimals(of: interval), estimate.isFinite else { return rounded(estimate) }
    return fixed(estimate, decimals)
  }

  /// nil for an interval without an end or width, and for one that other texts suit better.
  private static func decimals(of interval: ConfidenceInterval) -> Int? {
    let half = (interval.high - interval.low) / 2
    guard half.isFinite, half > 1e-9, max(abs(interval.low), abs(interval.high)) < 1e6 else { return nil }
    var decimals = 2 - Int(floor(log10(half)))
    for bound in [interval.low, interval.high] {
      while abs(bound) > 5e-7, decimals < 6, abs(bound) < 0.5 * pow(10, Double(-decimals)) { decimals += 1 }
    }
    return (0...6).contains(decimals) ? decimals : nil
  }

  private static func fixed(_ value: Double, _ decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) } ? String(text.dropFirst()) : text
  }

  private static func text(_ interval: ConfidenceInterval) -> String {
    "\(rounded(interval.low)) to \(rounded(interval.high))"
  }

  private static func rounded(_ value: Double) -> String { VerdictTable.rounded(value) }
}
