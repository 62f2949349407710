import EmbeddedModels
import TestSupport
import XCTest

@testable import ModelFiles

/// What is said about a model folder that does not exist.
final class MissingModelFolderTests: XCTestCase {
  func testNamesOfTheHub() throws {
    let folder = try TemporaryFolder()
    func download(_ name: String, _ path: String) -> String {
      "; models are folders on this machine, and one of the Hugging Face Hub is downloaded first: "
        + "hf download \(name) --local-dir \(path) (huggingface-cli download in older versions)"
    }
    for (given, name) in [
      ("bert-base-uncased", "bert-base-uncased"), ("google-bert/bert-base-uncased", "google-bert/bert-base-uncased"),
      ("models/bert-base-cased", "bert-base-cased"),
    ] {
      let path = folder.path + "/" + given
      XCTAssertEqual(MissingModelFolder.advice(path), download(name, path))
    }
    XCTAssertEqual(MissingModelFolder.advice("org/some-model"), download("org/some-model", "org/some-model"))
  }

  func testTheModelOfTheScript() {
    XCTAssertEqual(
      MissingModelFolder.advice("/x/models/minilm"), "; scripts/fetch-model.sh minilm /x/models/minilm downloads it")
    XCTAssertEqual(
      MissingModelFolder.advice("sentence-transformers/all-MiniLM-L6-v2"),
      "; scripts/fetch-model.sh minilm sentence-transformers/all-MiniLM-L6-v2 downloads it")
    XCTAssertEqual(
      MissingModelFolder.advice("models/rxnfp-ft"), "; scripts/fetch-model.sh rxnfp-ft models/rxnfp-ft downloads it")
  }

  func testTheModelInsideTheProgram() {
    XCTAssertEqual(
      MissingModelFolder.advice("/x/embeded"), "; did you mean \"embedded\"? That is a model inside the program")
    XCTAssertEqual(MissingModelFolder.reason("nowhere"), "there is no such model folder")
    XCTAssertEqual(MissingModelFolder.reason("embedded:none"), EmbeddedModel.problem("embedded:none"))
  }

  func testOtherPaths() {
    for path in ["", "nowhere", "/a/b", "/my models/some-model"] {
      XCTAssertEqual(MissingModelFolder.advice(path), "", path)
    }
  }
}
