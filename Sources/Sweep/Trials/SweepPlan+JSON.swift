// `sweep.json`: the resolved plan as deterministic text, and the plan back from it, so that tables can be rebuilt where the
// sweep file, the model and the data are gone.

import JSON5
import StopRules

extension SweepPlan {
  /// The text of `sweep.json`.
  package func encodedJSON() -> String {
    var writer = JSONWriter(indented: true)
    writer.object { writer in
      writer.field("name", name)
      writer.field("reference", reference)
      if !pairs.isEmpty {
        writer.key("pairs")
        writer.array { writer in
          for pair in pairs {
            writer.object(inline: true) { writer in
              writer.field("candidate", pair.candidate)
              writer.field("reference", pair.reference)
            }
          }
        }
      }
      if let stop {
        writer.key("stop")
        stop.write(to: &writer)
      }
      writer.key("seeds")
      writeSeeds(to: &writer)
      writer.key("configurations")
      writer.array { writer in
        for planned in configurations { planned.write(to: &writer) }
      }
    }
    return writer.text + "\n"
  }

  /// `{first, count}` for consecutive tied seeds, otherwise the list of triples.
  private func writeSeeds(to writer: inout JSONWriter) {
    guard let first = seeds.first?.order else { return writer.array { _ in } }
    let isRun = seeds.enumerated().allSatisfy { $1.isTied && $1.order == first &+ UInt64($0) }
    if isRun {
      writer.object(inline: true) { writer in
        writer.field("first", first)
        writer.field("count", seeds.count)
      }
    } else {
      writer.array { writer in
        for seeds in seeds { seeds.write(to: &writer) }
      }
    }
  }

  /// The plan that the text of a `sweep.json` holds.
  ///
  /// - Throws: `Diagnostics` for text that is no JSON, `CodecError` for a field that is missing or of another kind.
  package init(json: String, name file: String = "sweep.json") throws {
    let fields = try JSONObject(JSONReader.read(json, name: file))
    let planned = try fields.list("configurations").enumerated().map { index, node in
      try PlannedConfiguration(node, prefix: "configurations[\(index)].")
    }
    try self.init(
      name: fields.text("name"), configurations: planned, seeds: Self.readSeeds(fields.required("seeds")),
      reference: fields.optionalText("reference"),
      pairs: fields.optional("pairs").map { try JSONObject.list($0, "pairs").map { try VariantPair($0) } } ?? [],
      stop: fields.optional("stop").map { try StopRule($0) }, file: file)
  }

  private static func readSeeds(_ node: JSONNode) throws -> [TrialSeeds] {
    if let elements = node.elements { return try elements.map(TrialSeeds.init) }
    let fields = try JSONObject(node, prefix: "seeds.")
    let first = try JSONObject.seed(fields.required("first"), "seeds.first")
    let count = try fields.integer("count")
    guard (1...maximumTrialCount).contains(count), first <= UInt64.max - UInt64(count - 1) else {
      throw CodecError("seeds.count: expected 1 to \(maximumTrialCount) seeds below 2^64, found \(count)")
    }
    return (0..<UInt64(count)).map { TrialSeeds(tied: first + $0) }
  }
}

extension VariantPair {
  fileprivate init(_ node: JSONNode) throws {
    let fields = try JSONObject(node, prefix: "pairs.")
    self.init(try fields.text("candidate"), with: try fields.text("reference"))
  }
}

extension PlannedConfiguration {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("configuration_id", identifier)
      writer.field("variant", variant)
      writer.field("label", label)
      writer.key("axes")
      writer.object(inline: true) { writer in
        for axis in axisValues { writer.field(axis.key, axis.text) }
      }
      writer.key("configuration")
      configuration.writeNested(to: &writer)
    }
  }

  fileprivate init(_ node: JSONNode, prefix: String) throws {
    let fields = try JSONObject(node, prefix: prefix)
    self.init(
      variant: try fields.text("variant"), label: try fields.text("label"),
      configuration: try TrialConfiguration(fields.required("configuration")),
      axisValues: try JSONObject(fields.required("axes"), prefix: prefix + "axes.").members.map {
        AxisValue(key: $0.key, text: try JSONObject.text($0.value, prefix + "axes." + $0.key))
      },
      identifier: try fields.text("configuration_id"))
  }
}
