// A paper's tables and macros, solved by hand: what stands in which cell, what is bold, what the caption admits, and what is
// found stale.

import ResultsSupport
import Statistics
import TrialTables
import Trials
import XCTest

@testable import Papers
@testable import Reports

final class PaperTests: FolderTestCase {
  private let options = TableOptions()

  /// A recipe with 20 runs of some scores by seed, of which the first ones failed.
  private func recipe(_ name: String, failed: Int, task: String = "rte", rate: String = "1e-05", score: Double = 0.7)
    -> SummaryRow
  {
    var trial = Example.trial(1, variant: name)
    trial.configuration.task.name = task
    trial.configurationIdentifier = "00000000000000\(name.count)\(failed % 10)"
    var row = SummaryRow(
      trial, hyperparameters: TrialColumns.configurationNames.map { $0 == "learning_rate" ? rate : "" })
    row.runs = (0..<20).map { place in
      ScoredRun(
        seeds: "seed \(place)", value: place < failed ? 0.5 : score + 0.001 * Double(place % 5),
        failure: place < failed ? .neverLearned : nil)
    }
    return row
  }

  private func source(_ rows: [SummaryRow], name: String = "out", rule: FailureRule? = nil) -> PaperSource {
    PaperSource(
      name: name, recordName: "journal.jsonl", digest: String(repeating: "ab", count: 32), rows: rows,
      words: rows.map { [$0.task, $0.variant] }, options: rule.map { TableOptions(rule: $0) } ?? options)
  }

  private func table(_ rows: [SummaryRow], _ rowKeys: [String], _ columnKeys: [String], _ statistics: [String]) throws
    -> [String]
  {
    let style = PaperTableStyle(
      rowKeys: rowKeys.compactMap { PaperKey($0) }, columnKeys: columnKeys.compactMap { PaperKey($0) },
      statistics: statistics.compactMap { PaperStatistic($0) }, digits: 3)
    return try PaperTable(source(rows), style: style).text(command: "--x").split(separator: "\n").map(String.init)
  }

  /// Paired with 8 and 4 discordant seeds: 2 / 2^8 = .0078 and 2 / 2^4 = .125, after Holm .0156 and .125.
  func testTasksByMethods() throws {
    let rows = [recipe("old_1", failed: 8), recipe("mid&", failed: 4), recipe("new", failed: 0)]
    let lines = try table(rows, ["task"], ["variant"], ["failure_rate"])
    XCTAssertEqual(
      lines.filter { $0.contains("\\\\") && !$0.contains("caption") },
      [
        "    task & {old\\_1} & {mid\\&} & {new} \\\\",
        "    rte & 0.400 & \\bfseries 0.200 & \\bfseries 0.000 \\\\",
      ])
    XCTAssertEqual(
      Array(lines.prefix(4)),
      [
        "% seedsweep table --x", "% folder: out", "% journal.jsonl sha256: " + String(repeating: "ab", count: 32),
        "% Needs \\usepackage{booktabs} and \\usepackage{siunitx}.",
      ])
    XCTAssertEqual(lines.last, "% end of seedsweep table")
    let caption = try XCTUnwrap(lines.first { $0.contains("\\caption") })
    // Holm's first step of two asks for 2 / 2^7 < .025, so 7 failures; P(X >= 7) = .8 for 20 runs at .4184: bisection of
    // sum(comb(20, i) * p**i * (1 - p)**(20 - i) for i in range(7, 21)) in Python.
    for part in [
      "Failure rate of accuracy at the last evaluation, n = 20 runs a recipe.",
      "all that McNemar's exact test on the same seeds does not tell from it at 0.05 after Holm over the recipes of the task",
      "(power .8 at the strictest step for a failure rate of 0.42 against 0).", "\\texttt{\\seedsweepresults}",
    ] { XCTAssertTrue(caption.contains(part), "\(part)\n\(caption)") }
    XCTAssertTrue(lines.contains("  \\label{tab:out-task-variant}"))
  }

