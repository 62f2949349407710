// What a run remembers of its steps: curve points, the last batches' losses and gradient norms. It only reads what the
// step already computed, so recording cannot change a run.

import Arithmetics
import Foundation
import Transformer
import Trials

/// Collects a run's curves and the loss of its last batches.
struct RunRecorder {
  /// The batches that the final training loss is the mean of.
  static let finalBatchCount = 10

  private let cadence: Int
  private let labelCount: Int
  private let arithmetic: Arithmetic
  private(set) var curve: [CurvePoint] = []
  private var window = BatchSums()
  private var lastBatches: [BatchSums] = []

  init(curvesEvery cadence: Int, labelCount: Int, _ arithmetic: Arithmetic = .ofIdentifiers) {
    self.cadence = cadence
    self.labelCount = labelCount
    self.arithmetic = arithmetic
  }

  /// Everything but the curve as one line of text, for a checkpoint; sums come back with their bits.
  ///
  /// - Throws: nothing but what Foundation throws for a number that is no number.
  func state() throws -> String { String(decoding: try JSONEncoder().encode([window] + lastBatches), as: UTF8.self) }

  /// Goes on from a curve and a state.
  ///
  /// - Throws: for what is no state.
  mutating func restore(curve: [CurvePoint], state: String) throws {
    let sums = try JSONDecoder().decode([BatchSums].self, from: Data(state.utf8))
    guard (1...Self.finalBatchCount + 1).contains(sums.count), sums.allSatisfy(\.isPossible) else {
      throw TrainingError("no batches can have led to the recorder's \(sums.count) sums")
    }
    self.curve = curve
    window = sums[0]
    lastBatches = Array(sums.dropFirst())
  }

  /// The mean loss of the last batches, dropout on; nil before the first.
  var finalLoss: Double? {
    let count = lastBatches.reduce(0) { $0 + $1.sequenceCount }
    return count == 0 ? nil : lastBatches.reduce(0) { $0 + $1.lossSum } / Double(count)
  }

  /// Takes note of a batch.
  mutating func add(_ result: BatchResult, targets: Targets) {
    let sums = BatchSums(result, targets: targets, labelCount: labelCount, arithmetic)
    window.add(sums)
    if lastBatches.count == Self.finalBatchCount { lastBatches.removeFirst() }
    lastBatches.append(sums)
  }

  /// Ends the step that made `step` completed updates: writes a point of each curve where the cadence or the end says.
  mutating func endStep(
    _ step: Int, epoch: Double, isLast: Bool, learningRate: Double, gradientNorm: Double, updateNorm: Double? = nil
  ) {
    if let updateNorm { window.add(updateNorm: updateNorm) }
    guard cadence > 0, step % cadence == 0 || isLast else { return }
    let count = Double(window.sequenceCount)
    var quantities = [
      ("loss", window.lossSum / count), ("learning_rate", learningRate), ("gradient_norm", gradientNorm),
      ("mean_prediction", window.predictionSum / count),
    ]
    if labelCount > 1 {
      quantities += [
        ("accuracy", Double(window.correctCount) / count), ("softmax_entropy", window.entropySum / count),
      ]
    }
    for (limit, saturated) in zip(PoolerSaturation.limits, window.saturation.saturatedCounts)
    where window.saturation.count > 0 {
      quantities.append(("saturation_\(limit)", Double(saturated) / Double(window.saturation.count)))
    }
    if let updateNorm = window.meanUpdateNorm { quantities.append(("update_norm", updateNorm)) }
    curve += quantities.map { CurvePoint(step: step, epoch: epoch, quantity: $0.0, value: $0.1) }
    window = BatchSums()
  }
}

/// Sums over the sequences of some batches.
private struct BatchSums: Codable {
  var sequenceCount = 0
  var lossSum = 0.0
  /// Sequences predicted as class 1, or the sum of predicted values.
  var predictionSum = 0.0
  var correctCount = 0
  /// The sum of the predicted distributions' entropies, in nats.
  var entropySum = 0.0
  var saturation = PoolerSaturation()
  /// The norms of the updates that were measured, and their number; nil where none was.
  private var updateNormSum: Double?
  private var updateCount: Int?

  /// Whether there may be batches with these counts, which can then be counted on.
  var isPossible: Bool {
    (0...Int(Int32.max)).contains(sequenceCount) && (0...sequenceCount).contains(correctCount) && saturation.isPossible
      && (0...Int(Int32.max)).contains(updateCount ?? 0)
  }

  init() {}

  init(_ result: BatchResult, targets: Targets, labelCount: Int, _ arithmetic: Arithmetic) {
    sequenceCount = targets.count
    lossSum = result.lossSum
    saturation = result.saturation
    switch targets {
    case .classes(let classes):
      let predictions = predictedClasses(result.logits, labelCount: labelCount)
      predictionSum = Double(predictions.count { $0 == 1 })
      correctCount = zip(predictions, classes).count { $0 == Int($1) }
      for start in stride(from: 0, to: result.logits.count, by: labelCount) {
        entropySum += softmaxEntropy(result.logits[start..<start + labelCount], arithmetic)
      }
    case .values:
      predictionSum = result.logits.reduce(0) { $0 + Double($1) }
    }
  }

  /// The mean norm of the updates that were measured; nil where none was.
  var meanUpdateNorm: Double? { updateNormSum.flatMap { sum in updateCount.map { sum / Double(max(1, $0)) } } }

  mutating func add(updateNorm: Double) {
    updateNormSum = (updateNormSum ?? 0) + updateNorm
    updateCount = (updateCount ?? 0) + 1
  }

  mutating func add(_ other: BatchSums) {
    sequenceCount += other.sequenceCount
    lossSum += other.lossSum
    predictionSum += other.predictionSum
    correctCount += other.correctCount
    entropySum += other.entropySum
    saturation.add(other.saturation)
  }
}

/// The entropy in nats of the distribution that logits stand for: 0 where one class has it all, ln n where none is preferred.
func softmaxEntropy(_ logits: ArraySlice<Float>, _ arithmetic: Arithmetic = .ofIdentifiers) -> Double {
  let largest = Double(logits.max() ?? 0)
  let weights = logits.map { arithmetic.exp(Double($0) - largest) }
  let sum = weights.reduce(0, +)
  return zip(logits, weights).reduce(arithmetic.log(sum)) { $0 - $1.1 / sum * (Double($1.0) - largest) }
}
