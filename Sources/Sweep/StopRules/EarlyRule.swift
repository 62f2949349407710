// A rule that stops runs early: what it reads at a declared step, and which runs then go on. Values only; reading recorded curves
// is Results' business.

import Digests
import JSON5
import Statistics

/// A rule that stops runs at a declared step, by what each has recorded by then.
package struct EarlyRule: Equatable, Sendable {
  /// What the rule reads: the last record at or before the step.
  package enum Measure: String, CaseIterable, Sendable {
    /// The reported metric on the dev set.
    case score
    /// The training loss, dropout on, since the record before.
    case trainLoss = "train_loss"
    /// The loss on the dev set.
    case devLoss = "dev_loss"
  }

  /// Which runs go on.
  package enum Bound: Equatable, Sendable {
    /// Those whose measure is better than a number: a higher score, a lower loss.
    case level(Double)
    /// Those that do better than chance: a score that the rule `baseline` does not call failed, or a training loss below
    /// 0.9 of the training labels' entropy.
    case chance
    /// This share of each cohort, at least one run: those with the best measures.
    case top(Double)
  }

  /// When the rule reads the measure.
  package enum Moment: Equatable, Sendable {
    /// After this number of steps.
    case step(Int)
    /// After this share of the recipe's steps.
    case share(Double)
  }

  package var measure: Measure
  package var bound: Bound
  package var moment: Moment

  package init(_ measure: Measure, _ bound: Bound, at moment: Moment) {
    self.measure = measure
    self.bound = bound
    self.moment = moment
  }

  /// What a rule looks like, for messages.
  package static let form =
    "expected MEASURE=BOUND@STEP such as score=baseline@25%, score=0.6@100, train_loss=flat@50 or score=top50%@100"

  /// The rule that a text such as `score=baseline@25%` names; nil for anything else.
  package init?(_ text: String) {
    let ends = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2, let moment = Moment(ends[1]) else { return nil }
    let sides = ends[0].split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard sides.count == 2, let measure = Measure(rawValue: sides[0]) else { return nil }
    let word = sides[1]
    if let chance = measure.chanceWord, word == chance {
      self.init(measure, .chance, at: moment)
    } else if word.hasPrefix("top"), let share = Self.percentage(String(word.dropFirst(3))), share < 1 {
      self.init(measure, .top(share), at: moment)
    } else if let level = word.decimalNumber, level.isFinite {
      self.init(measure, .level(level), at: moment)
    } else {
      return nil
    }
  }

  /// The rule as `init` reads it.
  package var name: String {
    let word =
      switch bound {
      case .level(let level): "\(level)"
      case .chance: measure.chanceWord ?? ""
      case .top(let share): "top\(Self.text(ofShare: share))"
      }
    return "\(measure.rawValue)=\(word)@\(moment.name)"
  }

  /// The share of a text such as `25%`, above 0 and at most 1, rounded to the six decimals of a percentage that `name` has; nil for
  /// anything else.
  fileprivate static func percentage(_ text: String) -> Double? {
    guard text.hasSuffix("%"), let percent = String(text.dropLast()).decimalNumber, percent > 0, percent <= 100 else {
      return nil
    }
    let rounded = (percent * 1e6).rounded() / 1e6
    return rounded > 0 ? rounded / 100 : nil
  }

  fileprivate static func text(ofShare share: Double) -> String {
    // The quotient of a percentage and 100 comes back as that percentage.
    let percent = (share * 1e8).rounded() / 1e6
    return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
  }
}

extension EarlyRule.Measure {
  /// The word for the bound `chance`; nil for a measure of which nobody knows what chance gives.
  package var chanceWord: String? {
    switch self {
    case .score: "baseline"
    case .trainLoss: "flat"
    case .devLoss: nil
    }
  }
}

extension EarlyRule.Moment {
  fileprivate init?(_ text: String) {
    if text.hasSuffix("%") {
      guard let share = EarlyRule.percentage(text), share < 1 else { return nil }
      self = .share(share)
    } else {
      guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let step = Int(text), step > 0 else { return nil }
      self = .step(step)
    }
  }

  fileprivate var name: String {
    switch self {
    case .step(let step): "\(step)"
    case .share(let share): EarlyRule.text(ofShare: share)
    }
  }

  /// The step of a recipe whose runs make `stepCount` steps: a share is rounded up.
  package func step(of stepCount: Int) -> Int {
    switch self {
    case .step(let step): step
    case .share(let share): max(1, Int(roundingUp: share, of: stepCount))
    }
  }
}

extension EarlyRule {
  /// The stopped runs that are finished anyway: `count` of `identifiers`, those whose hashes are the smallest. The choice depends on
  /// nothing but the set of identifiers.
  package static func finished(_ identifiers: [String], count: Int) -> Set<String> {
    let hashed = identifiers.map { (hash: SHA256.hex(of: "finish \($0)"), identifier: $0) }
    return Set(hashed.sorted { $0 < $1 }.prefix(count).map(\.identifier))
  }
}

extension JSONObject {
  /// A rule that stops runs early, as `EarlyRule.name` spells it.
  package func earlyRule(_ name: String) throws -> EarlyRule {
    let text = try text(name)
    guard let rule = EarlyRule(text) else {
      throw CodecError("\(prefix)\(name): \(EarlyRule.form), found \(JSONWriter.quoted(text))")
    }
    return rule
  }
}
