// The metrics that depend on counts of classes alone, for whoever has such counts.

import Statistics
import Tasks

extension ConfusionMatrix {
  /// A metric of class predictions.
  package func value(of metric: MetricName) -> Double {
    switch metric {
    case .accuracy: accuracy
    case .f1: f1
    case .macroF1: macroF1
    case .accuracyAndF1: accuracyAndF1
    case .matthews: matthews
    case .pearson, .spearman: preconditionFailure("\(metric.rawValue) is a metric of regression")
    case .score: preconditionFailure("no metric of our own trainer")
    }
  }
}
