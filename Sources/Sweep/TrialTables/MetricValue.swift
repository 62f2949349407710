// The metrics of class predictions and of predicted numbers, for whoever has them.

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

extension Correlation {
  /// A metric of predicted numbers; 0 where the predictions do not vary, as Matthews' correlation is for one class.
  package static func value(of metric: MetricName, labels: [Double], predictions: [Double]) -> Double {
    let value =
      switch metric {
      case .spearman: spearman(labels, predictions)
      case .pearson, .accuracy, .f1, .macroF1, .accuracyAndF1, .matthews, .score: pearson(labels, predictions)
      }
    return value.isNaN ? 0 : value
  }
}
