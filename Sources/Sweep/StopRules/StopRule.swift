// `stop` in a sweep file: by which rule recipes get no further seeds, or runs no further steps. A sweep has one rule.

import JSON5
import Statistics

/// By which rule recipes get no further seeds, or runs no further steps.
package enum StopRule: Equatable, Sendable {
  /// Once a recipe's failure rate is known well enough.
  case precision(SequentialStop)
  /// Once the comparisons that a recipe takes part in have ended.
  case pairs(PairedStop)
  /// Runs that do badly at a declared step make no further steps.
  case early(EarlyStop)

  /// What tables call the rule.
  package var name: String {
    switch self {
    case .precision: "half_width"
    case .pairs(let rule): "pairs_\(rule.measure.rawValue)"
    case .early(let stop): stop.rule.name
    }
  }

  /// The level of the confidence sequence of each recipe's failure rate, which holds whatever the rule is.
  package var level: Double {
    switch self {
    case .precision(let rule): rule.level
    case .pairs, .early: 0.95
    }
  }

  /// The confidence sequence of the failure rate after some runs.
  package func interval(count: Int, total: Int) -> ConfidenceInterval {
    Proportion.confidenceSequence(count: count, total: total, level: level)
  }

  /// Appends the rule to JSON text.
  package func write(to writer: inout JSONWriter) {
    switch self {
    case .precision(let rule): rule.write(to: &writer)
    case .pairs(let rule): rule.write(to: &writer)
    case .early(let stop): stop.write(to: &writer)
    }
  }

  /// The rule that JSON text of this program holds.
  package init(_ node: JSONNode) throws {
    let fields = try JSONObject(node, prefix: "stop.")
    if fields.optional("early") != nil {
      self = .early(try EarlyStop(node))
    } else if fields.optional("pairs") != nil {
      self = .pairs(try PairedStop(node))
    } else {
      self = .precision(try SequentialStop(node))
    }
  }
}

/// Comparisons that end when they are decided.
package struct PairedStop: Equatable, Sendable {
  /// What is compared between runs of equal seeds.
  package enum Measure: String, CaseIterable, Sendable {
    /// Whether they failed.
    case failures
    /// Their scores.
    case scores
  }

  package var measure: Measure
  /// The probability, at most, that any comparison of a task is decided where no two recipes differ.
  package var alpha: Double
  /// The pairs between two looks.
  package var lookEvery: Int
  /// Whether a comparison ends where it can no longer be decided; only of failures.
  package var givesUp: Bool

  package init(_ measure: Measure, alpha: Double = 0.05, lookEvery: Int = 1, givesUp: Bool = true) {
    self.measure = measure
    self.alpha = alpha
    self.lookEvery = lookEvery
    self.givesUp = givesUp
  }

  /// Appends the rule to JSON text.
  func write(to writer: inout JSONWriter) {
    writer.object(inline: true) { writer in
      writer.field("pairs", measure.rawValue)
      writer.field("alpha", alpha)
      writer.field("look_every", lookEvery)
      writer.field("give_up", givesUp)
    }
  }

  /// The rule that JSON text of this program holds.
  init(_ node: JSONNode) throws {
    let fields = try JSONObject(node, prefix: "stop.")
    let (alpha, lookEvery) = (try fields.double("alpha"), try fields.integer("look_every"))
    guard alpha > 0, alpha < 1, lookEvery > 0 else {
      throw CodecError(
        "stop: expected an alpha between 0 and 1 and a look_every from 1, found \(alpha) and \(lookEvery)")
    }
    self.init(
      try fields.word("pairs"), alpha: alpha, lookEvery: lookEvery, givesUp: try fields.boolean("give_up"))
  }

  /// The design of one of `comparisonCount` comparisons with at most `pairCount` pairs.
  package func design(pairCount: Int, comparisonCount: Int) -> PairedDesign {
    PairedDesign(
      pairCount: pairCount, alpha: alpha, comparisonCount: comparisonCount, lookEvery: lookEvery,
      stopsForFutility: givesUp)
  }

  /// The value of E at which one of `comparisonCount` comparisons is decided.
  package func threshold(comparisonCount: Int) -> Double { Double(comparisonCount) / alpha }
}
