// What a paper says about its numbers: the caption of a table and a paragraph of methods, with n, ddof, intervals, tests and
// power wherever the table shows what they are about. Plain text; LaTeX's special characters are escaped here.

import Console
import Foundation
import Host
import Reports
import Statistics
import Tables
import Trials

/// How much a caption says.
package enum CaptionLength: String, CaseIterable, Sendable {
  /// About four lines of a column; the methods paragraph has the rest.
  case short
  /// Everything that a reader needs who has no methods paragraph.
  case long
}

/// The sentences around a paper's numbers.
struct PaperCaption {
  let source: PaperSource
  private var rows: [SummaryRow] { source.rows }
  private var options: TableOptions { source.options }

  /// The caption of a table.
  ///
  /// - Parameters:
  ///   - statistics: What its cells show.
  ///   - contests: The multiple comparisons with the best by what they are about, one a task.
  func text(_ statistics: [PaperStatistic], contests: [(statistics: [String], contest: Contest, tasks: [BestRecipes])])
    -> String
  {
    let titles = statistics.filter { !$0.isInterval }.map(\.title)
    let names = LaTeX.list(titles)
    let intervals = statistics.filter(\.isInterval)
    // A symbol, n, stays small where it begins the sentence: N is another number.
    let subject =
      names.isEmpty
      ? "Intervals" : titles[0].count == 1 ? names : names.prefix(1).uppercased() + names.dropFirst()
    var sentences = ["\(subject) of \(scores), \(counts)."]
    sentences.append("Failed runs: \(ConsoleTable.failure(options, rows))\(baselines).")
    if statistics.contains(where: \.isDeviation) {
      sentences.append("Standard deviations: divisor n - 1 (ddof = 1).")
    }
    if statistics.contains(where: { $0.head.hasPrefix("ok ") }) {
      sentences.append("ok: of the runs that did not fail.")
    }
    if !intervals.isEmpty { sentences.append("Brackets: \(level) intervals (\(methods(intervals))).") }
    sentences += warnings(statistics)
    sentences += contests.map { bold($0.statistics, $0.contest, $0.tasks) }
    return LaTeX.escaped(sentences.joined(separator: " "))
  }

  /// Said of runs without a result that may still get one; of imported runs nobody here knows that.
  private var yet: String { rows.contains { $0.rule != nil } ? "" : " yet" }

  /// A caption of about four lines in a column: what the numbers are of, what brackets, bold and ok mean, and what is missing.
  func short(
    _ statistics: [PaperStatistic], contests: [(statistics: [String], contest: Contest, tasks: [BestRecipes])]
  ) -> String {
    var sentences = [
      "\(options.score == .final ? "Final" : "Best") \(shortScores), \(counts).", "Failed: \(shortRule).",
    ]
    if statistics.contains(where: \.isInterval) { sentences.append("Brackets: \(level) intervals.") }
    if statistics.contains(where: { $0.head.hasPrefix("ok ") }) { sentences.append("ok: without failed runs.") }
    let diverged = rows.reduce(0) { $0 + $1.count(of: .diverged) }
    if diverged > 0 { sentences.append("\(diverged) diverged.") }
    let missing = rows.reduce(0) { $0 + $1.missingCount }
    if missing > 0 { sentences.append("\(missing) without a result\(yet).") }
    // In a task without comparisons, such as one with a single recipe, nothing is bold.
    let tasks = contests.flatMap(\.tasks).filter { !$0.comparisons.isEmpty }
    if !tasks.isEmpty {
      sentences.append(
        tasks.allSatisfy { $0.undecidedTask != nil }
          ? "Nothing is bold: no recipe is told from the best."
          : "Bold: the best and all that it is not told from (Holm).")
    }
    return LaTeX.escaped(sentences.joined(separator: " "))
  }

  /// The metrics, each once.
  private var shortScores: String { LaTeX.list(rows.map(\.metric).uniqued()) }

  /// What counts as failed, in a few words.
  private var shortRule: String {
    if let rule = ConsoleTable.shortBaselineRule(options, rows) { return rule }
    return switch options.rule {
    case .baseline, .accuracy: "no better than a constant classifier"
    case .constant: "constant predictions"
    case .loss: "training loss at chance"
    case .below(let bound): "below \(bound)"
    }
  }

