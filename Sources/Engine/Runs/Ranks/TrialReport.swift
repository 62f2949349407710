// The messages that a rank sends its leader about a trial under way: its progress, at most twice a second and more rarely where
// there are many ranks, and remarks for the user, at once. Results do not travel this way.

import CommandLine
import Farm
import Foundation
import Host
import JSON5
import Training

/// One message about a trial under way.
enum TrialReport: Equatable {
  /// The completed updates and the updates of the whole trial; both are 0 while the trial is prepared.
  case progress(step: Int, stepCount: Int)
  /// The completed updates of an attempt that was interrupted, and those of them that its checkpoint had when it began.
  case interruption(step: Int, kept: Int)
  /// Why an attempt came to nothing where a disk took no more.
  case fullDisk(String)
  /// A remark for the user; the trial goes on.
  case notice(String)

  /// The report as one line of JSON.
  var encoded: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      switch self {
      case .progress(let step, let stepCount):
        writer.field("step", step)
        writer.field("steps", stepCount)
      case .interruption(let step, let kept):
        writer.field("step", step)
        writer.field("kept", kept)
      case .fullDisk(let reason):
        writer.field("full_disk", reason)
      case .notice(let text):
        writer.field("notice", text)
      }
    }
    return writer.bytes
  }

  /// The report that some bytes hold.
  init(encoded: [UInt8]) throws {
    do {
      let fields = try JSONObject(JSONReader.read(encoded, name: "report"))
      if let text = try fields.optionalText("notice") {
        self = .notice(text)
      } else if let reason = try fields.optionalText("full_disk") {
        self = .fullDisk(reason)
      } else if let kept = try fields.optionalCount("kept") {
        self = .interruption(step: try fields.count("step"), kept: kept)
      } else {
        self = .progress(step: try fields.integer("step"), stepCount: try fields.integer("steps"))
      }
    } catch {
      throw Refusal("a rank's report cannot be read (\(error)); all ranks must run the same program")
    }
  }
}

/// Sends a trial's progress at most once per `interval` seconds.
struct ProgressReporter {
  /// How many of these messages a leader gets each second, at most.
  private static let mostPerSecond = 400.0
  private let interval: Double
  private let assignment: Assignment
  private var lastTime = -Double.infinity
  private var isTraining = false
  /// The completed updates that were noted last, whether or not they were sent.
  private(set) var step = 0

  /// Reports of a job on one of `rankCount` ranks, which its leader gives up after `stallSeconds` without one.
  init(_ assignment: Assignment, rankCount: Int, stallSeconds: Double) {
    self.assignment = assignment
    interval = Self.interval(rankCount: rankCount, stallSeconds: stallSeconds)
  }

  /// The seconds between two progress messages of a rank: half a second, and longer where `rankCount` ranks would send their
  /// leader more than `mostPerSecond` messages. A longer interval is at most a tenth of `stallSeconds`, after which a silent
  /// rank is given up.
  static func interval(rankCount: Int, stallSeconds: Double) -> Double {
    max(0.5, min(Double(rankCount) / mostPerSecond, stallSeconds / 10))
  }

  /// Notes the progress and sends it if `interval` has passed, and always when the trial and its first step begin.
  mutating func note(_ progress: TrialProgress) {
    let now = monotonicSeconds()
    step = progress.step
    let isFirstStep = !isTraining && progress.phase != .preparing
    guard isFirstStep || now - lastTime >= interval else { return }
    isTraining = isTraining || isFirstStep
    lastTime = now
    assignment.report(TrialReport.progress(step: step, stepCount: progress.stepCount).encoded)
  }
}
