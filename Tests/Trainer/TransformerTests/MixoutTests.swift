import Foundation
import Kernels
import SeedStreams
import XCTest

@testable import Transformer
@testable import WeightFiles

/// Mixout against its definition, central differences of that definition, and PyTorch.
final class MixoutTests: XCTestCase {
  private let batch = ClassifierTests.batch(ClassifierTests.odd)
  private let targets = Targets.classes([2, 0, 1, 1, 2])

  /// A classifier, and pre-trained weights some way off.
  private func models() -> (classifier: Classifier, anchor: Classifier) {
    (
      ClassifierTests.classifier(ClassifierTests.odd, labelCount: 3),
      ClassifierTests.classifier(ClassifierTests.odd, labelCount: 3, seed: 2)
    )
  }

  private func mixed(
    _ models: (classifier: Classifier, anchor: Classifier), _ probability: Double,
    _ scale: MixedWeights.GradientScale = .exact
  ) -> MixedWeights {
    MixedWeights(
      of: models.classifier, towards: models.anchor.parameters, probability: probability, gradientScale: scale
    ) { _ in true }
  }

  /// Whether each input column of a tensor is kept in a step, word by word from the stream's definition.
  private static func keeps(_ tensor: Int, columns: Int, step: UInt32, probability: Double) -> [Bool] {
    let stream = SeedStream(seed: 9, purpose: .mixout, site: UInt32(tensor), step: step)
    return (0..<columns).map { column in
      let word = stream.block(at: UInt64(column / 8))[column % 8 / 2]
      return Double(column % 2 == 0 ? word & 0xFFFF : word >> 16) >= (probability * 65_536).rounded()
    }
  }

  /// The published formula in Double, on a reference encoder's parameters.
  private static func mix(
    _ reference: ReferenceEncoder, _ anchor: [Double], step: UInt32, probability: Double
  ) -> ReferenceEncoder {
    var result = reference
    for (index, tensor) in reference.layout.tensors.enumerated()
    where tensor.shape.count == 2 && tensor.group != .embeddings && tensor.group != .head {
      let keeps = keeps(index, columns: tensor.shape[1], step: step, probability: probability)
      for place in tensor.range {
        let mask = keeps[(place - tensor.range.lowerBound) % tensor.shape[1]] ? 1.0 : 0
        let (u, w) = (anchor[place], reference.parameters[place])
        result.parameters[place] = ((1 - mask) * u + mask * w - probability * u) / (1 - probability)
      }
    }
    return result
  }

  func testLossAndGradientsAreThoseOfTheDefinition() {
    let models = models()
    let anchor = models.anchor.parameters.map(Double.init)
    let probability = 0.4375  // exact in the masks' 65536 steps
    for dropout in [nil, ClassifierTests.plan] {
      let mixout = mixed(models, probability)
      mixout.mix(models.classifier.parameters, seed: 9, step: 4, on: .alone)
      let gradients = GradientArena(models.classifier.layout)
      let result = models.classifier.lossAndGradients(
        of: batch, targets: targets, dropout: dropout, mixout: mixout, into: gradients)
      let reference = ReferenceEncoder(models.classifier, dropout: dropout)
      let expected = Self.mix(reference, anchor, step: 4, probability: probability).meanLoss(batch, targets)
      XCTAssertEqual(result.lossSum / 5, expected, accuracy: 2e-5 * max(1, expected))
      ClassifierTests.assert([Array(gradients.values)], of: models.classifier.layout, equal: reference, line: #line) {
        [batch, targets] in Self.mix($0, anchor, step: 4, probability: probability).meanLoss(batch, targets)
      }
    }
  }

  func testThePublishedGradientLacksTheScale() {
    let models = models()
    let scales: [MixedWeights.GradientScale] = [.exact, .published]
    let found = scales.map { scale in
      let mixout = mixed(models, 0.75, scale)
      mixout.mix(models.classifier.parameters, seed: 9, step: 0, on: .alone)
      let gradients = GradientArena(models.classifier.layout)
      _ = models.classifier.lossAndGradients(of: batch, targets: targets, dropout: nil, mixout: mixout, into: gradients)
      return Array(gradients.values)
    }
    for tensor in models.classifier.layout.tensors {
      let isMixed = tensor.shape.count == 2 && tensor.group != .embeddings && tensor.group != .head
      for place in tensor.range { XCTAssertEqual(found[0][place], (isMixed ? 4 : 1) * found[1][place], tensor.name) }
    }
  }

