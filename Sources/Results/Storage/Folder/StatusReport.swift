// status.json: where a sweep stands and how its last run ended. Under `mpirun --enable-recovery` exit codes are lost, so
// the verdict is here.

import Files
import Foundation
import JSON5
import Trials

/// Where a sweep stands.
package struct StatusReport: Equatable, Sendable {
  /// The sweep's name.
  package var sweep = ""
  /// How it stands.
  package var verdict = Verdict.running
  /// The first trials in plan order that the run was asked for; nil for all. The counts are of those.
  package var limit: Int?
  /// Trials that were asked for.
  package var plannedCount = 0
  /// Trials that completed.
  package var completedCount = 0
  /// Trials that diverged.
  package var divergedCount = 0
  /// Results that count as failed runs.
  package var failedCount = 0
  /// Trials without a result that crashed, timed out or were lost as often as they may.
  package var exhaustedCount = 0
  /// Trials that are being trained.
  package var runningCount = 0
  /// Results that earlier runs left.
  package var reusedCount = 0
  /// When the run started, in seconds since 1970.
  package var startTime = 0.0
  /// When this was written, in seconds since 1970.
  package var updateTime = 0.0
  /// Seconds until the end, if they can be told.
  package var secondsLeft: Double?

  /// A sweep without trials.
  package init() {}

  /// Trials that were asked for and have no result.
  package var remainingCount: Int { plannedCount - completedCount - divergedCount }

  /// The text of status.json.
  package var encoded: String {
    var writer = JSONWriter(indented: true)
    writer.object { writer in
      writer.key("sweep")
      writer.value(sweep)
      writer.key("verdict")
      writer.value(verdict.rawValue)
      writer.key("exit_code")
      if let code = verdict.exitCode { writer.value(code) } else { writer.null() }
      if let limit {
        writer.key("limit")
        writer.value(limit)
      }
      writer.key("trials")
      writer.object { writer in
        for (name, count) in counts {
          writer.key(name)
          writer.value(count)
        }
      }
      writer.key("started")
      writer.value(Self.text(time: startTime))
      writer.key("updated")
      writer.value(Self.text(time: updateTime))
      writer.key("seconds_left")
      if let secondsLeft { writer.value(secondsLeft.rounded()) } else { writer.null() }
    }
    return writer.text + "\n"
  }

  /// The status that a status.json holds.
  ///
  /// - Throws: `Diagnostics` for text that is no JSON, `CodecError` for a field that is missing or of another kind.
  package init(json: String, name: String = "status.json") throws {
    let node = try JSONReader.read(json, name: name)
    func missing(_ field: String) -> CodecError { CodecError("\(name): \(field): the field is missing or no status") }
    func count(_ node: JSONNode?, _ name: String) throws -> Int {
      // They are added up.
      guard let value = node?.intValue, (0...Int(Int32.max)).contains(value) else { throw missing(name) }
      return value
    }
    func count(_ field: String) throws -> Int { try count(node["trials"]?[field], "trials.\(field)") }
    guard let verdict = node["verdict"]?.stringValue.flatMap(Verdict.init(rawValue:)) else { throw missing("verdict") }
    guard let started = node["started"]?.stringValue.flatMap(Self.time) else { throw missing("started") }
    guard let updated = node["updated"]?.stringValue.flatMap(Self.time) else { throw missing("updated") }
    self.verdict = verdict
    sweep = node["sweep"]?.stringValue ?? ""
    limit = try node["limit"].map { try count($0, "limit") }
    plannedCount = try count("planned")
    completedCount = try count("completed")
    divergedCount = try count("diverged")
    failedCount = try count("failed")
    exhaustedCount = try count("exhausted")
    runningCount = try count("running")
    reusedCount = try count("reused")
    startTime = started
    updateTime = updated
    secondsLeft = node["seconds_left"]?.doubleValue
  }

  /// Writes the file whole.
  ///
  /// - Throws: `FileError`.
  package func write(to folder: RunFolder) throws { try WholeFile.write(encoded, to: folder.status) }

  private var counts: [(String, Int)] {
    [
      ("planned", plannedCount), ("completed", completedCount), ("diverged", divergedCount), ("failed", failedCount),
      ("exhausted", exhaustedCount), ("running", runningCount), ("remaining", remainingCount), ("reused", reusedCount),
    ]
  }

  /// A time as ISO 8601 in UTC, to the second.
  static func text(time: Double) -> String { Date(timeIntervalSince1970: time.rounded(.down)).formatted(.iso8601) }

  private static func time(_ text: String) -> Double? { try? Date(text, strategy: .iso8601).timeIntervalSince1970 }
}
