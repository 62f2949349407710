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
      let parts = effects.joined().map(\.what).uniqued()
      guard !parts.isEmpty, let says = own.lazy.compactMap({ $0?.claim.says }).first else { continue }
      // What the parts come to says little about a claim of several, and nothing about a law that holds in part.
      let words = parts.count > 1 ? own.map { $0?.word.words ?? "-" }.joined(separator: " / ") : ""
      var (rows, marks) = ([FigureRow("\(claim)  \(says)", note: words, isHeading: true)], [Mark]())
      for what in parts {
        var words: [String] = []
        for (index, model) in models.enumerated() {
          guard let effect = effects[index].first(where: { $0.what == what }) else {
            words.append("-")
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
    guard !panels.isEmpty else { return nil }
    let axis = Axis(
      "effect over the smallest that matters, on the registered side",
      Figures.Scale(from: Self.shown.lowerBound, to: Self.shown.upperBound))
    let rules: [Mark] = [
      .verticalRule(0, .faint, .solid), .verticalRule(1, .faint, .dashed), .verticalRule(-1, .grid, .dotted),
    ]
    return Figure(
      name: Self.summaryName, title: Self.summaryTitle, description: sentences.joined(separator: " "),
      panels: panels.map { rows, marks in
        Panel(x: axis, y: .rows(rows, strip: 9 * Double(models.count)), marks: rules + marks)
      })
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
        let narrow = model.interval(level: 0.9)
        return ScaledEffect(
          "LD50 of \(ratio.recipe)", .ofAbsence(narrow: narrow, wide: model.interval(), margin: margin), model.mean,
          narrow, unit: margin)
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

  /// A claim's effects draw by draw, a panel for each part and model; nil where no draw has one.
  func figure(ofClaim name: String) -> Figure? {
    let own = verdicts.filter { $0.claim.name == name }
    let panels = own.flatMap { verdict in
      verdict.law.map { [panel(of: $0, verdict.family.name)].compactMap { $0 } }
        ?? verdict.parts.compactMap { panel(of: $0.pooled, verdict.family.name) }
    }
    guard let first = own.first, !panels.isEmpty else { return nil }
    let sentences = own.flatMap { verdict in
      Self.effects(of: verdict).map { effect in "\(effect.what): \(effect.word.words)." }
    }
    return Figure(
      name: "claim-\(name)", title: Self.title(ofClaim: name) + first.claim.says,
      description: sentences.joined(separator: " "), panels: panels)
  }

  private func panel(of pooled: PooledPart, _ family: String) -> Panel? {
    guard !pooled.draws.isEmpty else { return nil }
    let isRatio = pooled.part.measure.scale == .ratio
    var (rows, marks, ends): ([FigureRow], [Mark], [Double]) = ([], [], [])
    func add(_ label: String, _ estimate: Double, _ interval: ConfidenceInterval, _ ink: Ink) {
      let (middle, interval) = (pooled.natural(estimate), pooled.natural(interval))
      marks.append(
        .interval(low: interval.low, high: interval.high, middle: middle, row: Double(rows.count), ink))
      ends += [interval.low, interval.high]
      rows.append(FigureRow(label, note: VerdictTable.rounded(middle)))
    }
    for (draw, effect) in pooled.draws {
      let reach = Normal.quantile(0.975) * effect.variance.squareRoot()
      add(
        draw.name, effect.estimate, ConfidenceInterval(low: effect.estimate - reach, high: effect.estimate + reach),
        .series(0))
    }
    if let model = pooled.model { add("pooled", model.mean, model.interval(), .text) }
    var rules: [Mark] = [.verticalRule(isRatio ? 1 : 0, .faint, .solid)]
    let asked = Self.asked(pooled.part)
    rules += asked.map { .verticalRule($0, .faint, .dashed) }
    let what = pooled.part.what + (areSeveral ? " (\(family))" : "")
    return Panel(
      what,
      x: Axis(
        isRatio ? "ratio" : "",
        Figures.Scale(isRatio ? .logarithmic : .linear, covering: ends + asked + [isRatio ? 1 : 0])),
      y: .rows(rows, strip: 8), marks: rules + marks)
  }

  /// The numbers that a part asks about, as tables write them.
  private static func asked(_ part: ClaimPart) -> [Double] {
    switch part.asked {
    case .effect(_, let smallest): [smallest]
    case .absence(let margin): part.measure.scale == .ratio ? [1 / margin, margin] : [-margin, margin]
    case .nothing: []
    }
  }

  private func panel(of law: JudgedLaw, _ family: String) -> Panel? {
    let known = law.ratios.compactMap { ratio in ratio.model.map { (ratio, $0) } }
    guard !known.isEmpty else { return nil }
    let margins = [1 / law.law.margin, law.law.margin]
    var marks: [Mark] = [.verticalRule(1, .faint, .solid)] + margins.map { .verticalRule($0, .faint, .dashed) }
    var (rows, ends): ([FigureRow], [Double]) = ([], margins)
    for (ratio, model) in known {
      let interval = ratio.interval(level: 0.9)
      marks.append(
        .interval(
          low: interval.low, high: interval.high, middle: exp(model.mean), row: Double(rows.count), .series(0)))
      rows.append(FigureRow(ratio.recipe, note: VerdictTable.rounded(exp(model.mean))))
      ends += [interval.low, interval.high]
    }
    return Panel(
      law.law.what + (law.dose.map { ", in \($0)" } ?? "") + (areSeveral ? " (\(family))" : ""),
      x: Axis("ratio, with 90 % intervals", Figures.Scale(.logarithmic, covering: ends)), y: .rows(rows, strip: 8),
      marks: marks)
  }
}

extension Mark {
  /// An interval some rows lower; any other mark as it is.
  fileprivate func moved(down rowCount: Int) -> Mark {
    guard case .interval(let low, let high, let middle, let row, let ink) = self else { return self }
    return .interval(low: low, high: high, middle: middle, row: row + Double(rowCount), ink)
  }
}
