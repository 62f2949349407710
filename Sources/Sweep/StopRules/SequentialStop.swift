// A recipe that has been run often enough: after some declared numbers of seeds it is looked at, and once its failure rate
// is known well enough, further seeds are left out. Looking itself is Reports' business.

import JSON5

/// When a recipe's further seeds are left out.
package struct SequentialStop: Equatable, Sendable {
  /// The half width of the failure rate's confidence sequence at which a recipe stops.
  package var halfWidth: Double
  /// The numbers of seeds, the first ones in plan order, after which recipes are looked at, increasing.
  package var looks: [Int]
  /// The level of the confidence sequence.
  package var level: Double

  package init(halfWidth: Double, looks: [Int], level: Double = 0.95) {
    self.halfWidth = halfWidth
    self.looks = looks
    self.level = level
  }

  /// Appends the rule to JSON text.
  package func write(to writer: inout JSONWriter) {
    writer.object(inline: true) { writer in
      writer.field("half_width", halfWidth)
      writer.key("looks")
      writer.array(inline: true) { writer in
        for look in looks { writer.value(look) }
      }
      writer.field("level", level)
    }
  }

  /// The rule that JSON text of this program holds.
  package init(_ node: JSONNode) throws {
    let fields = try JSONObject(node, prefix: "stop.")
    self.init(
      halfWidth: try fields.double("half_width"),
      looks: try fields.list("looks").map { try JSONObject.integer($0, "stop.looks") },
      level: try fields.double("level"))
  }
}
