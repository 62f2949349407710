// The model inside the program is the one in the checkout, and a model folder like any other.

import EmbeddedModels
import Foundation
import TestSupport
import XCTest

@testable import ModelFiles
@testable import Transformer
@testable import WeightFiles

final class EmbeddedModelTests: XCTestCase {
  private static let sources = Checkout.path("Sources/Base/C/CEmbeddedModels/models") + "/"

  /// The assembler does not notice that a file changed; this test does.
  func testTheProgramHoldsTheFilesOfTheCheckout() throws {
    for name in EmbeddedModel.names {
      for file in ["config.json", "tokenizer_config.json", "vocab.txt", "model.safetensors"] {
        let path = "\(name)/\(file)"
        let inside = try XCTUnwrap(EmbeddedModel.contents(of: path), path)
        XCTAssertEqual(
          Data(inside),
          try Data(contentsOf: URL(fileURLWithPath: "\(Self.sources)\(EmbeddedModel.folder(of: name))/\(file)")), path)
      }
    }
  }

  func testItIsAModelFolder() throws {
    for name in EmbeddedModel.names {
      let inside = try ModelFolder(name)
      let outside = try ModelFolder(Self.sources + EmbeddedModel.folder(of: name))
      XCTAssertTrue(inside.holdsLanguageModelHead)
      XCTAssertGreaterThanOrEqual(inside.configuration.layerCount, 6)
      XCTAssertEqual(inside.configuration, outside.configuration)
      XCTAssertEqual(
        inside.filePaths,
        ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"].map { "\(name)/\($0)" })
      let models = try [inside, outside].map { folder in
        let model = LanguageModel(configuration: folder.configuration)
        try folder.load(into: model)
        return Array(model.parameters)
      }
      XCTAssertEqual(models[0], models[1])
      XCTAssertLessThanOrEqual(EmbeddedModel.contents(of: name + "/model.safetensors")?.count ?? 0, 4_000_000)
      for tensor in try TensorFile(safetensors: name + "/model.safetensors").tensors {
        XCTAssertEqual(tensor.element, .float16, tensor.name)
      }
    }
  }

  func testOtherNamesAreFolders() {
    XCTAssertNil(EmbeddedModel.contents(of: "./embedded/config.json"))
    XCTAssertThrowsError(try ModelFolder("embedded:none")) {
      XCTAssertEqual("\($0)", "embedded:none: \(EmbeddedModel.problem("embedded:none") ?? "known")")
    }
  }
}
