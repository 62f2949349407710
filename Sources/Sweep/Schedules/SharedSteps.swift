// Trials of one sweep whose first steps are the same: a trial of fewer steps whose schedule is that of a longer one up to its end.
// The longer one comes by the shorter one's last weights on its way, so that the shorter one need not train. Only whole trials
// are shared; steps in common after which both go their own ways are not.

import Trials

/// Which trials of a plan come by the end of which others.
package struct SharedSteps: Sendable {
  /// For each configuration, the longest one whose first steps are its own.
  private var longest: [Int: Int] = [:]
  /// For each of those, the shorter configurations, the shortest first, with their steps.
  private var shorter: [Int: [(configuration: Int, stepCount: Int)]] = [:]
  private let seedCount: Int

  /// What the configurations of a plan share.
  ///
  /// - Parameter exampleCounts: the number of training examples of each configuration.
  package init(_ plan: SweepPlan, exampleCounts: [Int]) {
    seedCount = plan.seeds.count
    // Recipes that may stop are handed out by their looks.
    guard plan.stop == nil else { return }
    let configurations = plan.configurations.map(\.configuration)
    let lengths = zip(configurations, exampleCounts).map { $0.stepCount(exampleCount: $1) }
    var groups: [TrialConfiguration: [Int]] = [:]
    for (index, configuration) in configurations.enumerated() {
      guard let steps = configuration.withoutItsEnd(stepCount: lengths[index]) else { continue }
      groups[steps, default: []].append(index)
    }
    for group in groups.values where group.count > 1 {
      let ordered = group.sorted { (lengths[$0], -$0) < (lengths[$1], -$1) }
      guard let long = ordered.last else { continue }
      for short in ordered where lengths[short] < lengths[long] {
        let evaluations = [short, long].map { configurations[$0].evaluationSteps(exampleCount: exampleCounts[$0]) }
        guard (1..<max(1, lengths[short])).allSatisfy({ evaluations[0].contains($0) == evaluations[1].contains($0) })
        else { continue }
        longest[short] = long
        shorter[long, default: []].append((short, lengths[short]))
      }
    }
  }

  /// Whether no two configurations share steps.
  package var isEmpty: Bool { longest.isEmpty }

  /// The trials, by their plan indices, that end on the way of the trial with a plan index, with their steps.
  package func shorterTrials(of trial: Int) -> [(trial: Int, stepCount: Int)] {
    (shorter[trial / seedCount] ?? []).map { ($0.configuration * seedCount + trial % seedCount, $0.stepCount) }
  }

  /// Puts every trial that a longer one of `trials` comes by behind it: so far that `distance` others of its kind are handed out
  /// between the two, and no further, because each of them keeps a checkpoint meanwhile.
  package func ordered(_ trials: [Int], distance: Int) -> [Int] {
    let all = Set(trials)
    func longer(_ trial: Int) -> Int? {
      longest[trial / seedCount].map { $0 * seedCount + trial % seedCount }.flatMap { all.contains($0) ? $0 : nil }
    }
    func followers(_ trial: Int) -> [Int] { shorterTrials(of: trial).map { $0.trial }.filter(all.contains) }
    var (result, waiting): ([Int], [Int]) = ([], [])
    for trial in trials where longer(trial) == nil {
      result.append(trial)
      guard !followers(trial).isEmpty else { continue }
      waiting.append(trial)
      if waiting.count > distance { result += followers(waiting.removeFirst()) }
    }
    return result + waiting.flatMap(followers)
  }
}

extension TrialConfiguration {
  /// What decides each step of a trial of `stepCount` steps but not after how many of them it ends. nil where its length decides
  /// other things than the horizon of its schedule, and where it leaves a file that names the trial in every row.
  fileprivate func withoutItsEnd(stepCount: Int) -> TrialConfiguration? {
    guard !hasProgram, training.average != .swa, !optimizer.matchesStepMass, record.gradientNormsEvery == 0 else {
      return nil
    }
    var steps = self
    steps.schedule.totalSteps = schedule.horizon(stepCount: stepCount)
    steps.training.maximumSteps = 1
    steps.training.epochs = TrainingSpecification().epochs
    steps.evaluation = EvaluationSpecification()
    steps.record.predictions = RecordSpecification().predictions
    return steps
  }
}
