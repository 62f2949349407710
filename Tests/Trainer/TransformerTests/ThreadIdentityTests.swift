import Arithmetics
import Kernels
import SeedStreams
import XCTest

@testable import Transformer

/// A step's bytes are the same for any number of threads, at sizes where every kernel is cut into blocks.
final class ThreadIdentityTests: XCTestCase {
  private static let configuration = EncoderConfiguration(
    vocabularySize: 97, hiddenSize: 192, layerCount: 2, headCount: 6, intermediateSize: 400, positionCount: 96)

  /// Twenty-four sequences of 9 to 90 tokens, 1,200 in all.
  private static let batch: PackedSequences = {
    let lengths = (0..<24).map { 9 + ($0 * 53) % 82 }
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let count = offsets[offsets.count - 1]
    return PackedSequences(
      tokenIdentifiers: (0..<count).map { Int32(($0 * 31) % 97) }, typeIdentifiers: (0..<count).map { Int32($0 % 2) },
      offsets: offsets)
  }()

  private func step(_ team: ThreadTeam, _ arithmetic: Arithmetic) -> (BatchResult, [UInt32], [UInt32]) {
    let classifier = Classifier(configuration: Self.configuration, labelCount: 3, team: team)
    classifier.arithmetic = arithmetic
    classifier.initialize(seed: 5)
    let gradients = GradientArena(classifier.layout)
    let plan = DropoutPlan(
      seed: 8, step: 2, hiddenProbability: 0.1, attentionProbability: 0.1, classifierProbability: 0.1)
    let targets = Targets.classes((0..<Self.batch.sequenceCount).map { Int32($0 % 3) })
    let result = classifier.lossAndGradients(of: Self.batch, targets: targets, dropout: plan, into: gradients)
    return (result, gradients.values.map(\.bitPattern), classifier.logits(of: Self.batch).map(\.bitPattern))
  }

  func testAStepHasTheSameBytesForAnyNumberOfThreads() throws { try check(.openblas) }
  func testAStepOfThePortableArithmeticToo() throws { try check(.portable) }

  private func check(_ arithmetic: Arithmetic) throws {
    XCTAssertGreaterThan(Self.batch.tokenCount, 768, "products must be cut by rows")
    let expected = step(.alone, arithmetic)
    XCTAssertTrue(expected.0.lossSum.isFinite)
    for threadCount in [2, 3, 7] {
      let found = step(try ThreadTeam(threadCount: threadCount), arithmetic)
      XCTAssertEqual(found.0.lossSum, expected.0.lossSum)
      XCTAssertEqual(found.0.logits, expected.0.logits)
      XCTAssertEqual(found.1, expected.1, "gradients on \(threadCount) threads")
      XCTAssertEqual(found.2, expected.2, "logits on \(threadCount) threads")
    }
  }

  /// What OpenBLAS does not offer: a row's bits do not depend on the rows beside it, so a sequence has the same logits in a
  /// batch of any size.
  func testPortableLogitsAreThoseOfEachSequenceAlone() {
    let classifier = Classifier(configuration: Self.configuration, labelCount: 3)
    classifier.arithmetic = .portable
    classifier.initialize(seed: 5)
    let batch = Self.batch
    let together = classifier.logits(of: batch).map(\.bitPattern)
    for size in [1, 5, 23] {
      var apart: [UInt32] = []
      for start in stride(from: 0, to: batch.sequenceCount, by: size) {
        let offsets = Array(batch.offsets[start...min(start + size, batch.sequenceCount)])
        let tokens = offsets[0]..<offsets[offsets.count - 1]
        let part = PackedSequences(
          tokenIdentifiers: Array(batch.tokenIdentifiers[tokens]),
          typeIdentifiers: Array(batch.typeIdentifiers[tokens]),
          offsets: offsets.map { $0 - offsets[0] })
        apart += classifier.logits(of: part).map(\.bitPattern)
      }
      XCTAssertEqual(apart, together, "\(size) sequences at a time")
    }
  }
}
