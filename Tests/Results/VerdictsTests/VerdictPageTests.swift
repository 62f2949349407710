// The page of verdicts that people read: its sections, figures and what is replaced of an earlier page.

import Foundation
import ResultsSupport
import Statistics
import Trials
import XCTest

@testable import Claims
@testable import Verdicts

final class VerdictPageTests: VerdictTestCase {
  /// A page whose sections are written again between its marks, with a column for another rule by which the word is another.
  func testThePage() throws {
    let plans = try [5, 6, 7].enumerated().map { try run($0, failed: ($1, 0)) }
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    let verdicts = try RegisteredVerdict.all(registration, in: runs)
    let others = try RegisteredVerdict.all(self.registration(plans, smallest: 0.7), in: runs)
    let report = VerdictReport(
      registration, runs, verdicts, stem: "V", otherRules: [VerdictReport.OtherRule(name: "loss", verdicts: others)])
    let page = report.text(replacing: nil)
    XCTAssertEqual(
      page,
      """
      # Verdicts

      <!-- seedsweep verdict: summary -->
      Registered in commit abcdef of 2026-12-01T12:00:00Z. Models: embedded (confirmatory, 3 draws).

      ![The effect of every claim beside the smallest that matters](V-figures/summary.svg)

      Each line is a 95 % interval of the effect over all draws, and a 90 % one where none is claimed. At 0 there is no effect, and \
      at 1 the smallest one that matters; a claim of none must lie between -1 and 1. Where the smallest is 0, the farther \
      end of the interval is at 3 or -3. Intervals are cut at the figure's ends, and an estimate beyond them has no dot. In the \
      figures of single claims each line is a draw with its 95 % interval (pooled: all draws together), or a recipe where a law is \
      judged; the solid rule is no effect, and a dashed one is what is asked.

      A claim *holds* if the 95 % interval lies on the registered side of no effect, the estimate is at least the smallest effect that \
      matters, and the p-value, adjusted over the claims of the model (Holm), is below 0.05; a claim of no effect \
      holds if the 90 % interval lies within the margin. It is *smaller than asked* if the 95 % interval lies on that side and the estimate is \
      smaller, *contradicted* if the 95 % interval lies on the other side or outside the margin, and else *not shown*. Of a claim with \
      several parts all must hold; it *holds in part* if some do. It is *not run* where too few draws or runs count.

      | # | claim, and what is measured | embedded: verdict, effect and 95 % interval | by `loss` |
      | --- | --- | --- | --- |
      | [6](#claim-6-correction-stabilizes) | **correction stabilizes** | **holds** | **smaller than asked** (changes) |
      |  | rates | 0.604 [0.189, 1.019] |  |

      The last columns have the verdicts by other failure rules, and a word that changes is bold. A claim is *not run* there \
      if it reads the table of an analysis that was not made by the rule.

      60 runs took 0.0 hours of one core, with arithmetic `Haswell "v3"`. The processors and the hours of each draw: \
      [draws](V-conditions.md#draws).

      What each claim asks, what would show a claim that is not shown, all tests and every recipe that was started: \
      [all conditions](V-conditions.md).
      <!-- seedsweep verdict: end of summary -->

      <!-- seedsweep verdict: claim 6 -->
      ## Claim 6: correction stabilizes

      ![Claim 6, draw by draw](V-figures/claim-6.svg)

      embedded: **holds**.

      - rates (asked: above 0, at least 0.1): embedded 0.604 [0.189, 1.019].
      <!-- seedsweep verdict: end of claim 6 -->

      """)
    let own =
      page.replacing("# Verdicts\n", with: "# Ours\n\nBefore.\n").replacing("**holds**.", with: "old") + "\nAfter.\n"
    XCTAssertEqual(
      report.text(replacing: own), page.replacing("# Verdicts\n", with: "# Ours\n\nBefore.\n") + "\nAfter.\n")
    // Sections of claims that are not registered any more go, and what people wrote around them stays.
    func section(_ name: String) -> String {
      "<!-- seedsweep verdict: claim \(name) -->\n## Claim \(name): old\n<!-- seedsweep verdict: end of claim \(name) -->\n"
    }
    XCTAssertEqual(
      report.text(replacing: "\(page)\n\(section("4b"))\nBetween.\n\n\(section("4/5"))\nAfter.\n"),
      page + "\nBetween.\n\nAfter.\n")
    XCTAssertTrue(
      report.conditions.hasPrefix("# Every condition\n\nOf the verdicts in [V.md](V.md).\n\nRegistered in commit"))
    let files = report.figureFiles
    XCTAssertEqual(files.map(\.name), ["V-figures/summary.svg", "V-figures/claim-6.svg"])
    XCTAssertTrue(
      files[0].text.contains("<desc>Claim 6, rates: 6.04, interval 1.892 to 10.19, holds.</desc>"), files[0].text)
    for word in ["d0", "d1", "d2", "pooled"] { XCTAssertTrue(files[1].text.contains(">\(word)</text>"), files[1].text) }
  }

