// Whether a rule for stopping runs early can be kept: its step lies within each recipe's runs, and what it reads is recorded by then.
// Recording decides no weight, but it decides what a trial is, so that nothing is evaluated for a rule that its sweep does not evaluate
// anyway.

import Host
import StopRules
import Trials

/// What a rule for stopping runs early asks of a plan.
package enum EarlyCheck {
  /// The step at which the rule of a plan reads the runs of each configuration, each with its number of training examples; none where no
  /// rule stops runs early.
  package static func steps(_ plan: SweepPlan, exampleCounts: [Int]) -> [Int] {
    guard let stop = plan.earlyStop else { return [] }
    return zip(plan.configurations, exampleCounts).map { planned, count in
      stop.rule.moment.step(of: planned.configuration.stepCount(exampleCount: count))
    }
  }

  /// Why a rule of the sweep at `path` cannot be kept beside flags of `run`, and what to type; nil if it can.
  package static func problem(of stop: StopRule?, in path: String, beside flags: [String]) -> String? {
    guard case .early = stop, let flag = flags.first else { return nil }
    return
      "\(flag) does not go together with stop.early in \(path): which runs go on depends on every run of a recipe, each trained up "
      + "to the rule's step; run without \(flag), or with stop=null"
  }

  /// Why the rule of a plan cannot be kept, and what to change; nil if it can.
  package static func problem(of plan: SweepPlan, exampleCounts: [Int]) -> String? {
    guard let rule = plan.earlyStop?.rule else { return nil }
    let problems = zip(plan.configurations, exampleCounts).compactMap { planned, count in
      problem(rule, planned.configuration, exampleCount: count).map {
        (plan.configurations.count > 1 ? "\(planned.title): " : "") + $0
      }
    }
    guard let first = problems.first else { return nil }
    return first + (problems.count == 1 ? "" : "; and likewise of \(counted(problems.count - 1, "more recipe"))")
  }

  /// Why a rule cannot be kept with a configuration of some training examples, and what to change; nil if it can.
  package static func problem(_ rule: EarlyRule, _ configuration: TrialConfiguration, exampleCount: Int) -> String? {
    let last = configuration.stepCount(exampleCount: exampleCount)
    let step = rule.moment.step(of: last)
    guard step < last else {
      return
        "stop.early: \(rule.name) reads runs after step \(step), and a run makes \(last); choose a step below \(last), or a share "
        + "of the steps such as \(EarlyRule(rule.measure, rule.bound, at: .share(0.25)).name)"
    }
    let reads = "stop.early: \(rule.name) reads what a run has recorded by step \(step), and "
    switch rule.measure {
    case .trainLoss:
      let every = configuration.record.curvesEvery
      if every == 0 {
        return reads + "record.curves_every is 0, which records no training loss; set it to \(step) or less"
      }
      guard every > step else { return nil }
      return reads
        + "record.curves_every is \(every); set it to \(step) or less"
        + (every < last ? ", or choose step \(every) or a later one" : "")
    case .score, .devLoss:
      let evaluations = configuration.evaluationSteps(exampleCount: exampleCount)
      guard let first = (1...last).first(where: evaluations.contains), first > step else { return nil }
      return reads + "the first evaluation comes after step \(first); set training.evaluate_every to \(step) or less"
        + (first < last ? ", or choose step \(first) or a later one" : "")
    }
  }
}
