// The verdict on each claim: whether all of its conditions hold. A condition that cannot be computed makes the claim "not
// run", whatever the others say; the reason is kept.

import Foundation
import Tables

/// What happened to a claim or of one of its conditions.
package enum Verdict: Equatable, Sendable {
  /// It is so.
  case holds
  /// It is not so on these runs.
  case fails
  /// It could not be told, and why.
  case notRun(String)

  /// Why it could not be told; nil if it was.
  var reason: String? {
    if case .notRun(let reason) = self { reason } else { nil }
  }

  /// The verdict in words.
  package var words: String {
    switch self {
    case .holds: "holds"
    case .fails: "does not hold at this scale"
    case .notRun: "not run"
    }
  }
}

/// A condition with what was found.
package struct JudgedCondition: Equatable, Sendable {
  /// The condition.
  package var condition: Condition
  /// The quantity's value; nil where it could not be computed.
  package var value: Double?
  /// The threshold's value; nil where it could not be computed.
  package var threshold: Double?
  /// Whether it holds.
  package var verdict: Verdict

  /// A condition, judged.
  package init(_ condition: Condition, in tables: ResultTables) throws {
    self.condition = condition
    do {
      let (value, threshold) = (try condition.value.value(in: tables), try condition.threshold.value(in: tables))
      self.value = value
      self.threshold = threshold
      verdict = condition.relation.holds(value, threshold) ? .holds : .fails
    } catch let reason as NotComputed {
      verdict = .notRun(reason.description)
    }
  }
}

/// A claim with what was found.
package struct JudgedClaim: Equatable, Sendable {
  /// The claim.
  package var claim: Claim
  /// What it requires, in its order.
  package var requirements: [JudgedCondition]
  /// Its conditions in their order.
  package var conditions: [JudgedCondition]

  /// A claim, judged by the tables.
  package init(_ claim: Claim, in tables: ResultTables) throws {
    self.claim = claim
    requirements = try claim.requirements.map { try JudgedCondition($0, in: tables) }
    conditions = try claim.conditions.map { try JudgedCondition($0, in: tables) }
  }

  /// What is required and what is asked, in the order of their rows.
  var rows: [JudgedCondition] { requirements + conditions }

  /// Whether no condition could be told, and all for one reason.
  var isUntouched: Bool {
    let first = rows.first?.verdict
    return first?.reason != nil && rows.allSatisfy { $0.verdict == first }
  }

  /// Not run if a condition was not or a requirement is not met, otherwise whether all hold.
  package var verdict: Verdict {
    for required in requirements {
      if required.verdict.reason != nil { return required.verdict }
      if required.verdict == .fails { return .notRun("required: \(required.condition.what)") }
    }
    let verdicts = conditions.map(\.verdict)
    return verdicts.first { $0.reason != nil } ?? (verdicts.allSatisfy { $0 == .holds } ? .holds : .fails)
  }
}

/// A claim with what was found in each of several folders of runs, such as the same sweeps on other seeds.
package struct ReplicatedClaim: Equatable, Sendable {
  /// The claim.
  package var claim: Claim
  /// The claim judged in each folder, in their order.
  package var draws: [JudgedClaim]

  /// A claim, judged by the tables of each folder.
  package init(_ claim: Claim, in folders: [ResultTables]) throws {
    self.claim = claim
    draws = try folders.map { try JudgedClaim(claim, in: $0) }
  }

  /// The verdict in words: in how many of the folders that could tell it holds.
  package var words: String {
    let told = draws.map(\.verdict).filter { $0.reason == nil }
    let held = told.count { $0 == .holds }
    guard let first = told.first else { return draws.first?.verdict.words ?? Verdict.notRun("").words }
    if draws.count == 1 { return first.words }
    return told.allSatisfy { $0 == first }
      ? "\(first.words) (\(held) of \(told.count))" : "holds in \(held) of \(told.count)"
  }
}

