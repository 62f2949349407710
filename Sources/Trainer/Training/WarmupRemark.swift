// What a user should know of a warm-up that lasts as long as training, which only the data tells: 500 steps, a usual number for
// large data, are more than a small training file gives.

import Trials

/// The remark about a warm-up that does not end.
package enum WarmupRemark {
  /// A sentence for each length of warm-up and training, with the first configuration that has them.
  ///
  /// - Parameters:
  ///   - configurations: The configurations of a plan.
  ///   - exampleCounts: The training examples of each.
  package static func sentences(_ configurations: [PlannedConfiguration], exampleCounts: [Int]) -> [String] {
    var concerned: [(remark: String, titles: [String])] = []
    for (planned, exampleCount) in zip(configurations, exampleCounts) {
      guard let remark = remark(planned.configuration, exampleCount: exampleCount) else { continue }
      if let known = concerned.firstIndex(where: { $0.remark == remark }) {
        concerned[known].titles.append(planned.title)
      } else {
        concerned.append((remark, [planned.title]))
      }
    }
    return concerned.map { remark, titles in
      "warning: \(titles[0])\(titles.count > 1 ? " and \(titles.count - 1) more" : ""): \(remark)"
    }
  }

  private static func remark(_ configuration: TrialConfiguration, exampleCount: Int) -> String? {
    let stepCount = configuration.stepCount(exampleCount: exampleCount)
    let warmup = configuration.warmupStepCount(exampleCount: exampleCount)
    guard warmup > 1, warmup >= stepCount else { return nil }
    return
      "schedule.warmup takes \(warmup) steps and a trial has \(stepCount), so that the learning rate never stays at its "
      + "value; below 1 schedule.warmup is a fraction of the steps"
  }
}
