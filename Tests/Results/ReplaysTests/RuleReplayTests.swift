// Rules for stopping runs early, replayed on runs that are counted by hand.

import Reports
import ResultsSupport
import Statistics
import StopRules
import Storage
import Trials
import XCTest

@testable import Replays

final class RuleReplayTests: FolderTestCase {
  /// Two cohorts of five: correct predictions of 10 after 5 and after 10 steps, where 6 are those of the largest class. Run 8
  /// diverges after step 4.
  private let outcomes: [Outcome] =
    [[7, 9], [6, 8], [6, 6], [5, 6], [8, 6], [6, 9], [7, 7]].map { Example.outcome(correct: $0) }
    + [RuleReplayTests.diverged] + [[7, 8], [6, 5]].map { Example.outcome(correct: $0) }

  private static var diverged: Outcome {
    var outcome = Example.diverged(after: [7])
    outcome.stepCount = 4
    outcome.evaluations[0].step = 4
    return outcome
  }

  private func runs(_ outcomes: [Outcome]) -> [RecordedRun] {
    outcomes.enumerated().map { RecordedRun($1, identifier: "t\($0 + 1)", options: TableOptions()) }
  }

  private func replay(_ rule: String, _ outcomes: [Outcome], cohort: Int = 5, finish: Double = 0.25) throws
    -> RuleReplay
  {
    let rule = try XCTUnwrap(EarlyRule(rule))
    return RuleReplay(
      rule, on: runs(outcomes), ReplayOptions(rules: [rule], cohortSize: cohort, finishShare: finish))
  }

  private func stopped(_ replay: RuleReplay) -> [String] { replay.stopped.map(\.identifier) }

  func testRunsThatDoNoBetterThanChance() throws {
    let found = try replay("score=baseline@5", outcomes)
    XCTAssertEqual(stopped(found), ["t2", "t3", "t4", "t6", "t10"])
    XCTAssertEqual(found.wrongCount, 2, "2 and 6 learn later")
    XCTAssertEqual(found.savedStepCount, 25)
    XCTAssertEqual(found.savedFinishingStepCount, 0, "five are finished")
    XCTAssertEqual(
      found.runs,
      StoppedRuns(endedCount: 5, endedFailedCount: 2, stoppedCount: 5, finishedCount: 5, finishedFailedCount: 3))
    // The first cohort keeps run 1 with .9; the second loses run 6 with .9 and keeps run 9 with .8.
    XCTAssertEqual(found.cohorts.count, 2)
    XCTAssertEqual(found.cohorts.bestStoppedCount, 1)
    XCTAssertEqual(found.cohorts.losses.count, 2)
    XCTAssertEqual(Sample.mean(found.cohorts.losses), 0.05, accuracy: 1e-15)
    XCTAssertEqual(stopped(try replay("score=baseline@50%", outcomes)), stopped(found))
    XCTAssertEqual(
      stopped(try replay("score=0.6@9", outcomes)), stopped(found), "no better than the level is not better")
    XCTAssertEqual(stopped(try replay("score=0.59@5", outcomes)), ["t4"])
  }

  /// Equal measures rank in plan order; the diverged run counts as one of its cohort's five, and is not stopped any more.
  func testTheBestOfEachCohortGoOn() throws {
    XCTAssertEqual(stopped(try replay("score=top60%@5", outcomes)), ["t3", "t4", "t10"])
    XCTAssertEqual(stopped(try replay("score=top50%@5", outcomes)), ["t3", "t4", "t10"], "half of five is three")
    XCTAssertEqual(stopped(try replay("score=top20%@5", outcomes)), ["t1", "t2", "t3", "t4", "t6", "t9", "t10"])
    let ofFour = try replay("score=top50%@5", outcomes, cohort: 4)
    XCTAssertEqual(stopped(ofFour), ["t3", "t4", "t6"], "6 is third of the three that run; 9 and 10 are no cohort")
    XCTAssertEqual(ofFour.cohorts.count, 2)
    XCTAssertEqual([1, 2, 3, 4, 5].map { EarlyRule.keptCount(0.4, of: $0) }, [1, 1, 2, 2, 2])
  }