  /// An effect that only the adjustment over the claims holds back says so on both pages.
  func testWhatTheAdjustmentHoldsBack() throws {
    let plans = try [5, 6, 7].enumerated().map { try run($0, failed: ($1, 0)) }
    var registration = registration(plans)
    for name in ["7", "8"] {
      var other = registration.claims[0]
      other.name = name
      registration.claims.append(other)
    }
    let runs = try RegisteredRuns(registration, below: folder)
    let verdicts = try RegisteredVerdict.all(registration, in: runs)
    XCTAssertEqual(verdicts.map(\.word), [.notShown, .notShown, .notShown])
    let remark = "p = 0.02455, but 0.07364 when adjusted over the model's claims"
    let conditions = VerdictPage(registration, runs, verdicts).markdown
    // The interval excludes an effect of .1, and how many runs that would need nobody asks.
    XCTAssertTrue(conditions.contains("**not shown** (\(remark); the interval allows 0.1892 to 1.019) |"), conditions)
    let page = VerdictReport(registration, runs, verdicts, stem: "V").text(replacing: nil)
    XCTAssertTrue(page.contains("embedded 0.604 [0.189, 1.019] (\(remark)).\n"), page)
  }

  /// A claim's figure reaches to where no effect is, however far from it all intervals lie. The estimate is about nine times the
  /// smallest effect, and the figure of all claims ends at ten.
  func testFiguresOfLargeEffects() throws {
    let plans = try [8, 9, 10].enumerated().map { try run($0, failed: ($1, 0)) }
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    let figures = VerdictFigures(verdicts: try RegisteredVerdict.all(registration, in: runs))
    let scale = try XCTUnwrap(figures.figure(ofClaim: "6")?.panels.first?.horizontal.scale)
    XCTAssertLessThan(scale.low, 0)
    let mark = try XCTUnwrap(figures.summary?.panels.first?.marks.last)
    guard case .interval(_, let high, let middle, _, _) = mark else { return XCTFail("\(mark)") }
    XCTAssertEqual(high, 10)
    XCTAssertEqual(middle, 9, accuracy: 0.5)
  }

  /// In the figure of all claims a part has one row, with the intervals of all models below one another and what they come to.
  func testModelsShareARow() throws {
    let failed = [(8, 0), (9, 0), (10, 0), (2, 1), (1, 2), (1, 1)]
    let registration = twoModels(try registration(failed.enumerated().map { try run($0, failed: $1) }))
    let verdicts = try RegisteredVerdict.all(registration, in: RegisteredRuns(registration, below: folder))
    let figure = try XCTUnwrap(VerdictFigures(verdicts: VerdictPage.ordered(verdicts, registration)).summary)
    let report = VerdictReport(registration, try RegisteredRuns(registration, below: folder), verdicts, stem: "V")
    let text = report.text(replacing: nil)
    XCTAssertTrue(text.contains("Each row has, from the top, embedded, then town. Each line is "))
    XCTAssertTrue(text.contains(" | **correction stabilizes** | **holds** | **not shown** |\n"), text)
    XCTAssertTrue(text.contains("|  | rates | 0.931 [0.643, 1.219] | 0.000 ["), text)
    guard case .rows(let rows, _) = figure.panels[0].vertical else { return XCTFail("no rows") }
    let ofClaim = try XCTUnwrap(rows.indices.first { !rows[$0].isHeading })
    XCTAssertTrue(rows[ofClaim - 1].isHeading)
    XCTAssertEqual(rows[ofClaim].note, "holds / not shown")
    let offsets = figure.panels[0].marks.compactMap { mark -> Double? in
      guard case .interval(_, _, _, let row, _) = mark, abs(row - Double(ofClaim)) < 0.5 else { return nil }
      return row - Double(ofClaim)
    }
    XCTAssertEqual(offsets, [-0.25, 0.25])
  }

