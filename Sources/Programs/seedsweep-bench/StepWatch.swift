// Follows a trial through its progress and step events and notes when each part of a step ended. Between steps it times
// the matrix products of the step before, so that whatever slows the machine slows both.

import JSON5
import Training
import Transformer

/// The parts of a step, in order.
enum StepPart: String, CaseIterable {
  /// The batch is put together.
  case batch
  /// Forward pass and loss; dropout masks, and updates that embedding rows of this batch have missed, included.
  case forward
  /// Backward pass.
  case backward
  /// Gradient norms.
  case norms
  /// Clipping and the optimizer.
  case update
  /// Curves and everything else that follows a step.
  case recording
}

/// One measured step.
struct MeasuredStep {
  /// Its sequences.
  var sequences: PackedSequences
  /// Their classes or values.
  var targets: Targets
  /// The mean loss over its sequences, dropout on.
  var loss: Double
  /// The seconds of each part.
  var seconds: [Double]
  /// Operations of all its matrix products.
  var flops: Double
  /// Billions of operations per second of its whole products alone, if every thread reached the rate of a single one.
  var gigaflopsAlone: Double

  /// The seconds of the step.
  var totalSeconds: Double { seconds.reduce(0, +) }
  /// The share of the step that its products would take alone.
  var rooflineShare: Double { flops / (gigaflopsAlone * 1e9) / totalSeconds }

  /// The step as a line of JSON, its sequences ragged.
  var line: String {
    var writer = JSONWriter()
    func write<Number: BinaryInteger>(_ key: String, _ numbers: [Number], _ writer: inout JSONWriter) {
      writer.key(key)
      writer.array { list in
        for (start, end) in zip(sequences.offsets, sequences.offsets.dropFirst()) {
          list.array { row in numbers[start..<end].forEach { row.value($0) } }
        }
      }
    }
    writer.object { object in
      write("input_ids", sequences.tokenIdentifiers, &object)
      write("token_type_ids", sequences.typeIdentifiers, &object)
      object.key("labels")
      object.array { list in
        switch targets {
        case .classes(let classes): classes.forEach { list.value($0) }
        case .values(let values): values.forEach { list.value(Double($0)) }
        }
      }
      object.key("loss")
      object.value(loss)
      object.key("seconds")
      object.value(totalSeconds)
    }
    return writer.text + "\n"
  }
}

/// Follows one trial.
final class StepWatch {
  /// The measured steps so far.
  private(set) var steps: [MeasuredStep] = []
  /// Seconds from the start of the process to that of the first step.
  private(set) var startSeconds = Double.nan
  private let encoder: EncoderConfiguration
  private let labelCount: Int
  private let warmupCount: Int
  private let stepCount: Int
  private let threadCount: Int
  private let timer: ProductTimer
  private let clock = ContinuousClock()
  private var completedCount = 0
  private var marks: [ContinuousClock.Instant] = []
  private var batch: (sequences: PackedSequences, targets: Targets)?
  private var lossSum = Double.nan

  /// A watch that stops the trial after `warmupCount` and `stepCount` steps and times the products of the latter between them.
  init(
    _ encoder: EncoderConfiguration, labelCount: Int, warmupCount: Int, stepCount: Int, threadCount: Int,
    timer: ProductTimer
  ) {
    self.encoder = encoder
    self.labelCount = labelCount
    self.warmupCount = warmupCount
    self.stepCount = stepCount
    self.threadCount = threadCount
    self.timer = timer
  }

  /// Whether every step that was asked for is measured.
  var isComplete: Bool { steps.count == stepCount }

  /// Called by the trainer before every step: ends the last one and begins the next.
  func progress(_ progress: TrialProgress) -> ProgressAnswer {
    let now = clock.now
    guard progress.phase == .training else { return .proceed }
    if marks.isEmpty { startSeconds = secondsSinceProcessStart() } else { endStep(now) }
    if isComplete { return .stop }
    marks = [clock.now]
    return .proceed
  }

  /// Called by the trainer within a step.
  func note(_ event: StepEvent) {
    marks.append(clock.now)
    switch event {
    case .batch(let sequences, let targets): batch = (sequences, targets)
    case .loss(let sum): lossSum = sum
    case .gradients, .norms, .update: break
    }
  }

  private func endStep(_ now: ContinuousClock.Instant) {
    marks.append(now)
    completedCount += 1
    guard completedCount > warmupCount, let (sequences, targets) = batch else { return }
    precondition(
      marks.count == StepPart.allCases.count + 1, "a step of \(marks.count) marks has parts that nobody named")
    let lengths = zip(sequences.offsets, sequences.offsets.dropFirst()).map { $1 - $0 }
    let products = ModelProducts(
      encoder, labelCount: labelCount, tokenCount: sequences.tokenCount, sequenceCount: lengths.count)
    steps.append(
      MeasuredStep(
        sequences: sequences, targets: targets, loss: lossSum / Double(lengths.count),
        seconds: zip(marks, marks.dropFirst()).map { ($1 - $0) / .seconds(1) },
        // A backward pass makes two products for each of the forward pass.
        flops: 3 * CostEstimate.forwardFlops(encoder, labelCount: labelCount, lengths: LengthSummary(lengths)),
        gigaflopsAlone: Double(threadCount) * timer.gigaflops(products)))
  }
}
