// The difference in accuracy between a recipe and the one that it is compared with, with an interval over other seeds and other dev
// examples: columns at the end of agreement.csv. `compare` has the interval over other seeds alone.

import Statistics
import Tables
import Trials

/// Whether the runs of one recipe are right on each dev example.
struct RecipeAnswers: Sendable {
  /// A row for each run, (runs, examples): at most the first 200 in plan order.
  var correct: [[Bool]]
  /// The indices of the examples in the predictions of every run.
  var indices: [UInt8]
  /// The mean accuracy of all runs, those that `correct` leaves out among them.
  var accuracy: Double

  fileprivate var scores: DrawScores? {
    correct.count > 1 && !correct[0].isEmpty ? DrawScores(correct: correct) : nil
  }
}

extension DrawScores {
  /// The only draw of a study: 1 where a run is right on an example and 0 elsewhere.
  ///
  /// - Parameter correct: Whether each run is right on each example, (runs, examples), at least one of both.
  init(correct: [[Bool]]) { self.init(pretraining: 0, data: 0, scores: correct.map { $0.map { $0 ? 1 : 0 } }) }
}

extension ConfidenceInterval {
  /// The interval with both bounds moved, by the distance between the estimate that it was made of and the one that it is to lie about.
  func moved(by distance: Double) -> ConfidenceInterval {
    ConfidenceInterval(low: low + distance, high: high + distance)
  }
}

/// A recipe's accuracy less that of its reference.
struct AgreementDifference: Sendable {
  /// The name of the reference.
  var reference: String
  /// The difference of the means over all runs.
  var difference: Double
  /// The 95 % interval over other seeds, apart for both recipes, and other examples, the same for both. Of many runs it is as wide as
  /// that of the first ones, and lies about `difference`.
  var interval: ConfidenceInterval

  /// Nil for runs that were not evaluated on the same examples, and for fewer than two of either recipe.
  init?(_ answers: RecipeAnswers, less reference: RecipeAnswers, name: String) {
    guard answers.indices == reference.indices, let own = answers.scores, let other = reference.scores else {
      return nil
    }
    self.reference = name
    difference = answers.accuracy - reference.accuracy
    interval = MultiBootstrap().interval([own], minus: [other]).moved(by: difference - (own.mean - other.mean))
  }

  /// The difference in words.
  func sentence(of name: String) -> String {
    String(
      format: "%@ less %@: accuracy %+.4f (95 %% %+.4f to %+.4f, over other seeds and other examples)", name, reference,
      difference, interval.low, interval.high)
  }

  /// The columns of agreement.csv, in rows of `all` pairs.
  static let columns: [Column<RecipeAgreement.Row>] = [
    Column(
      "reference",
      "The recipe that this one is compared with; empty where there is none or where their runs were not evaluated on "
        + "the same examples."
    ) { .text($0.difference?.reference) },
    Column(
      "accuracy_difference",
      "`mean_accuracy` less that of the reference, each over all runs."
    ) { .finite($0.difference?.difference ?? .nan) },
    Column(
      "accuracy_difference_low",
      "The lower bound of its interval, over other seeds and other examples; of more than 200 runs of a recipe those are resampled that "
        + "come first, and the interval is moved so that it lies about `accuracy_difference`.",
      role: .lowerBound(of: "accuracy_difference"), RecipeAgreement.multiBootstrap
    ) { .finite($0.difference?.interval.low ?? .nan) },
    Column(
      "accuracy_difference_high", "The upper bound, likewise.", role: .upperBound(of: "accuracy_difference"),
      RecipeAgreement.multiBootstrap
    ) { .finite($0.difference?.interval.high ?? .nan) },
  ]
}
