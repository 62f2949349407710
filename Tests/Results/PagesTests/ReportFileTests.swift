// When and where pages are written: with tables, again with them, whole, and never at the cost of a run.

import Foundation
import Imports
import Reports
import ResultsSupport
import Storage
import Trials
import XCTest

@testable import Pages

final class ReportFileTests: PageTestCase {
  /// The tables of a journal are those that `RunTables` writes, and a further writing reads on in the journal.
  func testTheTablesAreThoseOfTheJournal() throws {
    let plan = try plan([("default", "default")], seeds: 4)
    let (output, expected) = (RunFolder(folder + "/out"), RunFolder(folder + "/expected"))
    for folder in [output, expected] { try folder.create() }
    let journal = try JournalWriter(path: output.journal, epoch: 1)
    func append(_ numbers: Range<Int>) throws {
      try journal.append(
        numbers.map { number in
          .outcome(
            TrialRecord(
              trial: plan.trialIdentifier(at: number), attempt: 1, timing: Example.timing,
              outcome: Example.outcome(correct: [number + 5])))
        })
    }
    try journal.append([.runStart(Example.start)])
    try append(0..<2)
    try write("x".utf8, to: output.comparisons)
    let page = RunPage(isAlways: false)
    let writer = TableWriter(
      plan, from: try JournalIndex(path: output.journal), to: output, derived: [.comparisons], options: TableOptions(),
      page: page)
    XCTAssertNil(try writer.poll())
    for count in [2, 4] {
      if count == 4 {
        try append(2..<4)
        page.expectLast()
      }
      writer.begin()
      let written = try XCTUnwrap(try writer.finish {})
      XCTAssertNil(try writer.poll(), "nothing is written any more")
      XCTAssertEqual(written.rows.map(\.count), [count])
      XCTAssertEqual(written.notice != nil, count == 2, "the derived table is removed once, and that is said")
      try RunTables.write(plan, from: try JournalIndex(path: output.journal), to: expected)
      for (path, other) in [
        (output.trials, expected.trials), (output.curves, expected.curves), (output.summary, expected.summary),
        (output.timings, expected.timings),
      ] {
        XCTAssertEqual(try bytes(path), try bytes(other))
        XCTAssertFalse(try bytes(path).isEmpty)
      }
      XCTAssertEqual(FileManager.default.fileExists(atPath: output.report), count == 4, "a page with the last tables")
    }
    XCTAssertFalse(FileManager.default.fileExists(atPath: output.comparisons))
    XCTAssertTrue(try contents(output.report).contains("4 of 4 trials have a result"))
  }

  func testAPageIsDueWhereItWasAskedForOrIsThere() throws {
    let folder = RunFolder(folder)
    XCTAssertTrue(RunPage(isAlways: true).isDue(in: folder))
    let page = RunPage(isAlways: false)
    XCTAssertFalse(page.isDue(in: folder))
    try write("".utf8, to: folder.report)
    XCTAssertTrue(page.isDue(in: folder))
  }

