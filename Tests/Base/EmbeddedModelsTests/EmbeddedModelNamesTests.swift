// How models inside the program are named, for as many as there are.

import Foundation
import TestSupport
import XCTest

@testable import EmbeddedModels

final class EmbeddedModelNamesTests: XCTestCase {
  /// Every folder of the sources is a model of the program, under its name, and nothing else is.
  func testEveryFolderHasAName() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Checkout.path("Sources/Base/C/CEmbeddedModels/models"))
    XCTAssertEqual(EmbeddedModel.names.map(EmbeddedModel.folder).sorted(), folders.sorted())
    XCTAssertEqual(EmbeddedModel.names.first, "embedded")
    for name in EmbeddedModel.names {
      XCTAssertEqual(EmbeddedModel.name(ofFolder: EmbeddedModel.folder(of: name)), name)
      XCTAssertTrue(EmbeddedModel.isInside(name), name)
      XCTAssertTrue(EmbeddedModel.holds(name), name)
      XCTAssertNil(EmbeddedModel.problem(name))
      let files = ["config.json", "tokenizer_config.json", "vocab.txt", "model.safetensors"].map { "\(name)/\($0)" }
      XCTAssertEqual(files.filter { EmbeddedModel.contents(of: $0)?.isEmpty ?? true }, [], "files that are not there")
    }
  }

  func testTheNameOfAFolder() {
    XCTAssertEqual(EmbeddedModel.path(ofFile: "embedded/vocab.txt"), "embedded/vocab.txt")
    XCTAssertEqual(EmbeddedModel.path(ofFile: "village/vocab.txt"), "embedded:village/vocab.txt")
    XCTAssertEqual(EmbeddedModel.folder(of: "embedded:village"), "village")
  }

  func testOtherNames() {
    let known = EmbeddedModel.names.joined(separator: ", ")
    for path in ["embedded:none", "embedded:", "embedded:embedded"] {
      XCTAssertEqual(
        EmbeddedModel.problem(path),
        "no model inside the program has this name; there are: \(known). A folder of this name is ./\(path)")
      XCTAssertFalse(EmbeddedModel.holds(path), path)
    }
    for path in ["./embedded", "./embedded:none", "embedded/none", "models/embedded", "embeddedly", "embed", ""] {
      XCTAssertNil(EmbeddedModel.problem(path), path)
      XCTAssertFalse(EmbeddedModel.isInside(path), path)
    }
  }
}
