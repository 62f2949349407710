// status.json: where a sweep stands and how its last run ended. Under `mpirun --enable-recovery` exit codes are lost, so
// the ending is here.

import Files
import Foundation
import JSON5
import Trials

/// Where a sweep stands.
package struct StatusReport: Equatable, Sendable {
  /// The sweep's name.
  package var sweep = ""
  /// How it stands.
  package var ending = Ending.running
  /// The trials that the run was asked for. The counts are of those.
  package var part = PlanPart()
  /// Trials that were asked for, those apart that a rule stopped for good.
  package var plannedCount = 0
  /// Trials that completed.
  package var completedCount = 0
  /// Trials that diverged.
  package var divergedCount = 0
  /// Trials that a rule stopped early for good; they are not among the planned ones.
  package var stoppedCount = 0
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
  /// What is under way; nil once the run has ended.
  package var live: LiveReport?

  /// A sweep without trials.
  package init() {}

  /// Trials that were asked for and have no result.
  package var remainingCount: Int { plannedCount - completedCount - divergedCount }

  /// The text of status.json.
  package var encoded: String {
    var writer = JSONWriter(indented: true)
    writer.object { writer in
      writer.field("sweep", sweep)
      writer.field("verdict", ending.rawValue)
      writer.key("exit_code")
      if let code = ending.exitCode { writer.value(code) } else { writer.null() }
      writer.field("limit", part.limit)
      if let shard = part.shard { writer.field("shard", shard.description) }
      writer.key("trials")
      writer.object { writer in
        for (name, count) in counts {
          writer.field(name, count)
        }
      }
      writer.field("started", Self.text(time: startTime))
      writer.field("updated", Self.text(time: updateTime))
      writer.field("seconds_left", orNull: secondsLeft?.rounded())
      if ending == .running { live?.write(to: &writer) }
    }
    return writer.text + "\n"
  }

  /// The status that a status.json holds.
  ///
  /// - Throws: `Diagnostics` for text that is no JSON, `CodecError` for a field that is missing or of another kind.
  package init(json: String, name: String = "status.json") throws {
    let fields = try JSONObject(JSONReader.read(json, name: name), prefix: name + ": ")
    func time(_ field: String) throws -> Double {
      guard let time = Self.time(try fields.text(field)) else {
        throw CodecError("\(name): \(field): expected a time such as 2026-01-31T12:00:00Z")
      }
      return time
    }
    ending = try fields.word("verdict")
    let trials = try JSONObject(fields.required("trials"), prefix: name + ": trials.")
    sweep = try fields.optionalText("sweep") ?? ""
    part.limit = try fields.optionalCount("limit")
    if let text = try fields.optionalText("shard") {
      guard let shard = Shard(text) else { throw CodecError("\(name): shard: expected a text such as 0/20") }
      part.shard = shard
    }
    plannedCount = try trials.count("planned")
    completedCount = try trials.count("completed")
    divergedCount = try trials.count("diverged")
    stoppedCount = try trials.optionalCount("stopped") ?? 0
    failedCount = try trials.count("failed")
    exhaustedCount = try trials.count("exhausted")
    runningCount = try trials.count("running")
    reusedCount = try trials.count("reused")
    startTime = try time("started")
    updateTime = try time("updated")
    secondsLeft = try fields.optionalDouble("seconds_left")
    live = try LiveReport(fields, name: name)
  }

  /// Writes the file whole.
  ///
  /// - Throws: `FileError`.
  package func write(to folder: RunFolder) throws { try WholeFile.write(encoded, to: folder.status) }

  private var counts: [(String, Int)] {
    [
      ("planned", plannedCount), ("completed", completedCount), ("diverged", divergedCount), ("failed", failedCount),
      ("exhausted", exhaustedCount), ("running", runningCount), ("remaining", remainingCount), ("reused", reusedCount),
    ] + (stoppedCount > 0 ? [("stopped", stoppedCount)] : [])
  }

  /// A time as ISO 8601 in UTC, to the second.
  package static func text(time: Double) -> String {
    Date(timeIntervalSince1970: time.rounded(.down)).formatted(.iso8601)
  }

  private static func time(_ text: String) -> Double? { try? Date(text, strategy: .iso8601).timeIntervalSince1970 }
}