  func testLosses() throws {
    var outcomes = outcomes
    for index in outcomes.indices {
      // 0.9 of the entropy of two equal classes is .6238.
      let losses = index < 3 ? [0.7, 0.62] : [0.62, 0.63]
      outcomes[index].curve = zip([2, 4], losses).flatMap { step, loss in
        [
          CurvePoint(step: step, epoch: 0, quantity: "loss", value: loss),
          CurvePoint(step: step, epoch: 0, quantity: "learning_rate", value: 1),
        ]
      }
    }
    XCTAssertEqual(stopped(try replay("train_loss=flat@3", outcomes)), ["t1", "t2", "t3"])
    XCTAssertEqual(
      stopped(try replay("train_loss=flat@4", outcomes)), ["t4", "t5", "t6", "t7", "t8", "t9", "t10"],
      "the diverged run had made its fourth step")
    XCTAssertEqual(try replay("train_loss=flat@4", outcomes).savedStepCount, 6 * 6)
    XCTAssertEqual(stopped(try replay("train_loss=0.65@2", outcomes)), ["t1", "t2", "t3"])
    XCTAssertEqual(
      try replay("train_loss=0.65@1", outcomes).obstacle,
      "no run has recorded train_loss by step 1; choose a later step, or a smaller record.curves_every")
    outcomes[9].curve = []
    let found = try replay("train_loss=top40%@4", outcomes)
    XCTAssertEqual(stopped(found), ["t3", "t4", "t5"], "the cohort of an unmeasured run goes on")
    XCTAssertEqual(found.unmeasuredCount, 1)
    XCTAssertEqual(stopped(try replay("dev_loss=0.5@5", outcomes)).count, 9, "all losses are .5")
    XCTAssertEqual(stopped(try replay("dev_loss=0.51@5", outcomes)), [])
    outcomes[2].evaluations[0].loss = .nan
    let spoilt = try replay("dev_loss=0.51@5", outcomes)
    XCTAssertEqual(stopped(spoilt), ["t3"], "a loss that is not finite is not below a number")
    XCTAssertEqual(spoilt.unmeasuredCount, 0)
    XCTAssertEqual(
      stopped(try replay("dev_loss=top60%@5", outcomes)), ["t3", "t5", "t10"],
      "it is the worst of its cohort, and equal ones rank in plan order")
  }

  func testWhatCannotBeReplayed() throws {
    XCTAssertEqual(try replay("score=baseline@50%", []).obstacle, "no run has a result")
    XCTAssertEqual(try replay("score=baseline@10", outcomes).obstacle, "no run makes more than 10 steps")
    XCTAssertEqual(
      try replay("score=baseline@3", outcomes).obstacle,
      "no run has recorded score by step 3; choose a later step, or a smaller training.evaluate_every")
    var regression = outcomes
    for index in regression.indices {
      regression[index].chanceLoss = nil
      regression[index].curve = [CurvePoint(step: 2, epoch: 0, quantity: "loss", value: 1)]
    }
    XCTAssertEqual(
      try replay("train_loss=flat@5", regression).obstacle,
      "what chance gives is not known; give a number in place of flat")
  }

  /// 24 runs at chance after 5 steps, of which the first 12 fail. The hashes choose 2, 22, 3, 1, 13 and 20 (hashlib in Python), of
  /// which 2, 3 and 1 failed.
  func testAPartOfTheStoppedRunsIsFinished() throws {
    let outcomes = (1...24).map { Example.outcome(correct: [6, $0 <= 12 ? 6 : 9]) }
    let found = try replay("score=baseline@5", outcomes)
    XCTAssertEqual(
      found.runs,
      StoppedRuns(endedCount: 0, endedFailedCount: 0, stoppedCount: 24, finishedCount: 6, finishedFailedCount: 3))
    XCTAssertEqual(found.savedStepCount, 120)
    XCTAssertEqual(found.savedFinishingStepCount, 90)
    XCTAssertEqual(found.cohorts.emptiedCount, 4)
    XCTAssertEqual(try replay("score=baseline@5", outcomes, finish: 0).runs.finishedCount, 5)
  }

