import Arithmetics
import Dispatch
import Kernels
import SeedStreams
import XCTest

@testable import Transformer

final class ClassifierTests: XCTestCase {
  /// Sizes that fill whole vectors of eight, and sizes that leave remainders everywhere.
  static let even = EncoderConfiguration(
    vocabularySize: 11, hiddenSize: 8, layerCount: 3, headCount: 2, intermediateSize: 16, positionCount: 9)
  static let odd = EncoderConfiguration(
    vocabularySize: 7, hiddenSize: 12, layerCount: 2, headCount: 3, intermediateSize: 10, positionCount: 11)

  /// The layer norms before attention and feed-forward part.
  static let preNorm = EncoderConfiguration(
    architecture: .megatronBERT, vocabularySize: 7, hiddenSize: 12, layerCount: 3, headCount: 3, intermediateSize: 10,
    positionCount: 11)

  /// Five ragged sequences of 1 to 9 tokens; words repeat, so their gradients are sums. Types are 0 where the family has none.
  static func batch(_ configuration: EncoderConfiguration) -> PackedSequences {
    var stream = SeedStream(seed: 5, purpose: .synthesis)
    let offsets = [0, 3, 4, 11, 13, 22]
    return PackedSequences(
      tokenIdentifiers: (0..<22).map { _ in Int32(stream.below(configuration.vocabularySize)) },
      typeIdentifiers: (0..<22).map { _ in Int32(stream.below(max(1, configuration.typeCount))) }, offsets: offsets)
  }

  /// Weights far from their initial values, so that no term is negligible.
  static func classifier(_ configuration: EncoderConfiguration, labelCount: Int, seed: UInt64 = 1) -> Classifier {
    let classifier = Classifier(configuration: configuration, labelCount: labelCount)
    scatter(classifier, seed: seed)
    return classifier
  }

  static func scatter(_ encoder: EncoderModel, seed: UInt64) {
    var stream = SeedStream(seed: seed, purpose: .synthesis, site: 1)
    for tensor in encoder.layout.tensors {
      for index in tensor.range {
        let center: Float = tensor.initialRule == .ones ? 1 : 0
        encoder.parameters[index] = center + Float(stream.normal() * 0.3)
      }
    }
  }

  static let plan = DropoutPlan(
    seed: 3, step: 17, hiddenProbability: 0.2, attentionProbability: 0.3, classifierProbability: 0.15)

  static func step(_ classifier: Classifier, _ batch: PackedSequences, _ targets: Targets, _ dropout: DropoutPlan?)
    -> (BatchResult, [Float])
  {
    let gradients = GradientArena(classifier.layout)
    let result = classifier.lossAndGradients(of: batch, targets: targets, dropout: dropout, into: gradients)
    return (result, withExtendedLifetime(gradients) { Array(gradients.values) })
  }

  /// The logits of a training step alone.
  static func logits(
    _ classifier: Classifier, _ batch: PackedSequences, _ targets: Targets, _ dropout: DropoutPlan?
  ) -> [Float] {
    let gradients = GradientArena(classifier.layout)
    return classifier.lossAndGradients(of: batch, targets: targets, dropout: dropout, into: gradients).logits
  }

  func testAnArenaThatAnotherBatchWasWrittenToGivesTheSameGradients() {
    let classifier = Self.classifier(Self.even, labelCount: 3)
    let batch = Self.batch(Self.even)
    let targets = Targets.classes((0..<batch.sequenceCount).map { Int32($0 % 3) })
    let (result, expected) = Self.step(classifier, batch, targets, Self.plan)
    let other = PackedSequences(
      tokenIdentifiers: (0..<6).map { Int32($0) }, typeIdentifiers: [Int32](repeating: 1, count: 6), offsets: [0, 6])
    let gradients = GradientArena(classifier.layout)
    _ = classifier.lossAndGradients(of: other, targets: .classes([2]), dropout: nil, into: gradients)
    XCTAssertEqual(gradients.touched, classifier.layout.touchedRows(other))
    let again = classifier.lossAndGradients(of: batch, targets: targets, dropout: Self.plan, into: gradients)
    XCTAssertEqual(again.lossSum, result.lossSum)
    XCTAssertEqual(Array(gradients.values), expected)
  }

