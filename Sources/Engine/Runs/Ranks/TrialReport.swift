// What a rank tells its leader about a trial under way: how far it is, twice a second at most, or a sentence for users at once.

import CommandLine
import Farm
import Foundation
import Host
import JSON5
import Training

/// One message about a trial under way.
enum TrialReport: Equatable {
  /// Completed updates and those of the whole trial; both are 0 while it is being prepared.
  case progress(step: Int, stepCount: Int)
  /// Something the user should know; the trial goes on.
  case notice(String)

  /// The report as one line of JSON.
  var encoded: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      switch self {
      case .progress(let step, let stepCount):
        writer.field("step", step)
        writer.field("steps", stepCount)
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
      } else {
        self = .progress(step: try fields.integer("step"), stepCount: try fields.integer("steps"))
      }
    } catch {
      throw Refusal("a rank's report cannot be read (\(error)); all ranks must run the same program")
    }
  }
}

/// Sends a trial's progress, no more often than the leader needs it.
struct ProgressReporter {
  private static let interval = 0.5
  private let assignment: Assignment
  private var lastTime = -Double.infinity
  private var isTraining = false
  /// Where the trial stood when it was noted last, reported or not.
  private(set) var last = TrialReport.progress(step: 0, stepCount: 0)

  init(_ assignment: Assignment) { self.assignment = assignment }

  /// Reports where the trial stands if it is time for that, and always when the trial and when its first step begin.
  mutating func note(_ progress: TrialProgress) {
    let now = monotonicSeconds()
    last = .progress(step: progress.step, stepCount: progress.stepCount)
    let isFirstStep = !isTraining && progress.phase != .preparing
    guard isFirstStep || now - lastTime >= Self.interval else { return }
    isTraining = isTraining || isFirstStep
    lastTime = now
    assignment.report(last.encoded)
  }
}
