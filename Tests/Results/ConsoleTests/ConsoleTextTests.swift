// What people see, as whole text.

import Files
import Foundation
import Host
import ResultsSupport
import StopRules
import Tasks
import TrialTables
import Trials
import XCTest

@testable import Console
@testable import Reports

final class ConsoleTextTests: XCTestCase {
  private func rows(_ groups: [(Trial, [Outcome], missing: Int)], _ options: TableOptions) -> [SummaryRow] {
    groups.map { trial, outcomes, missing in
      var row = SummaryRow(trial, hyperparameters: TrialColumns.values(of: trial.configuration))
      for (seed, outcome) in zip(1..., outcomes) {
        row.add(
          outcome, seeds: "seed \(seed)", trial: "t\(seed)",
          failure: options.rule.failure(of: outcome, score: options.score), score: options.score)
      }
      row.missingCount = missing
      return row
    }
  }

  private let outcomes = [
    Example.outcome(correct: [9]), Example.outcome(correct: [8]), Example.outcome(correct: [6], isConstant: true),
    Example.outcome(correct: [9]),
  ]

  func testRecipesThatStopped() {
    var rows = rows(
      [(Example.trial(1), outcomes, 0), (Example.trial(2, configuration: 1), outcomes, 0)], TableOptions())
    let rule = StopRule.precision(SequentialStop(halfWidth: 0.3, looks: [4]))
    rows[0].stop = RecipeStop(rule: rule, count: 4, seedCount: 25, candidateOf: [:])
    rows[1].stop = RecipeStop(rule: rule, count: nil, seedCount: 25, candidateOf: [:])
    func line() -> Substring? { ConsoleTable.text(rows).split(separator: "\n").first { $0.contains("stopped early") } }
    XCTAssertEqual(
      line(),
      "1 recipe stopped early, the rate known well enough, which left out 21 of 50 runs; see stopped_low and stopped_high in "
        + "summary.csv.")
    rows[1].stop = RecipeStop(rule: .pairs(PairedStop(.failures)), count: 4, seedCount: 25, candidateOf: [:])
    XCTAssertEqual(
      line(),
      "2 recipes stopped early, all comparisons ended, which left out 42 of 50 runs; see stopped_low and stopped_high in "
        + "summary.csv.")
  }

  /// A program's scores that are fractions beside a baseline in percent, or the other way round.
  func testAProgramsBaselineInAnotherUnitIsTold() {
    var rows = rows([(Example.trial(1), outcomes, 0)], TableOptions())
    func notes() -> [Substring] { ConsoleTable.text(rows).split(separator: "\n").filter { $0.contains("in percent") } }
    rows[0].constantScore = 60
    XCTAssertEqual(notes(), [], "our own trainer knows its baseline")
    rows[0].isOfProgram = true
    let scores = rows[0].definedValues
    XCTAssertEqual(
      notes(),
      [
        "Scores from \(scores.min() ?? 0) to \(scores.max() ?? 0) beside a baseline of 60.0: one of them seems to be in "
          + "percent; give program.baseline in the unit of the scores."
      ])
    rows[0].lowerIsBetter = true
    XCTAssertEqual(notes(), [], "a loss may have any size")
    rows[0].lowerIsBetter = false
    // Scores of other kinds, such as returns, have no percent.
    for baseline in [0.6, -20, 150] {
      rows[0].constantScore = baseline
      XCTAssertEqual(notes(), [])
    }
  }

  func testGridWithoutVariants() {
    let options = TableOptions()
    let text = ConsoleTable.text(
      rows(
        [
          (Example.trial(1), outcomes, 0), (Example.trial(2, configuration: 1), [Example.diverged(), outcomes[0]], 3),
        ], options), options: options)
    XCTAssertEqual(
      text,
      """
      synthetic, accuracy on 10 dev examples, 0.600 in the largest class
      learning_rate  n  fail  rate     95% CI   mean     sd  median    min    max  ok mean  ok sd
      1e-05          4     1  0.25  0.05-0.70  0.800  0.141   0.850  0.600  0.900    0.867  0.058
      2e-05          2     1  0.50  0.09-0.91  0.900      -     nan  0.900  0.900    0.900      -
      1 run diverged: counted as failed, last in the median, not in mean and sd.
      1 of 5 runs is borderline: failure rule, constant predictions and flat training loss disagree:
        t3 (default, seed 3).
        See failed, constant_prediction and train_loss_flat in trials.csv. How far the rate depends on the rule:
        seedsweep summarize DIR --failure-rule constant, and the same with loss. All tables of DIR follow the last rule that
        was asked for; --failure-rule baseline goes back.
      3 trials have no result yet.

      fail: no more correct predictions than the largest class has examples, at the last evaluation.
      CI: Wilson's, of the rate; sd: with n - 1; ok: the runs that did not fail.

      """)
  }

