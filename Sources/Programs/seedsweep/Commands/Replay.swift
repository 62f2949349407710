// `seedsweep replay`: what rules for stopping runs early would have done to the finished runs of a folder. Reads the journal, writes
// replay.csv and nothing else.

import CommandLine
import Replays
import Reports
import StopRules
import Storage

/// Replays rules on recorded curves.
struct ReplayCommand: Command {
  static let rules = Flag(
    "--rule", "MEASURE=BOUND@STEP", "a rule to replay in place of the usual six; may be given several times",
    eachOf: ValueReader(EarlyRule.form, text: \.name) { EarlyRule($0) })
  static let cohort = Flag(
    "--cohort", "N", "the runs that start together, in plan order", .count(atLeast: 2),
    default: ReplayOptions.defaultCohortSize)
  static let finish = Flag(
    "--finish", "SHARE", "the share of the stopped runs that is finished anyway, at least 5 of them", .probability,
    default: ReplayOptions.defaultFinishShare)

  static let syntax = CommandSyntax(
    "replay", "what stopping runs early would have saved, and what it would have cost",
    details: """
      Applies rules that stop runs early to the recorded curves of finished runs. For every recipe and rule it prints how many
      runs the rule stops, the steps that this saves, how many of the stopped runs would not have failed or would have been the
      best of their cohort, and the failure rate that is known if a share of the stopped runs is finished. Writes replay.csv.
      A rule is MEASURE=BOUND@STEP. MEASURE is score, dev_loss or train_loss, as last recorded at or before STEP, which is a
      number of steps or a share of them such as 25%. A run goes on if its measure is better than BOUND. BOUND is a number, the
      chance level (baseline for score, flat for train_loss), or top50% for the best half of each cohort.
      """,
    operands: [.results], flags: [rules, cohort, finish, Judgement.rule, Judgement.score])

  private let path: String
  private let judgement: Judgement
  private let options: ReplayOptions

  init(_ given: Given) {
    path = given.operands[0]
    judgement = Judgement(given)
    let rules = given[Self.rules]
    options = ReplayOptions(
      rules: rules.isEmpty ? ReplayOptions.defaultRules : rules, cohortSize: given[Self.cohort],
      finishShare: given[Self.finish])
  }

  func perform(_ context: Context) throws -> ExitCode {
    let results = try ResultsFolder(path)
    try results.requireNoStoppedRuns(for: "replay")
    results.reportDamage()
    let options = try judgement.adopted(by: results)
    let recipes = try RecipeReplay.all(results.plan, from: results.index, options: options, self.options)
    for recipe in recipes { say(recipe.text) }
    say(RecipeReplay.legend(self.options))
    try ReplayTable.write(recipes, to: results.folder.replay)
    say("Table: \(results.folder.replay)")
    return .success
  }
}
