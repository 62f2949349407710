// Verdicts on run folders that are made here, with every number computed by hand or with SciPy; and the results that a registration
// cannot vouch for.

import CommandLine
import Foundation
import Reports
import ResultsSupport
import StopRules
import Storage
import Trials
import XCTest

@testable import Claims
@testable import Verdicts

final class RegisteredRunsTests: FolderTestCase {
  /// The time of the commit, 2026-12-01T12:00:00Z.
  private static let committed = 1_796_126_400.0

  /// What is told of a sweep of which 15 of 20 trials have a result.
  private static let unfinished =
    "is not finished: 15 of 20 trials have a result; the same 'seedsweep run' trains the others, and a copy must be made again"

  /// Writes the run folder of a sweep of two recipes. `failed` says how many of the seeds fail with the first and with the second recipe,
  /// and `diverged` how many of the former diverge.
  private func run(
    _ draw: Int, failed: (Int, Int), as name: String = "quick", seeds: ClosedRange<UInt64> = 20001...20010,
    started: Double = committed + 1, results: Int = .max, configurations: Int? = nil, handsOut: Bool = true,
    stop: StopRule? = nil, diverged: Int = 0
  ) throws -> SweepPlan {
    let recipes = ["plain", "corrected"].enumerated().map { index, name in
      PlannedConfiguration(
        variant: name, label: name, configuration: TrialConfiguration(), axisValues: [],
        identifier: String(format: "%016x", 1 + 2 * (configurations ?? draw) + index))
    }
    let plan = try SweepPlan(
      name: name, configurations: recipes, seeds: seeds.map { TrialSeeds(tied: $0) }, stop: stop)
    let path = RunFolder("\(folder)/d\(draw)/\(name)")
    try FileManager.default.createDirectory(atPath: path.path, withIntermediateDirectories: true)
    try write(plan.encodedJSON().utf8, to: path.sweep)
    let journal = try JournalWriter(path: path.journal, epoch: 1)
    var start = Example.start
    start.time = started
    var records: [JournalRecord] = [.runStart(start)]
    for (index, trial) in zip(plan.trials.indices, plan.trials).prefix(results) {
      let (recipe, seed) = (index / seeds.count, index % seeds.count)
      let isFailed = seed < (recipe == 0 ? failed.0 : failed.1)
      let outcome =
        recipe == 0 && seed < diverged
        ? Example.diverged(after: [6])
        : Example.outcome(correct: [isFailed ? 6 : 9], trainLoss: 0.1 + Double(seed) / 100)
      if handsOut {
        records.append(.handOut(HandOutRecord(trial: trial.identifier, attempt: 1, rank: 0, host: "node")))
      }
      records.append(
        .outcome(TrialRecord(trial: trial.identifier, attempt: 1, timing: Example.timing, outcome: outcome)))
    }
    try journal.append(records)
    try journal.commit()
    try RunTables.write(plan, from: JournalIndex(path: path.journal), to: path)
    return plan
  }

  private func registration(_ plans: [SweepPlan?], smallest: Double = 0.1) -> Registration {
    let rows = ["plain", "corrected"].map { variant in
      Rows(run: "quick", table: "trials.csv", requirements: [("variant", .oneOf([variant]))], column: "failed")
    }
    let part = ClaimPart(
      what: "rates", measure: .riskDifference(rows[0], rows[1]), asked: .effect(isAbove: true, smallest: smallest),
      leastRuns: 0)
    return Registration(
      commit: Registration.Commit(time: Self.committed, timeText: "2026-12-01T12:00:00Z", identifier: "abcdef"),
      failureRule: nil,
      score: "final", leastDraws: 3, sweeps: [("quick", "quick.json5")],
      families: [
        Registration.Family(
          name: "embedded", isConfirmatory: true,
          draws: plans.enumerated().map { index, plan in
            Registration.Draw(
              name: "d\(index)", pretraining: "p\(index)", data: index,
              commit: Registration.Commit(time: Self.committed, timeText: "2026-12-01T12:00:00Z", identifier: "abcdef"),
              identifiers: [("quick", plan.map(RegisteredRuns.digest) ?? String(repeating: "0", count: 64))])
          })
      ],
      claims: [
        RegisteredClaim(
          name: "6", says: "correction stabilizes", exclusions: [], stop: "all seeds", requirements: [],
          content: .parts([part], beside: []))
      ])
  }

  private func refusal(_ registration: Registration) -> String {
    do { return "\(try RegisteredRuns(registration, below: folder).deviations)" } catch { return "\(error)" }
  }

