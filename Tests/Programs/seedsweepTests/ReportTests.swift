// Pages that the built program writes, read by Python's XML parser and, where it is installed, by Chromium.

import TestSupport
import XCTest

final class ReportTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  /// Runs a command that must succeed.
  @discardableResult
  private func run(_ words: [String]) throws -> String {
    let result = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(result.code, 0, "\(words): \(result.output)\(result.errors)")
    return result.output
  }

  /// Lets scripts/check/page.py look at a page.
  private func check(_ page: String, of results: String?, line: UInt = #line) throws {
    let words = ["python3", Checkout.path("scripts/check/page.py"), page] + [results].compactMap { $0 }
    let result = try Child(words, in: folder.path).wait()
    XCTAssertEqual(result.code, 0, result.output + result.errors, line: line)
    XCTAssertTrue(result.output.hasSuffix("bytes, in order\n"), result.output + result.errors, line: line)
  }

  private static let planted = "</script><img src=x onerror=alert(1)>'\\\"&"

  /// Labels, a path and a name that would break out of a page that does not escape them.
  private static let sweep = TinySweep.text(seeds: "3").replacing(
    "grid: { \"schedule.warmup\": [0, 0.1] },",
    with: """
      variants: {
        off: { label: "\(planted)" },
        on: { "optimizer.bias_correction": true, label: "]]><svg onload=alert(2)>" },
      },
      """
  ).replacing("name: \"tiny\"", with: "name: \"\(planted)\"")

  func testPagesAreInOrder() throws {
    try folder.write(Self.sweep, to: "planted.json5")
    let output = "a'b<img onerror=alert(3)>"
    try run(["run", "planted.json5", "--output", output, "--report"])
    XCTAssertTrue(folder.has(output + "/report.html"), "a run writes its page")
    try check(output + "/report.html", of: output)
    let text = folder.text(output + "/report.html")
    XCTAssertFalse(text.contains("<img") || text.contains("<svg onload"))
    // The command of the run stands on the page, with the folder's name in it.
    XCTAssertTrue(text.contains("&#39;a&#39;\\&#39;&#39;b&lt;img onerror=alert(3)&gt;&#39;"), text)

    // A page elsewhere has the same numbers and finds trials.csv.
    XCTAssertEqual(try run(["report", output, "--output", "elsewhere.html"]), "Page: elsewhere.html\n")
    try check("elsewhere.html", of: output)
    XCTAssertTrue(
      folder.text("elsewhere.html").contains("href=\"./a%27b%3Cimg%20onerror%3Dalert%283%29%3E/trials.csv\""))

    // By another rule, tables and page change together.
    try run(["summarize", output, "--failure-rule", "below=0.99"])
    try check(output + "/report.html", of: output)
    XCTAssertTrue(folder.text(output + "/report.html").contains("the metric is below 0.99"))
    try run(["compare", output, "--failure-rule", "constant"])
    try check(output + "/report.html", of: output)
    XCTAssertTrue(folder.text(output + "/report.html").contains("more than 99% of the predictions are equal"))
  }

  func testPagesOfHalfARunOfAnImportAndOfTwoFolders() throws {
    try folder.write(TinySweep.text(seeds: "4"), to: "tiny.json5")
    _ = try Child.seedsweep(["run", "tiny.json5", "--output", "half", "--limit", "3"], in: folder.path)
    try run(["report", "half"])
    try check("half/report.html", of: "half")
    XCTAssertTrue(folder.text("half/report.html").contains("5 trials have no result yet."))
    let runs = (1...8).map { "\($0 < 5 ? "one" : "two"),\($0),\($0 == 3 ? 0.5 : 0.9)" }
    try folder.write("variant,seed,score\n" + runs.joined(separator: "\n") + "\n", to: "runs.csv")
    let output = try run([
      "import", "runs.csv", "--output", "imported", "--variant-column", "variant", "--seed-column", "seed",
      "--final-column", "score", "--baseline", "task=0.5",
    ])
    XCTAssertTrue(
      output.hasSuffix("Tables: imported/summary.csv, trials.csv, comparisons.csv; to look at: report.html\n"), output)
    try check("imported/report.html", of: "imported")
    try run(["report", "half", "imported", "--output", "both.html"])
    try check("both.html", of: "imported")
    try FileManager.default.copyItem(atPath: "\(folder.path)/half", toPath: "\(folder.path)/copy")
    try run(["merge", "half", "copy", "--output", "merged"])
    try check("merged/report.html", of: "merged")
  }

  /// Of runs that a rule stopped early the rate is an estimate, and the page says of what.
  func testThePageOfRunsThatWereStoppedEarly() throws {
    try folder.write(TinySweep.text(seeds: "12"), to: "tiny.json5")
    try run([
      "run", "tiny.json5", "training.evaluate_every=2", "stop={early: \"score=top25%@4\", finish: 0.1}", "--output",
      "out",
    ])
    try check("out/report.html", of: "out")
    XCTAssertTrue(
      folder.text("out/report.html").contains(
        "is an estimate from 3 runs that went on and from the 5 of 9 stopped runs that were finished.</p>"))
  }

  func testFiguresOfPapers() throws {
    try folder.write(TinySweep.text(seeds: "3"), to: "tiny.json5")
    try run(["run", "tiny.json5", "--output", "out"])
    let output = try run(["report", "out", "--figures", "svg", "--width", "174"])
    XCTAssertEqual(
      output,
      "Page: out/report.html\n"
        + ["failures", "scores", "seeds", "learning-1", "learning-2"].map { "svg/\($0).svg\n" }.joined())
    let parse = "import sys, xml.etree.ElementTree as t; [t.parse(name) for name in sys.argv[1:]]"
    let result = try Child(
      ["python3", "-c", parse, "svg/failures.svg", "svg/scores.svg", "svg/learning-1.svg"], in: folder.path
    ).wait()
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(folder.text("svg/scores.svg").contains("width=\"174mm\""))
  }

  func testWhatCannotBeReported() throws {
    func refusal(_ words: [String]) throws -> String {
      let result = try Child.seedsweep(["report"] + words, in: folder.path)
      XCTAssertEqual(result.code, 2, result.output)
      return result.errors.split(separator: "\n").first.map(String.init) ?? ""
    }
    XCTAssertEqual(
      try refusal(["nothing"]),
      "seedsweep report: nothing: there is no such folder")
    XCTAssertEqual(
      try refusal(["one", "two"]),
      "seedsweep report: --output FILE.html is missing: the page of several folders belongs to none of them, so name its file"
    )
    XCTAssertEqual(
      try refusal(["one", "--width", "84"]),
      "seedsweep report: --width is about the files of --figures, which is missing")
    try folder.write("no font", to: "font.ttf")
    XCTAssertEqual(
      try refusal(["one", "--figures", "svg", "--outlines", "font.ttf"]),
      "seedsweep report: font.ttf is no TrueType font; --outlines takes a .ttf file such as DejaVuSans.ttf, and no .otf with "
        + "PostScript outlines")
  }

  /// A browser runs the one script under the page's own policy, and finds nothing to complain about.
  func testChromiumShowsThePage() throws {
    let names = ["chromium", "chromium-browser", "google-chrome"]
    let path = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
    let browser = names.lazy.flatMap { name in path.map { "\($0)/\(name)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let browser else { throw XCTSkip("there is no Chromium") }
    try folder.write(Self.sweep, to: "planted.json5")
    try run(["run", "planted.json5", "--output", "out"])
    let result = try Child(
      [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder.path)/profile",
        "--enable-logging=stderr", "--dump-dom", "file://\(folder.path)/out/report.html",
      ], in: folder.path
    ).wait()
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(result.output.contains("id=\"filter\""), "the script did not run: \(result.errors)")
    XCTAssertTrue(result.output.contains("<th scope=\"col\"><button type=\"button\">recipe</button></th>"))
    XCTAssertFalse(result.output.contains("<img"))
    XCTAssertFalse(result.errors.contains("CONSOLE"), result.errors)
    XCTAssertFalse(result.errors.contains("Content Security Policy"), result.errors)
  }
}
