// Today's code against a folder that version 0.1.0 (commit 76f7534) wrote: identifiers, the journal's text, the tables and
// the trainer's revision must not move. Goldens/make_run_folder.sh tells how the folder and the identifiers were made.

import Foundation
import Training
import Trials
import XCTest

@testable import Reports
@testable import Storage

final class OldFolderTests: XCTestCase {
  private static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens"
  private static let name = "run-76f7534"

  /// A copy of the goldens, since programs write into them.
  private var copy: TemporaryFolder!

  override func setUpWithError() throws {
    copy = try TemporaryFolder()
    for file in try FileManager.default.contentsOfDirectory(atPath: Self.goldens) {
      try FileManager.default.copyItem(atPath: Self.goldens + "/" + file, toPath: copy.path + "/" + file)
    }
  }

  override func tearDown() { copy = nil }

  private var folder: RunFolder { RunFolder(copy.path + "/" + Self.name) }

  private func plan() throws -> SweepPlan { try SweepPlan(json: copy.text(Self.name + "/sweep.json")) }

  private func entries() throws -> [JournalEntry] {
    var reader = try JournalReader(path: folder.journal)
    var entries: [JournalEntry] = []
    while let entry = try reader.next() { entries.append(entry) }
    XCTAssertEqual(reader.skipped, [])
    return entries
  }

  /// The identifiers of a plan's trials, and of what they are, by the program's own list.
  func testSweepFilesGiveTheSameIdentifiers() throws {
    let expected = copy.text("identifiers.txt").split(separator: "\n").map(String.init)
    XCTAssertEqual(expected.count, 124)
    var found: [String] = []
    for sweep in ["run", "wide", "embedded", "files"] {
      let result = try Child.seedsweep(
        ["plan", sweep + ".json5", "training.arithmetic=openblas", "--list"], in: copy.path)
      XCTAssertEqual(result.code, 0, result.errors)
      for line in result.output.split(separator: "\n") {
        guard let match = line.wholeMatch(of: /\ \ ([0-9a-f]{16})\ \ (.*)/) else { continue }
        found.append("\(sweep) \(match.1) \(match.2)")
      }
    }
    XCTAssertEqual(found, expected)
  }

  func testTheResolvedSweepIsReadAndWrittenTheSame() throws {
    let plan = try plan()
    XCTAssertEqual(plan.encodedJSON(), copy.text(Self.name + "/sweep.json"))
    let index = try JournalIndex(path: folder.journal)
    XCTAssertEqual(plan.trials.map(\.identifier).sorted(), index.trials)
    XCTAssertEqual(index.resultCount, 12)
    let listed = copy.text("identifiers.txt").split(separator: "\n").filter { $0.hasPrefix("run ") }
    XCTAssertEqual(plan.trials.map(\.identifier), listed.map { String($0.split(separator: " ")[1]) })
  }

  /// Every line, its checksum included, and every outcome.
  func testTheJournalIsWrittenAgainToTheSameText() throws {
    let entries = try entries()
    let lines = copy.text(Self.name + "/journal.jsonl").split(separator: "\n").map(String.init)
    XCTAssertEqual(entries.count, lines.count)
    var statuses: [TrialStatus] = []
    for (entry, line) in zip(entries, lines) {
      XCTAssertEqual(
        String(decoding: JournalLine(epoch: entry.epoch, record: entry.record).encoded(), as: UTF8.self), line)
      guard case .outcome(let record) = entry.record else { continue }
      XCTAssertEqual(try record.outcome().encodedJSON(), record.outcomeJSON)
      statuses.append(record.status)
    }
    XCTAssertEqual(statuses.filter { $0 == .completed }.count, 10)
    XCTAssertEqual(statuses.filter { $0 == .diverged }.count, 2)
  }

