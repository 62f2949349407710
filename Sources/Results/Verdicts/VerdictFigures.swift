// The verdicts as figures: one that sets every part's effect beside the smallest one that matters, and one for each claim with its
// effects draw by draw. What an effect comes to stands beside it in words.

import Claims
import Figures
import Foundation
import Statistics

/// The figures of a page of verdicts.
struct VerdictFigures {
  /// The verdicts, all models of a claim after one another.
  let verdicts: [RegisteredVerdict]
  /// Whether there are several models, so that rows must name theirs.
  private var areSeveral: Bool { models.count > 1 }

  /// The range that the effects of the first figure are shown in; longer intervals end at its ends. A failure rate of 1 less one of 0 is
  /// ten times the smallest difference that matters.
  private static let shown = -4.0...10.0

  // MARK: - Files

  private static let (summaryName, summaryTitle) = ("summary", "Every claim's effects")

  /// How the title of a claim's figure begins.
  private static func title(ofClaim name: String) -> String { "Claim \(name): " }

  /// How the title begins in the file of such a figure, as SVG has it; nil for names of other files.
  static func start(ofFile name: String) -> String? {
    let start: String
    if name == "\(summaryName).svg" {
      start = summaryTitle
    } else if let match = name.wholeMatch(of: /claim-([A-Za-z0-9._-]+)\.svg/) {
      start = title(ofClaim: String(match.1))
    } else {
      return nil
    }
    return "<title>" + Markup.escaped(start)
  }

  // MARK: - All claims

  /// An effect in units of the smallest that matters, positive on the registered side.
  struct ScaledEffect: Equatable {
    var what: String
    var word: VerdictWord
    var estimate: Double
    var interval: ConfidenceInterval

    init(_ what: String, _ word: VerdictWord, _ estimate: Double, _ interval: ConfidenceInterval, unit: Double) {
      (self.what, self.word, self.estimate) = (what, word, estimate / unit)
      let ends = [interval.low / unit, interval.high / unit].sorted()
      self.interval = ConfidenceInterval(low: ends[0], high: ends[1])
    }
  }

  /// The models, in the order of the verdicts.
  var models: [String] { verdicts.map(\.family.name).uniqued() }

  /// Every claim in one figure, the models' effects of a part below one another in one row; nil where nothing has an estimate. Every few
  /// claims have a panel, so that the numbers of the axis are never far from a row.
  var summary: Figure? {
    let models = self.models
    var panels: [(rows: [FigureRow], marks: [Mark])] = []
    var sentences: [String] = []
    for claim in verdicts.map(\.claim.name).uniqued() {
      let own = models.map { model in verdicts.first { $0.claim.name == claim && $0.family.name == model } }
      let effects = own.map { $0.map { Self.effects(of: $0) } ?? [] }
      let parts: [String] = own.flatMap { $0.map { Self.names(of: $0) } ?? [] }.uniqued()
      guard let says = own.lazy.compactMap({ $0?.claim.says }).first else { continue }
      // What the parts come to says little about a claim of several, and nothing about a law that holds in part.
      let words = parts.count == 1 ? "" : own.map { $0?.word.words ?? "-" }.joined(separator: " / ")
      var (rows, marks) = ([FigureRow("\(claim): \(says)", note: words, isHeading: true)], [Mark]())
      for what in parts {
        var words: [String] = []
        for (index, model) in models.enumerated() {
          guard let effect = effects[index].first(where: { $0.what == what }) else {
            words.append(own[index].map { Self.word(withoutEffect: what, in: $0) } ?? "-")
            continue
          }
          let interval = effect.interval
          marks.append(
            .interval(
              low: Self.bounded(interval.low), high: Self.bounded(interval.high), middle: Self.middle(effect.estimate),
              row: Double(rows.count) + (Double(index) + 0.5) / Double(models.count) - 0.5, Self.ink(of: effect.word)))
          words.append(effect.word.words)
          sentences.append(
            "Claim \(claim)\(models.count > 1 ? " (\(model))" : ""), \(what): \(VerdictTable.rounded(effect.estimate)), interval "
              + "\(VerdictTable.rounded(interval.low)) to \(VerdictTable.rounded(interval.high)), \(effect.word.words)."
          )
        }
        rows.append(FigureRow(what, note: words.joined(separator: " / ")))
      }
      if let last = panels.last, last.rows.count + rows.count <= Self.mostRows {
        panels[panels.count - 1].marks += marks.map { $0.moved(down: last.rows.count) }
        panels[panels.count - 1].rows += rows
      } else {
        panels.append((rows, marks))
      }
    }
    guard !sentences.isEmpty else { return nil }
    let axis = Axis(
      "effect over the smallest that matters, on the registered side",
      Figures.Scale(from: Self.shown.lowerBound, to: Self.shown.upperBound))
    let rules: [Mark] = [
      .verticalRule(0, .faint, .solid), .verticalRule(1, .faint, .dashed), .verticalRule(-1, .grid, .dotted),
    ]
    let order = models.count > 1 ? "in each row, from the top: \(models.joined(separator: ", "))" : ""
    return Figure(
      name: Self.summaryName, title: Self.summaryTitle, description: sentences.joined(separator: " "),
      panels: panels.enumerated().map { index, panel in
        Panel(
          index == 0 ? order : "", x: axis, y: .rows(panel.rows, strip: 9 * Double(models.count)),
          marks: rules + panel.marks)
      }, legend: Self.legend)
  }