  /// A page that cannot be written is a line; the tables are there.
  func testAPageThatCannotBeWrittenCostsNothing() throws {
    let plan = try plan([("a", "a")], seeds: 2)
    let output = try results(plan) { _ in self.outcome(failed: false) }
    try FileManager.default.createDirectory(atPath: output.report + "/full", withIntermediateDirectories: true)
    let page = RunPage(isAlways: true)
    let writer = TableWriter(
      plan, from: try JournalIndex(path: output.journal), to: output, derived: [], options: TableOptions(), page: page)
    writer.begin()
    let written = try XCTUnwrap(try writer.finish {})
    XCTAssertEqual(written.rows.map(\.count), [2])
    let notice = try XCTUnwrap(written.notice)
    XCTAssertTrue(notice.hasPrefix("warning: \(output.report) could not be written: "), notice)
    XCTAssertNotNil(ReportFile.attempt(output.path))
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: output.path).filter { $0.hasPrefix(".partial") }, [])
  }

  /// A page is made again where there is one, and removed where that cannot be done.
  func testAPageFollowsItsTables() throws {
    let output = try results(try plan([("a", "a")], seeds: 2)) { _ in self.outcome(failed: false) }
    XCTAssertNil(ReportFile.renew(output))
    XCTAssertFalse(FileManager.default.fileExists(atPath: output.report))
    try write("old".utf8, to: output.report)
    XCTAssertNil(ReportFile.renew(output))
    XCTAssertTrue(try contents(output.report).contains("2 of 2 trials have a result"))
    try write("no JSON".utf8, to: output.sweep)
    XCTAssertTrue(try XCTUnwrap(ReportFile.renew(output)).contains("could not be made again and is removed"))
    XCTAssertFalse(FileManager.default.fileExists(atPath: output.report))
  }

  func testLinksAreRelativeAndNoOtherScheme() {
    XCTAssertEqual(ReportFile.link(to: "/a/b/trials.csv", from: "/a/b/report.html"), "./trials.csv")
    XCTAssertEqual(ReportFile.link(to: "/a/b/trials.csv", from: "/a/c/d/r.html"), "../../b/trials.csv")
    XCTAssertEqual(
      ReportFile.link(to: "/a/javascript:alert(1)/x y\"<.csv", from: "/a/r.html"),
      "./javascript%3Aalert%281%29/x%20y%22%3C.csv")
  }

  func testFiguresAreFilesOfTheirOwn() throws {
    let plan = try plan([("a", "a"), ("b", "b")], seeds: 6)
    let output = try results(plan) { self.outcome(failed: $0 < 3) }
    let page = ReportPage([try PageFolder(output.path)], time: 0)
    let paths = try ReportFile.writeFigures(of: page, to: folder + "/svg", millimetres: 84, font: nil)
    XCTAssertEqual(
      paths.map { URL(fileURLWithPath: $0).lastPathComponent },
      ["failures.svg", "scores.svg", "seeds.svg", "learning-1.svg", "learning-2.svg"])
    for path in paths { XCTAssertTrue(try contents(path).contains("width=\"84mm\"")) }
  }

  /// Runs that are judged by different rules are not compared, and the page names each folder's rule and where its pairs are.
  func testFoldersThatAreJudgedDifferently() throws {
    let plan = try plan([("a", "a"), ("b", "b")], seeds: 6)
    let folders = try ["one", "two"].map { name in
      try results(plan, in: name) { trial in self.outcome(failed: trial < 3) }
    }
    let index = try JournalIndex(path: folders[1].journal)
    try RunTables.write(plan, from: index, to: folders[1], options: TableOptions(rule: .constant))
    let page = ReportPage(try folders.map { try PageFolder($0.path) }, time: 0)
    let text = page.document { ReportFile.link(to: "\($0.path)/\($1)", from: self.folder + "/both.html") }.text
    for folder in folders {
      let pair = "b in \(folder.path) is not shown to be more or less stable than a in \(folder.path)"
      XCTAssertTrue(text.contains(pair), text)
    }
    XCTAssertTrue(
      text.contains(
        "failed in \(folders[0].path): no more correct predictions than the largest class has examples, at the last evaluation. failed "
          + "in \(folders[1].path): more than 99% of the predictions are equal, at the last evaluation. Intervals: "),
      text)
    XCTAssertTrue(text.contains("The folders are not compared with each other"), text)
  }

  /// Two folders whose recipes have equal names are told apart by the folders.
  func testSeveralFoldersShareAPage() throws {
    let plan = try plan([("a", "a")], seeds: 6)
    let one = try results(plan, in: "one") { self.outcome(failed: $0 < 3) }
    let two = try results(plan, in: "two") { _ in self.outcome(failed: false) }
    let text = ReportPage([try PageFolder(one.path), try PageFolder(two.path)], time: 0).document {
      ReportFile.link(to: "\($0.path)/\($1)", from: self.folder + "/both.html")
    }.text
    XCTAssertTrue(text.contains("a in \(one.path)") && text.contains("a in \(two.path)"))
    XCTAssertTrue(text.contains("href=\"./one/trials.csv\"") && text.contains("href=\"./two/trials.csv\""))
    XCTAssertTrue(text.contains("it failed in 0 of 6 runs against 3 of 6"), text)
  }
}
