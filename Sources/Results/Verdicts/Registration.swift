// What a registration says, as plain values: which sweeps each draw runs, and for each claim what is measured, which way it must
// lie and how large an effect matters. It is committed before the runs, and each draw's identifiers before that draw's runs, because
// they contain the digest of its pre-trained model; nothing here computes.

import Claims

/// A registration file.
package struct Registration: Equatable, Sendable {
  /// When and where claims, sweeps, tests and the draws' definitions were committed; nil for a draft, whose verdicts are exploratory.
  package var commit: Commit?
  /// The rule by which runs must have been judged, as tables name it; nil for one of the default rules.
  package var failureRule: String?
  /// The evaluation that must have been scored, `final` or `best`.
  package var score: String
  /// The fewest draws that are pooled.
  package var leastDraws: Int
  /// The registered sweeps in their order: the name of the run folder, and how it is run.
  package var sweeps: [(name: String, how: String)]
  /// The first stages that registered sweeps start from, and what each is. They are run before a draw is registered, because the
  /// identifiers of the sweeps after them hold the digests of their weights; no claim counts them.
  package var stages: [(name: String, what: String)] = []
  /// The models, each with a family of claims that Holm's adjustment goes over.
  package var families: [Family]
  /// The claims.
  package var claims: [RegisteredClaim]

  /// Where a registration was committed.
  package struct Commit: Equatable, Sendable {
    /// The time of the commit, in seconds since 1970.
    package var time: Double
    /// The same as the file writes it.
    package var timeText: String
    /// Its identifier.
    package var identifier: String
  }

  /// A model with its draws.
  package struct Family: Equatable, Sendable {
    /// The name in tables.
    package var name: String
    /// Whether its verdicts are the confirmatory ones; otherwise they replicate.
    package var isConfirmatory: Bool
    /// The draws.
    package var draws: [Draw]
  }

  /// A pre-training with a data seed.
  package struct Draw: Equatable, Sendable {
    /// The folder of its run folders.
    package var name: String
    /// Which pre-training it is.
    package var pretraining: String
    /// What `--shift-data` adds to the data's seeds.
    package var data: Int
    /// When and where its identifiers were committed; nil before that.
    package var commit: Commit?
    /// The SHA-256 of the trial identifiers of each sweep that the draw runs; nil before they are known.
    package var identifiers: [(sweep: String, digest: String?)]
    /// The processor that its runs were computed on, in words, which no journal knows; nil where nobody has written it down.
    package var processor: String?

    /// Whether two are the same.
    package static func == (left: Self, right: Self) -> Bool {
      left.name == right.name && left.pretraining == right.pretraining && left.data == right.data
        && left.commit == right.commit && left.processor == right.processor
        && left.identifiers.elementsEqual(right.identifiers) { $0 == $1 }
    }
  }

  /// Whether a draw's runs may count: in a draft every draw's, and later those of draws whose identifiers are registered.
  package func counts(_ draw: Draw) -> Bool { commit == nil || draw.commit != nil }

  /// Whether a sweep is the first stage of another one.
  package func isStage(_ sweep: String) -> Bool { stages.contains { $0.name == sweep } }

  /// The commit before which no run of a draw may have begun, the later of the file's and the draw's; nil in a draft, and for a draw that
  /// is not registered yet.
  package func latestCommit(of draw: Draw) -> Commit? {
    guard let commit, let own = draw.commit else { return nil }
    return own.time > commit.time ? own : commit
  }

  /// Whether two are the same.
  package static func == (left: Self, right: Self) -> Bool {
    left.commit == right.commit && left.failureRule == right.failureRule && left.score == right.score
      && left.leastDraws == right.leastDraws && left.families == right.families && left.claims == right.claims
      && left.sweeps.elementsEqual(right.sweeps) { $0 == $1 } && left.stages.elementsEqual(right.stages) { $0 == $1 }
  }
}

/// A registered claim.
package struct RegisteredClaim: Equatable, Sendable {
  /// Its number, as the text that states it counts; `4b` is one. Files and marks are named by it, so that it has letters, digits,
  /// points, hyphens and underscores only.
  package var name: String
  /// The claim in words.
  package var says: String
  /// Which results do not count, in words.
  package var exclusions: [String]
  /// When its runs end, in words.
  package var stop: String
  /// What must be so in a draw for it to count.
  package var requirements: [Condition]
  /// What is measured.
  package var content: Content

  /// What a claim asks for.
  package enum Content: Equatable, Sendable {
    /// Parts that must all hold; one of them is the claim's only quantity where there is one. Measures beside them are reported and
    /// not judged.
    case parts([ClaimPart], beside: [ClaimPart])
    /// That one dose predicts the failures of all recipes.
    case law(DoseLaw)
  }
}