  func testTouchedRowsAreThoseOfTheBatch() {
    let layout = ParameterLayout(Self.even, labelCount: 2)
    let batch = PackedSequences(
      tokenIdentifiers: [5, 3, 5, 0, 3], typeIdentifiers: [0, 0, 1, 0, 1], offsets: [0, 3, 5])
    let touched = layout.touchedRows(batch)
    XCTAssertEqual(
      touched.map { layout.tensors[$0.tensorIndex].name },
      ["bert.embeddings.word_embeddings.weight", "bert.embeddings.position_embeddings.weight"])
    XCTAssertEqual(touched.map(\.rows), [[0, 3, 5], [0, 1, 2]])
  }

  // MARK: - Against the reference

  /// Float sums of at most 22 terms over two or three layers: some hundred roundings of 2^-24 on the longest path, which
  /// layer norm may amplify a few times, so 1e-5 of a value of order one.
  static let forwardTolerance = 1e-5

  func testLogitsEqualTheReference() {
    for (configuration, labelCount) in [(Self.even, 3), (Self.odd, 1), (Self.preNorm, 2)] {
      let classifier = Self.classifier(configuration, labelCount: labelCount)
      let batch = Self.batch(configuration)
      let expected = ReferenceEncoder(classifier).logits(batch).flatMap { $0 }
      for arithmetic in Arithmetic.allCases {
        classifier.arithmetic = arithmetic
        for (logit, reference) in zip(classifier.logits(of: batch), expected) {
          XCTAssertEqual(Double(logit), reference, accuracy: Self.forwardTolerance * max(1, abs(reference)))
        }
      }
    }
  }

  func testEveryGradientEqualsCentralDifferencesOfTheReference() {
    let values: Targets = .values([0.5, -1, 2, 0, 1.25])
    let classes: Targets = .classes([2, 0, 1, 1, 2])
    Self.check(Self.even, 3, classes, nil)
    Self.check(Self.even, 3, classes, Self.plan)
    Self.check(Self.odd, 1, values, nil)
    Self.check(Self.odd, 1, values, Self.plan)
    var single = Self.odd
    single.layerCount = 1
    Self.check(single, 3, classes, Self.plan)
    Self.check(Self.preNorm, 3, classes, nil)
    Self.check(Self.preNorm, 3, classes, Self.plan)
    single.architecture = .megatronBERT
    Self.check(single, 1, values, Self.plan)
  }

  /// Central differences of step 1e-5 in Double err by about 1e-10 of third derivatives and 1e-11 of rounding; the float
  /// backward pass rounds some hundred times on the longest path: 2e-5 of its tensor's largest gradient, plus 1e-6 of
  /// the whole largest for tensors whose true gradient is zero, such as a key's bias.
  static func check(
    _ configuration: EncoderConfiguration, _ labelCount: Int, _ targets: Targets, _ dropout: DropoutPlan?,
    line: UInt = #line
  ) {
    let classifier = Self.classifier(configuration, labelCount: labelCount)
    let batch = Self.batch(configuration)
    let reference = ReferenceEncoder(classifier, dropout: dropout)
    let mean = reference.meanLoss(batch, targets)
    let gradients = Arithmetic.allCases.map { arithmetic in
      classifier.arithmetic = arithmetic
      let (result, gradients) = Self.step(classifier, batch, targets, dropout)
      XCTAssertEqual(result.lossSum / 5, mean, accuracy: 2 * Self.forwardTolerance * max(1, mean), line: line)
      return gradients
    }
    Self.assert(gradients, of: classifier.layout, equal: reference, line: line) { $0.meanLoss(batch, targets) }
  }