  /// A paragraph for a methods section.
  var methods: String {
    let sentences = [
      "\(rows.count) recipes of \(scores) were compared, \(counts), \(rows.reduce(0) { $0 + $1.count }) runs in all.",
      "Failed runs: \(ConsoleTable.failure(options, rows))\(baselines).",
      "Failure rates have \(level) Wilson intervals.",
      "Means and standard deviations (ddof = 1) of the runs that did not fail have at either end the wider of Student's "
        + "interval and Hall's for skewed samples, the latter of the jackknife's pseudo-values of the log; those of all runs \(overallMethods).",
      "Diverged runs count as failed, rank last in medians and have no part in means and standard deviations.",
      "Failure rates were compared by McNemar's exact test on the pairs of runs with the same seeds, where at least half of "
        + "each recipe's runs have such a partner, and otherwise by Boschloo's test, two-sided as twice the smaller one-sided "
        + "p-value, adjusted by Holm over the comparisons of a task.",
      "Computed by seedsweep from results with SHA-256 \(source.shortDigest).",
    ]
    return LaTeX.escaped(sentences.joined(separator: " "))
  }

  private var lowerIsBetter: Bool { rows.contains(where: \.lowerIsBetter) }

  private var level: String { String(format: "%g", options.level * 100) + "%" }

  /// "acc at the end of training", or a metric a task.
  private var scores: String {
    let tasks = rows.map(\.task).uniqued()
    let metrics = tasks.map { task in rows.first { $0.task == task }?.metric ?? "" }
    let moment = options.score == .final ? "at the last evaluation" : "at the best evaluation"
    return Set(metrics).count == 1
      ? "\(metrics[0]) \(moment)"
      : "the score (\(zip(tasks, metrics).map { "\($0): \($1)" }.joined(separator: ", "))) \(moment)"
  }

  /// "n = 50 seeds a recipe".
  private var counts: String {
    let counts = rows.map(\.count)
    let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
    return least == most ? "n = \(counted(least, "run")) a recipe" : "n = \(least) to \(most) runs a recipe"
  }

  /// The baselines, where they judged the runs.
  private var baselines: String {
    guard ConsoleTable.shortBaselineRule(options, rows) != nil else { return "" }
    let values = rows.map(\.task).uniqued().compactMap { task in
      rows.first { $0.task == task }?.constantScore.map { "\(task): \(LaTeX.decimal($0, digits: 3))" }
    }
    return values.isEmpty ? "" : " (\(values.joined(separator: ", ")))"
  }

  /// What a reader of these statistics would miss.
  private func warnings(_ statistics: [PaperStatistic]) -> [String] {
    var sentences: [String] = []
    func show(_ column: PaperStatistic.SummaryColumn) -> Bool { statistics.contains { $0.shows(column) } }
    func showInterval(of column: PaperStatistic.SummaryColumn) -> Bool {
      statistics.contains { $0.showsInterval(of: column) }
    }
    let diverged = rows.reduce(0) { $0 + $1.count(of: .diverged) }
    if diverged > 0 {
      sentences.append(
        "Diverged runs (\(diverged)) count as failed, rank last in medians and have no part in means and standard deviations."
      )
    }
    let hiding = rows.filter { row in
      let warnings = IntervalColumns.warnings(row, level: options.level)
      return show(SummaryTable.median) && warnings.contains("median_hides_failures")
        || show(SummaryTable.interquartileMean) && warnings.contains("iqm_hides_failures")
    }
    if !hiding.isEmpty {
      sentences.append("A median or trimmed mean here hides failed runs of \(counted(hiding.count, "recipe")).")
    }
    if showInterval(of: SummaryTable.mean) || showInterval(of: SummaryTable.deviation),
      rows.contains(where: { !$0.hasReliableBootstrap })
    {
      sentences.append(
        "Intervals of the mean or standard deviation of all runs are unreliable with fewer than "
          + "\(SummaryRow.leastBootstrapped) runs or \(SummaryRow.leastOfEachKind) failed or successful ones.")
    }
    let imprecise = rows.count {
      IntervalColumns.warnings($0, level: options.level).contains("sd_successful_imprecise")
    }
    if showInterval(of: SummaryTable.successfulDeviation), imprecise > 0 {
      sentences.append(
        "The successful runs of \(imprecise) \(imprecise == 1 ? "recipe" : "recipes") are too skewed to bound their standard deviation closely."
      )
    }
    let missing = rows.reduce(0) { $0 + $1.missingCount }
    if missing > 0 {
      sentences.append("\(counted(missing, "planned run")) \(missing == 1 ? "has" : "have") no result\(yet).")
    }
    return sentences
  }

  /// What each interval is about and by which method, the conventions of its columns with the options' values filled in.
  private func methods(_ intervals: [PaperStatistic]) -> String {
    let options = resampling
    let values = ["{resamples}": "\(options.resampleCount)", "{bootstrap_seed}": "\(options.bootstrapSeed)"]
    return intervals.map { interval in
      interval.subject + ": " + values.reduce(method(interval)) { $0.replacing($1.key, with: $1.value) }
    }.joined(separator: "; ")
  }