  /// A name of a sweep may hold what a terminal obeys; columns stay aligned.
  func testControlCharactersOfRecipeNamesAreEscaped() throws {
    var (red, plain) = (Example.trial(1, variant: "red"), Example.trial(2, variant: "plain"))
    (red.label, plain.label) = ("red\u{1B}[31m\n", "plain")
    let text = ConsoleTable.text(rows([(red, outcomes, 0), (plain, outcomes, 0)], TableOptions()))
    let lines = text.split(separator: "\n").map(String.init)
    XCTAssertTrue(lines[1].hasPrefix("recipe           n"), text)
    XCTAssertTrue(lines[2].hasPrefix("red\\u001b[31m\\n  4"), text)
    XCTAssertTrue(lines[3].hasPrefix("plain            4"), text)
  }

  /// Variants are told by their labels; what only they change is named where the line stays within 100 columns.
  func testVariantsAndTasks() {
    var corrected = Example.trial(2, variant: "corrected")
    corrected.label = "bias correction and warm-up"
    corrected.configurationIdentifier = "c2"
    corrected.configuration.optimizer.biasCorrection = true
    var short = corrected
    short.label = "BC"
    let options = TableOptions(rule: .below(0.85), score: .best, level: 0.9)
    XCTAssertEqual(
      ConsoleTable.text(rows([(Example.trial(1), outcomes, 0), (corrected, [], 4)], options), options: options),
      """
      synthetic, accuracy on 10 dev examples, 0.600 in the largest class
      recipe                       n  fail  rate     90% CI   mean     sd  median    min    max  ok mean  ok sd
      default                      4     2  0.50  0.18-0.82  0.800  0.141   0.850  0.600  0.900    0.900  0.000
      bias correction and warm-up  0     0     -          -      -      -       -      -      -        -      -
      2 of 4 runs are borderline: failure rule, constant predictions and flat training loss disagree:
        default, seed 2; default, seed 3.
        See failed, constant_prediction and train_loss_flat in trials.csv. How far the rate depends on the rule:
        seedsweep summarize DIR --failure-rule constant, and the same with loss. All tables of DIR follow the last rule that
        was asked for; --failure-rule below=0.85 goes back.
      4 trials have no result yet.

      fail: the metric is below 0.85, at the best evaluation.
      CI: Wilson's, of the rate; sd: with n - 1; ok: the runs that did not fail.

      """)
    var other = Example.trial(3)
    other.configuration.task.name = "rte"
    let text = ConsoleTable.text(
      rows([(Example.trial(1), [], 0), (short, [], 0), (other, [], 0)], TableOptions()))
    XCTAssertEqual(
      text,
      """
      synthetic, accuracy
      recipe   n  fail  rate  95% CI  mean  sd  median  min  max  ok mean  ok sd
      default  0     0     -       -     -   -       -    -    -        -      -
      BC       0     0     -       -     -   -       -    -    -        -      -

      rte, accuracy
      recipe   n  fail  rate  95% CI  mean  sd  median  min  max  ok mean  ok sd
      default  0     0     -       -     -   -       -    -    -        -      -

      fail: no more correct predictions than the largest class has examples, at the last evaluation.
      CI: Wilson's, of the rate; sd: with n - 1; ok: the runs that did not fail.

      """)
    XCTAssertEqual(ConsoleTable.text([]), "")
  }

