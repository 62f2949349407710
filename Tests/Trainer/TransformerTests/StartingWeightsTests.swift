import Foundation
import XCTest

@testable import Transformer
@testable import WeightFiles

/// Weights at their start: written, said again, and told from those of a file that was changed meanwhile.
final class StartingWeightsTests: XCTestCase {
  private let random = EncoderConfiguration(
    vocabularySize: 2000, hiddenSize: 48, layerCount: 2, headCount: 2, intermediateSize: 64)

  private func written(_ start: StartingWeights, _ configuration: EncoderConfiguration) throws -> Classifier {
    let classifier = Classifier(configuration: configuration, labelCount: 2)
    // What the last trial left.
    classifier.parameters.update(repeating: .nan)
    try start.write(to: classifier)
    return classifier
  }

  /// The parameters of a classifier that lives until they are copied.
  private func parameters(_ classifier: Classifier) -> [Float] {
    withExtendedLifetime(classifier) { Array(classifier.parameters) }
  }

  /// All pieces of a layout put together.
  private func said(_ start: StartingWeights, _ classifier: Classifier) throws -> [Float] {
    var all = [Float](repeating: .nan, count: classifier.layout.count)
    for index in classifier.layout.tensors.indices {
      try start.forEachPiece(of: index, in: classifier) { place, values in
        for (offset, value) in values.enumerated() { all[place + offset] = value }
      }
    }
    return all
  }

  /// The word embeddings, 96000 numbers, take more than one piece.
  func testDrawnWeightsAreThoseOfTheClassifierAndCanBeSaidAgain() throws {
    let classifier = try written(StartingWeights(drawnFrom: 4), random)
    let drawn = Classifier(configuration: random, labelCount: 2)
    drawn.initialize(seed: 4)
    XCTAssertEqual(parameters(classifier), parameters(drawn))
    classifier.parameters.update(repeating: 0)
    XCTAssertEqual(try said(StartingWeights(drawnFrom: 4), classifier), parameters(drawn))
    XCTAssertNotEqual(try said(StartingWeights(drawnFrom: 5), classifier), parameters(drawn))
  }

  func testAFoldersWeightsCanBeSaidAgain() throws {
    for (name, keepsHead) in [
      ("classification", true), ("classification", false), ("regression-f16", false), ("pretraining-bf16", false),
      ("bare", false), ("no-pooler", false),
    ] {
      let folder = try ModelFolder(Goldens.path + "/" + name)
      let start = StartingWeights(of: folder, keepsHead: keepsHead, seed: 7)
      let labelCount = keepsHead ? try XCTUnwrap(folder.headLabelCount) : 2
      let classifier = Classifier(configuration: folder.configuration, labelCount: labelCount)
      classifier.parameters.update(repeating: .nan)
      try start.write(to: classifier)
      let weights = parameters(classifier)
      XCTAssertTrue(weights.allSatisfy(\.isFinite), name)
      classifier.parameters.update(repeating: 0)
      XCTAssertEqual(try said(start, classifier), weights, name)
      try start.checkUnchanged()
    }
  }

  func testANewHeadComesFromTheSeedAlone() throws {
    let folder = try ModelFolder(Goldens.path + "/classification")
    func parts(_ keepsHead: Bool, seed: UInt64) throws -> (encoder: [Float], head: [Float]) {
      let classifier = try written(StartingWeights(of: folder, keepsHead: keepsHead, seed: seed), folder.configuration)
      let head = try XCTUnwrap(classifier.layout["classifier.weight"]).range.lowerBound
      let all = parameters(classifier)
      return (Array(all[..<head]), Array(all[head...]))
    }
    let (first, second) = (try parts(false, seed: 1), try parts(false, seed: 2))
    XCTAssertEqual(first.encoder, second.encoder)
    XCTAssertNotEqual(first.head, second.head)
    XCTAssertEqual(first.head, try parts(false, seed: 1).head)
    let drawn = Classifier(configuration: folder.configuration, labelCount: 2)
    drawn.initialize(seed: 1)
    XCTAssertEqual(first.head, Array(parameters(drawn).suffix(first.head.count)), "as in a model drawn anew")
    XCTAssertEqual(first.head.suffix(2), [0, 0])
  }