  private func recipes(_ rules: [String]) throws -> [RecipeReplay] {
    let output = RunFolder(folder)
    let plan = try SweepPlan(
      name: "s",
      configurations: [
        PlannedConfiguration(
          variant: "v", label: "the recipe", configuration: Example.trial(1).configuration, axisValues: [],
          identifier: "0000000000000001")
      ], seeds: (1...11).map { TrialSeeds(tied: $0) })
    let records = outcomes.enumerated().map { index, outcome in
      JournalRecord.outcome(
        TrialRecord(trial: plan.trialIdentifier(at: index), attempt: 1, timing: Example.timing, outcome: outcome))
    }
    try JournalWriter(path: output.journal, epoch: 1).append([.runStart(Example.start)] + records)
    return try RecipeReplay.all(
      plan, from: JournalIndex(path: output.journal), options: TableOptions(),
      ReplayOptions(rules: rules.compactMap { EarlyRule($0) }))
  }

  func testTheTableOfATerminal() throws {
    XCTAssertEqual(
      try recipes(["score=baseline@5", "score=top50%@50%", "train_loss=flat@5"]).map(\.text),
      [
        """
        synthetic: the recipe: 10 runs, 5 failed (rate 0.50, 0.24-0.76), 94 steps
          rule              step  stopped  saved  not failed  best lost  finished  net  rate         CI
          score=baseline@5     5        5    27%           2     1 of 2         5   0%  0.50  0.24-0.76
          score=top50%@50%     5        3    16%           0     0 of 2         3   0%  0.50  0.24-0.76
          train_loss=flat@5: not computed: no run has recorded train_loss by step 5; choose a later step, or a smaller record.curves_every

        """
      ])
  }

  /// Clopper and Pearson's bounds of 2 of 5 are scipy.stats.beta.ppf(0.025, 2, 4) and beta.ppf(0.975, 3, 3).
  func testTheColumns() throws {
    let recipe = try XCTUnwrap(recipes(["score=baseline@5", "train_loss=flat@5"]).first)
    let fields = Dictionary(
      uniqueKeysWithValues: ReplayTable.columns.map {
        ($0.name, $0.value(ReplayTable.Row(recipe: recipe, rule: recipe.rules[0])).encoded)
      })
    for (name, text) in [
      "rule": "score=baseline@5", "at_step": "5", "n_runs": "10", "n_stopped": "5", "steps": "94", "steps_saved": "25",
      "n_stopped_not_failed": "2", "wrong_share": "0.4", "caught_share": "0.6", "n_cohorts": "2", "n_best_stopped": "1",
      "failure_rate": "0.5", "early_rate": "0.5", "n_finished": "5", "steps_saved_finishing": "0", "not_computed": "",
      "failure_rule": "baseline",
    ] { XCTAssertEqual(fields[name], text, name) }
    XCTAssertEqual(try XCTUnwrap(fields["wrong_low"].flatMap(Double.init)), 0.0527449505263169, accuracy: 1e-9)
    XCTAssertEqual(try XCTUnwrap(fields["wrong_high"].flatMap(Double.init)), 0.8533672003653268, accuracy: 1e-9)
    let unknown = ReplayTable.columns.text([ReplayTable.Row(recipe: recipe, rule: recipe.rules[1])])
    XCTAssertTrue(unknown.contains(",10,,,94,,,,,,,,,,,,,,,,,5,0.5,"), unknown)
    XCTAssertTrue(unknown.hasSuffix("a smaller record.curves_every\"\n"), unknown)
  }
}