  func testTwoKeysSeveralStatisticsAndEmptyCells() throws {
    let rows = [
      recipe("old", failed: 6), recipe("old", failed: 0, rate: "2e-05"), recipe("new", failed: 0, score: 0.8),
    ]
    let lines = try table(
      rows, ["task", "learning_rate"], ["variant"], ["mean", "sd_successful", "failure_interval"])
    let start = try XCTUnwrap(lines.firstIndex { $0.contains("\\toprule") })
    let end = try XCTUnwrap(lines.firstIndex { $0.contains("\\bottomrule") })
    XCTAssertEqual(
      lines[start + 1..<end].map { $0.replacing("\\bfseries ", with: "") },
      [
        "     & \\multicolumn{3}{c}{old} & \\multicolumn{3}{c}{new} \\\\",
        "    \\cmidrule(lr){2-4} \\cmidrule(lr){5-7}",
        "    learning rate & {mean} & {ok sd} & {interval} & {mean} & {ok sd} & {interval} \\\\", "    \\midrule",
        "    \\multicolumn{7}{@{}l}{\\emph{rte}} \\\\",
        "    1e-05 & 0.641 & 0.001 & {[0.145, 0.519]} & 0.802 & 0.001 & {[0.000, 0.161]} \\\\",
        "    2e-05 & 0.702 & 0.001 & {[0.000, 0.161]} & {} & {} & {} \\\\",
      ])
    XCTAssertTrue(lines.contains { $0.contains("& \\bfseries 0.802 & 0.001 &") })
    let caption = try XCTUnwrap(lines.first { $0.contains("\\caption") })
    for part in [
      "(ddof = 1)", "ok: of the runs that did not fail.", "95\\% intervals (failure rate: Wilson's)",
      "the permutation test of means",
    ] { XCTAssertTrue(caption.contains(part), "\(part)\n\(caption)") }
  }

  /// Imported runs without a baseline are judged by none, so the caption gives none.
  func testCaptionOfRunsWithoutABaseline() throws {
    func caption(_ baseline: Double?) throws -> String {
      var row = recipe("old", failed: 0)
      (row.rule, row.constantScore) = (baseline == nil ? "diverged" : "baseline", baseline)
      let style = PaperTableStyle(
        rowKeys: PaperKey.telling([row]), columnKeys: [], statistics: PaperStatistic.usual, digits: 3, caption: .long)
      let text = try PaperTable(source([row]), style: style).text(command: "--x")
      return try XCTUnwrap(text.split(separator: "\n").first { $0.contains("\\caption") }.map(String.init))
    }
    let bare = try caption(nil)
    XCTAssertTrue(bare.contains(" Failed runs: the run diverged; no baseline was given. "), bare)
    let judged = try caption(0.527)
    XCTAssertTrue(judged.contains(" the task's baseline, at the last evaluation (rte: 0.527). "), judged)
  }

  /// What "failed" means in a caption is what judged the runs: a baseline, in the direction of the score, or a bound.
  func testCaptionsSayWhatJudgedTheRuns() throws {
    func caption(_ row: SummaryRow, _ length: CaptionLength, rule: FailureRule? = nil) throws -> String {
      let style = PaperTableStyle(
        rowKeys: PaperKey.telling([row]), columnKeys: [], statistics: PaperStatistic.usual, digits: 3, caption: length)
      let text = try PaperTable(source([row], rule: rule), style: style).text(command: "--x")
      return try XCTUnwrap(text.split(separator: "\n").first { $0.contains("\\caption") }.map(String.init))
    }
    var row = recipe("old", failed: 0)
    (row.rule, row.constantScore) = ("diverged", nil)
    let bare = try caption(row, .short)
    XCTAssertTrue(bare.contains(" Failed: diverged (no baseline). "), bare)
    (row.rule, row.constantScore) = ("baseline", 0.527)
    let above = try caption(row, .short)
    XCTAssertTrue(above.contains(" Failed: not above the baseline. "), above)
    row.lowerIsBetter = true
    let below = try caption(row, .short)
    XCTAssertTrue(below.contains(" Failed: not below the baseline. "), below)
    // A program's runs by a bound: its baseline judged nothing.
    row = recipe("old", failed: 0)
    (row.isOfProgram, row.constantScore) = (true, 0.527)
    let bound = try caption(row, .short, rule: .below(0.6))
    XCTAssertTrue(bound.contains(" Failed: below 0.6. "), bound)
    let long = try caption(row, .long, rule: .below(0.6))
    XCTAssertTrue(long.contains(" Failed runs: the metric is below 0.6, at the last evaluation. "), long)
  }