  /// A claim's figure has one panel for a part, with both models on one axis; a draw that does not count has a row without a line.
  func testModelsShareAPanel() throws {
    let failed = [(8, 0), (9, 0), (10, 0), (2, 1), (1, 2), (1, 1), (3, 1)]
    let plans = try failed.enumerated().map { index, failed in
      try run(index, failed: failed, results: index == 5 ? 3 : .max)
    }
    var registration = twoModels(registration(plans))
    registration.families[0].draws.removeLast()
    let runs = try RegisteredRuns(registration, below: folder)
    let verdicts = try RegisteredVerdict.all(registration, in: runs)
    let figure = try XCTUnwrap(VerdictFigures(verdicts: verdicts).figure(ofClaim: "6"))
    XCTAssertEqual(figure.panels.map(\.title), ["rates"])
    XCTAssertEqual(figure.panels[0].horizontal.title, "difference of rates")
    guard case .lines(let rows) = figure.panels[0].vertical else { return XCTFail("no lines") }
    XCTAssertEqual(
      rows.map(\.label), ["embedded", "d0", "d1", "d2", "pooled", "town", "d3", "d4", "d6", "d5", "pooled"])
    XCTAssertEqual(rows[0].note, "holds")
    XCTAssertEqual(rows[4].note, "0.931 [0.643, 1.219]")
    XCTAssertEqual(rows[9].note, "left out")
    let marked = figure.panels[0].marks.compactMap { mark -> Double? in
      if case .interval(_, _, _, let row, _) = mark { row } else { nil }
    }
    XCTAssertEqual(marked, [1, 2, 3, 4, 6, 7, 8, 10])
    let files = VerdictReport(registration, runs, verdicts, stem: "V").figureFiles
    let text = try XCTUnwrap(files.first { $0.name == "V-figures/claim-6.svg" }).text
    XCTAssertTrue(text.contains(">0.931 [0.643, 1.219]</text>"), text)
    // Forges show pages on black as well.
    XCTAssertTrue(text.contains("\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"), text)
  }

  /// Three digits of half the interval, more where a bound would look like 0, and four digits where there is no such interval.
  func testEstimatesAreAligned() {
    let cases: [(Double, Double, Double, String)] = [
      (0.3, 0.003107, 0.5969, "0.300 [0.003, 0.597]"), (2.056, 1.24, 3.409, "2.06 [1.24, 3.41]"),
      (-69.6, -72.86, -66.33, "-69.60 [-72.86, -66.33]"), (-0.0004, -0.3, 0.2992, "0.000 [-0.300, 0.299]"),
      (0.3, 0.0001, 0.6, "0.3000 [0.0001, 0.6000]"),
      (-3.9e-05, -0.0001082, 3.017e-05, "-3.9e-05 [-0.0001082, 3.017e-05]"), (0.5, 0.5, 0.5, "0.5 [0.5, 0.5]"),
      (2, 0.1, .infinity, "2 [0.1, inf]"), (12345, 100, 54321, "12345 [100, 54321]"),
      (2, 0.5, 1e300, "2 [0.5, 1e+300]"),
    ]
    for (estimate, low, high, text) in cases {
      XCTAssertEqual(VerdictPage.aligned(estimate, ConfidenceInterval(low: low, high: high)), text)
    }
  }

  /// Figures of claims that are not registered any more are files of an earlier page, and other files are somebody's.
  func testFiguresOfAnEarlierPage() throws {
    let plans = try [5, 6, 7].enumerated().map { try run($0, failed: ($1, 0)) }
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    let verdicts = try RegisteredVerdict.all(registration, in: runs)
    let report = VerdictReport(registration, runs, verdicts, stem: "V")
    XCTAssertEqual(report.staleFigures(below: folder), [], "there is no such folder")
    try FileManager.default.createDirectory(atPath: "\(folder)/V-figures", withIntermediateDirectories: true)
    var other = registration
    other.claims[0].name = "4b"
    let earlier = VerdictReport(other, runs, try RegisteredVerdict.all(other, in: runs), stem: "V")
    for figure in earlier.figureFiles + report.figureFiles {
      try write(figure.text.utf8, to: "\(folder)/\(figure.name)")
    }
    for (name, text) in [
      ("claim-7.svg", "<svg><title>Claim 8: another's</title></svg>"), ("claim-8.svg", "<svg/>"),
      ("notes-claim-4b.svg", "<svg><title>Claim 4b: mine</title></svg>"),
      ("claim-4b.txt", "<title>Claim 4b: mine</title>"),
    ] { try write(text.utf8, to: "\(folder)/V-figures/\(name)") }
    XCTAssertEqual(report.staleFigures(below: folder), ["V-figures/claim-4b.svg"])
    // A page without an estimate has no figure at all.
    let none = VerdictReport(registration, runs, [], stem: "V")
    XCTAssertEqual(
      none.staleFigures(below: folder), ["claim-4b.svg", "claim-6.svg", "summary.svg"].map { "V-figures/\($0)" })
  }

