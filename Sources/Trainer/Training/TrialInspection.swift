// A trial looked at rather than trained: its data, and a classifier with its starting weights or those that it left. It
// makes no step and writes nothing.

import Datasets
import Digests
import SeedStreams
import Tasks
import Transformer
import Trials

/// A model folder that a trial left.
package enum KeptModel {
  /// The SHA-256 of all weights, head included: what the journal has of the trial that left them.
  ///
  /// - Throws: an error of the folder's that names the file, key or tensor.
  package static func digest(of path: String) throws -> String {
    let folder = try ModelFolder(path)
    let classifier = Classifier(configuration: folder.configuration, labelCount: folder.headLabelCount ?? 1)
    try folder.load(into: classifier, keepHead: true, seed: 0)
    return SHA256.hex(of: UnsafeRawBufferPointer(classifier.parameters))
  }

  /// Reads its weights, head included, into a classifier of the same sizes.
  ///
  /// - Parameter digest: the SHA-256 of all weights that the journal has.
  /// - Throws: `TrainingError` for weights that are not those, an error of the folder's.
  package static func load(_ folder: ModelFolder, into classifier: Classifier, digest: String?) throws {
    let path = folder.path
    guard folder.configuration.hasSizes(of: classifier.configuration) else {
      throw TrainingError("\(path): its encoder has other sizes than the model that the trial started from")
    }
    try folder.load(into: classifier, keepHead: true, seed: 0)
    guard digest == nil || digest == SHA256.hex(of: UnsafeRawBufferPointer(classifier.parameters)) else {
      throw TrainingError("\(path): these are not the weights of the journal's result of this trial; remove the folder")
    }
  }
}

extension EncoderConfiguration {
  /// Whether two encoders have the same tensors.
  fileprivate func hasSizes(of other: EncoderConfiguration) -> Bool {
    architecture == other.architecture && vocabularySize == other.vocabularySize && hiddenSize == other.hiddenSize
      && embeddingSize == other.embeddingSize && layerCount == other.layerCount
      && headCount == other.headCount && intermediateSize == other.intermediateSize
      && positionCount == other.positionCount && typeCount == other.typeCount
  }
}

/// The data and the classifier of a trial, for analyses of its weights.
package final class TrialInspection {
  /// The classifier, with the weights that were asked for last; its starting weights at first.
  package var classifier: Classifier { resources.classifier }
  private let resources: TrialResources
  private let metric: MetricName

  /// A trial with its starting weights.
  ///
  /// - Throws: what stands in the way of reading a file, as in a trial.
  package init(_ trial: Trial, readings: ResourceReader = ResourceReader()) throws {
    resources = try ResourceCache(readings)
      .resources(trial.configuration, initializationSeed: trial.seeds.initialization)
    metric = trial.configuration.task.reportedMetric
  }

  /// A copy of the classifier's weights.
  package var weights: [Float] { Array(classifier.parameters) }

  /// Gives the classifier its starting weights.
  package func restart() throws { try resources.start.write(to: classifier) }

  /// Gives the classifier the weights of a kept model folder.
  ///
  /// - Parameter digest: the SHA-256 of all weights that the journal has.
  /// - Throws: `TrainingError` for weights that are not those, an error of the folder's.
  package func load(_ path: String, digest: String?) throws {
    try KeptModel.load(ModelFolder(path), into: classifier, digest: digest)
  }

  /// Training examples chosen by a seed, in the order of the data; all of them where there are no more.
  package func trainingExamples(_ count: Int, seed: UInt64) -> EvaluationSet {
    let examples = resources.task.train
    var stream = SeedStream(seed: seed, purpose: .subsample, site: 1)
    return EvaluationSet(examples, indices: stream.permutation(examples.count).prefix(count).sorted())
  }

  /// The number of training examples of a trial, at most `limit`.
  package static func exampleCount(_ trial: Trial, atMost limit: Int) throws -> Int {
    let readings = ResourceReader()
    let encoder = try readings.encoder(trial.configuration)
    return min(limit, try readings.encodedTask(trial.configuration, encoder).train.count)
  }

  /// The evaluation of the dev set at the present weights, as of no step.
  package func evaluation() -> Evaluation {
    let dev = resources.task.dev
    return dev.evaluation(
      of: dev.logits(of: classifier) {}, labelCount: classifier.labelCount, metric: metric, step: 0, epoch: 0,
      classifier.arithmetic)
  }

  /// The mean loss without dropout and the share of correct predictions (nil for regression) of the present weights.
  package func score(on set: EvaluationSet) -> (loss: Double, accuracy: Double?) {
    let logits = set.logits(of: classifier) {}
    let loss = set.meanLoss(of: logits, labelCount: classifier.labelCount, classifier.arithmetic)
    guard case .classes(let classes) = set.targets else { return (loss, nil) }
    let correct = zip(predictedClasses(logits, labelCount: classifier.labelCount), classes).count { $0 == Int($1) }
    return (loss, Double(correct) / Double(classes.count))
  }
}
