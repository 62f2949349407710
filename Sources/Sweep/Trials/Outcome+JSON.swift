// Outcomes and timings as one line of JSON, for the wire and the journal. The bytes are a pure function of the value, every
// Double reads back with the same bits (a NaN as NaN), and a missing measurement is left out.

import JSON5
import KeyValues

extension Outcome {
  /// The outcome as one line of JSON.
  package func encodedJSON() -> String {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  /// Appends the outcome to JSON text.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("status", status.rawValue)
      writer.field("metric", metric.rawValue)
      writer.field("step_count", stepCount)
      writer.field("evaluation_count", evaluationCount)
      writer.field("majority_count", majorityCount)
      writer.field("chance_loss", chanceLoss)
      writer.field("unknown_share", unknownShare)
      writer.field("train_loss_final", trainLossFinal)
      writer.field("train_loss_full", trainLossFull)
      writer.field("distance_from_pretrained", distanceFromPretrained)
      writer.field("weights_digest", weightsDigest)
      writer.field("predictions_digest", predictionsDigest)
      writer.field("test_predictions_digest", testPredictionsDigest)
      writer.field("message", message)
      if mayDiffer { writer.field("may_differ", true) }
      if let test {
        writer.key("test")
        test.write(to: &writer)
      }
      if !devSets.isEmpty {
        writer.key("dev_sets")
        writer.array { writer in
          for set in devSets { set.write(to: &writer) }
        }
      }
      writer.key("evaluations")
      writer.array { writer in
        for evaluation in evaluations { evaluation.write(to: &writer) }
      }
      if !curve.isEmpty {
        writer.key("curve")
        CurveRows(curve).write(to: &writer)
      }
      if !evaluationCurve.isEmpty {
        writer.key("evaluation_curve")
        CurveRows(evaluationCurve).write(to: &writer)
      }
    }
  }

  /// The outcome that one line of JSON holds.
  ///
  /// - Throws: `Diagnostics` for text that is no JSON, `CodecError` for a field that is missing or of another kind.
  package init(json: String) throws {
    try self.init(JSONReader.read(json, name: "outcome"))
  }

  /// The outcome that a JSON object holds.
  ///
  /// - Throws: `CodecError` for a field that is missing or of another kind.
  package init(_ node: JSONNode) throws {
    let fields = try JSONObject(node)
    self.init(status: try fields.word("status"), metric: try fields.word("metric"))
    stepCount = try fields.count("step_count")
    evaluationCount = try fields.count("evaluation_count")
    majorityCount = try fields.optionalCount("majority_count")
    chanceLoss = try fields.optionalDouble("chance_loss")
    unknownShare = try fields.optionalDouble("unknown_share")
    trainLossFinal = try fields.optionalDouble("train_loss_final")
    trainLossFull = try fields.optionalDouble("train_loss_full")
    distanceFromPretrained = try fields.optionalDouble("distance_from_pretrained")
    weightsDigest = try fields.optionalText("weights_digest")
    predictionsDigest = try fields.optionalText("predictions_digest")
    testPredictionsDigest = try fields.optionalText("test_predictions_digest")
    message = try fields.optionalText("message")
    mayDiffer = fields.optional("may_differ")?.booleanValue ?? false
    if let node = fields.optional("test") { test = try Evaluation(node, prefix: "test.") }
    if let node = fields.optional("dev_sets") {
      devSets = try JSONObject.list(node, "dev_sets").enumerated().map { index, node in
        try DevSetScore(node, prefix: "dev_sets[\(index)].")
      }
    }
    evaluations = try fields.list("evaluations").enumerated().map { index, node in
      try Evaluation(node, prefix: "evaluations[\(index)].")
    }
    if let node = fields.optional("curve") { curve = try CurveRows(node).points }
    if let node = fields.optional("evaluation_curve") { evaluationCurve = try CurveRows(node).points }
  }
}

