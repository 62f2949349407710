// Scores a fine-tuned model folder on labelled texts, without training: what `seedsweep evaluate` does. The model keeps its
// head, whose classes are those of the texts; nothing is written, and of a task's files only the scored one is read.

import Arithmetics
import Datasets
import Files
import Kernels
import Tasks
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
    /// The test examples.
    case test
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

  /// Scores the model folder at `path`, head included, on one split of a task, computed by an arithmetic and a precision.
  ///
  /// - Throws: an error naming the file, key or tensor that stands in the way.
  package static func evaluate(
    modelPath path: String, task: TaskSpecification, split: Split, _ arithmetic: Arithmetic = .ofIdentifiers,
    _ precision: TrainingSpecification.Precision = .float32
  ) throws -> Result {
    let folder = try ModelFolder(path)
    guard let labelCount = folder.headLabelCount else {
      try folder.checkHead(labelCount: 1)
      preconditionFailure("a folder without a head is refused")
    }
    let names = try folder.labelNames()
    let counted = (0..<labelCount).map { "LABEL_\($0)" }
    let data = try data(of: task, split, head: names ?? counted).ordered(asIn: names, of: path)
    try folder.checkHead(labelCount: data.labelCount)
    try TaskCheck.check(metricOf: task, predictsNumbers: data.isRegression)
    let readings = ResourceReader()
    let tokenizer = try readings.tokenizer(of: folder)
    try tokenizer.checkLength(task.maximumLength)
    let examples = EncodedSet(data.dev, tokenizer: tokenizer, maximumLength: task.maximumLength)
    try TaskCheck.check(examples, of: "the \(split.rawValue) set of task \"\(task.name)\"", fits: folder.configuration)

    let classifier = Classifier(configuration: folder.configuration, labelCount: data.labelCount)
    classifier.arithmetic = arithmetic
    classifier.precision = ProductPrecision(precision)
    try folder.load(into: classifier, keepHead: true, seed: 0)
    let set = EvaluationSet(all: examples, positiveClass: data.positiveClass)
    let logits = set.logits(of: classifier) {}
    let evaluation = set.evaluation(
      of: logits, labelCount: data.labelCount, metric: task.reportedMetric, step: 0, epoch: 0, arithmetic)
    return Result(
      evaluation: evaluation, metric: task.reportedMetric, exampleCount: set.indices.count,
      majorityCount: evaluation.confusion.map { $0.reduce(0, +) }.max(),
      predictions: predictionsCSV(logits: logits, labelNames: data.labelNames, set: set),
      remarks: folder.notes + data.remarks
        + UnknownShare.warnings(examples.unknownTokens, task: task.name, vocabulary: RawFile.name(of: path)))
  }

  /// The scored texts, as dev texts.
  private static func data(of task: TaskSpecification, _ split: Split, head: [String]) throws -> TaskData {
    func required(_ path: String?, _ key: String) throws -> String {
      guard let path else { throw TrainingError("task \"\(task.name)\" needs the key \(key)") }
      return path
    }
    switch task.source {
    case .builtIn:
      // What is scored has its true labels, as the files of other tasks have them.
      var description = try TaskDescription(task, subset: nil)
      (description.labelNoise, description.labelShuffleSeed) = (nil, nil)
      var data = try TaskReader.load(description)
      switch split {
      case .train: data.dev = data.train
      case .dev: break
      case .test:
        guard let test = data.test else {
          throw TrainingError("task \"\(task.name)\" has no test set; score train or dev")
        }
        data.dev = test
      }
      return data
    case .glue(let glue):
      let path =
        switch split {
        case .train: try required(task.dataPath, "task.data") + "/train.tsv"
        case .dev: try required(task.dataPath, "task.data") + "/" + glue.devFile
        case .test: try required(task.testPath, "task.test")
        }
      return try TaskReader.load(.glue(glue, path: path), name: task.name, head: head)
    case .files:
      let path =
        switch split {
        case .train: try required(task.trainPath, "task.train")
        case .dev: try required(task.devPath, "task.dev")
        case .test: try required(task.testPath, "task.test")
        }
      let columns = TaskDescription.OwnFiles(
        train: "", dev: "", textColumn: try required(task.textColumn, "task.text"), pairColumn: task.pairColumn,
        labelColumn: try required(task.labelColumn, "task.label"), isRegression: task.isRegression)
      var data = try TaskReader.load(.own(path: path, columns: columns), name: task.name, head: head)
      // A sweep's task has a training file, and with it an order of its classes.
      if task.trainPath != nil { data.takePositiveClassByName() }
      return data
    }
  }
}
