// What a trial costs, before it runs: steps, tokens, floating-point operations and memory, as pure functions of sizes
// and sequence lengths. Only matrix products are counted; nothing is measured and no seconds are promised.

import Datasets
import Transformer
import Trials

/// The lengths of some sequences, as far as costs depend on them.
package struct LengthSummary: Equatable, Sendable {
  /// Sequences.
  package let count: Int
  /// Tokens of all sequences.
  package let tokenCount: Int
  /// The sum of squared lengths: what attention costs.
  package let squareSum: Int
  /// The lengths in the order of the sequences.
  let lengths: [Int]

  /// A summary of lengths in tokens.
  package init(_ lengths: [Int]) {
    count = lengths.count
    tokenCount = lengths.reduce(0, +)
    squareSum = lengths.reduce(0) { $0 + $1 * $1 }
    self.lengths = lengths
  }

  /// A summary of an encoded set.
  package init(_ set: EncodedSet) { self.init(set.lengths) }

  /// Mean tokens a sequence.
  package var mean: Double { count == 0 ? 0 : Double(tokenCount) / Double(count) }
}

/// What one trial of a configuration costs.
package struct CostEstimate: Equatable, Sendable {
  /// Training examples used.
  package let exampleCount: Int
  /// Optimizer updates.
  package let stepCount: Int
  /// Evaluations of the dev set.
  package let evaluationCount: Int
  /// Trainable parameters.
  package let parameterCount: Int
  /// Mean tokens of a full training batch.
  package let tokensPerStep: Double
  /// Tokens of all sequences that are trained on, in the mean.
  package let tokensTotal: Double
  /// Mean operations of a full training batch, forward and backward.
  package let flopsPerStep: Double
  /// Operations of the trial: its steps, dev evaluations and the final pass over the training examples it has seen.
  package let flopsTotal: Double
  /// Bytes of the weights, their gradients and the optimizer's moments, and of the pre-trained, the mixed, the
  /// averaged and the previous weights where training needs them.
  package let stateByteCount: Int
  /// Bytes of the activations of the largest batch.
  package let activationByteCount: Int

  /// Numbers that training keeps: the weights, their gradients and the optimizer's moments of those that are trained, all if no
  /// count is given.
  static func stateCount(
    _ layout: ParameterLayout, _ optimizer: OptimizerSpecification, trainedCount: Int? = nil
  ) -> Int {
    layout.count + layout.gradientCount + optimizer.algorithm.rule.momentCount * (trainedCount ?? layout.count)
  }

  /// The word pieces of the set of which the vocabulary lacks the largest share.
  package var unknownTokens = UnknownTokens()
  /// What messages call that vocabulary.
  package var vocabulary = ""

  /// Bytes that training takes beside the program and the data.
  package var byteCount: Int { stateByteCount + activationByteCount }

  /// What stands for the cost of a trial that a program of the user's own trains, which nobody knows: all trials count alike.
  package static let ofProgram = CostEstimate()

  private init() {
    (exampleCount, stepCount, evaluationCount, parameterCount) = (0, 0, 0, 0)
    (tokensPerStep, tokensTotal, flopsPerStep, flopsTotal) = (0, 0, 0, 1)
    (stateByteCount, activationByteCount) = (0, 0)
  }

  /// The cost of a trial.
  ///
  /// - Parameters:
  ///   - configuration: the trial's configuration.
  ///   - encoder: the encoder's sizes.
  ///   - labelCount: the width of the head.
  ///   - train: the lengths of the training examples used.
  ///   - dev: the lengths of the dev examples.
  ///   - finalSets: the lengths of the examples of each set that is scored once, after the last step.
  ///   - trained: the tensors that are trained; nil for all.
  ///   - seeds: the seeds of the trials, as far as they decide which examples meet in a batch.
  package init(
    _ configuration: TrialConfiguration, encoder: EncoderConfiguration, labelCount: Int, train: LengthSummary,
    dev: LengthSummary, finalSets: [LengthSummary] = [], trained: TrainedTensors? = nil, seeds: [TrialSeeds]
  ) {
    let length = RunLength(configuration, exampleCount: train.count)
    let batchSize = configuration.training.batchSize
    let perSequence = Self.forwardFlops(encoder, labelCount: labelCount, lengths: train) / Double(max(1, train.count))
    let perTrainedSequence =
      perSequence
      + Self.backwardFlops(encoder, labelCount: labelCount, lengths: train, trained) / Double(max(1, train.count))
    exampleCount = train.count
    stepCount = length.stepCount
    evaluationCount = length.evaluationSteps.count
    let layout = ParameterLayout(encoder, labelCount: labelCount)
    parameterCount = layout.count
    tokensPerStep = train.mean * Double(min(batchSize, train.count))
    flopsPerStep = perTrainedSequence * Double(min(batchSize, train.count))
    // Sequences trained on: whole epochs, and a begun one up to its last step.
    let epochs = length.stepCount / max(1, length.stepsPerEpoch)
    let rest = min(train.count, length.stepCount % max(1, length.stepsPerEpoch) * batchSize)
    let trainedSequences = epochs * train.count + rest
    tokensTotal = train.mean * Double(trainedSequences)
    flopsTotal =
      perTrainedSequence * Double(trainedSequences)
      + perSequence * Double(min(train.count, trainedSequences, configuration.evaluation.trainingExampleCount ?? .max))
      + Double(evaluationCount) * Self.forwardFlops(encoder, labelCount: labelCount, lengths: dev)
      + finalSets.reduce(0) { $0 + Self.forwardFlops(encoder, labelCount: labelCount, lengths: $1) }
    let otherWeights =
      (configuration.trainsBesidePretrained ? 1 : 0) + (configuration.training.mixout > 0 ? 1 : 0)
      + (configuration.training.average == .off ? 0 : 1) + (configuration.record.updateNorms ? 1 : 0)
    stateByteCount =
      MemoryLayout<Float>.stride
      * (Self.stateCount(layout, configuration.optimizer, trainedCount: trained?.count) + otherWeights * layout.count)
    activationByteCount = Self.activationByteCount(
      encoder, labelCount: labelCount,
      training: LargestBatches(training: configuration, lengths: train.lengths, seeds: seeds),
      evaluating: ([train, dev] + finalSets).map {
        LargestBatches(evaluating: $0.lengths, configuration.training.arithmetic)
      })
  }

  /// Operations of one forward pass: two a multiply-add of every matrix product. A layer of width h and feed-forward
  /// width i takes 8 h^2 + 4 h i a token and 4 h L^2 a sequence of length L; the last layer computes query, attention,
  /// output and feed-forward for first tokens only.
  package static func forwardFlops(
    _ encoder: EncoderConfiguration, labelCount: Int, lengths: LengthSummary
  ) -> Double {
    let hidden = Double(encoder.hiddenSize)
    let intermediate = Double(encoder.intermediateSize)
    let tokens = Double(lengths.tokenCount)
    let sequences = Double(lengths.count)
    let whole =
      (8 * hidden * hidden + 4 * hidden * intermediate) * tokens + 4 * hidden * Double(lengths.squareSum)
    let last =
      4 * hidden * hidden * tokens + (4 * hidden * hidden + 4 * hidden * intermediate) * sequences
      + 4 * hidden * tokens
    return Double(encoder.layerCount - 1) * whole + last
      + headFlops(encoder, labelCount: labelCount, sequenceCount: lengths.count)
  }

  private static func headFlops(_ encoder: EncoderConfiguration, labelCount: Int, sequenceCount: Int) -> Double {
    let hidden = Double(encoder.hiddenSize)
    return (2 * hidden * hidden + 2 * hidden * Double(labelCount)) * Double(sequenceCount)
  }

  /// Operations of one backward pass: twice a forward pass's, of the layers that it reaches; half of that where no weight of a
  /// layer is trained.
  private static func backwardFlops(
    _ encoder: EncoderConfiguration, labelCount: Int, lengths: LengthSummary, _ trained: TrainedTensors?
  ) -> Double {
    var reached = encoder
    reached.layerCount = encoder.layerCount - max(0, trained?.lowestPart ?? 0)
    guard reached.layerCount > 0 else {
      return 2 * headFlops(encoder, labelCount: labelCount, sequenceCount: lengths.count)
    }
    return (trained?.trainsLayerWeights ?? true ? 2 : 1)
      * forwardFlops(reached, labelCount: labelCount, lengths: lengths)
  }

  /// Bytes of the buffers of the largest training batch, or of the largest evaluation batch where that takes more.
  static func activationByteCount(
    _ encoder: EncoderConfiguration, labelCount: Int, training: LargestBatches, evaluating: [LargestBatches]
  ) -> Int {
    func bytes(_ batches: LargestBatches, training: Bool) -> Int {
      batches.lengths.map {
        Classifier.workspaceByteCount(encoder, labelCount: labelCount, lengths: $0, training: training)
      }.max() ?? 0
    }
    return evaluating.reduce(bytes(training, training: true)) { max($0, bytes($1, training: false)) }
  }
}