  /// As the program of Zhang et al. does it: linear weights normal, biases 0, layer norms 1 and 0.
  func testTheTopLayersAndThePoolerAreDrawnAnew() throws {
    let folder = try ModelFolder(Goldens.path + "/classification")
    let kept = parameters(try written(StartingWeights(of: folder, keepsHead: false, seed: 3), folder.configuration))
    let drawn = Classifier(configuration: folder.configuration, labelCount: 2)
    drawn.initialize(seed: 3)
    for (layerCount, includesPooler) in [(1, false), (2, true), (0, true), (3, false)] {
      let start = StartingWeights(
        of: folder, keepsHead: false, redrawn: .init(layerCount: layerCount, includesPooler: includesPooler), seed: 3)
      let classifier = try written(start, folder.configuration)
      let found = parameters(classifier)
      XCTAssertEqual(try said(start, classifier), found)
      let layers = (3 - layerCount..<3).map { "bert.encoder.layer.\($0)." }
      for tensor in classifier.layout.tensors {
        let isRedrawn =
          layers.contains { tensor.name.hasPrefix($0) } || includesPooler && tensor.name.hasPrefix("bert.pooler.")
        XCTAssertEqual(
          Array(found[tensor.range]), isRedrawn ? Array(drawn.values(of: tensor)) : Array(kept[tensor.range]),
          tensor.name)
        if isRedrawn { XCTAssertFalse(start.isPretrained(tensor)) }
        if isRedrawn && tensor.name.hasSuffix("LayerNorm.weight") {
          XCTAssertTrue(found[tensor.range].allSatisfy { $0 == 1 })
        }
        if isRedrawn && tensor.name.hasSuffix(".bias") { XCTAssertTrue(found[tensor.range].allSatisfy { $0 == 0 }) }
      }
    }
  }

  func testElementsAreReadFromAnyPlace() throws {
    for name in ["classification", "regression-f16", "pretraining-bf16"] {
      let file = try TensorFile(safetensors: Goldens.path + "/\(name)/model.safetensors")
      let tensor = try XCTUnwrap(
        file.tensors.filter { $0.element.holdsWeights }
          .max { $0.elementCount < $1.elementCount })
      let all = try SafetensorsTests.read(tensor.name, of: file)
      for (first, count) in [(0, 1), (1, 2), (5, 11), (all.count - 3, 3), (all.count, 0)] {
        var values = [Float](repeating: .nan, count: count)
        try values.withUnsafeMutableBufferPointer { try file.read(tensor, from: first, into: $0) }
        XCTAssertEqual(values, Array(all[first..<first + count]), "\(name) from \(first)")
      }
    }
  }

  /// Another file under the same name is not the one that was opened.
  func testAReplacedFileChangesNothing() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "classification")
    let start = StartingWeights(of: try ModelFolder(path), keepsHead: false, seed: 1)
    let configuration = try ModelFolder(path).configuration
    let before = parameters(try written(start, configuration))
    try rewriteWeights(of: path) { ($0, $1.reversed()) }
    XCTAssertThrowsError(try ModelFolder(path), "the test must replace the weights by others")
    XCTAssertEqual(parameters(try written(start, configuration)), before)
    try FileManager.default.removeItem(atPath: path)
    XCTAssertEqual(parameters(try written(start, configuration)), before)
  }

  func testAFileChangedInPlaceIsRefused() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "classification")
    let folder = try ModelFolder(path)
    let start = StartingWeights(of: folder, keepsHead: false, seed: 1)
    let classifier = try written(start, folder.configuration)
    let weights = path + "/model.safetensors"
    let file = try XCTUnwrap(FileHandle(forUpdatingAtPath: weights))
    let end = try file.seekToEnd()
    // The clock of a file system ticks every few milliseconds; the golden files are older than that.
    try file.seek(toOffset: end - 4)
    try file.write(contentsOf: Data([1, 2, 3, 4]))
    let changed =
      "\(weights): the file was changed while it was in use; start again, with the new weights or with the old ones put back"
    XCTAssertEqual(errorText(try start.write(to: classifier)), changed)
    XCTAssertEqual(errorText(try start.checkUnchanged()), changed)
    try file.truncate(atOffset: end / 2)
    let cut = "the file ends at byte \(end / 2): it was cut while it was being read"
    XCTAssertTrue(errorText(try start.write(to: classifier)).hasSuffix(cut))
    XCTAssertTrue(errorText(try said(start, classifier)).hasSuffix(cut))
  }
}
