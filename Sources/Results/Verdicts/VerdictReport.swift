// The page of verdicts that people read, as files: an opening with one figure and one table, a section for each claim with its figure,
// and a page of all conditions. Sections are written between marks, so that words of people around them stay.

import Claims
import Figures
import Foundation
import Tables
import TrialTables

/// The files of a page of verdicts.
package struct VerdictReport {
  private let page: VerdictPage
  private let figures: VerdictFigures
  private let verdicts: [RegisteredVerdict]
  /// The page's name without its ending.
  private let stem: String
  /// The claims by other failure rules.
  private let otherRules: [OtherRule]

  /// The claims as another failure rule judges them.
  package struct OtherRule {
    /// The rule, as tables name it.
    package var name: String
    /// The verdicts under it.
    package var verdicts: [RegisteredVerdict]

    package init(name: String, verdicts: [RegisteredVerdict]) {
      self.name = name
      self.verdicts = verdicts
    }
  }

  /// The page of some verdicts.
  ///
  /// - Parameters:
  ///   - stem: The name of the page's file without folder and ending.
  ///   - otherRules: The same claims by other failure rules; a word that differs is marked.
  package init(
    _ registration: Registration, _ runs: RegisteredRuns, _ verdicts: [RegisteredVerdict], stem: String,
    otherRules: [OtherRule] = []
  ) {
    page = VerdictPage(registration, runs, verdicts)
    self.verdicts = VerdictPage.ordered(verdicts, registration)
    figures = VerdictFigures(verdicts: self.verdicts)
    self.stem = stem
    self.otherRules = otherRules
  }

  /// The name of the page with all conditions.
  package var conditionsName: String { "\(stem)-conditions.md" }
  /// The folder of the figures, beside the page.
  package var figuresFolder: String { "\(stem)-figures" }

  /// The figures' files, by names below the page's folder.
  package var figureFiles: [(name: String, text: String)] {
    ([figures.summary] + claimNames.map { figures.figure(ofClaim: $0) }).compactMap { figure in
      figure.map { (path(of: $0), $0.svg(.paper(millimetres: 150), isOnPlate: true).text + "\n") }
    }
  }

  /// The figures of an earlier page below the page's folder that this page does not have, such as those of claims that are not registered
  /// any more: files with a name and a title that only figures of verdicts have.
  ///
  /// - Parameter folder: The page's folder.
  package func staleFigures(below folder: String) -> [String] {
    let path = "\(folder)/\(figuresFolder)"
    let kept = Set(figureFiles.map(\.name))
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.sorted().filter { name in
      guard !kept.contains("\(figuresFolder)/\(name)"), let start = VerdictFigures.start(ofFile: name),
        let data = FileManager.default.contents(atPath: "\(path)/\(name)")
      else { return false }
      return String(decoding: data, as: UTF8.self).contains(start)
    }.map { "\(figuresFolder)/\($0)" }
  }

  /// The page with all conditions.
  package var conditions: String {
    "# Every condition\n\nOf the verdicts in [\(stem).md](\(stem).md).\n\n\(page.markdown)"
  }

  /// The page: a new one, or an old one with its sections replaced and without those of claims that are not registered any more.
  package func text(replacing old: String?) -> String {
    var text = MarkedText(old ?? "# Verdicts\n")
    text.removeClaims(but: claimNames)
    text.set(opening, of: "summary")
    for name in claimNames { text.set(section(name), of: "claim \(name)") }
    return text.text
  }

  private var claimNames: [String] { verdicts.map(\.claim.name).uniqued() }

  private func path(of figure: Figure) -> String { "\(figuresFolder)/\(figure.name).svg" }

  // MARK: - The opening

  private var opening: String {
    var parts = [page.head]
    if let figure = figures.summary {
      parts.append("![The effect of every claim beside the smallest that matters](\(path(of: figure)))")
      parts.append(
        "\(order)Each line is a 95 % interval of the effect over all draws, and a 90 % one where none is claimed. At 0 there is no effect, and "
          + "at 1 the smallest one that matters; a claim of none must lie between -1 and 1. Where the smallest is 0, the farther "
          + "end of the interval is at 3 or -3. Intervals are cut at the figure's ends, and an estimate beyond them has no dot. In the "
          + "figures of single claims each line is a draw with its 95 % interval (pooled: all draws together), or a recipe where a law is "
          + "judged; the solid rule is no effect, and a dashed one is what is asked.")
    }
    parts.append(words)
    parts.append(table)
    if !otherRules.isEmpty {
      parts.append(
        "The last columns have the verdicts by other failure rules\(inOrder), and a word that changes is bold. A claim is *not run* there "
          + "if it reads the table of an analysis that was not made by the rule.")
    }
    parts.append("\(page.computed) The processors and the hours of each draw: [draws](\(conditionsName)#draws).")
    parts.append(
      "What each claim asks, what would show a claim that is not shown, all tests and every recipe that was started: "
        + "[all conditions](\(conditionsName)).")
    if claimNames.contains(where: isBrief) {
      parts.append(
        "A section that would have more than \(Self.mostWords) words has estimates without their intervals, in the order of its models."
      )
    }
    return parts.joined(separator: "\n\n")
  }

  /// In which order the first figure has the models of a row; nothing for a single one.
  private var order: String {
    let models = figures.models
    return models.count > 1 ? "Each row has, from the top, \(models.joined(separator: ", then ")). " : ""
  }

  /// In which order a cell of the table has the models; nothing for a single one.
  private var inOrder: String {
    let models = figures.models
    return models.count > 1 ? " (\(models.joined(separator: " / ")))" : ""
  }

  /// What the words mean.
  private var words: String {
    var law = ""
    if verdicts.contains(where: { $0.law != nil }) {
      law =
        " A law holds if the 90 % interval of every recipe's ratio lies within the margin, and in part if its dose explains enough of "
        + "the variance."
    }
    return """
      A claim *holds* if the 95 % interval lies on the registered side of no effect, the estimate is at least the smallest effect that \
      matters, and the p-value, adjusted over the claims of the model (Holm), is below \(VerdictWord.significance); a claim of no effect \
      holds if the 90 % interval lies within the margin. It is *smaller than asked* if the 95 % interval lies on that side and the estimate is \
      smaller, *contradicted* if the 95 % interval lies on the other side or outside the margin, and else *not shown*. Of a claim with \
      several parts all must hold; it *holds in part* if some do. It is *not run* where too few draws or runs count.\(law)
      """
  }

  /// Every claim with its parts in rows, and a column for each model.
  private var table: String {
    let models = figures.models
    let head =
      ["#", "claim, and what is measured"] + models.map { "\($0): verdict, effect and 95 % interval" }
      + otherRules.map { "by `\($0.name)`" }
    var lines = [Self.line(head), Self.line(head.map { _ in "---" })]
    for name in claimNames {
      let own = models.map { model in verdicts.first { $0.claim.name == name && $0.family.name == model } }
      let says = own.compactMap { $0?.claim.says }.first ?? ""
      let words = own.map { $0.map { "**\($0.word.words)**" } ?? "-" }
      let byRules = otherRules.map { rule in
        own.compactMap { $0.map { Self.word(of: $0, by: rule) } }.joined(separator: " / ")
      }
      let link = "[\(name)](#\(Self.anchor(of: Self.heading(name, says))))"
      lines.append(Self.line([link, "**\(says)**"] + words + byRules))
      let rows = own.map { $0.map { VerdictPage.rows(of: $0) } ?? [] }
      for what in rows.joined().map(\.what).uniqued() {
        let effects = zip(own, rows).map { verdict, rows -> String in
          guard let verdict, let row = rows.first(where: { $0.what == what }) else { return "-" }
          return row.effect.aligned + Self.word(of: row, in: verdict)
        }
        lines.append(Self.line(["", what] + effects + otherRules.map { _ in "" }))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The heading of a claim's section.
  private static func heading(_ name: String, _ says: String) -> String { "Claim \(name): \(says)" }

  /// The anchor that forges give a heading.
  private static func anchor(of heading: String) -> String {
    String(
      heading.lowercased().compactMap { character -> Character? in
        if character == " " { return "-" }
        return character.isLetter || character.isNumber || character == "-" || character == "_" ? character : nil
      })
  }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.map { VerdictTable.cell($0) }.joined(separator: " | ") + " |"
  }

  /// What a claim comes to by another rule, marked where that is another word. A claim whose tables nobody made by the rule has no mark.
  private static func word(of verdict: RegisteredVerdict, by rule: OtherRule) -> String {
    let other = rule.verdicts.first { $0.claim.name == verdict.claim.name && $0.family.name == verdict.family.name }
    guard let other else { return "-" }
    let isSame = other.word.words == verdict.word.words || other.word.reason != nil
    return isSame ? other.word.words : "**\(other.word.words)** (changes)"
  }

  // MARK: - Sections

  /// The most words of a claim's section, its registered texts among them. Where there would be more, the effects stand without models
  /// and intervals, which the table has.
  private static let mostWords = 200

  private func section(_ name: String) -> String { section(name, isBrief: isBrief(name)) }

  /// Whether a section would have too many words with all that it says of effects.
  private func isBrief(_ name: String) -> Bool {
    section(name, isBrief: false).split(whereSeparator: \.isWhitespace).count > Self.mostWords
  }

  private func section(_ name: String, isBrief: Bool) -> String {
    let own = verdicts.filter { $0.claim.name == name }
    guard let claim = own.first?.claim else { return "" }
    var lines = ["## \(Self.heading(name, claim.says))", ""]
    if let figure = figures.figure(ofClaim: name) {
      lines += ["![\(isBrief ? "Draw by draw" : "Claim \(name), draw by draw")](\(path(of: figure)))", ""]
    }
    let words = own.map { "\($0.family.name): **\($0.word.words)**." + Self.reason($0, isBrief: isBrief) }
    lines += [words.joined(separator: " "), ""]
    // A part's name and what it asks are written once, and the effects in all models behind them.
    let rows = own.flatMap { verdict in VerdictPage.rows(of: verdict).map { (verdict: verdict, row: $0) } }
    for title in rows.map({ Self.title(of: $0.row, isBrief: isBrief) }).uniqued() {
      let effects = rows.filter { Self.title(of: $0.row, isBrief: isBrief) == title }.map {
        isBrief ? Self.estimate(in: $0.verdict, $0.row) : Self.effect(in: $0.verdict, $0.row)
      }
      lines.append("- \(title): \(effects.joined(separator: "; ")).")
    }
    lines.append("")
    for dose in own.compactMap({ $0.law?.dose }).uniqued() {
      guard let column = StepSizeColumns.all.first(where: { $0.name == dose }) else { continue }
      lines += ["`\(dose)`: \(column.facts.documentation)", ""]
    }
    if !claim.exclusions.isEmpty { lines += ["Left out: \(claim.exclusions.joined(separator: "; ")).", ""] }
    return lines.dropLast().joined(separator: "\n")
  }

  private static func title(of row: VerdictPage.Row, isBrief: Bool) -> String {
    row.asked.isEmpty ? row.what : isBrief ? "\(row.what) (\(row.asked))" : "\(row.what) (asked: \(row.asked))"
  }

  /// A part's effect in a model, with its word where the claim has others.
  private static func effect(in verdict: RegisteredVerdict, _ row: VerdictPage.Row) -> String {
    "\(verdict.family.name) \(row.effect.aligned)\(word(of: row, in: verdict, mark: "**"))"
      + (row.remark.map { " (\($0))" } ?? "")
  }

  /// What a row comes to, between marks, where the claim has others.
  private static func word(of row: VerdictPage.Row, in verdict: RegisteredVerdict, mark: String = "") -> String {
    verdict.parts.count > 1 || verdict.law != nil ? row.word.map { ", \(mark)\($0.words)\(mark)" } ?? "" : ""
  }

  /// The same without the model and the interval. Of a law, which may have another dose in each model, the model stays.
  private static func estimate(in verdict: RegisteredVerdict, _ row: VerdictPage.Row) -> String {
    (verdict.law == nil ? "" : "\(verdict.family.name) ") + row.effect.estimate
      + word(of: row, in: verdict, mark: "**")
  }

  /// Why a claim was not judged; of a brief section without the draws.
  private static func reason(_ verdict: RegisteredVerdict, isBrief: Bool) -> String {
    guard let reason = verdict.word.reason else { return "" }
    let shown = isBrief ? String(reason.prefix { $0 != ";" }) : reason
    return " \(shown.prefix(1).uppercased())\(shown.dropFirst())."
  }
}

/// A text with sections between marks.
struct MarkedText {
  private(set) var text: String

  init(_ text: String) { self.text = text }

  /// The mark behind a section.
  private static func end(of name: String) -> String { "<!-- seedsweep verdict: end of \(name) -->" }

  /// Removes the sections of claims with other names than these, with the empty line behind each.
  mutating func removeClaims(but names: [String]) {
    var start = text.startIndex
    while let mark = text[start...].firstMatch(of: /<!-- seedsweep verdict: (claim .+?) -->/) {
      let (name, begin) = (String(mark.1), mark.range.lowerBound)
      guard !names.contains(where: { name == "claim \($0)" }),
        let last = text.range(of: Self.end(of: name), range: mark.range.upperBound..<text.endIndex)
      else {
        start = mark.range.upperBound
        continue
      }
      var end = last.upperBound
      for _ in 0..<2 where end < text.endIndex && text[end].isNewline { end = text.index(after: end) }
      // Removing characters makes indices invalid.
      let offset = text.distance(from: text.startIndex, to: begin)
      text.removeSubrange(begin..<end)
      start = text.index(text.startIndex, offsetBy: offset)
    }
  }

  /// Puts a section in place of the one of the same name, or last.
  mutating func set(_ section: String, of name: String) {
    let (begin, end) = ("<!-- seedsweep verdict: \(name) -->", Self.end(of: name))
    let marked = "\(begin)\n\(section)\n\(end)"
    if let first = text.range(of: begin), let last = text.range(of: end, range: first.upperBound..<text.endIndex) {
      text.replaceSubrange(first.lowerBound..<last.upperBound, with: marked)
    } else {
      while text.hasSuffix("\n\n") { text.removeLast() }
      text += (text.isEmpty ? "" : text.hasSuffix("\n") ? "\n" : "\n\n") + marked + "\n"
    }
  }
}