  /// The method of an interval: that of its columns, or where these have one for few runs and another for many, the rows' own.
  private func method(_ interval: PaperStatistic) -> String {
    if case .lowerBound(let name) = interval.facts.role, let formula = LargeSamples.formulas[name] {
      let counts = rows.map { row in
        name == "halves_covariance"
          ? SummaryMeasures(row, options: options).halves.first.count : row.definedValues.count
      }
      return switch sizes(counts) {
      case .few: LargeSamples.bootstrap
      case .many: formula
      case .mixed: LargeSamples.method(withFormula: formula)
      }
    }
    return interval.facts.conventions.lazy.compactMap { convention -> String? in
      guard case .interval(let method) = convention else { return nil }
      return method
    }.first ?? ""
  }

  /// The methods of the intervals of mean and standard deviation over all runs, in the methods paragraph.
  private var overallMethods: String {
    let options = resampling
    let bootstrap = "BCa bootstrap intervals (\(options.resampleCount) resamples, seed \(options.bootstrapSeed))"
    let formulas = "Student's and Bonett's"
    return switch sizes(rows.map(\.definedValues.count)) {
    case .few: bootstrap
    case .many: "\(formulas) intervals"
    case .mixed: "\(bootstrap), and where a recipe has more than \(LargeSamples.largestResampled) runs \(formulas)"
    }
  }

  /// The options with the resamples that summary.csv has.
  private var resampling: TableOptions { LargeSamples.options(options, for: rows) }

  /// How many values the intervals of the recipes are made from: few, which are resampled, or many, for which there are formulas.
  private enum SampleSizes {
    case few, many, mixed
  }

  /// The sizes of the recipes' samples, those apart that are too small for an interval.
  private func sizes(_ counts: [Int]) -> SampleSizes {
    let counts = counts.filter { $0 > 1 }
    guard let least = counts.min(), let most = counts.max(), most > LargeSamples.largestResampled else { return .few }
    return least > LargeSamples.largestResampled ? .many : .mixed
  }

  /// What bold means, by which test, and what that test could have seen.
  private func bold(_ statistics: [String], _ contest: Contest, _ tasks: [BestRecipes]) -> String {
    let comparisons = tasks.flatMap(\.comparisons)
    let alpha = String(format: "%g", 1 - options.level)
    let best = contest == .failureRate ? "lowest failure rate" : lowerIsBetter ? "lowest mean" : "highest mean"
    let tests =
      contest == .mean
      ? ["the permutation test of means"]
      : comparisons.map {
        $0.primaryTest.title + ($0.pairing == nil ? "" : $0.isPartlyPaired ? " on common seeds" : " on the same seeds")
      }.uniqued()
    let start = "Bold (\(statistics.joined(separator: ", "))): the \(best) of each task"
    guard !comparisons.isEmpty else { return start + "; nothing was compared." }
    let procedure =
      "\(start) and all that \(tests.joined(separator: " or ")) does not tell from it at \(alpha) after Holm over the "
      + "recipes of the task"
    let undecided = tasks.compactMap(\.undecidedTask)
    let remark =
      undecided.isEmpty ? "" : " Nothing is bold for \(LaTeX.list(undecided)): no recipe is told from the best."
    return procedure + " (\(contest == .failureRate ? ratePower(tasks) : meanPower(tasks)))." + remark
  }

  private func ratePower(_ tasks: [BestRecipes]) -> String {
    let rates = tasks.filter { !$0.comparisons.isEmpty }.map(\.detectableRate)
    guard let rate = rates.compactMap({ $0 }).max(), !rates.contains(where: { $0 == nil }) else {
      return "so few runs cannot tell any failure rate from 0 with power .8"
    }
    return "power .8 at the strictest step for a failure rate of \(String(format: "%.2f", rate)) against 0"
  }

  private func meanPower(_ tasks: [BestRecipes]) -> String {
    let differences = tasks.flatMap { task in
      task.comparisons.map { comparison in
        let tail = (1 - options.level) / Double(task.comparisons.count) / 2
        let (a, b) = (comparison.overall.count.candidate, comparison.overall.count.reference)
        return (Normal.quantile(1 - tail) + Normal.quantile(0.8)) * (1 / Double(a) + 1 / Double(b)).squareRoot()
      }
    }
    return "secondary; power .8 at the strictest step for a difference of "
      + "\(String(format: "%.2f", differences.max() ?? .nan)) standard deviations, by the normal approximation"
  }
}