  /// Compares several gradients, such as those of each arithmetic, with the central differences of a loss.
  static func assert(
    _ gradients: [[Float]], of layout: ParameterLayout, equal reference: ReferenceEncoder, line: UInt,
    _ loss: @Sendable (ReferenceEncoder) -> Double
  ) {
    let parameterCount = reference.parameters.count
    var differences = [Double](repeating: 0, count: parameterCount)
    differences.withUnsafeMutableBufferPointer { buffer in
      // Each block writes its own elements.
      nonisolated(unsafe) let buffer = buffer
      DispatchQueue.concurrentPerform(iterations: 16) { block in
        var reference = reference
        for index in (block * parameterCount / 16)..<((block + 1) * parameterCount / 16) {
          let kept = reference.parameters[index]
          reference.parameters[index] = kept + 1e-5
          let above = loss(reference)
          reference.parameters[index] = kept - 1e-5
          buffer[index] = (above - loss(reference)) / 2e-5
          reference.parameters[index] = kept
        }
      }
    }
    let largest = differences.map(abs).max()!
    for tensor in layout.tensors {
      let allowed = 2e-5 * differences[tensor.range].map(abs).max()! + 1e-6 * largest
      for own in gradients {
        let error = tensor.range.map { abs(Double(own[$0]) - differences[$0]) }.max()!
        XCTAssertLessThan(error, allowed, "\(tensor.name)", line: line)
      }
    }
  }

  // MARK: - Invariants

  func testLogitsAreThoseOfTheStepWithoutDropoutToTheBit() {
    for configuration in [Self.even, Self.odd, Self.preNorm] {
      let classifier = Self.classifier(configuration, labelCount: 3)
      let batch = Self.batch(configuration)
      let result = Self.step(classifier, batch, .classes([2, 0, 1, 1, 2]), nil).0
      XCTAssertEqual(classifier.logits(of: batch), result.logits)
      let losses = Classifier.losses(logits: result.logits, labelCount: 3, targets: .classes([2, 0, 1, 1, 2]))
      XCTAssertEqual(losses.reduce(0, +), result.lossSum)
    }
  }

  func testABatchEqualsItsSequencesAlone() {
    let classifier = Self.classifier(Self.even, labelCount: 3)
    let batch = Self.batch(Self.even)
    let alone = (0..<batch.sequenceCount).flatMap { classifier.logits(of: Self.sequence($0, of: batch)) }
    // Both are within the forward tolerance of the exact value; products of other row counts may round differently.
    for (packed, single) in zip(classifier.logits(of: batch), alone) {
      XCTAssertEqual(Double(packed), Double(single), accuracy: 2 * Self.forwardTolerance * max(1, abs(Double(single))))
    }
  }

  static func sequence(_ index: Int, of batch: PackedSequences) -> PackedSequences {
    let range = batch.offsets[index]..<batch.offsets[index + 1]
    return PackedSequences(
      tokenIdentifiers: Array(batch.tokenIdentifiers[range]), typeIdentifiers: Array(batch.typeIdentifiers[range]),
      offsets: [0, range.count])
  }

  func testAStepIsAFunctionOfItsArgumentsAlone() {
    let batch = Self.batch(Self.even)
    let targets: Targets = .classes([2, 0, 1, 1, 2])
    let first = Self.step(Self.classifier(Self.even, labelCount: 3), batch, targets, Self.plan)
    let classifier = Self.classifier(Self.even, labelCount: 3)
    // Evaluation, smaller batches and other steps in between leave no trace.
    _ = Self.step(classifier, Self.sequence(0, of: batch), .classes([1]), nil)
    _ = classifier.logits(of: batch)
    _ = Self.step(classifier, batch, targets, DropoutPlan(seed: 3, step: 18, Self.even))
    _ = classifier.logits(of: Self.sequence(2, of: batch))
    let second = Self.step(classifier, batch, targets, Self.plan)
    XCTAssertEqual(first.0.logits, second.0.logits)
    XCTAssertEqual(first.0.lossSum, second.0.lossSum)
    XCTAssertEqual(first.1, second.1)
  }

