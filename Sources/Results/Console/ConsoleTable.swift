// The summary for people at a terminal: one block for each task, one line for each configuration, in plain ASCII. Numbers are rounded here;
// those for papers are in summary.csv.

import Foundation
import Host
import JSON5
import Reports
import Statistics
import StopRules
import Tasks
import TrialTables
import Trials

/// The summary for people at a terminal.
package enum ConsoleTable {
  static let preferredWidth = 100

  /// The table of a summary, ending in a line end; empty without rows.
  package static func text(_ rows: [SummaryRow], options: TableOptions = TableOptions()) -> String {
    var tasks: [String] = []
    for row in rows where !tasks.contains(row.task) { tasks.append(row.task) }
    let blocks = tasks.map { task in block(rows.filter { $0.task == task }, options: options) }
    guard !blocks.isEmpty else { return "" }
    return blocks.joined(separator: "\n") + "\n" + legend(options, rows)
  }

  private static func block(_ rows: [SummaryRow], options: TableOptions) -> String {
    let numbers = rows.map { numberCells($0, options: options) }
    let numberColumns = zip(numberHeaders(options), 0...).map { header, index in
      [header] + numbers.map { $0[index] }
    }
    let widest = max(width(numberColumns), width(finishedColumns(rows, options)))
    let names = nameColumns(rows, width: preferredWidth - widest)
    let (nameWidths, numberWidths) = (names.map(longest), numberColumns.map(longest))
    let lines = (0...rows.count).map { index in
      let left = zip(names, nameWidths).map { TerminalText.fitted($0[index], to: $1) }
      let right = zip(numberColumns, numberWidths).map { TerminalText.fitted($0[index], to: $1, onRight: false) }
      return (left + right).joined(separator: "  ")
    }
    return ([heading(rows)] + lines + notes(rows, options: options)).map { $0 + "\n" }.joined()
  }

  private static func heading(_ rows: [SummaryRow]) -> String {
    let row = rows.first { $0.count > 0 } ?? rows[0]
    guard row.evaluationCount > 0 else { return "\(row.task), \(row.metric)" }
    let majority = row.majorityCount.map {
      ", \(decimal(Double($0) / Double(row.evaluationCount))) in the largest class"
    }
    return "\(row.task), \(row.metric) on \(row.evaluationCount) dev examples\(majority ?? "")"
  }

  private static func numberHeaders(_ options: TableOptions) -> [String] {
    let level = String(format: "%g", options.level * 100)
    return ["n", "fail", "rate", "\(level)% CI", "mean", "sd", "median", "min", "max", "ok mean", "ok sd"]
  }

  /// What the number columns come to once every run is there, so that the names beside them are the same from the first run to the
  /// last.
  private static func finishedColumns(_ rows: [SummaryRow], _ options: TableOptions) -> [[String]] {
    let count = "\(rows.map { $0.count + $0.missingCount }.max() ?? 0)"
    let cells = [count, count, "0.00", "0.00-0.00"]
    return zip(numberHeaders(options), 0...).map { [$0, $1 < cells.count ? cells[$1] : "0.000"] }
  }

  private static func numberCells(_ row: SummaryRow, options: TableOptions) -> [String] {
    let interval = row.failureInterval(level: options.level)
    let (defined, successful) = (row.definedValues, row.successfulValues)
    let hasRate = row.count > 0 && !row.isWaiting
    func cell(_ value: Double, _ isThere: Bool) -> String { isThere ? decimal(value) : "-" }
    return [
      "\(row.count)", "\(row.failedCount)",
      hasRate ? decimal(row.failureRate, digits: 2) : "-",
      hasRate ? "\(decimal(interval.low, digits: 2))-\(decimal(interval.high, digits: 2))" : "-",
      cell(Sample.mean(defined), !defined.isEmpty), cell(Sample.standardDeviation(defined, ddof: 1), defined.count > 1),
      cell(row.median, row.count > 0), cell(Sample.minimum(defined), !defined.isEmpty),
      cell(Sample.maximum(defined), !defined.isEmpty), cell(Sample.mean(successful), !successful.isEmpty),
      cell(Sample.standardDeviation(successful, ddof: 1), successful.count > 1),
    ]
  }

  /// The variant's label, unless there is one only, and every hyperparameter that varies. Those that only tell variants
  /// apart are left out from the right where the line would become too wide.
  private static func nameColumns(_ rows: [SummaryRow], width available: Int) -> [[String]] {
    let parameters = ParameterColumns(rows.flatMap { $0.parameters.map(\.name) })
    let names = TrialColumns.configurationNames + parameters.titles
    let texts = rows.map { $0.hyperparameters + parameters.fields(of: $0.parameters) }
    let varying = names.indices.filter { index in texts.contains { $0[index] != texts[0][index] } }
    let hasVariants = rows.contains { $0.variant != rows[0].variant }
    func isOfVariant(_ index: Int) -> Bool {
      var values: [String: String] = [:]
      return zip(rows, texts).allSatisfy { row, texts in
        let value = values[row.variant] ?? texts[index]
        values[row.variant] = value
        return value == texts[index]
      }
    }
    func columns(_ indices: [Int]) -> [[String]] {
      let label = hasVariants || indices.isEmpty ? [["recipe"] + rows.map { TerminalText.cleaned($0.label) }] : []
      return label
        + indices.map { index in
          [names[index]] + texts.map { TerminalText.cleaned($0[index]) }
        }
    }
    var indices = varying
    while hasVariants, width(columns(indices)) + 2 > available, let last = indices.lastIndex(where: isOfVariant) {
      indices.remove(at: last)
    }
    return columns(indices)
  }

  private static func notes(_ rows: [SummaryRow], options: TableOptions) -> [String] {
    let count = { (of: (SummaryRow) -> Int) in rows.reduce(0) { $0 + of($1) } }
    let (diverged, missing) = (count { $0.count(of: .diverged) }, count(\.missingCount))
    let (disagreements, judged) = (count(\.disagreementCount), count { $0.count - $0.count(of: .diverged) })
    var notes: [String] = []
    if diverged > 0 {
      notes.append("\(runs(diverged)) diverged: counted as failed, last in the median, not in mean and sd.")
    }
    if disagreements > 0 { notes += borderline(rows, disagreements, of: judged, by: options.rule) }
    let single = rows.count { $0.count == 1 }
    if single > 0 {
      notes.append(
        "No sd from one run: \(single) recipe\(single == 1 ? " has" : "s have") one; a spread needs more seeds.")
    }
    let stopped = rows.count { $0.stop?.count != nil }
    if stopped > 0 {
      let isOfPairs = rows.contains { if case .pairs = $0.stop?.rule { true } else { false } }
      let (saved, planned) = (rows.reduce(0) { $0 + ($1.stop?.savedCount ?? 0) }, rows.compactMap(\.stop?.seedCount))
      notes.append(
        "\(counted(stopped, "recipe")) stopped early, \(isOfPairs ? "all comparisons ended" : "the rate known well enough"), which "
          + "left out \(saved) of \(counted(planned.reduce(0, +), "run")); see stopped_low and stopped_high in summary.csv."
      )
    }
    notes += stoppedEarly(rows)
    if missing > 0 { notes.append(Self.missing(missing, in: rows)) }
    if let note = unitNote(rows) { notes.append(note) }
    return notes + NothingLearned.sentences(rows, rule: options.rule)
  }

  /// That a program's scores and its baseline seem to be in different units, with which no run fails or every run
  /// does; nil where they do not. Of imported runs `import` says so.
  private static func unitNote(_ rows: [SummaryRow]) -> String? {
    for row in rows where row.isOfProgram && !row.lowerIsBetter {
      let scores = row.definedValues
      guard let baseline = row.constantScore, let low = scores.min(), let high = scores.max(),
        let mismatch = UnitMismatch(scores: low...high, baseline: baseline)
      else { continue }
      let advice =
        switch mismatch {
        case .someScores: "those above 1 seem to be in percent; give all scores in one unit."
        case .scoresOrBaseline:
          "one of them seems to be in percent; give program.baseline in the unit of the scores."
        }
      return "Scores from \(low) to \(high) beside a baseline of \(baseline): \(advice)"
    }
    return nil
  }

  /// Which runs a rule stopped early, and what the numbers then mean.
  package static func stoppedEarly(_ rows: [SummaryRow]) -> [String] {
    let stopped = rows.filter { ($0.early?.stoppedCount ?? 0) > 0 }
    guard let rule = stopped.first?.early?.rule else { return [] }
    let count = stopped.reduce(0) { $0 + ($1.early?.stoppedCount ?? 0) }
    let finished = stopped.reduce(0) { $0 + $1.finishedAnyway.count }
    let line =
      "\(runs(count)) \(count == 1 ? "was" : "were") stopped early by \(rule.name), of which \(finished) "
      + "\(finished == 1 ? "was" : "were") finished anyway"
    guard count > finished else { return [line + "."] }
    return [
      line + "; the others have no result.",
      "  rate and CI weight runs that went on and stopped runs by their numbers; n, fail and scores are of runs with a result.",
    ]
  }

  /// That some trials have no result; of imported ones nobody here knows whether they ever will.
  private static func missing(_ count: Int, in rows: [SummaryRow]) -> String {
    rows.contains { $0.rule != nil }
      ? "\(runs(count)) \(count == 1 ? "has" : "have") no result."
      : "\(counted(count, "trial")) \(count == 1 ? "has" : "have") no result yet."
  }

  /// Which runs are on the border between failed and successful, and what follows from that.
  private static func borderline(
    _ rows: [SummaryRow], _ count: Int, of judged: Int, by rule: FailureRule
  ) -> [String] {
    let areLabelsUnique = Set(rows.map(\.label)).count == rows.count
    let names = rows.flatMap { row in
      row.disagreements.map { run in
        areLabelsUnique ? "\(row.label), \(run.seeds)" : "\(run.trial) (\(row.label), \(run.seeds))"
      }
    }
    let shown = names.prefix(areLabelsUnique ? 4 : 2)
    let others = names.count > shown.count ? "; and \(names.count - shown.count) more" : ""
    return [
      "\(count) of \(runs(judged)) \(count == 1 ? "is" : "are") borderline: failure rule, constant predictions and flat "
        + "training loss disagree:",
      "  \(shown.joined(separator: "; "))\(others).",
      "  See failed, constant_prediction and train_loss_flat in trials.csv. How far the rate depends on the rule:",
      "  seedsweep summarize DIR --failure-rule constant, and the same with loss. All tables of DIR follow the last rule that",
      "  was asked for; --failure-rule \(rule.name) goes back.",
    ]
  }

  private static func runs(_ count: Int) -> String { counted(count, "run") }

  private static func legend(_ options: TableOptions, _ rows: [SummaryRow]) -> String {
    "fail: \(failure(options, rows)).\nCI: Wilson's, of the rate; sd: with n - 1; ok: the runs that did not fail.\n"
  }

  /// The first recipe of those that a baseline judges, because their predictions are not known; nil where there is none.
  private static func judgedByBaseline(_ rows: [SummaryRow], _ judge: FailureRule) -> SummaryRow? {
    rows.first(where: \.isImported).flatMap { $0.isOfProgram && judge.isBound ? nil : $0 }
  }

  private static func lacksBaseline(_ row: SummaryRow) -> Bool {
    row.rule == "diverged" || row.isOfProgram && row.constantScore == nil
  }

  /// What gives recipes the baseline that they lack, so that nothing but divergence counts as a failure; nil where none is needed.
  package static func missingBaseline(_ options: TableOptions, _ rows: [SummaryRow]) -> String? {
    let judge = options.rule.named(for: rows.compactMap(\.metricOfTrainer))
    guard let row = judgedByBaseline(rows, judge), lacksBaseline(row) else { return nil }
    return row.isOfProgram ? "program.baseline" : "import --baseline"
  }

  /// How a baseline judges the runs, in few words; nil where the failure rule judges them.
  package static func shortBaselineRule(_ options: TableOptions, _ rows: [SummaryRow]) -> String? {
    guard let row = judgedByBaseline(rows, options.rule.named(for: rows.compactMap(\.metricOfTrainer))) else {
      return nil
    }
    return lacksBaseline(row) ? "diverged (no baseline)" : "not \(row.lowerIsBetter ? "below" : "above") the baseline"
  }

  /// What counts as a failed run, in words.
  package static func failure(_ options: TableOptions, _ rows: [SummaryRow]) -> String {
    let moment = options.score == .final ? "at the last evaluation" : "at the best evaluation"
    let judge = options.rule.named(for: rows.compactMap(\.metricOfTrainer))
    var rule =
      switch judge {
      case .baseline: "a score that is not above the best constant classifier's, \(moment)"
      case .accuracy: "no more correct predictions than the largest class has examples, \(moment)"
      case .constant: "more than 99% of the predictions are equal, \(moment)"
      case .loss: "the final training loss is at least 0.9 of the labels' entropy"
      case .below(let bound): "the metric is below \(bound), \(moment)"
      }
    if let row = judgedByBaseline(rows, judge) {
      rule =
        lacksBaseline(row)
        ? "the run diverged; no baseline was given"
        : "the score is not \(row.lowerIsBetter ? "below" : "above") the task's baseline, \(moment)"
    }
    let isRegression = { (row: SummaryRow) in [.pearson, .spearman].contains(MetricName(rawValue: row.metric)) }
    let correlation =
      judge == .accuracy || rows.allSatisfy { $0.metric != MetricName.spearman.rawValue }
      ? "Pearson correlation" : "correlation"
    let regression = "a constant prediction or a \(correlation) that is not above zero, \(moment)"
    if [.accuracy, .baseline, .loss].contains(judge), rows.contains(where: isRegression) {
      rule = rows.allSatisfy(isRegression) ? regression : "\(rule); for regression \(regression)"
    }
    return rule
  }

  private static func longest(_ column: [String]) -> Int { column.map { TerminalText.width($0) }.max() ?? 0 }

  private static func width(_ columns: [[String]]) -> Int {
    columns.map(longest).reduce(0, +) + 2 * max(0, columns.count - 1)
  }
}