  /// A part of the claim of a registration for each text.
  private func parts(_ texts: [String], of registration: Registration) -> RegisteredClaim.Content {
    guard case .parts(let parts, _) = registration.claims[0].content else { return registration.claims[0].content }
    let named = texts.map { text in
      var part = parts[0]
      part.what = text
      return part
    }
    return .parts(named, beside: [])
  }

  /// Of a claim whose registered texts alone have more than half of the words that a section may have, two models' effects stand without
  /// intervals.
  func testALongSectionHasEstimatesOnly() throws {
    let failed = [(8, 0), (9, 0), (10, 0), (2, 1), (1, 2), (1, 1)]
    var registration = twoModels(try registration(failed.enumerated().map { try run($0, failed: $1) }))
    let remark =
      "A section that would have more than 200 words has estimates without their intervals, in the order of its models."
    func page(_ registration: Registration) throws -> String {
      let runs = try RegisteredRuns(registration, below: folder)
      let verdicts = try RegisteredVerdict.all(registration, in: runs)
      return VerdictReport(registration, runs, verdicts, stem: "V").text(replacing: nil)
    }
    XCTAssertFalse(try page(registration).contains(remark))
    let words = Array(repeating: "word", count: 19).joined(separator: " ")
    registration.claims[0].content = parts((1...5).map { "part \($0) \(words)" }, of: registration)
    let text = try page(registration)
    XCTAssertTrue(text.contains(remark), text)
    let section = try XCTUnwrap(text.components(separatedBy: "<!-- seedsweep verdict: claim 6 -->\n").last)
      .components(separatedBy: "<!-- seedsweep verdict: end of claim 6 -->")[0]
    XCTAssertLessThanOrEqual(section.split(whereSeparator: \.isWhitespace).count, 200)
    XCTAssertTrue(
      section.hasPrefix(
        """
        ## Claim 6: correction stabilizes

        ![Draw by draw](V-figures/claim-6.svg)

        embedded: **holds**. town: **not shown**.

        - part 1 \(words) (above 0, at least 0.1): 0.931, **holds**; 0.000, **not shown**.

        """), section)
    XCTAssertTrue(text.contains("|  | part 1 \(words) | 0.931 [0.643, 1.219], holds | 0.000 ["), text)
  }

  /// Eight claims of two parts: six of them have as many rows as a panel may have, and each row its interval.
  func testTheFigureOfManyClaimsHasPanels() throws {
    var registration = registration(try [8, 9, 10].enumerated().map { try run($0, failed: ($1, 0)) })
    registration.claims[0].content = parts(["one", "two"], of: registration)
    registration.claims = (1...8).map { number in
      var claim = registration.claims[0]
      claim.name = "\(number)"
      return claim
    }
    let verdicts = try RegisteredVerdict.all(registration, in: RegisteredRuns(registration, below: folder))
    let figure = try XCTUnwrap(VerdictFigures(verdicts: verdicts).summary)
    var labels: [[String]] = []
    for panel in figure.panels {
      guard case .rows(let rows, _) = panel.vertical else { return XCTFail("no rows") }
      labels.append(rows.map(\.label))
      XCTAssertEqual(panel.marks.count { if case .verticalRule = $0 { true } else { false } }, 3)
      let marked = panel.marks.compactMap { mark -> Int? in
        if case .interval(_, _, _, let row, _) = mark { Int(row.rounded()) } else { nil }
      }
      XCTAssertEqual(marked, rows.indices.filter { !rows[$0].isHeading })
      XCTAssertEqual(rows[0].note, verdicts[0].word.words, "what the whole claim comes to")
    }
    let heads = (1...8).map { "\($0): correction stabilizes" }
    XCTAssertEqual(labels[0], heads[..<6].flatMap { [$0, "one", "two"] })
    XCTAssertEqual(labels[1], heads[6...].flatMap { [$0, "one", "two"] })
    XCTAssertEqual(labels.count, 2)
  }
}