  /// N would be another number than n. A method is told in full, whichever others stand beside it.
  func testTheCaptionOfOneRun() throws {
    var row = recipe("old", failed: 0)
    row.runs = Array(row.runs.prefix(1))
    let style = PaperTableStyle(
      rowKeys: PaperKey.telling([row]), columnKeys: [],
      statistics: ["n", "sd_successful", "sd_successful_interval"].compactMap { PaperStatistic($0) }, digits: 3,
      caption: .long)
    let text = try PaperTable(source([row]), style: style).text(command: "--x")
    let start = "\\caption{n and sd of successful runs of accuracy at the last evaluation, n = 1 run a recipe. "
    XCTAssertTrue(text.contains(start), text)
    let method = "(sd of successful runs: the wider of Student's and Hall's at either end, of the jackknife's log sd)"
    XCTAssertTrue(text.contains(method), text)
  }

  /// A caption of two rows takes about four lines of a column, which hold 55 characters of LaTeX's smaller letters.
  func testTheShortCaption() throws {
    let rows = [recipe("old", failed: 8), recipe("new", failed: 0)]
    let style = PaperTableStyle(
      rowKeys: PaperKey.telling(rows), columnKeys: [], statistics: PaperStatistic.usual, digits: 3, caption: .short)
    let text = try PaperTable(source(rows), style: style).text(command: "--x")
    let caption = try XCTUnwrap(text.split(separator: "\n").first { $0.contains("\\caption") })
    XCTAssertEqual(
      caption,
      "  \\caption{Final accuracy, n = 20 runs a recipe. Failed: no better than a constant classifier. Brackets: 95\\% intervals. "
        + "ok: without failed runs. Bold: the best and all that it is not told from (Holm). Results: \\texttt{\\seedsweepresults}.}"
    )
    XCTAssertLessThan(caption.count, 4 * 65)
    XCTAssertEqual(PaperKey.telling(rows).map(\.name), ["variant"])
  }

  /// Beside a task with one recipe, of which nothing is ever bold, no recipe is told from the best.
  func testTheShortCaptionAnnouncesBoldOnlyWhereThereIsSome() throws {
    let rows = [
      recipe("old", failed: 0), recipe("old", failed: 0, task: "cola"), recipe("new", failed: 0, task: "cola"),
    ]
    let style = PaperTableStyle(
      rowKeys: PaperKey.telling(rows), columnKeys: [], statistics: PaperStatistic.usual, digits: 3, caption: .short)
    let text = try PaperTable(source(rows), style: style).text(command: "--x")
    XCTAssertFalse(text.contains("\\bfseries"), text)
    XCTAssertFalse(text.contains("Bold:"), text)
    XCTAssertTrue(text.contains("Nothing is bold: no recipe is told from the best."), text)
    // A task whose only recipe is compared with nothing is no reason to speak of bold.
    let single = try PaperTable(source([rows[0]]), style: style).text(command: "--x")
    XCTAssertFalse(single.contains("bold"), single)
  }