  /// Three draws in which 5, 6 and 7 of 10 runs fail against none. The rates' variances have half a run of each kind added; Q is below
  /// its degrees of freedom, so tau is 0 and the error the one of known variances; t has two degrees.
  func testAClaimThatHolds() throws {
    let plans = try [5, 6, 7].enumerated().map { try run($0, failed: ($1, 0)) }
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    XCTAssertEqual(runs.deviations, [])
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    XCTAssertEqual(verdict.word, .holds)
    let model = try XCTUnwrap(verdict.parts[0].pooled.model)
    XCTAssertEqual(model.betweenVariance, 0)
    XCTAssertEqual(model.mean, 0.6040236, accuracy: 1e-7)
    XCTAssertEqual(model.interval().low, 0.1891733, accuracy: 1e-7)
    XCTAssertEqual(model.p, 0.0245459, accuracy: 1e-7)
    // All 18 pairs that differ do so in one direction.
    XCTAssertEqual(verdict.parts[0].pooled.stratified?.p, 2 * pow(0.5, 18))
    XCTAssertEqual(try XCTUnwrap(verdict.parts[0].pooled.stratified?.estimate), 0.6, accuracy: 1e-12)
    let larger = try RegisteredVerdict.all(self.registration(plans, smallest: 0.7), in: runs)[0]
    XCTAssertEqual(larger.word, .smallerThanAsked)
    let page = VerdictPage(registration, runs, [verdict]).markdown
    XCTAssertTrue(
      page.hasPrefix(
        """
        Registered in commit abcdef of 2026-12-01T12:00:00Z. Models: embedded (confirmatory, 3 draws).

        | # | claim | measured | model | effect and 95 % interval | asked | verdict |
        |---|---|---|---|---|---|---|
        | 6 | correction stabilizes | rates | embedded | 0.604 [0.1892, 1.019] | above 0, at least 0.1 | **holds** |

        ## For these draws

        """), page)
    XCTAssertTrue(page.contains("## Deviations from the registration\n\nNone.\n"), page)
    XCTAssertTrue(page.contains("| quick | synthetic: plain | 3 | 30 | 30 |  |\n"), page)
    let hours = String(format: "%.1f", 20 * Example.timing.totalSeconds / 3600)
    XCTAssertTrue(
      page.contains(
        "| d1 | p1 | 1 | abcdef of 2026-12-01T12:00:00Z | 20 | \(hours) | \(Example.start.fingerprint) | not noted |\n"),
      page)
    let opening = VerdictReport(registration, runs, [verdict], stem: "page").text(replacing: nil)
    let allHours = String(format: "%.1f", 60 * Example.timing.totalSeconds / 3600)
    XCTAssertTrue(
      opening.contains("60 runs took \(allHours) hours of one core, with arithmetic `\(Example.start.fingerprint)`."),
      opening)
    let row = try XCTUnwrap(VerdictRow.all([verdict]).first)
    let fields = Dictionary(
      uniqueKeysWithValues: zip(VerdictRow.columns.names(), VerdictRow.columns.fields(of: row).map(\.encoded)))
    XCTAssertEqual(
      ["claim", "verdict", "part_verdict", "n_draws", "n", "smallest", "within_test"].map { fields[$0] },
      ["6", "holds", "holds", "3", "60", "0.1", "\"Mantel-Haenszel, McNemar\""])
  }

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
      figures of single claims each line is a draw with its 95 % interval, or a recipe where a law is judged; the solid rule is no \
      effect, and a dashed one is what is asked.

      | # | claim | measured | embedded: effect and 95 % interval | embedded: verdict | by `loss` |
      | --- | --- | --- | --- | --- | --- |
      | 6 | correction stabilizes | rates | 0.604 [0.1892, 1.019] | **holds** | **smaller than asked** (changes) |

      60 runs took 0.0 hours of one core, with arithmetic `Haswell "v3"`. The processors and the hours of each draw: \
      [draws](V-conditions.md#draws).

      What each claim asks, what would show a claim that is not shown, all tests and every recipe that was started: \
      [all conditions](V-conditions.md).
      <!-- seedsweep verdict: end of summary -->

      <!-- seedsweep verdict: claim 6 -->
      ## Claim 6: correction stabilizes

      ![Claim 6, draw by draw](V-figures/claim-6.svg)

      embedded: **holds**.

      - rates (asked: above 0, at least 0.1): embedded 0.604 [0.1892, 1.019].
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
    XCTAssertTrue(report.conditions.hasPrefix("# Every condition\n\nRegistered in commit"))
    let files = report.figureFiles
    XCTAssertEqual(files.map(\.name), ["V-figures/summary.svg", "V-figures/claim-6.svg"])
    XCTAssertTrue(
      files[0].text.contains("<desc>Claim 6, rates: 6.04, interval 1.892 to 10.19, holds.</desc>"), files[0].text)
    for word in ["d0", "d1", "d2", "pooled"] { XCTAssertTrue(files[1].text.contains(">\(word)</text>"), files[1].text) }
  }

  /// What is not shown says what the interval allows and what would show the effect.
  func testAClaimThatIsNotShown() throws {
    let plans = try [(1, 0), (0, 1), (2, 1)].enumerated().map { try run($0, failed: $1) }
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    XCTAssertEqual(verdict.word, .notShown)
    // SciPy's integral of the guarded test's power finds 241 runs, and the noncentral t of the test without its guard 219.
    XCTAssertEqual(verdict.parts[0].needed, "241 runs a group in each of 3 draws")
    let page = VerdictPage(registration, runs, [verdict]).markdown
    XCTAssertTrue(page.contains("(the interval allows -0."), page)
    XCTAssertTrue(
      page.contains(
        "; 241 runs a group in each of 3 draws would put the interval above 0 with power .8, if the effect is 0.1, also when adjusted "
          + "over the model's claims) |"), page)
    // The interval is about -.32 to .36: an effect of .4 is none that more runs could find.
    let larger = self.registration(plans, smallest: 0.4)
    let excluded = try RegisteredVerdict.all(larger, in: RegisteredRuns(larger, below: folder))[0]
    XCTAssertEqual(excluded.word, .notShown)
    XCTAssertNil(excluded.parts[0].needed)
  }

