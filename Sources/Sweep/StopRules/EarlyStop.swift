// `stop.early` in a sweep file: a rule that stops runs at a declared step, and the share of the stopped runs that are finished anyway.
// What a rule reads of a run is Reports' business; which runs then go on is `EarlyCourse`'s.

import JSON5

/// A sweep's rule for stopping runs early.
package struct EarlyStop: Equatable, Sendable {
  /// The share of the stopped runs that are finished where nothing else is asked for.
  package static let defaultFinishShare = 0.25

  /// The rule.
  package var rule: EarlyRule
  /// The share of a recipe's stopped runs that are finished anyway, above 0 and at most 1.
  package var finishShare: Double
  /// The step at which the rule reads the runs of each configuration, by its identifier; empty until the data has been read, of which a
  /// share of the steps depends.
  package var steps: [String: Int]

  package init(_ rule: EarlyRule, finishShare: Double = Self.defaultFinishShare, steps: [String: Int] = [:]) {
    self.rule = rule
    self.finishShare = finishShare
    self.steps = steps
  }

  /// Appends the rule to JSON text.
  func write(to writer: inout JSONWriter) {
    writer.object(inline: true) { writer in
      writer.field("early", rule.name)
      writer.field("finish", finishShare)
      guard !steps.isEmpty else { return }
      writer.key("steps")
      writer.object(inline: true) { writer in
        for (configuration, step) in steps.sorted(by: { $0.key < $1.key }) { writer.field(configuration, step) }
      }
    }
  }

  /// The rule that JSON text of this program holds.
  init(_ node: JSONNode) throws {
    let fields = try JSONObject(node, prefix: "stop.")
    let rule = try fields.earlyRule("early")
    let share = try fields.double("finish")
    guard share > 0, share <= 1 else {
      throw CodecError("stop.finish: expected a number above 0 and at most 1, found \(share)")
    }
    let steps = try fields.optional("steps").map { node in
      try JSONObject(node, prefix: "stop.steps.").members.map { member in
        (member.key, try JSONObject.count(member.value, "stop.steps.\(member.key)"))
      }
    }
    self.init(rule, finishShare: share, steps: Dictionary(steps ?? [], uniquingKeysWith: { first, _ in first }))
  }
}