  /// A table has the same columns of names before the first result as at its end, and wide characters shift no column.
  func testNamesTakeTheSameColumnsFromTheFirstRunToTheLast() {
    var wide = Example.trial(2)
    (wide.variant, wide.label, wide.configurationIdentifier) = ("wide", "\u{8A13}\u{7DF4}", "0000000000000099")
    (wide.configuration.training.batchSize, wide.configuration.task.maximumLength) = (8, 64)
    let outcomes = (0..<12).map { _ in Example.outcome(correct: [9]) }
    func lines(_ outcomes: [Outcome]) -> [Substring] {
      let groups = [(Example.trial(1), outcomes, 12 - outcomes.count), (wide, outcomes, 12 - outcomes.count)]
      return ConsoleTable.text(rows(groups, TableOptions())).split(separator: "\n")
    }
    let (first, last) = (lines([]), lines(outcomes))
    func names(_ line: Substring) -> [Substring] { line.split(separator: " ").prefix { $0 != "n" }.map { $0 } }
    XCTAssertEqual(names(first[1]), names(last[1]))
    for lines in [first, last] {
      // The two characters take four columns.
      XCTAssertEqual(lines[1].count, lines[2].count)
      XCTAssertEqual(lines[1].count, lines[3].count + 2)
    }
  }

  /// A full disk by what failed and when.
  func testSentencesAboutAFullDisk() {
    let full = FileError(operation: "create", path: "out/.leases/1.json", code: ENOSPC)
    let early = FullDisk.sentences(beforeTraining: full, folder: "out")
    XCTAssertEqual(early[0], "cannot create out/.leases/1.json: No space left on device (error 28)")
    XCTAssertTrue(early[1].hasPrefix("Nothing was trained. Make space on the file system of out"), early[1])
    XCTAssertTrue(early[1].hasSuffix(". The same command begins again."), early[1])
    let quota = FileError(operation: "write to", path: "/elsewhere/file", code: EDQUOT)
    XCTAssertEqual(
      FullDisk.sentences(beforeTraining: quota, folder: "out")[1],
      "Nothing was trained. Make space on the file system of /elsewhere, where the quota of this user is used up. The same "
        + "command begins again.")
    XCTAssertEqual(
      FullDisk.sentences(crashes: "all crashed: \(full)", folder: "out", remainingCount: 2),
      [
        "all crashed: cannot create out/.leases/1.json: No space left on device (error 28)",
        "Every result that was finished is kept in out/journal.jsonl. Make space on that disk. 2 trials are to go, and the same "
          + "command resumes.",
      ])
    for code in [ENOSPC, EDQUOT, EFBIG] {
      XCTAssertTrue(FullDisk.isCause(ofCrash: "\(FileError(operation: "write to", path: "a", code: code))"))
    }
    XCTAssertTrue(FullDisk.isCause(ofCrash: "OSError: [Errno 28] No space left on device"))
    XCTAssertFalse(FullDisk.isCause(ofCrash: "\(FileError(operation: "write to", path: "a", code: EACCES))"))
  }

  /// A rule that speaks of classes says what it means where numbers are predicted.
  func testLegendOfRegression() {
    func legend(_ metrics: [MetricName], _ rule: FailureRule) -> String {
      let groups = metrics.enumerated().map { place, metric in
        var trial = Example.trial(1, configuration: place)
        trial.configuration.task.name = "task\(place)"
        trial.configuration.task.metric = metric
        return (trial, [Outcome](), missing: 0)
      }
      let options = TableOptions(rule: rule)
      let lines = ConsoleTable.text(rows(groups, options), options: options).split(separator: "\n")
      return lines.first { $0.hasPrefix("fail: ") }.map(String.init) ?? ""
    }
    let regression = "a constant prediction or a Pearson correlation that is not above zero, at the last evaluation."
    XCTAssertEqual(legend([.spearman], .accuracy), "fail: " + regression)
    XCTAssertEqual(legend([.pearson], .loss), "fail: " + regression)
    XCTAssertEqual(
      legend([.accuracy, .pearson], .loss),
      "fail: the final training loss is at least 0.9 of the labels' entropy; for regression " + regression)
    XCTAssertEqual(
      legend([.pearson], .below(0.5)), "fail: the metric is below 0.5, at the last evaluation.")
  }

