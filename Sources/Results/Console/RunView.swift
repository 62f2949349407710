// A run as a terminal with room for several lines shows it: each recipe, the trials under way, ranks and hosts, and what stalls.
// Plain values, made of the counts of a journal and of the leader's report; `RunView+Lines` lays them out.

import Host
import Reports
import Storage
import Trials

/// How a run stands, for a terminal.
package struct RunView: Equatable, Sendable {
  /// A recipe's row.
  package struct Recipe: Equatable, Sendable {
    /// What the recipe is called.
    package var name: String
    /// Its trials that were asked for.
    package var plannedCount: Int
    /// Those of them with a result.
    package var doneCount: Int
    /// Results that failed and did not diverge.
    package var failedCount = 0
    /// Results that diverged.
    package var divergedCount = 0
    /// The mean score of the runs that have one.
    package var mean: Double?
    /// Seconds until its last trial ends, if they can be told.
    package var secondsLeft: Double?
    /// Whether a trial of it is under way.
    package var isRunning = false

    /// Whether each of its trials has a result.
    var isDone: Bool { doneCount >= plannedCount }
  }

  /// A trial under way.
  package struct Running: Equatable, Sendable {
    /// The rank that trains it.
    package var rank: Int
    /// The rank's host.
    package var host: String
    /// What its recipe is called.
    package var recipe: String
    /// What its seeds are called.
    package var seeds: String
    /// The completed updates.
    package var step = 0
    /// The updates of the whole trial; 0 while it is prepared, and where a program does not say it.
    package var stepCount = 0
    /// Seconds since its rank last said anything, where it stalls.
    package var stallSeconds: Double?
  }

  /// The counts of the whole run.
  package var line: ProgressLine
  /// What stands before the counts, such as the sweep's name; nil for nothing.
  package var title: String?
  /// The recipes in plan order.
  package var recipes: [Recipe] = []
  /// Trials under way, those that stall first.
  package var running: [Running] = []
  /// The number of trials under way, of which `running` may have the first only.
  package var runningCount = 0
  /// The machines of the run.
  package var hosts: [LiveReport.Host] = []
  /// A sentence that stands before the counts; nil for none.
  package var remark: String?
  /// Whether a program of the user's own trains.
  package var isOfProgram = false

  package init(line: ProgressLine) { self.line = line }
}

extension RunView {
  /// The view of a run with some counts, as its leader reports it.
  package init(_ counts: RunCounts, _ status: StatusReport) {
    line = ProgressLine(counts, status)
    isOfProgram = counts.plan.isOfProgram
    let live = status.live ?? LiveReport()
    let names = Self.names(counts.plan)
    var indices: Set<Int> = []
    for trial in live.running {
      guard let index = counts.plan.trialIndex(identifier: trial.trial) else { continue }
      let recipe = counts.plan.configurationIndex(trialIndex: index)
      indices.insert(recipe)
      running.append(
        Running(
          rank: trial.rank, host: trial.host, recipe: names[recipe],
          seeds: counts.plan.seeds[index % counts.plan.seeds.count].title, step: trial.step,
          stepCount: trial.stepCount, stallSeconds: trial.stallSeconds))
    }
    runningCount = max(status.runningCount, running.count)
    hosts = live.hosts
    if live.isDraining {
      remark =
        "stopping when \(counted(status.runningCount, "running trial")) \(status.runningCount == 1 ? "ends" : "end")"
    }
    recipes = counts.recipes.indices.filter { counts.recipes[$0].plannedCount > 0 }.map { index in
      let recipe = counts.recipes[index]
      return Recipe(
        name: names[index], plannedCount: recipe.plannedCount, doneCount: recipe.doneCount,
        failedCount: recipe.failedCount - recipe.divergedCount, divergedCount: recipe.divergedCount,
        mean: recipe.mean, secondsLeft: live.secondsLeft[counts.plan.configurations[index].identifier],
        isRunning: indices.contains(index))
    }
  }

  /// What the recipes of a plan are called: their tasks stand first where there are several.
  private static func names(_ plan: SweepPlan) -> [String] {
    let tasks = plan.configurations.map(\.configuration.task.name)
    let hasTasks = tasks.contains { $0 != tasks[0] }
    return zip(tasks, plan.configurations).map {
      TerminalText.cleaned((hasTasks ? $0 + " " : "") + $1.shortTitle)
    }
  }
}

extension ProgressLine {
  /// The line of a run with some counts, without recipes and steps.
  package init(_ counts: RunCounts, _ status: StatusReport) {
    self.init(
      doneCount: counts.total.doneCount, totalCount: counts.total.plannedCount, failedCount: counts.total.failedCount,
      divergedCount: counts.total.divergedCount, crashedCount: status.exhaustedCount, secondsLeft: status.secondsLeft,
      rule: counts.options.rule)
    stoppedCount = counts.total.stoppedCount
  }
}