  /// Columns that trials.csv and summary.csv have since.
  private static let laterColumns: Set<String> = ["peak_rate", "smoothed_rate", "early_rate", "step_mass"]
  /// Columns that trials.csv alone has since.
  private static let laterTrialColumns: Set<String> = ["early_stop"]
  /// Columns that timings.csv alone has since.
  private static let laterTimingColumns: Set<String> = ["taken_steps"]
  /// Columns that summary.csv alone has since.
  private static let laterSummaryColumns: Set<String> = [
    "sd_dev_set", "halves_permutation_p", "stop_rule", "early_rule", "early_step", "n_early_stopped",
    "n_early_finished",
    "n_early_finished_failed",
  ]

  /// A table with the columns of then.
  private func columnsOfThen(_ table: String) throws -> String {
    let lines = copy.text(Self.name + "/" + table).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let names = try XCTUnwrap(lines.first)
    let later =
      switch table {
      case "trials.csv": Self.laterColumns.union(Self.laterTrialColumns)
      case "summary.csv": Self.laterColumns.union(Self.laterSummaryColumns)
      case "timings.csv": Self.laterTimingColumns
      default: Set<String>()
      }
    XCTAssertEqual(names.count { later.contains(String($0)) }, later.count, table)
    let kept = names.indices.filter { !later.contains(String(names[$0])) }
    return lines.map { line in kept.map { line[$0] }.joined(separator: ",") + "\n" }.joined()
  }

  func testTablesAreRebuiltToTheSameBytes() throws {
    let tables = ["trials.csv", "curves.csv", "summary.csv", "timings.csv", "gradient_norms.csv"]
    for table in tables { try FileManager.default.removeItem(atPath: folder.path + "/" + table) }
    try RunTables.write(plan(), from: JournalIndex(path: folder.journal), to: folder)
    for table in tables {
      let old = try String(contentsOfFile: Self.goldens + "/" + Self.name + "/" + table, encoding: .utf8)
      XCTAssertEqual(try columnsOfThen(table), old, table)
    }
  }

  /// The later columns of runs of then: eight steps from 3e-3 down to an eighth of it, each over sqrt(1 - .999^t) / (1 - .9^t).
  /// The numbers are computed by hand; a run that diverged has those of the whole recipe.
  func testRunsOfThenHaveTheLaterColumns() throws {
    try RunTables.write(plan(), from: JournalIndex(path: folder.journal), to: folder)
    for table in ["trials.csv", "summary.csv"] {
      let rows = copy.text(Self.name + "/" + table).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      let variant = try XCTUnwrap(rows[0].firstIndex(of: "variant"))
      func numbers(_ name: String) throws -> [Double?] {
        let column = try XCTUnwrap(rows[0].firstIndex(of: name))
        let row = try XCTUnwrap(rows.first { $0[variant] == "standard" })
        let diverged = try XCTUnwrap(rows.first { $0[variant] == "diverging" })
        return [Double(row[column]), Double(diverged[column]).map { $0 * (3e-3 / 1e30) }]
      }
      for (name, expected) in [
        ("peak_rate", 0.011155178181012021), ("smoothed_rate", 0.0026214881236419777),
        ("step_mass", 0.06456819523095642),
      ] {
        for number in try numbers(name) {
          // Sums and products of eight numbers in Double.
          XCTAssertEqual(try XCTUnwrap(number), expected, accuracy: 1e-14, "\(table) \(name)")
        }
      }
      XCTAssertEqual(try numbers("early_rate"), [nil, nil])
    }
  }

  func testTheTrainerHasTheSameRevision() throws {
    let runs = try JournalIndex(path: folder.journal).runs
    XCTAssertEqual(runs.count, 2)
    for run in runs {
      XCTAssertEqual(run.fingerprint.split(separator: " ").last, "trainer=\(Trainer.arithmeticRevision)")
    }
  }