  /// Recipes with more than 500 runs are not resampled, and captions and the methods paragraph say so.
  func testTheMethodsOfManyRuns() throws {
    let few = recipe("few", failed: 0)
    var many = recipe("many", failed: 0)
    many.runs = (0..<501).map { index in
      ScoredRun(seeds: "seed \(index)", value: 0.7 + 0.001 * Double(index % 5), failure: nil)
    }
    let bootstrap = "BCa bootstrap, 5000 resamples, seed 1"
    let resampled = "those of all runs BCa bootstrap intervals (5000 resamples, seed 1)"
    let cases: [(rows: [SummaryRow], mean: String, deviation: String, paragraph: String)] = [
      ([few], bootstrap, bootstrap, "\(resampled)."),
      ([many], "Student's", "Bonett's", "those of all runs Student's and Bonett's intervals."),
      (
        [few, many], "\(bootstrap), and of more than 500 runs Student's",
        "\(bootstrap), and of more than 500 runs Bonett's",
        "\(resampled), and where a recipe has more than 500 runs Student's and Bonett's."
      ),
    ]
    for (rows, mean, deviation, paragraph) in cases {
      let lines = try table(rows, ["variant"], [], ["mean_interval", "sd_interval", "median_interval"])
      let caption = try XCTUnwrap(lines.first { $0.contains("\\caption") })
      let methods = "95\\% intervals (mean: \(mean); sd: \(deviation); median: order statistics)."
      XCTAssertTrue(caption.contains(methods), "\(methods)\n\(caption)")
      let text = PaperCaption(source: source(rows)).methods
      XCTAssertTrue(text.contains(paragraph), "\(paragraph)\n\(text)")
    }
  }

  /// `\\` and `\midrule` would take a bracket or a star at the beginning of the next row for their own argument.
  func testNamesThatBeginLikeAnArgument() throws {
    let rows = [recipe("[a] x", failed: 8), recipe("*b", failed: 8), recipe("c [d] *", failed: 8)]
    let lines = try table(rows, ["variant"], [], ["n_failed"])
    XCTAssertEqual(
      lines.filter { $0.hasSuffix(" & 8 \\\\") },
      ["    {[a] x} & 8 \\\\", "    {*b} & 8 \\\\", "    c [d] * & 8 \\\\"])
  }

  func testTheKeysThatTellRecipesApart() {
    func names(_ rows: [SummaryRow]) -> [String] { PaperKey.telling(rows).map(\.name) }
    XCTAssertEqual(names([recipe("a", failed: 0)]), ["variant"])
    XCTAssertEqual(names([recipe("a", failed: 0), recipe("a", failed: 0, rate: "2e-05")]), ["learning_rate"])
    XCTAssertEqual(
      names([recipe("a", failed: 0), recipe("b", failed: 0), recipe("b", failed: 0, rate: "2e-05")]),
      ["variant", "learning_rate"])
    XCTAssertEqual(
      names([recipe("a", failed: 0), recipe("b", failed: 0, rate: "2e-05")]), ["variant"],
      "what follows from the variant needs no key")
    XCTAssertEqual(names([recipe("a", failed: 0), recipe("a", failed: 0, task: "cola")]), ["task", "variant"])
  }

  /// Without keys for columns a row is a recipe; of two keys the first makes groups, whose rows stand together.
  func testRowsOnly() throws {
    let rows = [
      recipe("old", failed: 6), recipe("new", failed: 0, score: 0.8), recipe("old", failed: 0, rate: "2e-05"),
      recipe("new", failed: 1, rate: "2e-05", score: 0.8),
    ]
    let lines = try table(rows, ["variant", "learning_rate"], [], ["n_failed", "failure_rate", "failure_interval"])
    let start = try XCTUnwrap(lines.firstIndex { $0.contains("\\begin{tabular}") })
    XCTAssertEqual(
      lines[start...].map { $0.replacing("\\bfseries ", with: "") },
      [
        "  \\begin{tabular}{@{}lS[table-format=1.0,detect-weight,mode=text]S[table-format=1.3,detect-weight,mode=text]c@{}}",
        "    \\toprule", "    learning rate & {failed} & {rate} & {interval} \\\\", "    \\midrule",
        "    \\multicolumn{4}{@{}l}{\\emph{old}} \\\\", "    1e-05 & 6 & 0.300 & {[0.145, 0.519]} \\\\",
        "    2e-05 & 0 & 0.000 & {[0.000, 0.161]} \\\\", "    \\addlinespace",
        "    \\multicolumn{4}{@{}l}{\\emph{new}} \\\\", "    1e-05 & 0 & 0.000 & {[0.000, 0.161]} \\\\",
        "    2e-05 & 1 & 0.050 & {[0.009, 0.236]} \\\\", "    \\bottomrule", "  \\end{tabular}", "\\end{table}",
        "% end of seedsweep table",
      ])
    XCTAssertTrue(lines.contains("  \\centering\\footnotesize\\setlength{\\tabcolsep}{3pt}"))
  }

