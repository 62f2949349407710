// What the list of analyses promises to the verb, the farm and the removal of stale tables.

import CommandLine
import Reports
import Storage
import XCTest

@testable import Analyses

final class AnalysisRegistryTests: XCTestCase {
  /// An analysis as the command line makes it.
  private func analysis(_ kind: any Analysis.Type, _ words: [String] = []) throws -> any Analysis {
    let given = try CommandLineParser.parse(
      words, of: CommandSyntax("analyze", "", details: "", flags: kind.flags), in: "seedsweep")
    let analysis = kind.init(given)
    try given.finish()
    return analysis
  }

  private let request = AnalysisRequest(folder: "out", output: "out", tables: TableOptions())

  func testNamesAndTablesAreUnique() {
    let kinds = AnalysisRegistry.all
    XCTAssertEqual(kinds.map { $0.name }, ["forgetting", "surface", "soups", "gradients", "correction", "dose"])
    for kind in kinds {
      XCTAssertFalse(kind.summary.isEmpty, kind.name)
      XCTAssertFalse(kind.tables.isEmpty, kind.name)
      XCTAssertEqual(kind.references.map(\.file).sorted(), kind.tables.map { $0.name + ".csv" }.sorted(), kind.name)
      for table in kind.tables { XCTAssertEqual(table.command, "analyze \(kind.name)") }
    }
    let tables = DerivedTable.ofReports + AnalysisRegistry.tables
    XCTAssertEqual(Set(tables.map(\.name)).count, tables.count)
  }

  /// Folders of earlier versions hold these files: a table whose name is lost here would stay when it is stale.
  func testEveryTableIsKnown() {
    XCTAssertEqual(
      (DerivedTable.ofReports + AnalysisRegistry.tables).map { "\($0.name): \($0.command)" }.sorted(),
      [
        "agreement: agreement", "barriers: analyze soups", "basins: analyze soups", "best_of_n: pick",
        "comparisons: compare",
        "correction_factor: analyze correction",
        "dose_fits: analyze dose", "dose_models: analyze dose", "doses: analyze dose", "ensembles: ensemble",
        "failed_curves: analyze forgetting", "forgetting: analyze forgetting",
        "forgetting_summary: analyze forgetting", "gradient_statistics: analyze gradients",
        "replay: replay", "seed_components: components", "soups: analyze soups", "step_mass: analyze correction",
        "surface: analyze surface",
        "surface_edges: analyze surface", "surface_summary: analyze surface",
      ])
  }

  func testAnalysesThatShareWorkOrReadWeightsReadTheFlagsForIt() throws {
    for kind in AnalysisRegistry.all {
      let rounds = try analysis(kind).allRounds(of: request)
      let flags = kind.flags.map(\.name)
      XCTAssertEqual(flags.contains("--processes"), !rounds.isEmpty, kind.name)
      XCTAssertEqual(flags.contains("--retrain"), kind.readsWeights, kind.name)
      XCTAssertEqual(rounds.first is Retraining, kind.readsWeights, kind.name)
      // A round is found by its type.
      XCTAssertEqual(Set(rounds.map { ObjectIdentifier(type(of: $0)) }).count, rounds.count, kind.name)
    }
    XCTAssertEqual(try analysis(Surface.self).allRounds(of: request).count, 2)
    XCTAssertEqual(try analysis(Surface.self, ["--all-pairs"]).allRounds(of: request).count, 2)
    XCTAssertTrue(try analysis(Correction.self).allRounds(of: request).isEmpty)
  }

  func testWrongValuesAreReportedTogether() {
    XCTAssertThrowsError(try analysis(Surface.self, ["--failed", "x", "--points", "1", "--range", "0"])) {
      XCTAssertEqual(
        ($0 as? any UserError)?.problems,
        [
          "--failed and --successful need each other", "--points: found '1', expected a whole number from 2 to 1000",
          "--range: found '0', expected a number greater than 0",
        ])
    }
  }

  func testAllPairsExcludesWhatBelongsToOnePairOrToThePlane() throws {
    let pairs = "--all-pairs takes every pair: leave out --failed and --successful, or leave out --all-pairs"
    let range =
      "--range belongs to the plane, which --all-pairs does not score: leave out --range, or leave out --all-pairs"
    for (words, problems) in [
      (["--failed", "x"], [pairs]), (["--failed", "x", "--successful", "y"], [pairs]),
      (["--successful", "y"], [pairs]),
      // The default's value is refused as well: what is typed is meant.
      (["--range", "1.5"], [range]), (["--range", "2", "--failed", "x"], [pairs, range]),
    ] {
      XCTAssertThrowsError(try analysis(Surface.self, ["--all-pairs"] + words), "\(words)") {
        XCTAssertEqual(($0 as? any UserError)?.problems, problems)
      }
    }
    _ = try analysis(
      Surface.self, ["--all-pairs", "--points", "3", "--examples", "5", "--retrain", "--processes", "2"])
  }
}
