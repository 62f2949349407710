// The tasks whose examples the program generates: names, classes and metrics. The sentences are Datasets' work.

/// What an unacceptable sentence, or a pair of the other class, differs by.
package enum TaskDifficulty: String, CaseIterable, Sendable {
  /// Words in the wrong order or missing; who does it to whom.
  case order
  /// Relations of neighbouring words as well.
  case local
  /// Relations over a distance as well.
  case distant
  /// Relations over a distance alone, each with a word in between that misleads.
  case diagnostic
}

/// A task of a language inside the program.
package struct BuiltInTask: Hashable, Sendable {
  /// What its examples are.
  package enum Kind: Sendable {
    /// Whether a sentence is acceptable, as in CoLA.
    case acceptability
    /// Which of two sentences is acceptable.
    case choice
    /// Whether a sentence follows from another, as in RTE.
    case entailment
    /// Whether two sentences say the same, as in MRPC.
    case paraphrase
    /// How like two sentences are, from 0 to 5, as in STS-B.
    case similarity
  }

  /// What `task.name` calls it.
  package let name: String
  /// The name of its language.
  package let language: String
  /// What its examples are.
  package let kind: Kind
  /// The metric that it reports.
  package let metric: MetricName

  /// Every such task.
  package static let all = [
    BuiltInTask(name: "synthetic", language: "synthetic", kind: .acceptability, metric: .accuracy),
    BuiltInTask(name: "synthetic-pairs", language: "synthetic", kind: .choice, metric: .accuracy),
    BuiltInTask(name: "town-acceptability", language: "town", kind: .acceptability, metric: .matthews),
    BuiltInTask(name: "town-entailment", language: "town", kind: .entailment, metric: .accuracy),
    BuiltInTask(name: "town-paraphrase", language: "town", kind: .paraphrase, metric: .accuracyAndF1),
    BuiltInTask(name: "town-similarity", language: "town", kind: .similarity, metric: .pearson),
  ]

  /// The names of the built-in tasks.
  package static let names = all.map(\.name)

  /// The built-in task of a name; nil for another.
  package init?(name: String) {
    guard let task = Self.all.first(where: { $0.name == name }) else { return nil }
    self = task
  }

  private init(name: String, language: String, kind: Kind, metric: MetricName) {
    self.name = name
    self.language = language
    self.kind = kind
    self.metric = metric
  }

  /// The classes in the order of their indexes, as the GLUE task of the kind has them; empty for the regression.
  package var labelNames: [String] {
    switch kind {
    case .acceptability: ["unacceptable", "acceptable"]
    case .choice: ["first", "second"]
    case .entailment: ["entailment", "not_entailment"]
    case .paraphrase: ["not_equivalent", "equivalent"]
    case .similarity: []
    }
  }

  /// Whether an example is a pair of texts.
  package var hasPairs: Bool { kind != .acceptability }

  /// Whether a number is predicted rather than a class.
  package var predictsNumbers: Bool { labelNames.isEmpty }

  /// Whether it has examples of several difficulties.
  package var hasDifficulties: Bool {
    switch kind {
    case .acceptability, .choice, .entailment: true
    case .paraphrase, .similarity: false
    }
  }
}