  /// Two recipes on two tasks, one of which diverged once and lacks a run.
  func testScoreMatrix() throws {
    func row(_ variant: String, _ task: String, _ scores: [(Int, Double)]) -> SummaryRow {
      var row = recipe(variant, failed: 0)
      row.task = task
      row.constantScore = 0.5
      row.runs = scores.map { ScoredRun(seeds: "seed \($0)", value: $1, failure: $1.isNaN ? .diverged : nil) }
      return row
    }
    let rows = [
      row("old", "rte", [(1, 0.7), (2, 0.6)]), row("new", "rte", [(1, 0.8)]),
      row("old", "cola", [(2, .nan), (3, 0.25)]),
    ]
    let path = folder + "/scores.csv"
    try ScoreMatrix.write(source(rows), to: path)
    XCTAssertEqual(
      try String(contentsOfFile: path, encoding: .utf8),
      "algorithm,run,rte,cola\nold,seed 1,0.7,\nold,seed 2,0.6,0.5\nold,seed 3,,0.25\nnew,seed 1,0.8,\n")
    XCTAssertThrowsError(try ScoreMatrix.write(source(rows + [rows[0]]), to: path)) {
      XCTAssertEqual("\($0)", "--score-matrix: rte has two recipes called 'old'")
    }
    XCTAssertThrowsError(try ScoreMatrix.write(source([row("old", "run", [(1, 0.7)])]), to: path)) {
      XCTAssertEqual("\($0)", "--score-matrix: a task called 'run' has no column beside algorithm and run")
    }
  }

  /// Numbers of a further set are named as in summary.csv; a set that no recipe has is refused.
  func testNumbersOfAFurtherSet() throws {
    var rows = [recipe("old", failed: 0), recipe("new", failed: 0)]
    rows[0].devSets["far"] = DevSetScores(values: [0.25, 0.5, 0.75], successfulValues: [0.5, 0.75])
    let lines = try table(
      rows, ["variant"], [], ["n_dev_far", "mean_dev_far", "sd_dev_far", "mean_successful_dev_far"])
    XCTAssertEqual(
      lines.filter { $0.hasPrefix("    old") || $0.hasPrefix("    new") }.map { $0.prefix { $0 != "\\" } },
      ["    old & 3 & 0.500 & 0.250 & 0.625 ", "    new & {--} & {--} & {--} & {--} "])
    XCTAssertThrowsError(try table(rows, ["variant"], [], ["mean_dev_hard"])) { error in
      XCTAssertEqual(
        "\(error)",
        "mean_dev_hard: no recipe here has a score on such a further set (task.dev_sets); there are far")
    }
  }

  func testWhatCannotBeLaidOut() {
    let rows = [recipe("old", failed: 6), recipe("old", failed: 0, rate: "2e-05")]
    XCTAssertThrowsError(try table(rows, ["task"], ["variant"], ["mean"])) { error in
      XCTAssertEqual(
        "\(error)",
        "rte old and rte old would share a cell; they differ in learning_rate, so add that to --rows or --columns")
    }
    XCTAssertThrowsError(try table(rows, ["learning_rate"], ["warmup"], ["mean"])) { error in
      XCTAssertEqual("\(error)", "no recipe here has a warmup; they differ in learning_rate")
    }
    XCTAssertEqual(PaperKey("optimizer.learning_rate")?.name, "learning_rate")
    XCTAssertNil(PaperKey("seed"))
    XCTAssertNil(PaperStatistic("ddof"))
  }

