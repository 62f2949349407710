// `seedsweep table` and `seedsweep check` on the built program: what a paper quotes, and what is found when its results change.

import XCTest

@testable import seedsweep

final class PaperTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  /// Imports 12 seeds of two recipes, of which the old one failed so often.
  private func importRuns(failed: Int) throws {
    let rows = (0..<12).flatMap { seed in
      ["rte,old one,\(seed),\(seed < failed ? "0.5" : "0.6\(seed)")", "rte,new,\(seed),0.70\(seed)"]
    }
    try folder.write((["t,v,s,f"] + rows).joined(separator: "\n") + "\n", to: "runs.csv")
    let result = try Child.seedsweep(
      [
        "import", "runs.csv", "--output", "out", "--task-column", "t", "--variant-column", "v", "--seed-column", "s",
        "--final-column", "f", "--baseline", "rte=0.5",
      ], in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
  }

  private let words = [
    "table", "out", "--rows", "task", "--columns", "variant", "--cells", "failure_rate,mean", "--output",
    "paper/table.tex", "--macros", "paper/numbers.tex",
  ]

  func testImportedFolder() throws {
    try importRuns(failed: 8)
    let nowhere = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(nowhere.code, 2)
    XCTAssertEqual(
      nowhere.errors,
      "seedsweep table: cannot create paper/numbers.tex: there is no folder paper; type `mkdir -p paper` first\n")
    try FileManager.default.createDirectory(atPath: folder.path + "/paper", withIntermediateDirectories: true)
    try folder.write("\\input{numbers}\n% \\input{gone}\n\\input table.tex\n\\input{lost}\n", to: "paper/paper.tex")
    let made = try Child.seedsweep(words, in: folder.path)
    XCTAssertEqual(made.code, 0, made.errors)
    XCTAssertEqual(made.output, "Macros: paper/numbers.tex\nTable: paper/table.tex\n")
    // 8 of 12 against none on the same seeds: p = 2 / 2^8.
    XCTAssertTrue(
      folder.text("paper/table.tex").contains("    rte & 0.667 & 0.5"), folder.text("paper/table.tex"))
    XCTAssertTrue(folder.text("paper/table.tex").contains(" & \\bfseries 0.000 & \\bfseries 0.7"))
    XCTAssertTrue(folder.text("paper/numbers.tex").contains("\\newcommand{\\RteOldOneNFailed}{8}\n"))
    let rows = ["table", "out", "--rows", "task,variant", "--cells", "n_failed", "--output", "paper/lost.tex"]
    XCTAssertEqual(try Child.seedsweep(rows, in: folder.path).code, 0)
    XCTAssertTrue(folder.text("paper/lost.tex").contains("\\emph{rte}} \\\\\n    old one & 8 \\\\\n"))
    XCTAssertEqual(
      try Child.seedsweep(["check", "paper/lost.tex", "out"], in: folder.path).output,
      "Up to date: 1 table or macro block.\n")
    try FileManager.default.removeItem(atPath: folder.path + "/paper/lost.tex")
    let scores = try Child.seedsweep(["table", "out", "--score-matrix", "scores.csv"], in: folder.path)
    XCTAssertEqual(scores.output, "Scores: scores.csv\n", scores.errors)
    XCTAssertTrue(folder.text("scores.csv").hasPrefix("algorithm,run,rte\nold one,seed 0,0.5\n"))
    let fresh = try Child.seedsweep(["check", "paper/paper.tex", "out"], in: folder.path)
    XCTAssertEqual(fresh.code, 0, fresh.output)
    XCTAssertEqual(fresh.output, "Up to date: 2 table or macro blocks.\n")
    XCTAssertEqual(fresh.errors, "paper/lost: not found, so not checked\n")

    try importRuns(failed: 7)
    let stale = try Child.seedsweep(["check", "paper/paper.tex", "out"], in: folder.path)
    XCTAssertEqual(stale.code, 1)
    let lines = stale.output.split(separator: "\n").map(String.init)
    XCTAssertTrue(lines.contains { $0.hasPrefix("paper/numbers.tex:3: made from results ") }, stale.output)
    XCTAssertTrue(lines.contains { $0.hasSuffix(": \\RteOldOneNFailed is '8', the results say '7'") }, stale.output)
    XCTAssertTrue(lines.contains { $0.hasPrefix("paper/table.tex:") && $0.contains("'rte & 0.667 & ") }, stale.output)
    XCTAssertFalse(stale.output.contains("RteNewNFailed"), "what did not change is not stale")
    XCTAssertEqual(try Child.seedsweep(words, in: folder.path).code, 0)
    XCTAssertEqual(try Child.seedsweep(["check", "paper/paper.tex", "out"], in: folder.path).code, 0)
    let other = try Child.seedsweep(["check", "paper/table.tex", "a", "b"], in: folder.path)
    XCTAssertEqual(other.code, 1)
    XCTAssertEqual(
      other.output,
      "paper/table.tex:1: made from a folder 'out', which is none of those given\n"
        + "Stale: 1 line in 1 table or macro block.\n")
  }

  /// A two-column article takes tables and macros as they are, and nothing sticks out of its columns. Skipped where there is no
  /// pdflatex with siunitx.
  func testArticle() throws {
    guard try Child(["kpsewhich", "siunitx.sty"], in: folder.path).wait().code == 0,
      try Child(["kpsewhich", "booktabs.sty"], in: folder.path).wait().code == 0,
      try Child(["pdflatex", "--version"], in: folder.path).wait().code == 0
    else { throw XCTSkip("no pdflatex with siunitx and booktabs, so no article is made") }
    let rows = ["RTE", "CoLA"].flatMap { task in
      (0..<30).flatMap { seed in
        ["not_debiased", "reinit_debiased", "standard_debiased"].enumerated().map { place, variant in
          "\(task),\(variant),\(seed),\(place == 0 && seed < 12 ? "0.5" : "0.\(610 + (seed * 7 + place) % 31)")"
        }
      }
    }
    try folder.write((["t,v,s,f"] + rows).joined(separator: "\n") + "\n", to: "runs.csv")
    let imported = try Child.seedsweep(
      [
        "import", "runs.csv", "--output", "out", "--task-column", "t", "--variant-column", "v", "--seed-column", "s",
        "--final-column", "f", "--baseline", "RTE=0.5", "--baseline", "CoLA=0.5",
      ], in: folder.path)
    XCTAssertEqual(imported.code, 0, imported.errors)
    let cells = ["--cells", "failure_rate,failure_interval,mean,sd_successful"]
    let tall = ["table", "out", "--rows", "task,variant", "--output", "tall.tex", "--macros", "numbers.tex"] + cells
    let wide = ["table", "out", "--rows", "variant", "--columns", "task", "--wide", "--output", "wide.tex"] + cells
    for words in [tall, wide] { XCTAssertEqual(try Child.seedsweep(words, in: folder.path).code, 0) }
    try folder.write(
      """
      \\documentclass[twocolumn]{article}
      \\usepackage{booktabs,siunitx}
      \\input{numbers}
      \\begin{document}
      \\RTENotDebiasedNFailed\\ of \\RTENotDebiasedN\\ runs failed. \\SeedsweepMethods
      \\input{tall}
      \\input{wide}
      \\end{document}
      """, to: "paper.tex")
    let made = try Child(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], in: folder.path)
      .wait()
    XCTAssertEqual(made.code, 0, made.output)
    XCTAssertFalse(made.output.contains("Overfull \\hbox"), made.output)
    XCTAssertTrue(folder.has("paper.pdf"))
  }

  func testSweepFolder() throws {
    try folder.write(TinySweep.text(), to: "tiny.json5")
    XCTAssertEqual(try Child.seedsweep(["run", "tiny.json5", "--output", "out"], in: folder.path).code, 0)
    let result = try Child.seedsweep(
      ["table", "out", "--rows", "schedule.warmup", "--columns", "variant", "--cells", "n,mean", "--digits", "2"],
      in: folder.path)
    XCTAssertEqual(result.code, 0, result.errors)
    XCTAssertTrue(
      result.output.hasPrefix(
        "% seedsweep table --rows warmup --columns variant --cells n,mean --digits 2 --caption short\n% folder: out\n"
          + "% journal.jsonl sha256: "
      ), result.output)
    XCTAssertTrue(result.output.contains("\n    0.0 & 2 & 0."), result.output)
    XCTAssertTrue(
      result.output.contains("Nothing is bold: no recipe is told from the best."), result.output)
    try checkTheBareTable()
    try folder.write("% none\n" + result.output, to: "pasted.tex")
    let checked = try Child.seedsweep(["check", "pasted.tex", "out"], in: folder.path)
    XCTAssertEqual(checked.output, "Up to date: 1 table or macro block.\n", checked.errors)
    let macros = try Child.seedsweep(["table", "out", "--macros", "m.tex", "--prefix", "Tiny"], in: folder.path)
    XCTAssertEqual(macros.code, 0, macros.errors)
    XCTAssertTrue(folder.text("m.tex").contains("\\newcommand{\\TinySyntheticDefaultWarmupZeroPointOneN}{2}\n"))
  }

  /// Without flags a row is a recipe, the mark names everything, and a paper that an older program made has its long caption.
  private func checkTheBareTable() throws {
    let bare = try Child.seedsweep(["table", "out"], in: folder.path)
    XCTAssertEqual(bare.code, 0, bare.errors)
    let mark = "% seedsweep table --rows warmup --cells n,failure_rate,failure_interval,mean,sd_successful --caption "
    XCTAssertTrue(bare.output.hasPrefix(mark + "short\n"), bare.output)
    XCTAssertTrue(bare.output.contains("    warmup & {n} & {rate} & {interval} & {mean} & {ok sd} \\\\\n"), bare.output)
    XCTAssertTrue(bare.output.contains("\n    0.0 & 2 & "), bare.output)
    XCTAssertTrue(bare.output.contains("\n    0.1 & 2 & "), bare.output)
    let long = try Child.seedsweep(["table", "out", "--caption", "long"], in: folder.path).output
    XCTAssertTrue(long.contains("Nothing is bold for synthetic: no recipe is told from the best."), long)
    XCTAssertTrue(long.hasPrefix(mark + "long\n"), long)
    try folder.write(long.replacing(" --caption long\n", with: "\n"), to: "old.tex")
    let checked = try Child.seedsweep(["check", "old.tex", "out"], in: folder.path)
    XCTAssertEqual(checked.output, "Up to date: 1 table or macro block.\n", checked.errors)
    let columns = try Child.seedsweep(["table", "out", "--columns", "warmup"], in: folder.path)
    XCTAssertTrue(columns.output.contains("% seedsweep table --rows task --columns warmup --cells n,"), columns.output)
  }

  func testMistakes() throws {
    func errors(_ words: [String]) throws -> String {
      let result = try Child.seedsweep(words, in: folder.path)
      XCTAssertEqual(result.code, 2, result.output)
      return result.errors
    }
    XCTAssertEqual(
      try errors(["table", "out", "--rows", "task", "--output", "t.csv"]),
      """
      seedsweep table: --output: found 't.csv', expected a file name ending in .tex

      """)
    XCTAssertEqual(
      try errors(["table", "out", "--rows", "warmup,schedule.warmup", "--columns", "variant", "--cells", "n,n"]),
      """
      seedsweep table: --rows: the key 'schedule.warmup' is given twice
      seedsweep table: --cells: the statistic 'n' is given twice

      """)
    XCTAssertEqual(
      try errors(["table", "out", "--rows", "task,variant", "--columns", "variant", "--cells", "n"]),
      "seedsweep table: --columns: the key 'variant' is one of --rows already\n")
    let unknown = try errors(["table", "out", "--rows", "tsk", "--columns", "variant", "--cells", "meen"])
    XCTAssertTrue(unknown.contains("--rows: unknown key 'tsk'; did you mean 'task'?"), unknown)
    XCTAssertTrue(unknown.contains("--cells: unknown statistic 'meen'; did you mean 'mean'?"), unknown)
    // Of many names those that hold a part of the word come first.
    let seed = try errors(["table", "out", "--rows", "seed"])
    XCTAssertTrue(
      seed.hasPrefix(
        "seedsweep table: --rows: unknown key 'seed'. Allowed are data_seed, train_subset_seed, task, variant, "), seed)
    XCTAssertTrue(seed.hasSuffix(" more; 'seedsweep columns summary.csv' lists them among all columns.\n"), seed)
    XCTAssertLessThan(seed.count, 300)
    XCTAssertEqual(
      try errors(["table", "out", "--macros", "m.tex", "--prefix", "a1"]),
      "seedsweep table: --prefix: found 'a1', expected letters only, as LaTeX's names of macros have them\n")
    XCTAssertEqual(
      try errors(["table", "out", "--macros", "m.tex", "--wide", "--caption", "long"]),
      """
      seedsweep table: --wide belongs to the table, which is not asked for: add --output FILE.tex, or leave out --wide
      seedsweep table: --caption belongs to the table, which is not asked for: add --output FILE.tex, or leave out --caption

      """)
    XCTAssertEqual(
      try errors(["table", "out", "--prefix", "A"]),
      "seedsweep table: --prefix belongs to the names of macros: add --macros FILE.tex, or leave out --prefix\n")
    try folder.write("nothing\n", to: "p.tex")
    XCTAssertEqual(
      try errors(["check", "p.tex", "out"]), "seedsweep check: no table or macros of seedsweep in p.tex\n")
    XCTAssertEqual(try errors(["check", "q.tex", "out"]), "seedsweep check: q.tex: no such file\n")
    try importRuns(failed: 3)
    XCTAssertEqual(
      try errors(["check", "out", "p.tex"]),
      "seedsweep check: out: it is a folder; the paper comes before the folders\n")
    XCTAssertEqual(
      try errors(["table", "out", "--macros", "m.tex", "--failure-rule", "loss"]),
      "seedsweep table: --failure-rule: out is imported, and its baselines judge its runs\n")
  }
}