  func testProgressLine() {
    XCTAssertEqual(
      ProgressLine(doneCount: 37, totalCount: 80, failedCount: 5, secondsLeft: 250).text,
      "37 of 80 trials done, 5 at chance, about 4 min left")
    XCTAssertEqual(ProgressLine(doneCount: 0, totalCount: 80, failedCount: 0).text, "0 of 80 trials done, 0 at chance")
    XCTAssertEqual(
      ProgressLine(doneCount: 78, totalCount: 80, failedCount: 4, divergedCount: 3, crashedCount: 2, secondsLeft: 9)
        .text,
      "78 of 80 trials done, 1 at chance, 3 diverged, 2 crashed")
    for (rule, words) in [
      (FailureRule.constant, "1 constant"), (.loss, "1 at chance loss"), (.below(0.75), "1 below 0.75"),
    ] {
      XCTAssertEqual(
        ProgressLine(doneCount: 2, totalCount: 2, failedCount: 1, rule: rule).text, "2 of 2 trials done, " + words)
    }
  }

  /// What is beside the counts gives way, the steps first and then the recipes, where a terminal of 80 columns would wrap it.
  /// A narrow terminal gets the time left in fewer words rather than no time.
  func testANarrowProgressLine() {
    let line = ProgressLine(doneCount: 5, totalCount: 120, failedCount: 1, divergedCount: 1, secondsLeft: 480)
    XCTAssertEqual(line.text(width: 63), "5 of 120 trials done, 0 at chance, 1 diverged, about 8 min left")
    XCTAssertEqual(line.text(width: 62), "5/120 done, 0 at chance, 1 diverged, 8 min left")
    XCTAssertEqual(line.text(width: 39), line.text(width: 62), "the end of the terminal cuts the rest off")
  }

  func testWhatFitsIntoAProgressLine() {
    var line = ProgressLine(doneCount: 0, totalCount: 14, failedCount: 0)
    line.recipes = [
      .init(name: "default", doneCount: 0, failedCount: 0), .init(name: "BC", doneCount: 0, failedCount: 0),
    ]
    line.running = "at steps 37 to 52 of 189"
    XCTAssertEqual(line.text, "0 of 14 trials done, 0 at chance, at steps 37 to 52 of 189")
    line.doneCount = 7
    line.failedCount = 2
    line.recipes = [
      .init(name: "default", doneCount: 4, failedCount: 2), .init(name: "BC", doneCount: 3, failedCount: 0),
    ]
    XCTAssertEqual(line.text, "7 of 14 trials done, 2 at chance (default 2/4, BC 0/3)", "80 characters with the steps")
    line.running = "at step 37 of 189"
    XCTAssertEqual(line.text, "7 of 14 trials done, 2 at chance (default 2/4, BC 0/3), at step 37 of 189")
    line.running = "at steps 37 to 52 of 189"
    line.secondsLeft = 250
    XCTAssertEqual(line.text, "7 of 14 trials done, 2 at chance (default 2/4, BC 0/3), about 4 min left")
    line.recipes[0].name = "no bias correction at all"
    XCTAssertEqual(line.text, "7 of 14 trials done, 2 at chance, at steps 37 to 52 of 189, about 4 min left")
    line.running = "at steps 37 to 52 of 1890000000000000"
    XCTAssertEqual(line.text, "7 of 14 trials done, 2 at chance, about 4 min left")
    line.recipes.removeLast()
    line.running = nil
    XCTAssertEqual(
      line.text, "7 of 14 trials done, 2 at chance, about 4 min left", "one recipe's counts are all there are")
  }

  /// Of many borderline runs the first are named, and the others are counted.
  func testBorderlineRunsAreNamed() {
    let trial = Example.trial(1)
    var row = SummaryRow(trial, hyperparameters: TrialColumns.values(of: trial.configuration))
    for seed in 1...6 {
      row.add(
        Example.outcome(correct: [5]), seeds: "seed \(seed)", trial: "t\(seed)", failure: .neverLearned, score: .final)
    }
    let text = ConsoleTable.text([row])
    XCTAssertTrue(
      text.contains(
        "\n6 of 6 runs are borderline: failure rule, constant predictions and flat training loss disagree:\n"
          + "  default, seed 1; default, seed 2; default, seed 3; default, seed 4; and 2 more.\n"), text)
  }