  /// Ties and recipes without runs; one run decides nothing.
  func testBest() {
    var none = recipe("none", failed: 0)
    none.runs = []
    var one = recipe("one", failed: 0)
    one.runs = [one.runs[0]]
    let rows = [none, recipe("a", failed: 0), recipe("b", failed: 0), recipe("c", failed: 20), one]
    XCTAssertEqual(BestRecipes(.failureRate, rows, at: [0, 1, 2, 3, 4], options: options).indices, [1, 2, 4])
    XCTAssertEqual(BestRecipes(.failureRate, rows, at: [0], options: options).indices, [])
    XCTAssertEqual(
      BestRecipes(.failureRate, rows, at: [1, 2, 4], options: options).indices, [], "all bold would tell nothing")
    let single = BestRecipes(.failureRate, rows, at: [4, 4], options: options)
    XCTAssertNil(single.detectableRate, "one run tells nothing")
  }

  func testMacros() {
    let macros = PaperMacros(
      source([recipe("lr2e-5", failed: 8), recipe("a b", failed: 0), recipe("A-b", failed: 1)]), digits: 3, prefix: "X")
    let numbers = Dictionary(macros.numbers().map { ($0.name, $0.value) }, uniquingKeysWith: { one, _ in one })
    XCTAssertEqual(numbers["XRteLrTwoEMinusFiveFailureRate"], "0.400")
    XCTAssertEqual(numbers["XRteLrTwoEMinusFiveNFailed"], "8")
    // One name for two recipes: 0...030 and 0...031 follow as letters.
    let zeros = "A" + String(repeating: "a", count: 13)
    XCTAssertEqual(numbers["XRteAB\(zeros)daNFailed"], "0")
    XCTAssertEqual(numbers["XRteAB\(zeros)dbNFailed"], "1")
    XCTAssertNil(numbers["XRteABNFailed"])
    XCTAssertEqual(Set(macros.numbers().map(\.name)).count, macros.numbers().count)
    XCTAssertTrue(numbers.keys.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isLetter } })
    let text = macros.text(command: "--macros numbers.tex")
    XCTAssertTrue(text.contains("\\newcommand{\\XSeedsweepResults}{abababababab}\n"))
    XCTAssertTrue(text.contains("Failure rates have 95\\% Wilson intervals."))
    XCTAssertTrue(
      text.contains(
        "compared by McNemar's exact test on the pairs of runs with the same seeds, where at least half of each recipe's "
          + "runs have such a partner, and otherwise by Boschloo's test"), text)
  }

  /// Numbers of further sets are numbers of summary.csv as well. Sets whose names would give one macro have their underscores spelled out.
  func testMacrosOfFurtherSets() {
    var rows = [recipe("old", failed: 0), recipe("new", failed: 0)]
    rows[0].devSets["far"] = DevSetScores(values: [0.25, 0.5, 0.75], successfulValues: [0.5, 0.75])
    for set in ["x1", "x_1"] { rows[1].devSets[set] = DevSetScores(values: [0.5], successfulValues: []) }
    let pairs = PaperMacros(source(rows), digits: 3, prefix: "").numbers()
    let numbers = Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { one, _ in one })
    XCTAssertEqual(numbers.count, pairs.count, "no name stands twice")
    for (name, value) in [
      ("RteOldNDevFar", "3"), ("RteOldMeanDevFar", "0.500"), ("RteOldSdDevFar", "0.250"),
      ("RteOldMeanSuccessfulDevFar", "0.625"), ("RteNewMeanUnderscoreDevUnderscoreXOne", "0.500"),
      ("RteNewMeanUnderscoreDevUnderscoreXUnderscoreOne", "0.500"),
    ] { XCTAssertEqual(numbers[name], value, name) }
    XCTAssertNil(numbers["RteNewMeanDevFar"])
    XCTAssertNil(numbers["RteNewMeanDevXOne"])
  }

  func testText() {
    XCTAssertEqual(
      LaTeX.escaped("a_b & 5% {#1} $x^2 ~ \\n <"),
      "a\\_b \\& 5\\% \\{\\#1\\} \\$x\\textasciicircum{}2 \\textasciitilde{} \\textbackslash{}n \\textless{}")
    XCTAssertEqual(LaTeX.letters("schedule.warmup=0.1"), "ScheduleWarmupZeroPointOne")
    XCTAssertEqual(LaTeX.letters("é_q05"), "QZeroFive")
    XCTAssertEqual(
      [0.12345, 0, -0.0, 1e-7, -0.25, 1e12, -2.5e300].map { LaTeX.decimal($0, digits: 3) },
      ["0.123", "0.000", "0.000", "1.0e-07", "-0.250", "1.000e+12", "-2.500e+300"])
  }

  func testStaleLines() {
    let text = """
      \\section{x}
      % seedsweep table --rows task
      % folder: my out
      % journal.jsonl sha256: aaaaaaaaaaaaaaaa
          rte & 0.1 \\\\
      % end of seedsweep table
      % seedsweep table --macros n.tex --prefix X
      % journal.jsonl sha256: bbbb
      \\newcommand{\\A}{1}
      \\newcommand{\\B}{2}
      \\newcommand{\\Gone}{3}
      """
    let blocks = PaperBlock.all(in: text)
    XCTAssertEqual(blocks.map(\.line), [2, 7])
    XCTAssertEqual(blocks.map(\.folder), ["my out", ""])
    XCTAssertEqual(blocks[1].words, ["--macros", "n.tex", "--prefix", "X"])
    // A paper that was written on Windows.
    XCTAssertEqual(PaperBlock.all(in: text.replacing("\n", with: "\r\n")), blocks)
    let same = blocks[0].lines.joined(separator: "\n")
    XCTAssertEqual(blocks[0].stale(against: same), [])
    XCTAssertEqual(
      blocks[0].stale(
        against: same.replacing("aaaaaaaaaaaaaaaa", with: "cccccccccccccccc").replacing("0.1", with: "0.2")),
      [
        StaleLine(line: 4, message: "made from results aaaaaaaaaaaa, which are cccccccccccc now"),
        StaleLine(line: 5, message: "'rte & 0.1 \\\\', the results say 'rte & 0.2 \\\\'"),
      ])
    XCTAssertEqual(
      blocks[1].stale(
        against: "% journal.jsonl sha256: bbbb\n\\newcommand{\\New}{9}\n\\newcommand{\\A}{1}\n\\newcommand{\\B}{5}"),
      [
        StaleLine(line: 10, message: "\\B is '2', the results say '5'"),
        StaleLine(line: 11, message: "\\Gone is '3', the results have no such number"),
      ])
    // A paragraph and a caption are printed once, as they are now; a long row of numbers in full.
    let (old, new) = (String(repeating: "old ", count: 40), String(repeating: "new ", count: 40))
    for (line, message) in [
      ("\\newcommand{\\M}{#}", "\\M is stale, the results say '\(new)'"),
      ("  \\caption{#}", "'\\caption{\(old.prefix(21))...', the results say '\\caption{\(new)}'"),
      ("  rte & # \\\\", "'rte & \(old) \\\\', the results say 'rte & \(new) \\\\'"),
    ] {
      let block = PaperBlock.all(in: "% seedsweep table --x\n" + line.replacing("#", with: old))[0]
      XCTAssertEqual(
        block.stale(against: "% seedsweep table --x\n" + line.replacing("#", with: new)),
        [StaleLine(line: 2, message: message)])
    }
    XCTAssertEqual(
      PaperBlock.inputs(in: "a \\input{x} 5\\% \\include{ y/z.tex } % \\input{no}\n\\inputx{n} \\input{w}"),
      ["x", "y/z.tex", "w"])
    // TeX's own form, and what only looks like it: another command, a line end before a word, no name.
    XCTAssertEqual(
      PaperBlock.inputs(
        in:
          "\\input tab2 and \\input {y.tex}\\include\tz\n\\input a/b\\relax \\inputs c \\input@path{{d/}} \\input{e}\n"
          + "x \\\\input{f} \\input\\g \\input % h\n\\includegraphics{i}\\\\\\input j{k}\n\\input\n"),
      ["tab2", "y.tex", "z", "a/b", "e", "j"])
  }
}