  /// Where nobody fails Sato's variance is 0, and the test within draws has an estimate and no interval.
  func testNoIntervalWithoutVariance() throws {
    let registration = try registration((0..<3).map { try run($0, failed: (0, 0)) })
    let runs = try RegisteredRuns(registration, below: folder)
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    XCTAssertEqual(verdict.parts[0].pooled.stratified?.estimate, 0)
    XCTAssertNil(verdict.parts[0].pooled.stratified?.interval)
    let page = VerdictPage(registration, runs, [verdict]).markdown
    XCTAssertTrue(page.contains("| Mantel-Haenszel, McNemar: 0, p = 1 |\n"), page)
  }

  /// A run that diverged has no loss: it is left out, its draw counts, and the page says so. The losses of the other four failed runs
  /// are .11 to .14, whose mean is .125 and whose variance is .0005 / 3.
  func testRunsThatDiverged() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0), diverged: $0 == 1 ? 1 : 0) }
    var registration = registration(plans)
    let rows = Rows(
      run: "quick", table: "trials.csv",
      requirements: [("variant", .oneOf(["plain"])), ("failed", .oneOf(["true"]))], column: "train_loss_final")
    registration.claims[0].content = .parts(
      [
        ClaimPart(
          what: "loss", measure: .mean(rows, against: 0), asked: .effect(isAbove: true, smallest: 0.1), leastRuns: 0)
      ], beside: [])
    let runs = try RegisteredRuns(registration, below: folder)
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    let pooled = verdict.parts[0].pooled
    XCTAssertEqual([pooled.drawCount, pooled.runCount, pooled.divergedCount], [3, 14, 1])
    XCTAssertEqual(pooled.draws[1].effect.estimate, 0.125, accuracy: 1e-12)
    XCTAssertEqual(pooled.draws[1].effect.variance, 0.0005 / 3 / 4, accuracy: 1e-12)
    let page = VerdictPage(registration, runs, [verdict]).markdown
    XCTAssertTrue(page.contains("] (without 1 run that diverged and has no number) | above 0"), page)
  }

  /// A draw in which a sweep that a requirement reads does not count is left out before the requirement is looked at.
  func testRequirementsReadRegisteredSweepsOnly() throws {
    let plans = try (0..<4).map { try run($0, failed: (5, 0)) }
    var registration = registration(plans)
    registration.sweeps.append(("more", "more.json5"))
    for draw in 0..<4 {
      let more = try run(
        draw, failed: (5, 0), as: "more", results: draw == 1 ? 15 : .max, configurations: 50 + draw)
      registration.families[0].draws[draw].identifiers.append(("more", RegisteredRuns.digest(of: more)))
    }
    let rows = Rows(run: "more", table: "trials.csv", requirements: [], column: "failed")
    registration.claims[0].requirements = [
      Condition(what: "enough runs", value: .column(rows, .count), relation: .atLeast, threshold: .constant(1))
    ]
    let runs = try RegisteredRuns(registration, below: folder)
    let pooled = try RegisteredVerdict.all(registration, in: runs)[0].parts[0].pooled
    XCTAssertEqual(pooled.leftOut.map { "\($0.draw.name): \($0.reason)" }, ["d1: more is not finished"])
    XCTAssertEqual(pooled.drawCount, 3)
  }

  /// Tables that do not say what the journal says: another value, a row twice, a column that is not the program's, a trial of another
  /// draw. A table of an older version, which lacks a column, and the last digits of another C library are no change.
  func testTablesThatWereChanged() throws {
    let plans = try (0..<7).map { try run($0, failed: (5, 0)) }
    var registration = registration(plans)
    guard case .parts(let parts, _) = registration.claims[0].content else { return XCTFail("no parts") }
    let vanished = Rows(run: "quick", table: "gradient_statistics.csv", requirements: [], column: "vanished")
    registration.claims[0].content = .parts(
      parts,
      beside: [ClaimPart(what: "share", measure: .mean(vanished, against: 0), asked: .nothing, leastRuns: 0)])
    func path(_ draw: Int, _ table: String = "trials.csv") -> String { "\(folder)/d\(draw)/quick/\(table)" }
    func change(_ draw: Int, _ change: ([String]) -> [String]) throws {
      let lines = try contents(path(draw)).split(separator: "\n").map(String.init)
      let changed = change(lines)
      XCTAssertNotEqual(lines, changed)
      try write((changed.joined(separator: "\n") + "\n").utf8, to: path(draw))
    }
    try change(1) { lines in
      lines.map { line in
        String(line.replacing(/,early_stop$/, with: "").replacing(/,$/, with: "")).replacing(
          ",0.6931471805599453,", with: ",0.6931471805599454,")
      }
    }
    try change(3) { [$0[0], $0[1].replacing(",completed,true,", with: ",completed,false,")] + $0.dropFirst(2) }
    try change(4) { $0 + [$0[1]] }
    try change(5) { lines in lines.enumerated().map { $0.element + ($0.offset == 0 ? ",again" : ",true") } }
    let (own, other) = (plans[2].trialIdentifier(at: 0), plans[0].trialIdentifier(at: 0))
    for (draw, trial) in [(2, own), (6, other)] {
      try write("trial_id,vanished\n\(trial),true\n".utf8, to: path(draw, "gradient_statistics.csv"))
    }
    let runs = try RegisteredRuns(registration, below: folder)
    let advice = "and does not count; copy the folder again, or write its tables again with 'seedsweep summarize'"
    XCTAssertEqual(
      runs.deviations,
      [
        "d3/quick has a trials.csv in which failed of trial \(plans[3].trialIdentifier(at: 0)) is not what its journal gives \(advice)",
        "d4/quick has no trials.csv with the results of its journal \(advice)",
        "d5/quick has a trials.csv with the column again, which its journal does not give \(advice)",
        "d6/quick has a gradient_statistics.csv with trial \(other), which is none of its own and does not count; copy the folder "
          + "again, or make the table again with the command that 'seedsweep columns' names",
      ])
    XCTAssertEqual(try RegisteredVerdict.all(registration, in: runs)[0].parts[0].pooled.drawCount, 3)
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
    XCTAssertTrue(page.contains("embedded 0.604 [0.1892, 1.019] (\(remark)).\n"), page)
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
    var registration = try registration(failed.enumerated().map { try run($0, failed: $1) })
    var town = registration.families[0]
    town.name = "town"
    town.isConfirmatory = false
    town.draws.removeFirst(3)
    registration.families[0].draws.removeLast(3)
    registration.families.append(town)
    let verdicts = try RegisteredVerdict.all(registration, in: RegisteredRuns(registration, below: folder))
    let figure = try XCTUnwrap(VerdictFigures(verdicts: VerdictPage.ordered(verdicts, registration)).summary)
    let report = VerdictReport(registration, try RegisteredRuns(registration, below: folder), verdicts, stem: "V")
    let text = report.text(replacing: nil)
    XCTAssertTrue(text.contains("Each row has, from the top, embedded, then town. Each line is "))
    XCTAssertTrue(
      text.contains("| 6 | correction stabilizes | rates | 0.9312 [0.643, 1.219] | **holds** | 0 ["), text)
    XCTAssertTrue(text.contains("] | **not shown** |\n"), text)
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

  /// That there is no effect needs more runs than an effect as large as the margin: 2.93 standard errors instead of 2.80 (or more, by t).
  func testWhatShowsThatThereIsNoEffect() throws {
    let plans = try [(1, 0), (0, 1), (2, 1)].enumerated().map { try run($0, failed: $1) }
    var registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    guard case .parts(var parts, _) = registration.claims[0].content else { return XCTFail("no parts") }
    parts[0].asked = .absence(margin: 0.1)
    registration.claims[0].content = .parts(parts, beside: [])
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    XCTAssertEqual(verdict.word, .notShown)
    let model = try XCTUnwrap(verdict.parts[0].pooled.model)
    let variance = verdict.parts[0].pooled.draws.reduce(0) { $0 + 10 * $1.effect.variance } / 3
    XCTAssertEqual(model.betweenVariance, 0)
    // The power of both one-sided t tests together where there is no effect, by the midpoint rule over the chi distribution with two
    // degrees, whose density is 2 s exp(-s^2). A guarded error is that of known variances where s is below 1.
    func power(_ runs: Int) -> Double {
      let shift = 0.1 / (variance / Double(runs) / 3).squareRoot()
      return (0..<4000).reduce(0) { sum, index in
        let s = (Double(index) + 0.5) / 1000
        return sum + max(0, erf((shift - 2.919985580353725 * max(1, s)) / 2.0.squareRoot())) * 2 * s * exp(-s * s)
          / 1000
      }
    }
    let needed = try XCTUnwrap(verdict.parts[0].needed)
    let count = try XCTUnwrap(needed.prefixMatch(of: /(\d+) runs a group in each of 3 draws/)?.1)
    let found = try XCTUnwrap(Int(count))
    XCTAssertGreaterThanOrEqual(power(found), 0.8)
    XCTAssertLessThan(power(found * 9 / 10), 0.8)
    let page = VerdictPage(registration, runs, [verdict]).markdown
    XCTAssertTrue(
      page.contains(" would put the 90 % interval within -0.1 to 0.1 with power .8, if there is no effect) |"), page)
  }

  func testEarlyResultsAreRefused() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0), started: Self.committed - ($0 == 1 ? 3600 : -1)) }
    XCTAssertEqual(
      refusal(registration(plans)),
      "\(folder)/d1/quick was begun at 2026-12-01T11:00:00Z, before the registration (commit abcdef of 2026-12-01T12:00:00Z), so "
        + "it cannot confirm what that states; run it again into another folder, on seeds that nobody has looked at")
    // A draw's own commit counts where it is the later one.
    var later = registration(plans)
    later.families[0].draws[2].commit = Registration.Commit(
      time: Self.committed + 60, timeText: "2026-12-01T12:01:00Z", identifier: "fedcba")
    later.families[0].draws[1].commit = nil
    XCTAssertEqual(
      refusal(later),
      "\(folder)/d2/quick was begun at 2026-12-01T12:00:01Z, before the registration of its draw (commit fedcba of "
        + "2026-12-01T12:01:00Z), so it cannot confirm what that states; run it again into another folder, on seeds that nobody has "
        + "looked at")
    var draft = registration(plans)
    draft.commit = nil
    XCTAssertEqual(refusal(draft), "[]")
  }

  /// Draws that are not registered yet are named, and neither their runs nor their absence are judged.
  func testDrawsThatAreNotRegisteredYet() throws {
    let plans = try (0..<5).map { index in
      index == 4 ? nil : try run(index, failed: (5, 0), started: Self.committed - (index == 3 ? 60 : -1))
    }
    var registration = registration(plans)
    for index in 3...4 { registration.families[0].draws[index].commit = nil }
    registration.families[0].draws[4].identifiers = [("quick", nil)]
    let runs = try RegisteredRuns(registration, below: folder)
    XCTAssertEqual(
      runs.deviations,
      [
        "d3 is not registered yet and does not count; commit its identifiers and write that commit and its time into its registered. "
          + "It has runs of quick, which will be refused then: move them away",
        "d4 is not registered yet and does not count; 'scripts/register-draw.sh d4' prints what to commit",
      ])
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    XCTAssertEqual(verdict.parts[0].pooled.drawCount, 3)
    XCTAssertEqual(verdict.word, .holds)
    XCTAssertTrue(
      VerdictPage(registration, runs, [verdict]).markdown.contains(
        "Models: embedded (confirmatory, 3 of 5 draws registered)."))
    registration.families[0].draws[2].commit = nil
    let fewer = try RegisteredVerdict.all(registration, in: RegisteredRuns(registration, below: folder))[0]
    XCTAssertEqual(
      fewer.word,
      .notRun(
        "2 of 5 draws can be counted, and pooling needs 3; finish or repeat these: d2: the draw is not registered yet; d3: the draw is "
          + "not registered yet; d4: the draw is not registered yet"))
  }

  func testSeedsOfCalibrationAreRefused() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0), seeds: $0 == 2 ? 1995...2004 : 20001...20010) }
    XCTAssertEqual(
      refusal(registration(plans)),
      "\(folder)/d2/quick has seed 1995; seeds 1001 to 1999 are for searches and calibration, and verdicts use 20001 and up: "
        + "register and run it with --shift-seeds")
  }

  /// A result that another folder trained may be older than the registration, whatever the time of the run that took it.
  func testResultsOfOtherFoldersAndOldSeedsAreTold() throws {
    var plans = try (0..<2).map { try run($0, failed: (5, 0), handsOut: $0 == 0) }
    plans.append(try run(2, failed: (5, 0), seeds: 20000...20009))
    XCTAssertEqual(
      try RegisteredRuns(registration(plans), below: folder).deviations,
      [
        "d1/quick has 20 results from other folders (run --reuse, merge) that no registered sweep of the draw has trained, and when they "
          + "were trained its journal does not tell",
        "d2/quick has seed 20000; verdicts use 20001 and up",
      ])
  }

  /// A result that another registered sweep of the draw has trained is as new as that sweep: not where the sweep came to another result, took
  /// it from elsewhere too, does not tell when it began, has other trials than registered, or is not registered.
  func testResultsOfRegisteredSweepsOfTheDraw() throws {
    let plans = try (0..<7).map { try run($0, failed: (5, 0), handsOut: false) }
    for draw in 0..<7 {
      _ = try run(
        draw, failed: (draw == 2 ? 4 : 5, 0), as: "more", results: draw == 1 ? 15 : .max, handsOut: draw != 3)
    }
    var registration = registration(plans)
    registration.sweeps.append(("more", "more.json5"))
    for draw in 0..<6 {
      let digest = draw == 5 ? String(repeating: "0", count: 64) : RegisteredRuns.digest(of: plans[draw])
      registration.families[0].draws[draw].identifiers.append(("more", digest))
    }
    let journal = "\(folder)/d4/more/journal.jsonl"
    try write(bytes(journal).split(separator: 10).dropFirst().joined(separator: [10]) + [10], to: journal)
    let deviations = try RegisteredRuns(registration, below: folder).deviations
    func foreign(_ name: String, _ count: String) -> String {
      "\(name) has \(count) from other folders (run --reuse, merge) that no registered sweep of the draw has trained, and when they were "
        + "trained its journal does not tell"
    }
    XCTAssertEqual(
      deviations.filter { !$0.hasPrefix("d5/more has other trials than registered") },
      [
        foreign("d1/quick", "5 results"), "d1/more \(Self.unfinished)",
        foreign("d2/quick", "1 result"), foreign("d3/quick", "20 results"), foreign("d3/more", "20 results"),
        foreign("d4/quick", "20 results"), unknown("d4/more", "20 results"), foreign("d5/quick", "20 results"),
        foreign("d6/quick", "20 results"),
        "d6/more was run and is not registered; no claim counts it",
      ])
    XCTAssertEqual(deviations.count, 11)
  }

  private func unknown(_ name: String, _ count: String) -> String {
    "\(name) has \(count) of runs whose start its journal lacks, so that nobody knows whether they are older than the registration, and "
      + "does not count; run it again into another folder"
  }

  /// Results of a run whose start the journal has lost may be older than the registration, whatever later runs say.
  func testResultsWithoutAStart() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
    let path = "\(folder)/d1/quick/journal.jsonl"
    try write(bytes(path).split(separator: 10).dropFirst().joined(separator: [10]) + [10], to: path)
    let later = try JournalWriter(path: path, epoch: 2)
    var start = Example.start
    start.time = Self.committed + 2
    try later.append([.runStart(start)])
    try later.commit()
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    XCTAssertEqual(runs.deviations, [unknown("d1/quick", "20 results")])
    XCTAssertEqual(
      try RegisteredVerdict.all(registration, in: runs)[0].word,
      .notRun(
        "2 of 3 draws can be counted, and pooling needs 3; finish or repeat these: d1: quick has 20 results of runs whose start its "
          + "journal lacks"))
  }

  func testDrawsThatShareRunsAreRefused() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0), configurations: $0 == 2 ? 0 : nil) }
    XCTAssertEqual(
      refusal(registration(plans)),
      "\(folder)/d0/quick and \(folder)/d2/quick share 20 trials, such as \(plans[0].trialIdentifier(at: 0)), and are no two draws; "
        + "give each draw data of its own (--shift-data N), another pre-training or other seeds")
  }

  /// Too few draws: one is unfinished, one was not run. Both are told, and nothing is pooled.
  func testTooFewDrawsAndOtherDeviations() throws {
    var plans: [SweepPlan?] = try (0..<2).map { try run($0, failed: (5, 0), results: $0 == 1 ? 15 : .max) }
    plans.append(nil)
    _ = try run(7, failed: (5, 0))
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    XCTAssertEqual(
      runs.deviations,
      [
        "d1/quick \(Self.unfinished)", "quick was not run in d2",
        "d7 holds runs and is no registered draw; no claim counts them",
      ])
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    XCTAssertEqual(
      verdict.word,
      .notRun(
        "1 of 3 draws can be counted, and pooling needs 3; finish or repeat these: d1: quick is not finished; d2: quick was not run"
      ))
    XCTAssertEqual(runs.arms.map(\.unfinishedDraws), [[], ["d1"]])
    // Other trials than registered do not count either.
    _ = try run(2, failed: (5, 0), started: Self.committed + 5)
    XCTAssertTrue(
      try RegisteredRuns(registration, below: folder).deviations[1].hasPrefix(
        "d2/quick has other trials than registered (SHA-256 "))
  }

  /// Tables of another draw, tables that were cut at the end of a line, no tables, and no journal: none of them count, each is told, and
  /// the page says which draws a claim leaves out.
  func testFoldersThatWereNotCopiedWhole() throws {
    let plans = try (0..<7).map { try run($0, failed: ($0, 0)) }
    let registration = registration(plans)
    func file(_ draw: Int, _ name: String) -> String { "\(folder)/d\(draw)/quick/\(name)" }
    try write(bytes(file(0, "trials.csv")), to: file(3, "trials.csv"))
    let lines = try bytes(file(4, "trials.csv")).split(separator: 10)
    try write(lines.dropLast(5).joined(separator: [10]) + [10], to: file(4, "trials.csv"))
    try FileManager.default.removeItem(atPath: file(5, "trials.csv"))
    try FileManager.default.removeItem(atPath: file(6, "journal.jsonl"))
    let runs = try RegisteredRuns(registration, below: folder)
    let reason = "has no trials.csv with the results of its journal"
    let advice = "and does not count; copy the folder again, or write its tables again with 'seedsweep summarize'"
    XCTAssertEqual(
      runs.deviations,
      (3...5).map { "d\($0)/quick \(reason) \(advice)" } + [
        "quick was not run in d6 (\(folder)/d6/quick has no journal.jsonl; copy the folder again)"
      ])
    let verdict = try RegisteredVerdict.all(registration, in: runs)[0]
    XCTAssertEqual(verdict.parts[0].pooled.drawCount, 3)
    let page = VerdictPage(registration, runs, [verdict]).markdown
    XCTAssertTrue(
      page.contains(
        "\n\n## Draws that claims leave out\n\n"
          + (3...5).map { "- claim 6 leaves out d\($0): quick \(reason)\n" }.joined()
          + "- claim 6 leaves out d6: quick was not run\n\n## Recipes"), page)
    XCTAssertTrue(page.contains("] (3 of 7 draws) |"), page)
  }

  /// A first stage is told apart from what was run and is not registered, also where the draw is not registered yet.
  func testFirstStages() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0), started: Self.committed + ($0 == 2 ? -60 : 1)) }
    for draw in 0..<3 {
      _ = try run(draw, failed: (1, 1), as: "task", started: Self.committed - 3600, configurations: 100 + draw)
    }
    var registration = registration(plans)
    registration.families[0].draws[2].commit = nil
    XCTAssertEqual(
      try RegisteredRuns(registration, below: folder).deviations.filter { $0.contains("task") },
      [
        "d0/task was run and is not registered; no claim counts it",
        "d1/task was run and is not registered; no claim counts it",
        "d2 is not registered yet and does not count; commit its identifiers and write that commit and its time into its registered. It "
          + "has runs of quick, task, which will be refused then: move them away",
      ])
    registration.stages = [("task", "the models that quick starts from"), ("other", "not run")]
    let runs = try RegisteredRuns(registration, below: folder)
    XCTAssertEqual(
      runs.deviations,
      [
        "d2 is not registered yet and does not count; commit its identifiers and write that commit and its time into its registered. It "
          + "has runs of quick, which will be refused then: move them away"
      ])
    let page = VerdictPage(registration, runs, try RegisteredVerdict.all(registration, in: runs)).markdown
    XCTAssertTrue(
      page.contains(
        "\n\n## First stages\n\n- task was run in d0, d1, d2, and no claim counts it: the models that quick starts from\n\n## Recipes"
      ),
      page)
    XCTAssertTrue(page.contains("| task | synthetic: plain | 3 | 30 | 30 |  |\n"), page)
  }

  /// Of ten seeds of the second recipe six were enough for the sweep's rule, which the tests do not know of.
  func testRecipesThatARuleStopped() throws {
    let plans = try (0..<3).map {
      try run(
        $0, failed: (5, 0), stop: $0 == 1 ? .precision(SequentialStop(halfWidth: 0.29, looks: [3, 6, 9])) : nil)
    }
    let registration = registration(plans)
    let runs = try RegisteredRuns(registration, below: folder)
    XCTAssertEqual(
      runs.deviations,
      [
        "d1/quick has 1 recipe that a rule stopped before all seeds were run, and does not count; run the sweep once more with stop=null "
          + "and the same --output"
      ])
    XCTAssertEqual(
      try RegisteredVerdict.all(registration, in: runs)[0].word,
      .notRun(
        "2 of 3 draws can be counted, and pooling needs 3; finish or repeat these: d1: quick has 1 recipe that a rule stopped before all "
          + "seeds were run"))
  }

  /// Writes what `analyze dose` would: of each recipe LD50 over the reference's in two doses, with a 90 % interval that is
  /// `width` wide on the log scale, and deviances by which the second dose is chosen. A nil ratio is a recipe that never fails. Of two
  /// tasks the second one has no deviance in the second dose.
  private func writeDoses(_ draw: Int, logRatios: [Double?], width: Double, tasks: [String] = ["t"]) throws {
    var fits = "dose,task,recipe,reference,ld50,ld50_ratio,ld50_ratio_low,ld50_ratio_high\n"
    var models = "dose,task,left_out_deviance\n"
    for (dose, deviance, spread) in [("peak_rate", 40.0, 2.0), ("early_rate", 20, 1), ("learning_rate", 400, 10)] {
      for task in tasks {
        models += "\(dose),\(task),\(dose == "early_rate" && task != "t" ? "" : "\(deviance)")\n"
        fits += "\(dose),\(task),reference,true,1,,,\n"
        for (index, ratio) in logRatios.enumerated() {
          let numbers = ratio.map { ratio in
            [0, 0, -width / 2, width / 2].map { "\(exp(spread * ratio + $0))" }
          }
          fits += "\(dose),\(task),recipe \(index),false,\((numbers ?? ["", "", "", ""]).joined(separator: ","))\n"
        }
      }
    }
    try write(fits.utf8, to: "\(folder)/d\(draw)/quick/dose_fits.csv")
    try write(models.utf8, to: "\(folder)/d\(draw)/quick/dose_models.csv")
  }

  private func law(
    _ logRatios: [Double?], width: Double, tasks: [String] = ["t"], dose: String = "early_rate"
  ) throws -> JudgedLaw {
    let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
    for draw in 0..<3 { try writeDoses(draw, logRatios: logRatios, width: width, tasks: tasks) }
    var registration = registration(plans)
    registration.claims[0].content = .law(
      DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
    let runs = try RegisteredRuns(registration, below: folder)
    let verdict = try XCTUnwrap(RegisteredVerdict.all(registration, in: runs).first)
    XCTAssertEqual(VerdictRow.all([verdict]).count, logRatios.count * tasks.count)
    XCTAssertTrue(VerdictPage(registration, runs, [verdict]).markdown.contains("LD50, in \(dose)"))
    // In units of the margin: the figure's line is the 90 % interval's.
    let figures = VerdictFigures(verdicts: [verdict])
    let effects = VerdictFigures.effects(of: verdict)
    if tasks.count == 1, let first = logRatios[0], !logRatios.contains(nil) {
      XCTAssertEqual(effects.map(\.what), logRatios.indices.map { "LD50 of recipe \($0)" })
      XCTAssertEqual(effects[0].estimate, first / log(1.15), accuracy: 1e-9)
    }
    XCTAssertEqual(figures.figure(ofClaim: "6")?.panels.count, 1)
    XCTAssertNil(figures.figure(ofClaim: "7"))
    return try XCTUnwrap(verdict.law)
  }

  /// Three draws that agree: the pooled 90 % interval has the half width t(.9, 2) / sqrt(3) of an error, which is the width over
  /// 2 x 1.645. In the learning rate the recipes' LD50 lie ten times as far apart as in the dose, so it explains 1 - 1/100.
  func testTheLawOfTheDose() throws {
    let holds = try law([0.02, -0.03], width: 0.06)
    XCTAssertEqual(holds.dose, "early_rate")
    XCTAssertEqual(holds.deviances.map(\.deviance), [120, 60])
    XCTAssertEqual(holds.word, .holds)
    XCTAssertEqual(try XCTUnwrap(holds.explained), 0.99, accuracy: 1e-9)
    let interval = holds.ratios[0].interval(level: 0.9)
    let half = 2.9199855803537 / 3.0.squareRoot() * 0.06 / (2 * 1.6448536269514722)
    XCTAssertEqual(log(interval.high), 0.02 + half, accuracy: 1e-9)
    XCTAssertEqual(log(interval.low), 0.02 - half, accuracy: 1e-9)
    // One recipe beyond the margin of log 1.15 = .14: the law explains much, and holds in part.
    XCTAssertEqual(try law([0.02, -0.3], width: 0.06).word, .holdsInPart)
    XCTAssertEqual(try law([0.02, -0.03], width: 0.6).word, .holdsInPart)
  }

  /// Of a recipe that never fails nobody knows whether its LD50 is the reference's.
  func testTheLawDoesNotHoldForARecipeWithoutLD50() throws {
    let silent = try law([0.02, nil], width: 0.06)
    XCTAssertEqual(silent.ratios.map(\.drawCount), [3, 0])
    XCTAssertNil(silent.explained, "no draw has an LD50 of every recipe")
    XCTAssertEqual(silent.word, .notShown)
  }

  /// The variance between recipes is of draws that have all of them: in one draw a recipe has another LD50, and another recipe none.
  func testTheLawExplainsWithinWholeDraws() throws {
    let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
    for draw in 0..<3 { try writeDoses(draw, logRatios: [draw == 2 ? nil : 0.02, -0.03], width: 0.06) }
    let path = "\(folder)/d2/quick/dose_fits.csv"
    let lines = try contents(path).split(separator: "\n").map { line in
      line.hasPrefix("early_rate") && line.contains("recipe 1")
        ? "early_rate,t,recipe 1,false,5,5,4.9,5.1" : String(line)
    }
    try write((lines.joined(separator: "\n") + "\n").utf8, to: path)
    var registration = registration(plans)
    registration.claims[0].content = .law(
      DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
    let runs = try RegisteredRuns(registration, below: folder)
    let law = try XCTUnwrap(XCTUnwrap(RegisteredVerdict.all(registration, in: runs).first).law)
    XCTAssertEqual(try XCTUnwrap(law.explained), 0.99, accuracy: 1e-9)
  }

  /// A table that lacks a recipe in one dose leaves its draw out.
  func testTheLawNeedsEveryRecipeOfEveryDraw() throws {
    func judged(lacking: (String) -> Bool) throws -> JudgedLaw {
      let plans = try (0..<3).map { try run($0, failed: (5, 0)) }
      for draw in 0..<3 { try writeDoses(draw, logRatios: [0.02, -0.03], width: 0.06) }
      let path = "\(folder)/d1/quick/dose_fits.csv"
      let lines = try contents(path).split(separator: "\n").filter { !lacking(String($0)) }
      try write((lines.joined(separator: "\n") + "\n").utf8, to: path)
      var registration = registration(plans)
      registration.claims[0].content = .law(
        DoseLaw(what: "LD50", run: "quick", doses: ["peak_rate", "early_rate"], margin: 1.15, explained: 0.8))
      let runs = try RegisteredRuns(registration, below: folder)
      return try XCTUnwrap(XCTUnwrap(RegisteredVerdict.all(registration, in: runs).first).law)
    }
    let cut = try judged { $0.hasPrefix("early_rate") && $0.contains("recipe 1") }
    XCTAssertEqual(
      cut.missingDraws.map(\.reason), ["dose_fits.csv of quick has no row of recipe 1 in early_rate"])
    // A recipe without a cell that counts has no row at all, and a dose that no recipe has none of any.
    XCTAssertEqual(try judged { $0.contains("recipe 1") }.missingDraws.map(\.reason), [])
    XCTAssertEqual(try judged { $0.hasPrefix("peak_rate") }.missingDraws.map(\.reason), [])
  }

  /// A dose with curves for one of two tasks has no deviance, though the sum over the other task alone would be the smallest; and the
  /// recipes of both tasks are judged.
  func testTheLawOverTasks() throws {
    let two = try law([0.02, -0.03], width: 0.06, tasks: ["t", "u"], dose: "peak_rate")
    XCTAssertEqual(two.deviances.map(\.deviance), [240, nil])
    XCTAssertEqual(two.ratios.map(\.recipe), ["t: recipe 0", "t: recipe 1", "u: recipe 0", "u: recipe 1"])
    XCTAssertEqual(two.word, .holds)
  }

  /// Holm's adjustment: the smallest of two p-values counts twice, the other one once and no less than the first; parts of one claim
  /// are adjusted as the claim is.
  func testHolmOverClaims() throws {
    let plans = try [5, 6, 7].enumerated().map { try run($0, failed: ($1, 0)) }
    var registration = registration(plans)
    guard case .parts(let parts, _) = registration.claims[0].content else { return XCTFail("no parts") }
    var other = registration.claims[0]
    other.name = "7"
    var absent = parts[0]
    absent.asked = .absence(margin: 0.1)
    other.content = .parts(parts + [absent], beside: [])
    registration.claims.append(other)
    let verdicts = try RegisteredVerdict.all(registration, in: RegisteredRuns(registration, below: folder))
    let p = try XCTUnwrap(verdicts[0].parts[0].p)
    XCTAssertEqual(verdicts[0].parts[0].adjustedP, 2 * p)
    XCTAssertEqual(verdicts[1].parts[0].adjustedP, 2 * p)
    XCTAssertNil(verdicts[1].parts[1].adjustedP)
    XCTAssertEqual(verdicts.map(\.word), [.holds, .holdsInPart])
    XCTAssertEqual(verdicts[1].parts.map(\.word), [.holds, .contradicted])
    let runs = try RegisteredRuns(registration, below: folder)
    let page = VerdictReport(registration, runs, verdicts, stem: "V").text(replacing: nil)
    XCTAssertTrue(page.contains("0.604 [0.1892, 1.019] | **holds in part**; this part: holds |\n"), page)
    XCTAssertTrue(page.contains("0.604 [0.1892, 1.019], 90 %: [0.3225, 0.8856] | this part: contradicted |\n"), page)
    XCTAssertTrue(
      page.contains(
        "- rates (asked: within -0.1 to 0.1): embedded 0.604 [0.1892, 1.019], 90 %: [0.3225, 0.8856], **contradicted**.\n"
      ), page)
  }
}