  /// What the colours of that figure mean.
  private static var legend: [LegendEntry] {
    let words: [VerdictWord] = [.holds, .smallerThanAsked, .contradicted, .notShown]
    return words.map { LegendEntry($0.words, .line(ink(of: $0), .solid)) }
  }

  /// The names of a verdict's rows, also of those without an estimate.
  private static func names(of verdict: RegisteredVerdict) -> [String] {
    verdict.law.map { $0.ratios.map { name(of: $0) } } ?? verdict.parts.map(\.pooled.part.what)
  }

  private static func name(of ratio: PooledRatio) -> String { "LD50 of \(ratio.recipe)" }

  /// What a row comes to that has no estimate.
  private static func word(withoutEffect name: String, in verdict: RegisteredVerdict) -> String {
    if let law = verdict.law { return law.ratios.contains { Self.name(of: $0) == name } ? "no interval" : "-" }
    return verdict.parts.first { $0.pooled.part.what == name }?.word?.words ?? "-"
  }

  /// The most rows of a panel of that figure, unless a claim has more.
  private static let mostRows = 18

  private static func bounded(_ value: Double) -> Double { min(max(value, shown.lowerBound), shown.upperBound) }

  /// An estimate; not a number, which has no dot, where it lies beyond the figure's ends.
  private static func middle(_ estimate: Double) -> Double { shown.contains(estimate) ? estimate : .nan }

  private static func ink(of word: VerdictWord) -> Ink {
    switch word {
    case .holds: .series(1)
    case .smallerThanAsked, .holdsInPart: .series(0)
    case .contradicted: .failed
    case .notShown, .notRun: .faint
    }
  }

  /// The effects of a verdict that have an estimate.
  static func effects(of verdict: RegisteredVerdict) -> [ScaledEffect] {
    if let law = verdict.law {
      let margin = log(law.law.margin)
      return law.ratios.compactMap { ratio in
        guard let model = ratio.model else { return nil }
        return ScaledEffect(
          name(of: ratio), law.word(of: ratio), model.mean, model.interval(level: 0.9), unit: margin)
      }
    }
    return verdict.parts.compactMap { part in
      guard let model = part.pooled.model, let word = part.word else { return nil }
      let isAbsence = if case .absence = part.pooled.part.asked { true } else { false }
      return ScaledEffect(
        part.pooled.part.what, word, model.mean, model.interval(level: isAbsence ? 0.9 : 0.95),
        unit: unit(of: part, model))
    }
  }

  /// The smallest effect that matters with its sign, or the margin of none. Where any effect matters, such that the interval reaches
  /// to 3.
  private static func unit(of part: JudgedPart, _ model: RandomEffects) -> Double {
    let interval = model.interval()
    switch part.pooled.part.asked {
    case .effect(let isAbove, let smallest):
      let size = abs(part.pooled.scaled(smallest))
      let reach = max(abs(interval.low), abs(interval.high)) / 3
      return (size > 0 ? size : reach > 0 ? reach : 1) * (isAbove ? 1 : -1)
    case .absence(let margin): return part.pooled.scaled(margin)
    case .nothing: return 1
    }
  }

  // MARK: - One claim

  /// A model's rows in a panel of a claim's figure.
  private struct Group {
    /// A draw, a recipe, or what is pooled.
    struct Line {
      var label: String
      /// As tables write it; nil where there is none, and then `note` says so.
      var estimate: Double?
      var interval = ConfidenceInterval.undefined
      var note: String
      var ink = Ink.series(0)
    }

    /// What is measured.
    var title: String
    var model: String
    /// What it comes to.
    var word: String
    var axisTitle: String
    var isRatio: Bool
    /// The numbers that are asked about.
    var asked: [Double]
    var lines: [Line] = []

    /// Adds what has an estimate.
    mutating func add(_ label: String, _ estimate: Double, _ interval: ConfidenceInterval, _ ink: Ink) {
      let note = VerdictPage.aligned(estimate, interval)
      lines.append(Line(label: label, estimate: estimate, interval: interval, note: note, ink: ink))
    }
  }

  /// A claim's effects draw by draw, a panel for each part with the models below one another; nil where no draw has one.
  func figure(ofClaim name: String) -> Figure? {
    let own = verdicts.filter { $0.claim.name == name }
    let groups = own.flatMap { verdict -> [Group] in
      verdict.law.map { [Self.group($0, of: verdict)] } ?? verdict.parts.map { Self.group($0, of: verdict) }
    }
    guard let first = own.first, groups.flatMap(\.lines).contains(where: { $0.estimate != nil }) else { return nil }
    let sentences = own.flatMap { verdict in
      Self.effects(of: verdict).map { effect in "\(effect.what): \(effect.word.words)." }
    }
    // A law without a dose and a part that no draw is about have no rows.
    let titles = groups.filter { !$0.lines.isEmpty }.map(\.title).uniqued()
    return Figure(
      name: "claim-\(name)", title: Self.title(ofClaim: name) + first.claim.says,
      description: sentences.joined(separator: " "),
      panels: titles.map { title in panel(title, groups.filter { $0.title == title }) })
  }

