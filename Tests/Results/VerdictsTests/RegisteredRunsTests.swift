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

final class RegisteredRunsTests: VerdictTestCase {
  /// What is told of a sweep of which 15 of 20 trials have a result.
  private static let unfinished =
    "is not finished: 15 of 20 trials have a result; the same 'seedsweep run' trains the others, and a copy must be made again"

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
    XCTAssertTrue(page.contains(" | **correction stabilizes** | **holds in part** |\n"), page)
    XCTAssertTrue(page.contains("|  | rates | 0.604 [0.189, 1.019], holds |\n"), page)
    XCTAssertTrue(
      page.contains(
        "- rates (asked: within -0.1 to 0.1): embedded 0.604 [0.189, 1.019], 90 %: [0.322, 0.886], **contradicted**.\n"
      ), page)
  }
}