/// The verdicts as tables.
package enum VerdictTable {
  /// A Markdown table: one row for each condition, the claim's verdict in its first, a column for what was found in each folder.
  /// Where a folder lacks all that a claim asks for, its reason stands once.
  package static func markdown(_ claims: [ReplicatedClaim], folders: [String]) -> String {
    let heads = folders.count == 1 ? ["found"] : folders.map(cell)
    var lines = [
      "| # | claim | verdict | condition | asked | \(heads.joined(separator: " | ")) |",
      "|" + String(repeating: "---|", count: 5 + heads.count),
    ]
    for claim in claims {
      let required = claim.claim.requirements.count
      for (index, condition) in (claim.claim.requirements + claim.claim.conditions).enumerated() {
        let head = index == 0 ? "\(claim.claim.number) | \(cell(claim.claim.says)) | **\(claim.words)**" : " | | "
        let cells = claim.draws.map { $0.isUntouched && index > 0 ? "" : cell(found($0.rows[index])) }
        let what = (index < required ? "required: " : "") + condition.what
        lines.append("| \(head) | \(cell(what)) | \(asked(condition)) | \(cells.joined(separator: " | ")) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A text as a cell: without line ends, and its bars no borders.
  package static func cell(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "\\|")
  }

  /// The relation and a threshold that is a number in the file; a computed one stands beside each finding.
  private static func asked(_ condition: Condition) -> String {
    guard case .constant(let number) = condition.threshold else { return condition.relation.words }
    return "\(condition.relation.words) \(rounded(number))"
  }

  private static func found(_ judged: JudgedCondition) -> String {
    if let reason = judged.verdict.reason { return "not run: \(reason)" }
    let mark = judged.verdict == .holds ? "yes" : "**no**"
    let value = "\(mark): \(rounded(judged.value ?? .nan))"
    if case .constant = judged.condition.threshold { return value }
    return "\(value), asked: \(judged.condition.relation.words) \(rounded(judged.threshold ?? .nan))"
  }

  /// Four significant digits; all of seven where four would make it a whole number that it is not.
  package static func rounded(_ value: Double) -> String {
    if value == value.rounded() && abs(value) < 1e6 { return String(format: "%.0f", value) }
    let text = String(format: "%.4g", value)
    return Int(text) == nil ? text : String(format: "%.7g", value)
  }

  /// A row of the table for programs: a condition of a claim in one folder.
  package struct Row: Sendable {
    var claim: ReplicatedClaim
    var folder: String
    var draw: JudgedClaim
    var judged: JudgedCondition
  }

  /// The columns of the table for programs, numbers in their shortest text.
  package static let columns: [Column<Row>] = [
    Column("claim", "The claim's number.", role: .key) { .described($0.claim.claim.number) },
    Column("says", "What it says.", role: .key) { .text($0.claim.claim.says) },
    Column("claim_verdict", "In how many of the folders that can tell it holds.") { .text($0.claim.words) },
    Column("runs", "The folder of run folders.", role: .key) { .text($0.folder) },
    Column("runs_verdict", "Whether it holds there.") { .text($0.draw.verdict.words) },
    Column("condition", "The condition.", role: .key) { .text($0.judged.condition.what) },
    Column("value", "What was found.") { row in row.judged.value.map { .described($0) } ?? .missing },
    Column("relation", "How the value must lie to the threshold.", role: .key) {
      .text($0.judged.condition.relation.rawValue)
    },
    Column("threshold", "The threshold.") { row in row.judged.threshold.map { .described($0) } ?? .missing },
    Column("verdict", "Whether the condition holds.") { .text($0.judged.verdict.words) },
    Column("reason", "Why that cannot be told; empty where it can.") { .text($0.judged.verdict.reason) },
  ]

  /// The table as its reference describes it.
  package static let reference = TableReference(
    "verdicts (the file that `verdict --output` names)",
    "One row for each claim, folder of run folders and condition. Written by `verdict`.", columns)

  /// The rows of the table for programs.
  package static func rows(_ claims: [ReplicatedClaim], folders: [String]) -> [Row] {
    claims.flatMap { claim in
      zip(folders, claim.draws).flatMap { folder, draw in
        draw.rows.map { Row(claim: claim, folder: folder, draw: draw, judged: $0) }
      }
    }
  }
}
