// By which failure rule and which score the tables of a folder judge its runs: one of either in all of them. summary.csv says
// which; whoever asks for others makes every table of the folder again.

import CommandLine
import Files
import Foundation
import Host
import Storage
import Tables
import Tasks
import Trials

extension TableOptions {
  /// How the tables of a folder judge its runs; the defaults where it has no summary.csv. Where accuracy or Pearson's
  /// correlation scores every task, `accuracy` is what tables call `baseline`, which counts for tasks that are added.
  package init(of folder: RunFolder) {
    self.init()
    guard let judgement = TableJudgement(ofTable: folder.summary) else { return }
    rule = judgement.rule.flatMap { FailureRule($0) } ?? rule
    if rule == .accuracy, judgement.metrics.allSatisfy({ FailureRule.baseline.named(for: [$0]) == .accuracy }) {
      rule = .baseline
    }
    score = judgement.score.flatMap { ScoreChoice(rawValue: $0) } ?? score
  }

  /// The options with another rule or score where one is asked for.
  package func with(rule: FailureRule?, score: ScoreChoice?) -> TableOptions {
    var options = self
    options.rule = rule ?? options.rule
    options.score = score ?? options.score
    return options
  }

  /// How runs are judged, in words.
  package var judgement: String { "--failure-rule \(rule.name) --score \(score.rawValue)" }

  /// Whether runs are judged by the same rule and score.
  func judges(as other: TableOptions) -> Bool { rule == other.rule && score == other.score }

  /// The judgement that the tables of all folders follow.
  ///
  /// - Throws: a `Refusal` where they follow several and `rule` or `score` leaves one open.
  package static func common(of folders: [ResultsFolder], rule: FailureRule?, score: ScoreChoice?) throws
    -> TableOptions
  {
    let all = folders.map { (results: $0, options: TableOptions(of: $0.folder).with(rule: rule, score: score)) }
    let plans = folders.map(\.plan)
    guard let first = all.first else { return TableOptions().with(rule: rule, score: score) }
    if let other = all.first(where: { !$0.options.judges(as: first.options) }) {
      let judgements = [first, other].map { $0.options.named(for: $0.results.plan).judgement }
      throw Refusal(
        "the tables of \(first.results.folder.path) follow \(judgements[0]), those of \(other.results.folder.path) "
          + "\(judgements[1]): add --failure-rule and --score to say which one counts here")
    }
    return first.options.named(for: plans)
  }
}

/// What a table says of how its runs were judged.
struct TableJudgement {
  /// The fields `failure_rule` and `score` of the first row; nil where the table has no such column.
  let rule: String?
  let score: String?
  /// The metrics of all rows; none where the table does not say.
  let metrics: [MetricName]

  /// What the first row of a table says; nil where there is no such table or it has no row.
  init?(ofTable path: String) {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    var reader = CommaReader([UInt8](data), path: path)
    guard let header = try? reader.next(), let row = try? reader.next(), row.fields.count == header.fields.count else {
      return nil
    }
    let metric = header.fields.firstIndex { $0.elementsEqual("metric".utf8) }
    func field(_ name: String) -> String? {
      zip(header.fields, row.fields).first { $0.0.elementsEqual(name.utf8) }.map {
        String(decoding: $0.1, as: UTF8.self)
      }
    }
    rule = field("failure_rule")
    // Elsewhere a column of this name may hold numbers.
    score = field("score").flatMap { ScoreChoice(rawValue: $0)?.rawValue }
    var metrics = [row].compactMap { row in metric.flatMap { String(decoding: row.fields[$0], as: UTF8.self) } }
    while rule == FailureRule.accuracy.name, let metric, let row = try? reader.next(), row.fields.count > metric {
      let name = String(decoding: row.fields[metric], as: UTF8.self)
      if metrics.last != name { metrics.append(name) }
    }
    self.metrics = metrics.compactMap(MetricName.init)
  }

  /// Whether a table was made by other options than these, as far as it says.
  func differs(from options: TableOptions) -> Bool {
    rule.map { $0 != options.rule.name } ?? false || score.map { $0 != options.score.rawValue } ?? false
  }
}

extension ResultsFolder {
  /// The judgement for a table that goes into the folder: that of the folder's tables. Where `rule` or `score` asks for
  /// another one, all tables of the folder are made again by that one first, which a line says.
  ///
  /// - Parameter derived: The tables of other commands, which are removed where they were made by the old one.
  /// - Throws: a `Refusal` where another process writes the folder.
  package func adopt(rule: FailureRule?, score: ScoreChoice?, derived: [DerivedTable]) throws -> TableOptions {
    let own = TableOptions(of: folder).named(for: plan)
    let wanted = own.with(rule: rule, score: score).named(for: plan)
    if wanted.judges(as: own) { return own }
    let lease: Lease
    do {
      lease = try Lease(folder: folder.leases, holder: .current(launchedByParent: false), notice: { say($0) })
    } catch let error as LeaseError {
      throw Refusal(
        "the tables of \(folder.path) follow \(own.judgement) and cannot follow \(wanted.judgement) now: \(error)")
    }
    defer { try? lease.release() }
    try rewriteTables(by: wanted, derived: derived, under: lease)
    return wanted
  }

  /// Makes the tables of the folder again, removes derived tables that no longer agree with them, and says both where the
  /// judgement is another one. The lease is renewed meanwhile.
  @discardableResult
  package func rewriteTables(
    by options: TableOptions, derived: [DerivedTable], under lease: Lease
  ) throws -> [SummaryRow] {
    let (own, options) = (TableOptions(of: folder).named(for: plan), options.named(for: plan))
    if FileManager.default.fileExists(atPath: folder.summary), !options.judges(as: own) {
      say("All tables of \(folder.path) follow \(options.judgement) now, no longer \(own.judgement).")
    }
    return try lease.renewed { check in
      if let notice = try StaleTables.remove(derived, from: folder, before: plan, index, options: options) {
        say(notice)
      }
      return try RunTables.write(plan, from: index, to: folder, options: options, check: check)
    }
  }
}
