// A training curve folded for the journal: the quantities recorded together at one step share a row, and rows of the same
// quantities share one list of names. Unfolding gives the same points in the same order.

import JSON5

/// The points of a curve, one row for each step and set of quantities.
struct CurveRows {
  /// The quantities recorded at one step.
  struct Row {
    /// The index of the row's names in `nameSets`.
    var nameSet: Int
    var step: Int
    var epoch: Double
    var values: [Double]
  }

  var nameSets: [[String]] = []
  var rows: [Row] = []

  /// Folds a curve.
  init(_ points: [CurvePoint]) {
    var start = 0
    while start < points.count {
      var end = start
      var names: [String] = []
      while end < points.count, points[end].step == points[start].step,
        points[end].epoch.bitPattern == points[start].epoch.bitPattern
      {
        names.append(points[end].quantity)
        end += 1
      }
      let nameSet = nameSets.firstIndex(of: names) ?? nameSets.count
      if nameSet == nameSets.count { nameSets.append(names) }
      rows.append(
        Row(
          nameSet: nameSet, step: points[start].step, epoch: points[start].epoch,
          values: points[start..<end].map(\.value)))
      start = end
    }
  }

  /// The curve as it was.
  var points: [CurvePoint] {
    rows.flatMap { row in
      zip(nameSets[row.nameSet], row.values).map {
        CurvePoint(step: row.step, epoch: row.epoch, quantity: $0, value: $1)
      }
    }
  }

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.key("quantities")
      writer.array { writer in
        for names in nameSets { writer.array { writer in for name in names { writer.value(name) } } }
      }
      writer.key("rows")
      writer.array { writer in
        for row in rows {
          writer.array { writer in
            writer.value(row.nameSet)
            writer.value(row.step)
            writer.value(row.epoch)
            for value in row.values { writer.value(value) }
          }
        }
      }
    }
  }

  init(_ node: JSONNode) throws {
    let fields = try JSONObject(node, prefix: "curve.")
    nameSets = try fields.list("quantities").map { names in
      try JSONObject.list(names, "curve.quantities").map { try JSONObject.text($0, "curve.quantities") }
    }
    rows = try fields.list("rows").enumerated().map { index, node in
      let name = { "curve.rows[\(index)]" }
      let row = try JSONObject.list(node, name())
      guard row.count >= 3 else { throw CodecError("\(name()): expected at least 3 elements, found \(row.count)") }
      let nameSet = try JSONObject.integer(row[0], name())
      guard nameSets.indices.contains(nameSet), nameSets[nameSet].count == row.count - 3 else {
        throw CodecError("\(name()): the row does not fit the quantities of set \(nameSet)")
      }
      return Row(
        nameSet: nameSet, step: try JSONObject.integer(row[1], name()), epoch: try JSONObject.double(row[2], name()),
        values: try row.dropFirst(3).map { try JSONObject.double($0, name()) })
    }
  }
}
