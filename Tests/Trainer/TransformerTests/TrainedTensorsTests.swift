import Architectures
import XCTest

@testable import Transformer

/// The backward pass of some tensors alone.
final class TrainedTensorsTests: XCTestCase {
  private static let frozen: [TrainedTensors.Frozen] = [
    .nothing, .embeddings, .layers(1), .layers(2), .encoder, .allButBiases,
  ]

  private static let configurations: [EncoderConfiguration] =
    [ClassifierTests.even, ClassifierTests.preNorm, ArchitectureTests.projected, ArchitectureTests.albert]
    + (Architecture.all + ArchitectureTests.others).map { ArchitectureTests.configuration($0, layerCount: 3) }

  /// Whether names alone say that a tensor is frozen: the rules of the papers' programs, which know parameters by their names.
  private func isFrozen(_ name: String, by frozen: TrainedTensors.Frozen) -> Bool {
    if name.hasPrefix("classifier") { return false }
    switch frozen {
    case .nothing: return false
    case .embeddings: return name.hasPrefix("bert.embeddings.")
    case .layers(let count):
      return name.hasPrefix("bert.embeddings.")
        || (0..<count).contains { name.hasPrefix("bert.encoder.layer.\($0).") }
    case .encoder: return name.hasPrefix("bert.")
    case .allButBiases: return !name.hasSuffix(".bias")
    }
  }

  func testTheTensorsOfBERTAreFrozenByTheirNames() {
    let layout = ParameterLayout(ClassifierTests.even, labelCount: 3)
    for frozen in Self.frozen {
      let trained = TrainedTensors(layout, frozen: frozen) { _ in true }
      for (index, tensor) in layout.tensors.enumerated() {
        XCTAssertEqual(trained[index], !isFrozen(tensor.name, by: frozen), "\(tensor.name) \(frozen)")
        XCTAssertEqual(trained.contains(tensor), trained[index])
      }
      XCTAssertEqual(
        trained.count, layout.tensors.filter { !isFrozen($0.name, by: frozen) }.reduce(0) { $0 + $1.range.count })
    }
    XCTAssertEqual(TrainedTensors(layout, frozen: .nothing) { _ in true }, TrainedTensors(allOf: layout))
    XCTAssertTrue(TrainedTensors(layout, frozen: .encoder) { _ in false }.areAll, "what is drawn is trained")
  }

  /// To the bit, in every family: the pass that stops early writes what the whole pass writes.
  func testTheGradientsOfTrainedTensorsAreThoseOfTheWholePass() {
    for configuration in Self.configurations {
      let classifier = ClassifierTests.classifier(configuration, labelCount: 3)
      let batch = ClassifierTests.batch(configuration)
      let targets = Targets.classes((0..<batch.sequenceCount).map { Int32($0 % 3) })
      let (expected, all) = ClassifierTests.step(classifier, batch, targets, ClassifierTests.plan)
      for frozen in Self.frozen {
        let trained = TrainedTensors(classifier.layout, frozen: frozen) { _ in true }
        let gradients = GradientArena(classifier.layout, trained: trained)
        let result = classifier.lossAndGradients(
          of: batch, targets: targets, dropout: ClassifierTests.plan, into: gradients)
        XCTAssertEqual(result.lossSum, expected.lossSum)
        for tensor in classifier.layout.tensors where trained.contains(tensor) {
          XCTAssertEqual(
            gradients.values[tensor.range].map(\.bitPattern), all[tensor.range].map(\.bitPattern),
            "\(configuration.architecture.modelType) \(frozen) \(tensor.name)")
        }
        XCTAssertEqual(
          gradients.applicationNorms.joined().count,
          classifier.layout.gradientNames.count - classifier.layout.tensors.count)
      }
    }
  }

  /// A weight that is not trained gets no product, and the pass does not go below what is trained.
  func testNothingIsWrittenBelowTheLowestTrainedTensor() throws {
    let classifier = ClassifierTests.classifier(ClassifierTests.even, labelCount: 3)
    let batch = ClassifierTests.batch(ClassifierTests.even)
    let targets = Targets.classes((0..<batch.sequenceCount).map { Int32($0 % 3) })
    let weight = try XCTUnwrap(classifier.layout["bert.encoder.layer.1.output.dense.weight"])
    let low = try XCTUnwrap(classifier.layout["bert.encoder.layer.0.output.dense.bias"])
    for (frozen, tensors) in [(TrainedTensors.Frozen.allButBiases, [weight]), (.layers(2), [weight, low])] {
      let gradients = GradientArena(
        classifier.layout, trained: TrainedTensors(classifier.layout, frozen: frozen) { _ in true })
      _ = classifier.lossAndGradients(of: batch, targets: targets, dropout: nil, into: gradients)
      for tensor in tensors { XCTAssertTrue(gradients.values[tensor.range].allSatisfy { $0 == 0 }, "\(frozen)") }
    }
  }

  func testOtherWeightsAreReadAndThenTheOwnAgain() {
    let (classifier, other) = (
      ClassifierTests.classifier(ClassifierTests.odd, labelCount: 2),
      ClassifierTests.classifier(ClassifierTests.odd, labelCount: 2, seed: 2)
    )
    let batch = ClassifierTests.batch(ClassifierTests.odd)
    let own = classifier.logits(of: batch)
    XCTAssertEqual(classifier.reading(other.parameters) { classifier.logits(of: batch) }, other.logits(of: batch))
    XCTAssertEqual(classifier.logits(of: batch), own)
  }
}