extension DevSetScore {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("name", name)
      writer.field("example_count", exampleCount)
      writer.field("predictions_digest", predictionsDigest)
      writer.key("evaluation")
      evaluation.write(to: &writer)
    }
  }

  fileprivate init(_ node: JSONNode, prefix: String) throws {
    let fields = try JSONObject(node, prefix: prefix)
    let name = try fields.text("name")
    // What a message or a journal calls a set must not lead out of a folder.
    guard ValueKind.isName(name) else {
      throw CodecError(
        "\(prefix)name: expected a \(ValueKind.allowedName), found \(JSONWriter.quoted(String(name.prefix(80))))")
    }
    self.init(
      name, exampleCount: try fields.count("example_count"),
      try Evaluation(fields.required("evaluation"), prefix: prefix + "evaluation."),
      predictionsDigest: try fields.optionalText("predictions_digest"))
  }
}

extension Evaluation {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("step", step)
      writer.field("epoch", epoch)
      writer.field("value", value)
      writer.field("value_a", valueA)
      writer.field("value_b", valueB)
      writer.field("loss", loss)
      writer.field("accuracy", accuracy)
      writer.field("f1", f1)
      writer.field("matthews", matthews)
      writer.field("pearson", pearson)
      writer.field("spearman", spearman)
      writer.field("correct_count", correctCount)
      if !confusion.isEmpty {
        writer.key("confusion")
        writer.array { writer in
          for row in confusion { writer.array { writer in for count in row { writer.value(count) } } }
        }
      }
      writer.field("constant", isConstant)
    }
  }

  fileprivate init(_ node: JSONNode, prefix: String) throws {
    let fields = try JSONObject(node, prefix: prefix)
    self.init(
      step: try fields.count("step"), epoch: try fields.double("epoch"), value: try fields.double("value"),
      valueA: try fields.double("value_a"), valueB: try fields.double("value_b"), loss: try fields.double("loss"),
      accuracy: try fields.optionalDouble("accuracy"), f1: try fields.optionalDouble("f1"),
      matthews: try fields.optionalDouble("matthews"), pearson: try fields.optionalDouble("pearson"),
      spearman: try fields.optionalDouble("spearman"), correctCount: try fields.optionalCount("correct_count"),
      isConstant: try fields.boolean("constant"))
    guard let rows = fields.optional("confusion") else { return }
    let name = prefix + "confusion"
    confusion = try JSONObject.list(rows, name).map { row in
      try JSONObject.list(row, name).map { try JSONObject.count($0, name) }
    }
    guard confusion.allSatisfy({ $0.count == confusion.count }) else {
      throw CodecError("\(name): expected as many columns as rows, \(confusion.count)")
    }
  }
}

extension TrialTiming {
  /// The timing as one line of JSON.
  package func encodedJSON() -> String {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  /// Appends the timing to JSON text.
  package func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("training_s", trainingSeconds)
      writer.field("total_s", totalSeconds)
      writer.field("host", host)
      writer.field("rank", rank)
      writer.field("startup_s", startupSeconds)
      writer.field("inject", fault)
      writer.field("taken_steps", takenStepCount)
      writer.field("kept_steps", keptStepCount)
    }
  }

  /// The timing that one line of JSON holds.
  ///
  /// - Throws: `Diagnostics` for text that is no JSON, `CodecError` for a field that is missing or of another kind.
  package init(json: String) throws {
    try self.init(JSONReader.read(json, name: "timing"))
  }

  /// The timing that a JSON object holds.
  ///
  /// - Throws: `CodecError` for a field that is missing or of another kind.
  package init(_ node: JSONNode) throws {
    let fields = try JSONObject(node)
    self.init(
      trainingSeconds: try fields.double("training_s"), totalSeconds: try fields.double("total_s"),
      host: try fields.text("host"), rank: try fields.count("rank"),
      startupSeconds: try fields.optionalDouble("startup_s"), fault: try fields.optionalText("inject"))
    takenStepCount = try fields.optionalCount("taken_steps")
    keptStepCount = try fields.optionalCount("kept_steps")
  }
}