  func testDropoutDependsOnSeedAndStep() {
    let classifier = Self.classifier(Self.even, labelCount: 3)
    let batch = Self.batch(Self.even)
    var seen: [[Float]] = []
    for (seed, number) in [(1, 1), (1, 2), (2, 1)] as [(UInt64, UInt32)] {
      let plan = DropoutPlan(seed: seed, step: number, Self.even)
      seen.append(Self.logits(classifier, batch, .classes([2, 0, 1, 1, 2]), plan))
    }
    XCTAssertNotEqual(seen[0], seen[1])
    XCTAssertNotEqual(seen[0], seen[2])
    XCTAssertNotEqual(seen[1], seen[2])
    let nothing = DropoutPlan(
      seed: 1, step: 1, hiddenProbability: 0, attentionProbability: 0, classifierProbability: 0)
    XCTAssertEqual(
      Self.logits(classifier, batch, .classes([2, 0, 1, 1, 2]), nothing), classifier.logits(of: batch))
  }

  func testEveryDropoutSiteHasAKeyOfItsOwn() {
    var sites: [DropoutSite] = [.embeddings, .classifier]
    for layer in 0..<24 {
      sites += [
        .attentionProbabilities(layer: layer), .attentionOutput(layer: layer), .feedForwardOutput(layer: layer),
      ]
    }
    XCTAssertEqual(Set(sites.map(\.key)).count, 2 + 3 * 24)
  }

  func testAnInvalidWeightAnywhereOnThePathMakesTheLossInvalid() {
    let batch = Self.batch(Self.even)
    for name in [
      "bert.embeddings.LayerNorm.weight", "bert.encoder.layer.1.attention.self.query.weight",
      "bert.encoder.layer.1.attention.self.value.weight", "bert.encoder.layer.1.intermediate.dense.bias",
      "bert.encoder.layer.2.output.LayerNorm.bias", "bert.pooler.dense.weight", "classifier.bias",
    ] {
      let classifier = Self.classifier(Self.even, labelCount: 3)
      classifier.parameters[classifier.layout[name]!.range.lowerBound] = .nan
      let result = Self.step(classifier, batch, .classes([2, 0, 1, 1, 2]), Self.plan).0
      XCTAssertTrue(result.lossSum.isNaN, name)
    }
  }

  func testLossesOfClassesAndValues() {
    let losses = Classifier.losses(logits: [0, 0, 0, 1], labelCount: 2, targets: .classes([1, 1]))
    XCTAssertEqual(losses[0], log(2), accuracy: 1e-15)
    XCTAssertEqual(losses[1], log(1 + exp(-1)), accuracy: 1e-15)
    XCTAssertEqual(Classifier.losses(logits: [1, -2], labelCount: 1, targets: .values([3, -2])), [4, 0])
  }
}

final class PoolerSaturationTests: XCTestCase {
  func testOutputsAreCountedByTheirAbsoluteValue() {
    var outputs: [Float] = [0.995, -0.99, 0.96, -0.91, 0.9, 0.86, 0.5, 0]
    var saturation = outputs.withUnsafeMutableBufferPointer {
      PoolerSaturation(Rows($0.baseAddress!, count: 2, columns: 4))
    }
    XCTAssertEqual(saturation.saturatedCounts, [2, 3, 5, 6])
    saturation.add(saturation)
    XCTAssertEqual(saturation.saturatedCounts, [4, 6, 10, 12])
    XCTAssertEqual(saturation.count, 16)
  }

  /// Dropout scales what the head reads, not what is counted.
  func testDropoutBeforeTheHeadChangesNoCount() {
    let classifier = ClassifierTests.classifier(ClassifierTests.even, labelCount: 2)
    let batch = ClassifierTests.batch(ClassifierTests.even)
    let targets = Targets.classes([0, 1, 0, 1, 1])
    let gradients = GradientArena(classifier.layout)
    let plans: [DropoutPlan?] = [
      nil, DropoutPlan(seed: 1, step: 1, hiddenProbability: 0, attentionProbability: 0, classifierProbability: 0.5),
    ]
    let found = plans.map {
      classifier.lossAndGradients(of: batch, targets: targets, dropout: $0, into: gradients).saturation
    }
    XCTAssertEqual(found[0], found[1])
    XCTAssertEqual(found[0].count, 5 * 8)
    XCTAssertGreaterThan(found[0].saturatedCounts[3], 0)
  }
}
