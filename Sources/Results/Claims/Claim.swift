// What a claims file says: claims about runs, each a few conditions on quantities that are computed from the CSV files of
// run folders. It is written before the runs; nothing here computes, and nothing knows which claims there are.

/// One claim and what would bear it out.
package struct Claim: Equatable, Sendable {
  /// Its number, as the text that states it counts.
  package var number: Int
  /// The claim in words.
  package var says: String
  /// What must all be so for the runs to tell, such as enough of them.
  package var requirements: [Condition] = []
  /// What must all be so for the claim to hold.
  package var conditions: [Condition]
}

/// What a claims file states.
package struct ClaimsFile: Equatable, Sendable {
  /// The claims.
  package var claims: [Claim]
  /// The rule by which runs must have been judged, as tables name it; nil for one of `defaultRules`.
  package var failureRule: String?
  /// The evaluation that must have been scored, `final` or `best`.
  package var score: String

  /// What tables call the default rule: for tasks that accuracy scores, and for others.
  static let defaultRules = ["accuracy", "baseline"]
}

/// One thing that must be so.
package struct Condition: Equatable, Sendable {
  /// How a quantity must lie to a threshold.
  package enum Relation: String, CaseIterable, Sendable {
    case below
    case above
    case atMost = "at_most"
    case atLeast = "at_least"

    /// Whether a value lies so.
    func holds(_ value: Double, _ threshold: Double) -> Bool {
      switch self {
      case .below: value < threshold
      case .above: value > threshold
      case .atMost: value <= threshold
      case .atLeast: value >= threshold
      }
    }

    /// The relation in words.
    var words: String { rawValue.replacing("_", with: " ") }
  }

  /// What is asked, in words.
  package var what: String
  /// What is computed.
  package var value: Quantity
  /// How it must lie.
  package var relation: Relation
  /// What it is held against.
  package var threshold: Quantity
}

/// A number to be computed from tables.
package indirect enum Quantity: Equatable, Sendable {
  /// How a column becomes one number.
  package enum Reduction: String, CaseIterable, Sendable {
    /// The value of the one row there is.
    case only
    case mean, median, min, max, sum
    /// The standard deviation, ddof 1.
    case sd
    /// How many rows there are, whatever the column holds.
    case count
  }

  /// Which end of a 95 % interval.
  package enum End: String, CaseIterable, Sendable {
    case low, high
  }

  /// A number as it stands.
  case constant(Double)
  /// A column of some rows, as one number.
  case column(Rows, Reduction)
  /// Two-sided p of Boschloo's test that two groups of flags have one rate.
  case boschloo(Rows, Rows)
  /// p of Levene's test that two groups have one spread; about the medians it is Brown and Forsythe's.
  case levene(Rows, Rows, aroundMedian: Bool)
  /// Two-sided p of Mann and Whitney's test that two groups have one distribution.
  case mannWhitney(Rows, Rows)
  /// Spearman's rank correlation of two columns, or an end of its 95 % interval (Fisher's z with Bonett and Wright's
  /// standard error).
  case spearman(Rows, with: String, End?)
  /// In how many keys two groups differ: those whose values differ, and those that only one has.
  case differing(Rows, Rows, by: [String])
  /// One quantity over another.
  case ratio(Quantity, Quantity)
  /// One quantity less another.
  case difference(Quantity, Quantity)
}

extension Condition {
  /// The rows that its value and its threshold read.
  package var rows: [Rows] { value.rows + threshold.rows }
}

extension Quantity {
  /// The rows that it reads.
  package var rows: [Rows] {
    switch self {
    case .constant: []
    case .column(let rows, _), .spearman(let rows, with: _, _): [rows]
    case .boschloo(let one, let other), .levene(let one, let other, aroundMedian: _), .mannWhitney(let one, let other),
      .differing(let one, let other, by: _):
      [one, other]
    case .ratio(let one, let other), .difference(let one, let other): one.rows + other.rows
    }
  }
}

/// Some rows of a table and one of its columns.
package struct Rows: Equatable, Sendable {
  /// What a field must be.
  package enum Requirement: Equatable, Sendable {
    /// One of these; numbers equal whichever way they are written.
    case oneOf([String])
    /// A number on one side of another.
    case number(Condition.Relation, Double)
  }

  /// The run's folder below that of all runs.
  package var run: String
  /// The table's file in it.
  package var table: String
  /// What the rows' fields must be, in the order written.
  package var requirements: [(column: String, requirement: Requirement)]
  /// The column to read.
  package var column: String
  /// A column that it is divided by, row by row.
  package var divisor: String?

  /// The rows of a run's table whose fields are what they must be.
  package init(
    run: String, table: String, requirements: [(column: String, requirement: Requirement)], column: String,
    divisor: String? = nil
  ) {
    self.run = run
    self.table = table
    self.requirements = requirements
    self.column = column
    self.divisor = divisor
  }

  /// Whether two are the same.
  package static func == (left: Self, right: Self) -> Bool {
    left.run == right.run && left.table == right.table && left.column == right.column && left.divisor == right.divisor
      && left.requirements.elementsEqual(right.requirements) {
        $0.column == $1.column && $0.requirement == $1.requirement
      }
  }
}

/// What is wrong with a claims file.
package struct ClaimsError: Error, Equatable, CustomStringConvertible {
  /// A line for each mistake: file, line and column, key, what was found and what is allowed.
  package let description: String
}
