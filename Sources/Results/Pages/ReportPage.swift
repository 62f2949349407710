// A page about folders of results: one XHTML file that needs nothing beside it, asks nobody for anything, and is read without its
// script. What stands in its figures and tables is made elsewhere; here is their order.

import CommandLine
import Comparisons
import Console
import Digests
import Figures
import Files
import Foundation
import Host
import Reports
import Storage
import Tables
import Trials

/// A page about folders of results.
package struct ReportPage {
  /// The sentences of comparisons that a page opens with.
  private static let mostSentences = 4
  /// The pairs that need no sentence about all of them.
  private static let fewPairs = 2

  private let sources: [PageFolder]
  private let recipes: [PageRecipe]
  /// The pairs of which both recipes have results, and the number of the others.
  private let comparisons: [Comparison]
  private let waiting: Int
  /// The figures, in the order of the page.
  package let figures: (overview: [Figure], training: [Figure], analyses: [Figure])
  /// When it is made, in seconds since 1970.
  private let time: Double

  /// The page of some folders, at least one.
  ///
  /// - Parameter known: What comparing their recipes came to, where that is known.
  package init(_ sources: [PageFolder], time: Double, comparisons known: [Comparison]? = nil) {
    self.time = time
    var sources = sources
    if sources.count > 1 { Self.tellApart(&sources) }
    self.sources = sources
    recipes = sources.flatMap(\.recipes)
    let compared = known ?? Self.comparisons(sources)
    comparisons = compared.filter { $0.conclusion != .noRuns }
    waiting = compared.count - comparisons.count
    figures = (
      [
        ScoreFigures.failures(recipes, level: sources[0].options.level), ScoreFigures.scores(recipes),
        SeedFigures.scores(recipes),
      ].compactMap { $0 },
      CurveFigures.figures(recipes), sources.flatMap(AnalysisFigures.figures)
    )
  }

  /// Adds the folder to the names of recipes, also where they are compared within it.
  private static func tellApart(_ sources: inout [PageFolder]) {
    let names = sources.flatMap { source in Set(source.recipes.map(\.name)) }
    let inks = PageFolder.inks(sources.flatMap { $0.recipes.map { "\($0.row.label)" } })
    let areUnique = Set(names).count == names.count
    for index in sources.indices {
      for recipe in sources[index].recipes.indices {
        let label = sources[index].recipes[recipe].row.label
        sources[index].recipes[recipe].ink = areUnique ? inks[label] ?? .series(0) : .series(index)
        guard !areUnique else { continue }
        let folder = sources[index].folder.path
        sources[index].recipes[recipe].name += " in \(folder)"
        sources[index].recipes[recipe].group.label += " in \(folder)"
      }
      guard !areUnique else { continue }
      for pair in sources[index].pairs.indices {
        sources[index].pairs[pair].candidateName += " in \(sources[index].folder.path)"
        sources[index].pairs[pair].referenceName += " in \(sources[index].folder.path)"
      }
    }
  }

  /// The declared pairs of each folder; of several folders the recipes that are in all, where there are such and one rule and one score
  /// judged all of them.
  private static func comparisons(_ sources: [PageFolder]) -> [Comparison] {
    let options = sources[0].options
    let plans = sources.compactMap { source in
      source.plan.map { ComparisonPairs.Source(path: source.folder.path, plan: $0, rows: source.recipes.map(\.row)) }
    }
    if sources.count > 1, plans.count == sources.count, areJudgedAlike(sources),
      let pairs = try? ComparisonPairs.across(plans)
    {
      return Comparison.all(pairs, options: options)
    }
    return sources.flatMap { Comparison.all($0.pairs, options: $0.options) }
  }

  /// Whether one rule and one score judged the runs of all folders.
  private static func areJudgedAlike(_ sources: [PageFolder]) -> Bool {
    Set(sources.map { TableOptions(of: $0.folder).judgement }).count == 1
  }

  // MARK: - The document

  /// The page. `link` says where a file of a folder is, as seen from the page.
  package func document(link: (_ folder: RunFolder, _ file: String) -> String) -> Markup {
    var markup = Markup()
    markup.literal("<!DOCTYPE html>\n")
    markup.open("html", [("xmlns", "http://www.w3.org/1999/xhtml"), ("lang", "en"), ("xml:lang", "en")])
    markup.newLine()
    writeHead(&markup)
    markup.newLine()
    markup.open("body")
    markup.open("main")
    writeOpening(&markup)
    var number = 0
    func section(_ identifier: String, _ title: String, _ write: () -> Void) {
      markup.newLine()
      markup.element("h2", [("id", identifier)], title)
      markup.newLine()
      write()
    }
    func show(_ figures: [Figure]) { Self.write(figures, to: &markup, &number) }
    if !recipes.isEmpty {
      section("rates", "Failures and scores") {
        show(figures.overview)
        Self.scrolling(&markup, "recipes in numbers") { PageTable.recipes(recipes).write(to: &$0) }
        writeNotes(&markup)
      }
    }
    if !figures.training.isEmpty {
      section("training", "Training") {
        show(figures.training)
        let others = CurveFigures.leftOutCount(recipes)
        if others > 0 { markup.element("p", [("class", "note")], "\(others) more recipes are in curves.csv only.") }
      }
    }
    if !comparisons.isEmpty {
      section("comparisons", "Comparisons") {
        Self.scrolling(&markup, "compared recipes") { PageTable.comparisons(comparisons).write(to: &$0) }
      }
    }
    if !figures.analyses.isEmpty { section("analyses", "Analyses") { show(figures.analyses) } }
    section("table", "Trials") { writeTrials(&markup, link) }
    section("how", "How it was run") { writeFacts(&markup) }
    markup.close()
    markup.open("script")
    markup.literal(PageStyle.script)
    for _ in 0..<3 { markup.close() }
    markup.newLine()
    return markup
  }

  private var title: String { sources.map(\.title).joined(separator: ", ") }

  private func writeHead(_ markup: inout Markup) {
    markup.open("head")
    markup.empty("meta", [("charset", "utf-8")])
    markup.empty(
      "meta", [("http-equiv", "Content-Security-Policy"), ("content", Self.policy)])
    markup.empty("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")])
    markup.empty("meta", [("name", "color-scheme"), ("content", "light dark")])
    markup.empty("meta", [("name", "generator"), ("content", "seedsweep \(Version.current)")])
    markup.element("title", "\(title): seedsweep")
    markup.open("style")
    markup.literal(PageStyle.sheet)
    markup.close()
    markup.close()
  }

  /// What a browser may do for the page: apply its style and run its script, and nothing that leaves the file.
  static let policy =
    "default-src 'none'; style-src '\(digest(PageStyle.sheet))'; script-src '\(digest(PageStyle.script))'; base-uri 'none'; "
    + "form-action 'none'"

  private static func digest(_ text: StaticString) -> String {
    var digest = SHA256()
    digest.update("\(text)")
    return "sha256-" + Data(digest.finalized()).base64EncodedString()
  }

  // MARK: - Sections

  private func writeOpening(_ markup: inout Markup) {
    markup.newLine()
    markup.element("h1", title)
    for sentence in sources.map(PageWords.sweep) { markup.element("p", [("class", "lead")], sentence) }
    for sentence in PageWords.missing(recipes, asOf: RunFacts.time(time)) {
      markup.element("p", [("class", "warn")], sentence)
    }
    for sentence in sources.compactMap(PageWords.missingBaseline).uniqued() {
      markup.element("p", [("class", "warn")], sentence)
    }
    for sentence in sources.flatMap(PageWords.nothingLearned) { markup.element("p", [("class", "warn")], sentence) }
    writeAnswers(&markup)
    markup.open("nav", [("aria-label", "sections")])
    markup.open("ul")
    for (target, name) in [
      ("rates", "Failures and scores"), ("training", "Training"), ("comparisons", "Comparisons"),
      ("analyses", "Analyses"), ("table", "Trials"), ("how", "How it was run"),
    ] where hasSection(target) {
      markup.open("li")
      markup.element("a", [("href", "#" + target)], name)
      markup.close()
    }
    markup.close()
    markup.close()
  }

  private func hasSection(_ identifier: String) -> Bool {
    switch identifier {
    case "rates": !recipes.isEmpty
    case "training": !figures.training.isEmpty
    case "comparisons": !comparisons.isEmpty
    case "analyses": !figures.analyses.isEmpty
    default: true
    }
  }

  /// Which recipe is more stable, in the sentences of `compare`; of recipes without a pair, how often each failed. Of many pairs a
  /// sentence says how many tell two recipes apart, and those come first, or the two that come nearest to it.
  private func writeAnswers(_ markup: inout Markup) {
    let decided = comparisons.filter { $0.conclusion != .undecided }
    let others = comparisons.filter { $0.conclusion == .undecided }
    var sentences = comparisons.isEmpty ? PageWords.rates(recipes) : (decided + others).map(\.sentence)
    var mostSentences = Self.mostSentences
    if comparisons.count > Self.fewPairs {
      Self.writeAnswer(PageWords.pairs(decided.count, of: comparisons.count), to: &markup)
      sentences = (decided + others.sorted { $0.primaryP < $1.primaryP }).map(\.sentence)
      mostSentences = decided.isEmpty ? Self.fewPairs : min(decided.count, Self.mostSentences)
    }
    for sentence in sentences.prefix(mostSentences) { Self.writeAnswer(sentence, to: &markup) }
    if sentences.count > mostSentences {
      let count = sentences.count - mostSentences
      let what = comparisons.isEmpty ? counted(count, "more recipe") : "\(counted(count, "more pair")) of recipes"
      let table = comparisons.isEmpty ? "recipes" : "comparisons"
      markup.element("p", [("class", "note")], "\(what) \(count == 1 ? "is" : "are") in the table of \(table).")
    }
    if waiting > 0 {
      Self.writeAnswer(
        "\(counted(waiting, "pair")) of recipes \(waiting == 1 ? "is" : "are") not compared: one of the two has no result.",
        to: &markup)
    }
  }

  /// A sentence, its first part set off: what was found before how.
  private static func writeAnswer(_ sentence: String, to markup: inout Markup) {
    markup.newLine()
    markup.open("p", [("class", "answer")])
    if let range = sentence.range(of: ": it failed in ") {
      markup.element("strong", String(sentence[..<range.lowerBound]))
      markup.text(String(sentence[range.lowerBound...]))
    } else {
      markup.text(sentence)
    }
    markup.close()
  }

  private static func write(_ figures: [Figure], to markup: inout Markup, _ number: inout Int) {
    markup.open("div", [("class", "figures")])
    for figure in figures {
      number += 1
      markup.newLine()
      markup.open("figure")
      markup.open("figcaption")
      markup.text(figure.title)
      if !figure.note.isEmpty { markup.element("span", figure.note) }
      markup.close()
      markup.add(figure.svg(.page(identifier: "f\(number)")))
      markup.close()
    }
    markup.close()
    markup.newLine()
  }

  /// A part that scrolls by itself where it is wider than the screen, by keyboard as well.
  private static func scrolling(
    _ markup: inout Markup, _ label: String, isTall: Bool = false, _ write: (inout Markup) -> Void
  ) {
    markup.open(
      "div",
      [("class", isTall ? "scroll tall" : "scroll"), ("role", "region"), ("aria-label", label), ("tabindex", "0")])
    write(&markup)
    markup.close()
  }

  private func writeNotes(_ markup: inout Markup) {
    let rules = sources.map { ConsoleTable.failure($0.options, $0.recipes.map(\.row)) }
    let failed =
      Set(rules).count == 1
      ? "failed: \(rules[0])"
      : zip(sources, rules).map { "failed in \($0.folder.path): \($1)" }.joined(separator: ". ")
    let strata =
      recipes.contains { $0.row.stoppedRuns != nil }
      ? " (of two strata where runs were stopped: those that went on, and the stopped ones that were finished)" : ""
    markup.element(
      "p", [("class", "note")],
      "\(failed). Intervals: Wilson's, of the rate\(strata); sd: with n - 1; ok: the runs that did not fail.")
    var warnings = PageWords.warnings(recipes) + sources.flatMap(\.warnings)
    if sources.count > 1, sources.allSatisfy({ $0.plan != nil }), !Self.areJudgedAlike(sources) {
      warnings.append(
        "The folders are not compared with each other, because their runs are not judged alike; 'seedsweep summarize DIR' with "
          + "--failure-rule and --score judges those of a folder anew")
    }
    guard !warnings.isEmpty else { return }
    markup.open("ul", [("class", "note")])
    for warning in warnings { markup.element("li", warning) }
    markup.close()
  }

  private func writeTrials(_ markup: inout Markup, _ link: (_ folder: RunFolder, _ file: String) -> String) {
    let (table, isPart) = PageTable.trials(recipes)
    let count = recipes.reduce(0) { $0 + $1.runs.count }
    let plannedCount = recipes.reduce(0) { $0 + $1.row.count + $1.row.missingCount }
    markup.open("p", [("class", "note")])
    if isPart {
      markup.text(
        "\(table.rows.count) of \(count) trials: the failed ones, at most \(PageTable.mostFailed), and those with the lowest and highest "
          + "scores. ")
    } else if count < plannedCount {
      markup.text("\(count) of \(counted(plannedCount, "trial")) \(count == 1 ? "has" : "have") begun. ")
    } else {
      markup.text("\(counted(count, "trial")). ")
    }
    if recipes.contains(where: { $0.runs.contains { $0.seed.contains("/") } }) {
      markup.text("Of three seeds the first is initialization's, the second data order's, the third dropout's. ")
    }
    if table.rows.count > PageStyle.printedRows {
      markup.element("span", [("class", "printed")], "Printed: the first \(PageStyle.printedRows) rows. ")
    }
    markup.text("Every column of every trial: ")
    for (index, source) in sources.enumerated() {
      if index > 0 { markup.text(", ") }
      markup.element(
        "a", [("href", link(source.folder, "trials.csv"))],
        sources.count > 1 ? source.folder.path + "/trials.csv" : "trials.csv")
    }
    markup.close()
    markup.newLine()
    if !table.rows.isEmpty {
      Self.scrolling(&markup, "trials", isTall: true) { table.write(to: &$0, identifier: "trials") }
    }
  }

  private func writeFacts(_ markup: inout Markup) {
    for source in sources {
      if sources.count > 1 { markup.element("h3", source.folder.path) }
      markup.open("dl")
      for (name, text) in source.facts {
        markup.element("dt", name)
        markup.element("dd", text)
      }
      markup.close()
      markup.newLine()
    }
    markup.open("p")
    markup.text("This page was made on \(RunFacts.time(time)) from the same results as the tables. To make it again: ")
    let words = ["seedsweep", "report"] + sources.map { ShellText.quoted($0.folder.path) }
    markup.element("code", words.joined(separator: " "))
    markup.close()
    markup.newLine()
  }
}