/// A quantity with what it must be.
package struct ClaimPart: Equatable, Sendable {
  /// What is measured, in words.
  package var what: String
  /// The quantity.
  package var measure: Measure
  /// What is asked of it.
  package var asked: Asked
  /// The fewest runs, over all draws, from which it is judged.
  package var leastRuns: Int

  /// What is asked of a quantity.
  package enum Asked: Equatable, Sendable {
    /// An effect on one side of nothing, and the smallest one that matters, both as tables write them.
    case effect(isAbove: Bool, smallest: Double)
    /// No effect: the margin within which it lies.
    case absence(margin: Double)
    /// Nothing; it is reported.
    case nothing
  }
}

/// A quantity that every draw estimates.
package indirect enum Measure: Equatable, Sendable {
  /// The rate of the first rows' flags less that of the second's.
  case riskDifference(Rows, Rows)
  /// The mean of the first rows less that of the second; of the numbers' logarithms it is the ratio of geometric means.
  case meanDifference(Rows, Rows, ofLogs: Bool)
  /// The standard deviation of the first rows over that of the second.
  case deviationRatio(Rows, Rows)
  /// The mean of rows, or the rate of flags, less a number.
  case mean(Rows, against: Double)
  /// The covariance of two columns, such as the scores on two halves of the dev set.
  case covariance(Rows, with: String)
  /// Spearman's rank correlation of two columns.
  case spearman(Rows, with: String)
  /// One measure less another of other runs, for interactions.
  case difference(Measure, Measure)

  /// How a measure is computed, such that its estimates are about normal.
  package var scale: Scale {
    switch self {
    case .riskDifference, .mean, .covariance: .plain
    case .meanDifference(_, _, let ofLogs): ofLogs ? .ratio : .plain
    case .deviationRatio: .ratio
    case .spearman: .correlation
    case .difference(let one, _): one.scale
    }
  }

  /// What tables call it.
  package var name: String {
    switch self {
    case .riskDifference: "risk_difference"
    case .meanDifference(_, _, let ofLogs): ofLogs ? "mean_ratio" : "mean_difference"
    case .deviationRatio: "sd_ratio"
    case .mean: "mean"
    case .covariance: "covariance"
    case .spearman: "spearman"
    case .difference: "difference"
    }
  }

  /// The rows that it reads.
  package var rows: [Rows] {
    switch self {
    case .riskDifference(let one, let other), .meanDifference(let one, let other, _),
      .deviationRatio(let one, let other):
      [one, other]
    case .mean(let rows, _), .covariance(let rows, _), .spearman(let rows, _): [rows]
    case .difference(let one, let other): one.rows + other.rows
    }
  }

  /// The sweeps that it reads.
  package var runs: [String] { rows.map(\.run) }
}

/// The scale on which a measure is estimated.
package enum Scale: Equatable, Sendable {
  /// As it is.
  case plain
  /// By logarithms; nothing is a ratio of 1.
  case ratio
  /// By Fisher's transformation of a correlation.
  case correlation
}

/// That the size of early steps predicts failures whatever the recipe.
package struct DoseLaw: Equatable, Sendable {
  /// What is measured, in words.
  package var what: String
  /// The sweep, of which `analyze dose` wrote its tables.
  package var run: String
  /// The doses among which the one is chosen that predicts left-out recipes best, as columns of doses.csv.
  package var doses: [String]
  /// How far LD50 may be from the reference recipe's, as a ratio above 1.
  package var margin: Double
  /// The tables that it is judged by.
  package static let (fits, models) = ("dose_fits.csv", "dose_models.csv")
  /// The share of the variance of log LD50 that the dose must explain for the law to hold in part.
  package var explained: Double
}

extension RegisteredClaim {
  /// The sweeps that it measures.
  package var runs: [String] {
    switch content {
    case .parts(let parts, let beside): (parts + beside).flatMap(\.measure.runs)
    case .law(let law): [law.run]
    }
  }

  /// The tables that it reads, each with its sweep, also those that only its requirements read.
  package var tables: [(run: String, table: String)] {
    let own: [(run: String, table: String)] =
      switch content {
      case .parts(let parts, let beside):
        (parts + beside).flatMap(\.measure.rows).map { (run: $0.run, table: $0.table) }
      case .law(let law): [DoseLaw.fits, DoseLaw.models].map { (run: law.run, table: $0) }
      }
    return own + requirements.flatMap(\.rows).map { (run: $0.run, table: $0.table) }
  }
}
