// Which batches of a run its memory depends on. The orders of the examples are known before the run, so the batches are
// looked at themselves: the longest sequences of a task hardly ever meet in one batch.

import Arithmetics
import Datasets
import Trials

/// The largest batches seen by two measures that activations grow with: tokens, and squared lengths.
struct LargestBatches {
  /// Examples that are looked at in all: beyond, another seed's orders change the largest batch by a few percent at most.
  static let exampleLimit = 500_000

  private var mostTokens: (measure: Int, lengths: [Int]) = (-1, [])
  private var mostSquares: (measure: Int, lengths: [Int]) = (-1, [])

  /// The lengths of the one or two largest batches.
  var lengths: [[Int]] {
    mostTokens.lengths == mostSquares.lengths ? [mostTokens.lengths] : [mostTokens.lengths, mostSquares.lengths]
  }

  /// The training batches of a configuration's runs, with as many of the order seeds as the limit allows.
  init(training configuration: TrialConfiguration, lengths: [Int], seeds: [TrialSeeds]) {
    let length = RunLength(configuration, exampleCount: lengths.count)
    let (batchSize, isShuffled) = (configuration.training.batchSize, configuration.training.shuffle)
    var seen: Set<UInt64> = []
    var exampleCount = 0
    for seeds in seeds where seen.insert(isShuffled ? seeds.order : 0).inserted {
      let order = DataOrder(count: lengths.count, seed: isShuffled ? seeds.order : nil)
      // An unshuffled epoch is like the next one.
      let end = isShuffled ? length.stepCount : min(length.stepCount, length.stepsPerEpoch)
      for epochStart in stride(from: 0, to: end, by: max(1, length.stepsPerEpoch)) {
        guard exampleCount == 0 || exampleCount + lengths.count <= Self.exampleLimit else { return }
        exampleCount += lengths.count
        let indices = order.order(ofEpoch: epochStart / length.stepsPerEpoch)
        see(indices.prefix((end - epochStart) * batchSize).map { lengths[$0] }, batchSize: batchSize)
      }
    }
  }

  /// The batches of an evaluation by an arithmetic, in the order of the examples.
  init(evaluating lengths: [Int], _ arithmetic: Arithmetic) {
    see(lengths, EvaluationBatches(arithmetic).ranges(of: lengths))
  }

  private mutating func see(_ lengths: [Int], batchSize: Int) {
    see(lengths, EvaluationBatches.sequences(batchSize).ranges(of: lengths))
  }

  private mutating func see(_ lengths: [Int], _ batches: [Range<Int>]) {
    for range in batches {
      let batch = lengths[range]
      let (tokens, squares) = batch.reduce((0, 0)) { ($0.0 + $1, $0.1 + $1 * $1) }
      if tokens > mostTokens.measure { mostTokens = (tokens, Array(batch)) }
      if squares > mostSquares.measure { mostSquares = (squares, Array(batch)) }
    }
  }
}
