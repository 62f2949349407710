// `seedsweep verdict` on the folder of a real run, and seeds that are shifted.

import Foundation
import TestSupport
import XCTest

final class VerdictTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(TinySweep.text(), to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  func testVerdictsOfARun() throws {
    XCTAssertEqual(try Child.seedsweep(["run", "tiny.json5", "--output", "runs/tiny"], in: folder.path).code, 0)
    try folder.write(
      """
      { claims: [
        { claim: 1, says: "all trials ran", conditions: [
          { what: "trials", value: { run: "tiny", where: { status: "completed" }, reduce: "count" }, at_least: 4 },
          { what: "their seeds", value: { run: "tiny", column: "seed_init", reduce: "max" }, at_most: 2 },
        ] },
        { claim: 2, says: "nothing failed", conditions: [
          { what: "loss", value: { run: "tiny", column: "train_loss_final", over: "chance_loss", reduce: "mean" }, below: 0 },
        ] },
        { claim: 3, says: "something else ran", conditions: [
          { what: "x", value: { run: "none", column: "value_final" }, above: 0 } ] },
      ] }
      """, to: "claims.json5")
    let result = try Child.seedsweep(
      ["verdict", "claims.json5", "--runs", "runs", "--output", "verdicts.csv"], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(
      result.output.contains("| 1 | all trials ran | **holds** | trials | at least 4 | yes: 4 |"), result.output)
    XCTAssertTrue(
      result.output.contains("| 2 | nothing failed | **does not hold at this scale** | loss |"), result.output)
    XCTAssertTrue(
      result.output.contains("| 3 | something else ran | **not run** | x | above 0 | not run: none was not run |"))
    let rows = folder.text("verdicts.csv").split(separator: "\n")
    XCTAssertEqual(rows.count, 5)
    XCTAssertEqual(
      rows[0], "claim,says,claim_verdict,runs,runs_verdict,condition,value,relation,threshold,verdict,reason")
    XCTAssertEqual(rows[1], "1,all trials ran,holds,runs,holds,trials,4.0,at_least,4.0,holds,")

    // On other seeds as well: the greatest is 12 there, where 2 at most is asked.
    XCTAssertEqual(
      try Child.seedsweep(
        ["run", "tiny.json5", "--shift-seeds", "10", "--output", "runs/shifted/tiny"], in: folder.path
      ).code, 0)
    let both = try Child.seedsweep(
      ["verdict", "claims.json5", "--runs", "runs", "--runs", "runs/shifted", "--output", "both.csv"], in: folder.path)
    XCTAssertEqual(both.code, 0, both.errors)
    XCTAssertTrue(
      both.output.hasPrefix("| # | claim | verdict | condition | asked | runs | runs/shifted |\n"), both.output)
    XCTAssertTrue(
      both.output.contains("| 1 | all trials ran | **holds in 1 of 2** | trials | at least 4 | yes: 4 | yes: 4 |\n"),
      both.output)
    XCTAssertTrue(both.output.contains("|  | |  | their seeds | at most 2 | yes: 2 | **no**: 12 |\n"), both.output)
    XCTAssertTrue(both.output.contains("**does not hold at this scale (0 of 2)**"), both.output)
    XCTAssertEqual(folder.text("both.csv").split(separator: "\n").count, 9)
  }

  /// A registration's identifiers come from `plan`; a claim that it lacks is refused, and a draft says what it is.
  func testARegistration() throws {
    let digest = try Child.seedsweep(["plan", "tiny.json5", "--shift-seeds", "20000", "--digest"], in: folder.path)
    XCTAssertNotNil(digest.output.wholeMatch(of: /[0-9a-f]{64}\n/), digest.output + digest.errors)
    let identifiers = digest.output.dropLast()
    func registration(_ registered: String) -> String {
      """
      { registered: \(registered), test: "reml_hartung_knapp", sweeps: { tiny: "tiny.json5" },
        families: { embedded: { kind: "confirmatory", draws: [
          { name: "d1", pretraining: "p0", data: 0, registered: \(registered), identifiers: { tiny: "\(identifiers)" } } ] } },
        claims: [{ claim: 6, says: "it stabilizes", stop: "all seeds", parts: [
          { what: "share", mean: { run: "tiny", column: "failed" }, direction: "below", smallest: 0 } ] }] }
      """
    }
    try folder.write(registration("null"), to: "draft.json5")
    try folder.write(registration("{ time: '2100-01-01T00:00:00Z', commit: 'abc' }"), to: "later.json5")
    XCTAssertEqual(
      try Child.seedsweep(
        ["run", "tiny.json5", "--shift-seeds", "20000", "--output", "draws/d1/tiny"], in: folder.path
      ).code, 0)
    try FileManager.default.createDirectory(atPath: folder.path + "/V-figures", withIntermediateDirectories: true)
    try folder.write("<svg><title>Claim 5: not registered any more</title></svg>", to: "V-figures/claim-5.svg")
    try folder.write("<svg><title>Mine</title></svg>", to: "V-figures/claim-4.svg")
    let draft = try Child.seedsweep(
      ["verdict", "draft.json5", "--runs", "draws", "--output", "v.csv", "--page", "V.md"], in: folder.path)
    XCTAssertEqual(draft.code, 0, draft.errors)
    XCTAssertTrue(
      draft.output.hasPrefix(
        """
        This registration is a draft: it names no commit, and every verdict is exploratory. Models: embedded (confirmatory, 1 draw).

        | # | claim | measured | model | effect and 95 % interval | asked | verdict |
        |---|---|---|---|---|---|---|
        | 6 | it stabilizes | share | embedded | - | below 0 | **not run** (1 of 1 draw can be counted, and pooling needs 3; \
        register more draws) |

        """), draft.output)
    XCTAssertTrue(draft.output.contains("## Deviations from the registration\n\nNone.\n"), draft.output)
    XCTAssertTrue(
      draft.output.hasSuffix("\nVerdicts: V.md, 1 figure; 1 figure of an earlier page removed\n"), draft.output)
    XCTAssertEqual(["claim-5.svg", "claim-4.svg"].map { folder.has("V-figures/" + $0) }, [false, true])
    XCTAssertTrue(folder.text("V.md").contains("<!-- seedsweep verdict: claim 6 -->\n## Claim 6: it stabilizes\n"))
    XCTAssertTrue(
      folder.text("V-conditions.md").hasPrefix(
        "# Every condition\n\nOf the verdicts in [V.md](V.md).\n\nThis registration is a draft"))
    XCTAssertTrue(
      folder.text("v.csv").contains("\n6,it stabilizes,embedded,confirmatory,not run,share,mean,below,0.0,"))
    let unregistered = try Child.seedsweep(
      ["verdict", "draft.json5", "--runs", "draws", "--claim", "7"], in: folder.path)
    XCTAssertEqual(unregistered.code, 2)
    XCTAssertEqual(
      unregistered.errors,
      "seedsweep verdict: claim 7 is not registered in draft.json5, which has 6; register it, commit the registration and run its "
        + "sweeps after that\n")
    let early = try Child.seedsweep(["verdict", "later.json5", "--runs", "draws"], in: folder.path)
    XCTAssertEqual(early.code, 2)
    XCTAssertTrue(early.errors.hasPrefix("seedsweep verdict: draws/d1/tiny was begun at "), early.errors)
    XCTAssertTrue(early.errors.contains(", before the registration (commit abc of 2100-01-01T00:00:00Z)"), early.errors)
  }

  /// The quickstart's own sweep on the model inside the program, cut to a moment: alone, and under mpirun from a folder where
  /// no model is.
  func testTheQuickstartOnAnyRanks() throws {
    let sweep = Checkout.path("sweeps/quickstart.json5")
    let words = ["run", sweep, "seeds=2", "training.max_steps=3", "task.dev_size=40", "record.gradient_norms_every=1"]
    let plain = try Child.seedsweep(words + ["--output", "plain"], in: folder.path)
    XCTAssertEqual(plain.code, 0, plain.errors)
    let result = try Child(Child.launched(ranks: 2, words + ["--output", "two"]), in: folder.path).wait()
    XCTAssertEqual(result.code, 0, result.errors)
    TinySweep.assertSameTables(try TinySweep.tables(of: folder, "plain"), try TinySweep.tables(of: folder, "two"))
    let rows = folder.text("plain/trials.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let place = try XCTUnwrap(rows[0].firstIndex(of: "model"))
    XCTAssertEqual(rows.dropFirst().map { String($0[place]) }, Array(repeating: "embedded:town", count: 4))
    let again = try Child.seedsweep(["compare", "two"], in: folder.path)
    XCTAssertEqual(again.code, 0, again.errors)
  }

  func testShiftedSeedsAreOtherTrials() throws {
    for (name, words) in [("written", ["seeds=[11, 12]"]), ("shifted", ["--shift-seeds", "10"])] {
      let result = try Child.seedsweep(["run", "tiny.json5", "--output", name] + words, in: folder.path)
      XCTAssertEqual(result.code, 0, result.errors)
    }
    TinySweep.assertSameTables(
      try TinySweep.tables(of: folder, "written"), try TinySweep.tables(of: folder, "shifted"))
    let refused = try Child.seedsweep(
      ["plan", "tiny.json5", "seeds=[18446744073709551615]", "--shift-seeds", "1"], in: folder.path)
    XCTAssertEqual(refused.code, 2)
    XCTAssertTrue(refused.errors.contains("seeds: shifted by 1 they leave 64 bits"), refused.errors)
  }

  func testRefusals() throws {
    func errors(_ words: [String]) throws -> String {
      let result = try Child.seedsweep(["verdict"] + words, in: folder.path)
      XCTAssertEqual(result.code, 2, result.output)
      return result.errors
    }
    XCTAssertEqual(
      try errors(["none.json5", "--runs", "."]),
      "seedsweep verdict: cannot read none.json5: there is no such file\n")
    try folder.write("{ claims: [] }", to: "empty.json5")
    XCTAssertEqual(try errors(["empty.json5", "--runs", "."]), "empty.json5:1:11: claims: expected at least one\n")
    try folder.write(
      "{ claims: [{ claim: 1, says: 's', conditions: [{ what: 'w', value: 1, above: '0' }] }] }", to: "quoted.json5")
    XCTAssertEqual(
      try errors(["quoted.json5", "--runs", "."]),
      "quoted.json5:1:78: above: expected a number, or an object such as { run: \"a\", column: \"mean\" }, found a string; "
        + "remove the quotes\n")
    try folder.write(
      "{ claims: [{ claim: 1, says: 's', conditions: [{ what: 'w', value: 1, above: 0 }] }] }", to: "sound.json5")
    XCTAssertEqual(try errors(["sound.json5", "--runs", "none"]), "seedsweep verdict: none: no such folder\n")
    XCTAssertEqual(
      try errors(["sound.json5", "--runs", ".", "--page", "p.md"]),
      "seedsweep verdict: sound.json5 is no registration, and --page is for those; the tables are printed\n")
    XCTAssertEqual(
      try errors(["sound.json5", "--runs", ".", "--rule", "loss=x"]),
      "seedsweep verdict: --rule is a column of the page; give --page as well\n")
    XCTAssertEqual(
      try errors(["sound.json5", "--runs", ".", "--page", "p.md", "--claim", "1"]),
      "seedsweep verdict: --page is about all claims of a registration; leave --claim out\n")
    XCTAssertEqual(
      try errors(["sound.json5", "--runs", ".", "--page", "p.md", "--rule", "los=x"]),
      "seedsweep verdict: --rule los=x: expected a failure rule and a folder, such as loss=out/draws-by-loss\n")
    XCTAssertTrue(
      try errors(["sound.json5", "--runs", ".", "--runs", "./"]).contains("--runs ./ is given twice"),
      "one folder twice")
    // What no run would ever tell. A table of somebody's own may have any column.
    func mistake(_ value: String) throws -> String {
      let text = "{ claims: [{ claim: 1, says: 's', conditions: [{ what: 'w', above: 0, value:\n\(value) }] }] }"
      try folder.write(text, to: "c.json5")
      return try errors(["c.json5", "--runs", "."])
    }
    XCTAssertEqual(
      try mistake("{ run: 'r', table: 'summary.csv', column: 'failure_rat' }"),
      "c.json5:2:43: column: summary.csv never has a column \"failure_rat\"; did you mean \"failure_rate\"?\n")
    for (name, meant) in [
      ("sumary.csv", "summary"), ("trails.csv", "trials"), ("forgetting_summary", "forgetting_summary"),
    ] {
      XCTAssertEqual(
        try mistake("{ run: 'r', table: '\(name)', column: 'n_failed' }"),
        "c.json5:2:20: table: seedsweep writes no \"\(name)\"; did you mean \"\(meant).csv\"? A table of your own needs a name that "
          + "is less like this one\n")
    }
    XCTAssertEqual(
      try mistake("{ run: 'r', where: { varient: 'a' }, column: 'failed', reduce: 'mean' }"),
      "c.json5:2:22: where: trials.csv never has a column \"varient\"; did you mean \"variant\"?\n")
    XCTAssertEqual(
      try mistake("{ spearman: { run: 'r', column: 'value_final', with: 'zzzz' } }"),
      "c.json5:2:54: with: trials.csv never has a column \"zzzz\"; 'seedsweep columns trials.csv' lists those it may "
        + "have\n")
    let rows = [
      "{ run: 'r', column: 'value_final', over: 'parameter_width' }",
      "{ run: 'r', table: 'my_trials.csv', column: 'z' }",
    ].joined(separator: ", ")
    XCTAssertEqual(
      try mistake("{ differing: [\(rows)], by: ['value_dev_hard', 'sed_init'] }"),
      "c.json5:2:\(rows.count + 41): by: trials.csv never has a column \"sed_init\"; did you mean \"seed_init\"?\n")
    try folder.write("{ claims: [{ claim: 1 }] }", to: "short.json5")
    XCTAssertEqual(try errors(["short.json5", "--runs", "."]), "short.json5:1:12: claim: conditions is missing\n")
  }
}