  /// A part's draws, those that do not count, and what is pooled.
  private static func group(_ part: JudgedPart, of verdict: RegisteredVerdict) -> Group {
    let pooled = part.pooled
    let isRatio = pooled.part.measure.scale == .ratio
    var group = Group(
      title: pooled.part.what, model: verdict.family.name, word: part.word?.words ?? "",
      axisTitle: pooled.part.measure.axisTitle, isRatio: isRatio, asked: asked(pooled.part))
    for (draw, effect) in pooled.draws {
      let reach = Normal.quantile(0.975) * effect.variance.squareRoot()
      let interval = ConfidenceInterval(low: effect.estimate - reach, high: effect.estimate + reach)
      group.add(draw.name, pooled.natural(effect.estimate), pooled.natural(interval), .series(0))
    }
    group.lines += pooled.missingDraws.map { Group.Line(label: $0.draw.name, note: "left out") }
    if let model = pooled.model {
      group.add("pooled", pooled.natural(model.mean), pooled.natural(model.interval()), .text)
    }
    return group
  }

  /// A law's recipes.
  private static func group(_ law: JudgedLaw, of verdict: RegisteredVerdict) -> Group {
    var group = Group(
      title: law.law.what + (law.dose.map { ", in \($0)" } ?? ""), model: verdict.family.name, word: law.word.words,
      axisTitle: "ratio, with 90 % intervals", isRatio: true, asked: [1 / law.law.margin, law.law.margin])
    for ratio in law.ratios {
      if let model = ratio.model {
        group.add(ratio.recipe, exp(model.mean), ratio.interval(level: 0.9), .series(0))
      } else {
        group.lines.append(Group.Line(label: ratio.recipe, note: "no interval"))
      }
    }
    return group
  }

  private func panel(_ title: String, _ groups: [Group]) -> Panel {
    let isRatio = groups.contains(where: \.isRatio)
    let nothing: Double = isRatio ? 1 : 0
    let asked = groups.flatMap(\.asked).uniqued().filter { $0 != nothing }
    let ends = groups.flatMap(\.lines).flatMap { [$0.estimate ?? .nan, $0.interval.low, $0.interval.high] }
    let scale = Figures.Scale(isRatio ? .logarithmic : .linear, covering: ends + asked + [nothing])
    // An interval without an end reaches to that of the axis.
    func bounded(_ value: Double) -> Double { min(max(value, scale.low), scale.high) }
    var rows: [FigureRow] = []
    var marks: [Mark] = [.verticalRule(nothing, .faint, .solid)] + asked.map { .verticalRule($0, .faint, .dashed) }
    for group in groups {
      if areSeveral { rows.append(FigureRow(group.model, note: group.word, isHeading: true)) }
      for line in group.lines {
        if let estimate = line.estimate {
          marks.append(
            .interval(
              low: bounded(line.interval.low), high: bounded(line.interval.high), middle: estimate,
              row: Double(rows.count), line.ink))
        }
        rows.append(FigureRow(line.label, note: line.note))
      }
    }
    return Panel(title, x: Axis(groups.first?.axisTitle ?? "", scale), y: .lines(rows), marks: marks)
  }

  /// The numbers that a part asks about, as tables write them.
  private static func asked(_ part: ClaimPart) -> [Double] {
    switch part.asked {
    case .effect(_, let smallest): [smallest]
    case .absence(let margin): part.measure.scale == .ratio ? [1 / margin, margin] : [-margin, margin]
    case .nothing: []
    }
  }
}

extension Measure {
  /// What its numbers are, as an axis says it.
  fileprivate var axisTitle: String {
    switch self {
    case .riskDifference: "difference of rates"
    case .meanDifference(_, _, let ofLogs): ofLogs ? "ratio of geometric means" : "difference of means\(unit)"
    case .deviationRatio: "ratio of standard deviations"
    case .mean(_, let against): (against == 0 ? "mean" : "mean, less \(VerdictTable.rounded(against))") + unit
    case .covariance: "covariance"
    case .spearman: "rank correlation"
    case .difference: scale == .ratio ? "ratio of two effects" : "difference of two effects"
    }
  }

  /// The unit of numbers that have one.
  private var unit: String {
    rows.allSatisfy { $0.column.hasSuffix("_step") && $0.divisor == nil } ? ", in steps" : ""
  }
}

extension Mark {
  /// An interval some rows lower; any other mark as it is.
  fileprivate func moved(down rowCount: Int) -> Mark {
    guard case .interval(let low, let high, let middle, let row, let ink) = self else { return self }
    return .interval(low: low, high: high, middle: middle, row: row + Double(rowCount), ink)
  }
}
