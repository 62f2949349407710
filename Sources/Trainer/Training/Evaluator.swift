// Scores a fine-tuned model folder on a task, without training: what `seedsweep evaluate` does. The model keeps its
// head; nothing is written.

import Transformer
import Trials

/// Scores model folders.
package enum Evaluator {
  /// Which examples of a task are scored.
  package enum Split: String, CaseIterable, Sendable {
    /// The training examples.
    case train
    /// The evaluation examples.
    case dev
  }

  /// What a model folder scores on a task.
  package struct Result: Equatable, Sendable {
    /// The scores; step and epoch are 0.
    package var evaluation: Evaluation
    /// The reported metric.
    package var metric: MetricName
    /// The examples scored.
    package var exampleCount: Int
    /// The examples of the largest class; nil for regression.
    package var majorityCount: Int?
    /// The text of a predictions file: index, label, prediction, logit_0 and so on.
    package var predictions: String
    /// What the model or the data ask to be told the user.
    package var remarks: [String]
  }

  /// Scores the model folder at `path`, head included, on one split of a task.
  ///
  /// - Throws: an error naming the file, key or tensor that stands in the way.
  package static func evaluate(modelPath path: String, task: TaskSpecification, split: Split) throws -> Result {
    var configuration = TrialConfiguration()
    configuration.model.path = path
    configuration.model.head = .keep
    configuration.task = task
    let readings = ResourceReader()
    let resources = try ResourceCache(readings).resources(configuration, initializationSeed: 0)
    let set: EvaluationSet
    switch split {
    case .dev: set = resources.task.dev
    case .train:
      let examples = resources.task.train
      set = EvaluationSet(examples, indices: Array(0..<examples.count), halves: examples.halves())
    }
    let logits = set.logits(of: resources.classifier) {}
    let evaluation = set.evaluation(
      of: logits, labelCount: resources.task.labelCount, metric: task.reportedMetric, step: 0, epoch: 0)
    return Result(
      evaluation: evaluation, metric: task.reportedMetric, exampleCount: set.indices.count,
      majorityCount: evaluation.confusion.map { $0.reduce(0, +) }.max(),
      predictions: predictionsCSV(logits: logits, labelNames: resources.task.labelNames, set: set),
      remarks: readings.remarks)
  }
}