  /// The same command finds every result, says what they are of, starts no trial and leaves journal and tables as they are.
  func testTheSameCommandReusesEveryResult() throws {
    let result = try Child.seedsweep(
      ["run", "run.json5", "--output", Self.name, "--blas-core", "Haswell"], in: copy.path)
    XCTAssertEqual(result.code, 0, result.output + result.errors)
    XCTAssertTrue(result.output.contains("\nold-folder: 12 trials: 12 reused, 0 to run\n"), result.output)
    XCTAssertTrue(
      result.output.contains("The results in \(Self.name) are of training.arithmetic: \"openblas\""), result.output)
    for file in ["journal.jsonl", "sweep.json", "trials.csv", "curves.csv", "summary.csv", "gradient_norms.csv"] {
      let old = try String(contentsOfFile: Self.goldens + "/" + Self.name + "/" + file, encoding: .utf8)
      XCTAssertEqual(file.hasSuffix(".csv") ? try columnsOfThen(file) : copy.text(Self.name + "/" + file), old, file)
    }
  }

  /// Trials that are trained again give the bits of then. Another processor or C library may round differently: then the
  /// program says by its fingerprint that nothing can be compared, and only what stands in files is verified.
  func testTrialsThatAreTrainedAgainGiveTheSameBits() throws {
    let old = try XCTUnwrap(JournalIndex(path: folder.journal).runs.first?.fingerprint)
    let probe = try Child.seedsweep(
      [
        "run", "run.json5", "training.arithmetic=openblas", "--output", "probe", "--blas-core", "Haswell", "--limit",
        "1",
      ], in: copy.path)
    XCTAssertEqual(probe.code, 0, probe.errors)
    let isSame = try JournalIndex(path: copy.path + "/probe/journal.jsonl").runs.first?.fingerprint == old
    let result = try Child.seedsweep(
      ["verify", Self.name, "--sample", isSame ? "12" : "1", "--blas-core", "Haswell"], in: copy.path)
    XCTAssertTrue(result.output.hasPrefix("journal: 12 results, 0 damaged places\n"), result.output)
    if isSame {
      XCTAssertEqual(result.code, 0, result.output + result.errors)
      XCTAssertTrue(result.output.hasSuffix("\n12 of 12 trials trained again gave the same bits\n"), result.output)
    }
  }

  /// Predictions lay side by side; `agreement` and `verify` find them, and `merge` copies them to where they lie now.
  func testPredictionsAreFoundWhereTheyLay() throws {
    let names = TinySweep.keptTables(copy, "\(Self.name)/predictions")
    XCTAssertFalse(names.isEmpty)
    XCTAssertFalse(names.contains { $0.contains("/") })
    let agreement = try Child.seedsweep(["agreement", Self.name], in: copy.path)
    XCTAssertEqual(agreement.code, 0, agreement.errors)
    XCTAssertFalse(agreement.output.contains("predictions are missing"), agreement.output)
    try FileManager.default.copyItem(atPath: "\(copy.path)/\(Self.name)", toPath: "\(copy.path)/twin")
    let merged = try Child.seedsweep(["merge", Self.name, "twin", "--output", "merged"], in: copy.path)
    XCTAssertEqual(merged.code, 0, merged.errors)
    for kind in ["predictions", "gradient_norms"] {
      let old = TinySweep.keptTables(copy, "\(Self.name)/\(kind)")
      XCTAssertEqual(TinySweep.keptTables(copy, "merged/\(kind)"), old.map { "\($0.prefix(2))/\($0)" })
      for name in old {
        XCTAssertEqual(
          try copy.bytes("merged/\(kind)/\(name.prefix(2))/\(name)"), try copy.bytes("\(Self.name)/\(kind)/\(name)"))
      }
    }
    for output in [Self.name, "merged"] {
      let verify = try Child.seedsweep(["verify", output, "--sample", "0"], in: copy.path)
      XCTAssertFalse(verify.errors.contains("predictions/"), verify.errors)
      XCTAssertFalse(verify.errors.contains("gradient_norms/"), verify.errors)
    }
  }
}
