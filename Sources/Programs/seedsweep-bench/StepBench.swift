// `seedsweep-bench step`: training steps of the product's own trainer, timed from outside. The trial is one that a sweep
// file could describe; it is stopped after its last measured step, so nothing is evaluated.

import CommandLine
import Datasets
import Files
import Kernels
import Storage
import Training
import Transformer
import Trials

/// Measures training steps.
enum StepBench {
  /// Measures and reports.
  static func perform(_ options: StepOptions) throws {
    let encoder = try options.sizes.encoder()
    let watch = StepWatch(
      encoder, labelCount: labelCount(options.task), warmupCount: options.warmupCount, stepCount: options.stepCount,
      threadCount: options.threadCount,
      timer: ProductTimer(try ProductPrecision(options.precision), leastSeconds: options.output.isQuick ? 0 : 1e-3))
    let context = TrainerContext(host: "", rank: 0, threadCount: options.threadCount)
    let result = Trainer(context: context).run(trial(options), progress: watch.progress, watch: watch.note)
    guard watch.isComplete else {
      throw Refusal(
        "seedsweep-bench step: " + (result.outcome.message ?? "the trial ended as \(result.outcome.status.rawValue)"))
    }
    if let path = options.batchesPath { try WholeFile.write(watch.steps.map(\.line).joined(), to: path) }
    let heading =
      "\(options.task), \(encoder.layerCount) layers of hidden size \(encoder.hiddenSize), batches of "
      + "\(options.batchSize), OpenBLAS \(BLASLibrary.coreName), threads: \(options.threadCount)"
      + options.precision.heading
    try ResultTable(benchmark: "step", sections: StepReport(watch).sections(heading)).report(options.output)
  }

  /// The classes of a task; 1 for regression.
  private static func labelCount(_ task: String) -> Int { max(1, GlueTask(rawValue: task)?.labelNames.count ?? 2) }

  /// The trial whose steps are measured: one longer than that, whose end is never reached.
  private static func trial(_ options: StepOptions) -> Trial {
    var configuration = TrialConfiguration()
    configuration.model.path = options.sizes.path
    configuration.model.shape = options.sizes.shape
    configuration.model.vocabularyPath = options.vocabularyPath
    configuration.model.head = options.keepsHead ? .keep : .new
    configuration.task.name = options.task
    configuration.task.dataPath = options.dataPath
    configuration.task.maximumLength = options.maximumLength
    configuration.training.batchSize = options.batchSize
    configuration.training.shuffle = options.shuffles
    configuration.training.hiddenDropout = options.dropout
    configuration.training.attentionDropout = options.dropout
    configuration.training.classifierDropout = options.dropout
    configuration.training.precision = options.precision
    configuration.training.maximumSteps = options.warmupCount + options.stepCount + 1
    configuration.training.evaluateEvery = configuration.training.maximumSteps
    configuration.optimizer.algorithm = options.algorithm
    configuration.optimizer.biasCorrection = options.algorithm == .torch
    return Trial(
      identifier: "bench", configurationIdentifier: "bench", variant: "bench", label: "bench",
      configuration: configuration, seeds: TrialSeeds(initialization: 1, order: 1, dropout: 1))
  }
}
