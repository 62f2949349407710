// The tables of measured steps: the seconds of each part, and tokens, operations and the roofline. It measures nothing.

import Statistics

/// The times of some steps.
struct StepReport {
  private let steps: [MeasuredStep]
  private let startSeconds: Double

  /// The report of a finished watch.
  init(_ watch: StepWatch) {
    steps = watch.steps
    startSeconds = watch.startSeconds
  }

  /// The two tables, the first under a heading.
  func sections(_ heading: String) -> [ResultTable.Section] {
    var parts = ResultTable.Section(
      heading: "\(heading), \(steps.count) steps", itemHeading: "part",
      quantities: [Quantity("median", "s"), Quantity("mean", "s"), Quantity("min", "s"), Quantity("share")])
    let totals = steps.map(\.totalSeconds)
    parts.rows.append(("step", row(totals, of: totals)))
    for (index, part) in StepPart.allCases.enumerated() {
      parts.rows.append((part.rawValue, row(steps.map { $0.seconds[index] }, of: totals)))
    }
    return [parts, worth]
  }

  private func row(_ seconds: [Double], of totals: [Double]) -> [Double] {
    [
      Sample.median(seconds), Sample.mean(seconds), Sample.minimum(seconds), Sample.mean(seconds) / Sample.mean(totals),
    ]
  }

  /// Tokens, operations and the roofline; each figure the median over steps but for the tokens and operations a step,
  /// which are means.
  private var worth: ResultTable.Section {
    let rows = [
      (Quantity("tokens"), Sample.mean(steps.map { Double($0.sequences.tokenCount) })),
      (Quantity("tokens_per_second", "1/s"), median { Double($0.sequences.tokenCount) / $0.totalSeconds }),
      (Quantity("executed", "GFLOP"), Sample.mean(steps.map { $0.flops * 1e-9 })),
      (Quantity("rate_in_step", "GFLOP/s"), median { $0.flops / $0.totalSeconds * 1e-9 }),
      (Quantity("products_alone", "GFLOP/s"), median(\.gigaflopsAlone)),
      (Quantity("roofline_share"), median(\.rooflineShare)),
      (Quantity("first_step_after", "s"), startSeconds),
    ]
    return ResultTable.Section(
      heading: "a step's work, and how near it comes to its products alone", itemHeading: "", quantities: rows.map(\.0),
      rows: [("step", rows.map(\.1))])
  }

  private func median(_ value: (MeasuredStep) -> Double) -> Double { Sample.median(steps.map(value)) }
}