  /// The mean over masks is the weight: of 4,000 draws within five standard errors, |w - u| sqrt(p / (1 - p) / 4000).
  func testTheMeanOfMixedWeightsIsTheWeight() throws {
    let models = models()
    let (probability, count) = (0.7, 4000)
    let mixout = mixed(models, probability)
    let tensor = try XCTUnwrap(models.classifier.layout["bert.encoder.layer.1.intermediate.dense.weight"])
    var sums = [Double](repeating: 0, count: tensor.range.count)
    let weights = mixout.tensors.layers[1].intermediate.weight.start
    for step in 0..<count {
      mixout.mix(models.classifier.parameters, seed: 3, step: UInt32(step), on: .alone)
      for index in sums.indices { sums[index] += Double(weights[index]) }
    }
    for (index, place) in tensor.range.enumerated() {
      let (w, u) = (Double(models.classifier.parameters[place]), Double(models.anchor.parameters[place]))
      let error = (probability / (1 - probability) / Double(count)).squareRoot() * abs(w - u)
      XCTAssertEqual(sums[index] / Double(count), w, accuracy: 5 * error + 1e-5)
    }
  }

  /// A step's passes read the mixed weights; evaluations and the trained weights know nothing of them.
  func testAStepLeavesTheClassifierAsItWas() {
    let models = models()
    let before = (Array(models.classifier.parameters), models.classifier.logits(of: batch))
    let mixout = mixed(models, 0.5)
    let gradients = GradientArena(models.classifier.layout)
    var logits: [[Float]] = []
    for step in 0..<3 {
      mixout.mix(models.classifier.parameters, seed: 1, step: UInt32(step), on: .alone)
      logits.append(
        models.classifier.lossAndGradients(
          of: batch, targets: targets, dropout: nil, mixout: mixout, into: gradients
        ).logits)
      XCTAssertEqual(Array(models.classifier.parameters), before.0)
      XCTAssertEqual(models.classifier.logits(of: batch), before.1)
    }
    XCTAssertEqual(Set(logits + [before.1]).count, 4, "every step has masks of its own")
  }

  /// Where the folder holds no pooler there is nothing to mix it with.
  func testOnlyPretrainedTensorsAreMixed() {
    let models = models()
    let mixout = MixedWeights(of: models.classifier, towards: models.anchor.parameters, probability: 0.5) {
      $0.group != .pooler
    }
    mixout.mix(models.classifier.parameters, seed: 1, step: 0, on: .alone)
    XCTAssertEqual(
      mixout.tensors.set[.linear(.pooler, .weight)], models.classifier.tensors.set[.linear(.pooler, .weight)])
    XCTAssertNotEqual(
      mixout.tensors.layers[0].output.weight.start, models.classifier.tensors.layers[0].output.weight.start)
    XCTAssertEqual(mixout.tensors.layers[0].output.bias, models.classifier.tensors.layers[0].output.bias)
  }

  /// `make_mixout_golden.py`, under the tolerances of `HuggingFaceParityTests`.
  func testPyTorchComputesTheSame() throws {
    let golden = try Goldens.tensors(of: TensorFile(safetensors: "\(Goldens.path)/mixout.safetensors"))
    let batch = try HuggingFaceParityTests.batch("classification")
    let folder = try ModelFolder("\(Goldens.path)/classification")
    let classifier = Classifier(configuration: folder.configuration, labelCount: 3)
    try folder.load(into: classifier, keepHead: true, seed: 1)
    let anchor = Classifier(configuration: folder.configuration, labelCount: 3)
    for tensor in classifier.layout.tensors {
      for (place, value) in zip(tensor.range, golden["anchor." + tensor.name] ?? []) {
        anchor.parameters[place] = value
      }
    }
    let mixout = MixedWeights(of: classifier, towards: anchor.parameters, probability: 28_672 / 65_536) { _ in true }
    mixout.mix(classifier.parameters, on: .alone) { index, storage in
      let marks = golden["mask." + classifier.layout.tensors[index].name] ?? []
      // Scale and storage as drawn, then the golden's marks.
      let drawn = DropoutMask(
        drawing: marks.count, into: storage, from: SeedStream(seed: 1, purpose: .mixout), probability: 28_672 / 65_536)
      for (column, mark) in marks.enumerated() { storage[column] = mark == 1 ? 1 : 0 }
      return drawn
    }
    let gradients = GradientArena(classifier.layout)
    let result = classifier.lossAndGradients(
      of: batch.packed, targets: batch.targets(labelCount: 3), dropout: nil, mixout: mixout, into: gradients)
    let loss = Double(try XCTUnwrap(golden["loss"]?.first))
    XCTAssertEqual(result.lossSum / Double(batch.labels.count), loss, accuracy: 4e-6 * max(1, loss))
    try HuggingFaceParityTests.compare(gradients, with: golden, "mixout")
  }
}