  func testDurations() {
    for (seconds, text) in [
      (0.0, "0 s"), (-3, "0 s"), (45.4, "45 s"), (89.4, "89 s"), (89.6, "2 min"), (3599, "60 min"), (5369, "89 min"),
      (5400, "1 h 30 min"), (10_800, "3 h 00 min"), (172_000, "47 h 47 min"), (187_200, "2 d 4 h"),
      (1e10, "317 years"), (1e300, "3.17e+292 years"), (.infinity, "years without end"),
    ] { XCTAssertEqual(readable(seconds: seconds), text, "\(seconds)") }
    XCTAssertEqual(readable(aboutSeconds: 5400), "about 1 h 30 min")
    XCTAssertEqual(readable(aboutSeconds: 1e10), "about 317 years")
    XCTAssertEqual(readable(aboutSeconds: .infinity), "years without end")
  }

  /// Where every run of every recipe failed, the failure rates say nothing about stability.
  func testNothingWasLearned() {
    let failed = [Example.outcome(correct: [6]), Example.outcome(correct: [5])]
    let other = Example.trial(2, configuration: 1)
    func notes(_ groups: [(Trial, [Outcome], missing: Int)], _ options: TableOptions = TableOptions()) -> [String] {
      ConsoleTable.text(rows(groups, options), options: options).components(separatedBy: "\n").filter {
        $0.contains("says nothing")
      }
    }
    XCTAssertEqual(
      notes([(Example.trial(1), failed, 0), (other, failed, 1)]),
      [
        "No recipe learned anything on synthetic (all 4 runs failed): this says nothing about stability. Try more steps, another "
          + "learning rate or another model, and look at the labels."
      ])
    XCTAssertEqual(notes([(Example.trial(1), failed, 0), (other, outcomes, 0)]), [])
    XCTAssertEqual(notes([(Example.trial(1), [], 2)]), [])
    XCTAssertEqual(
      notes([(Example.trial(1), failed, 0), (other, [], 2)]), [], "nothing is known of the other recipe yet")
    XCTAssertEqual(
      notes([(Example.trial(1), [Example.diverged()], 0)]),
      [
        "No recipe learned anything on synthetic (the only run diverged): this says nothing about stability. Try a lower "
          + "learning rate."
      ])
    var unknown = failed[0]
    unknown.unknownShare = 0.7534
    XCTAssertEqual(
      notes([(Example.trial(1), [unknown], 0)]),
      [
        "No recipe learned anything on synthetic (the only run failed): this says nothing about stability. 75.3 % of the word "
          + "pieces are unknown tokens: use a model whose vocabulary fits the data."
      ])
    XCTAssertEqual(
      notes([(Example.trial(1), outcomes, 0)], TableOptions(rule: .below(0.95))),
      [
        "Every run of every recipe on synthetic failed by the rule below=0.95 (all 4 runs): this says nothing about stability; "
          + "choose a lower number."
      ])
  }

  /// What counts as failed follows the metric.
  func testTheRuleInWords() {
    var outcome = Example.outcome(correct: [9])
    outcome.metric = .matthews
    let row = rows([(Example.trial(1), [outcome], 0)], TableOptions())
    XCTAssertEqual(
      ConsoleTable.failure(TableOptions(), row),
      "a score that is not above the best constant classifier's, at the last evaluation")
    XCTAssertEqual(
      ConsoleTable.failure(TableOptions(rule: .accuracy), row),
      "no more correct predictions than the largest class has examples, at the last evaluation")
  }

  /// One recipe has nothing to be compared with.
  func testTheNextCommands() {
    XCTAssertEqual(
      NextCommands.lines(path: "'my out'", recipeCount: 2, lacksResults: false).first,
      "Next: seedsweep compare 'my out'   which recipe is more stable, and how sure that is")
    XCTAssertEqual(
      NextCommands.lines(path: "out", recipeCount: 2, lacksResults: true).prefix(2).joined(separator: "\n"),
      """
      Next: seedsweep retry out     tries the trials again that came to no result
            seedsweep compare out   which recipe is more stable, and how sure that is
      """)
    XCTAssertEqual(
      NextCommands.lines(path: "out", recipeCount: 1, lacksResults: false).joined(separator: "\n"),
      """
      Next: seedsweep table out     a LaTeX table for a paper
            scripts/figures.py out  learning curves, scores and failure rates as PDF and PNG
            seedsweep status out    how the run ended
      """)
  }
}
