import Datasets
import Foundation
import Trials
import XCTest

@testable import Training

/// What is wrong with files, data or model ends one trial with a message that names it.
final class CrashTests: XCTestCase {
  private func message(_ change: (inout TrialConfiguration) -> Void) -> String {
    let outcome = TinyTrial.outcome(change)
    XCTAssertEqual(outcome.status, .crashed)
    XCTAssertEqual(outcome.stepCount, 0)
    return outcome.message ?? ""
  }

  func testMissingFilesAreNamed() throws {
    let folder = try temporaryFolder()
    XCTAssertTrue(message { $0.model.path = folder + "/nowhere" }.contains(folder + "/nowhere"))
    XCTAssertTrue(message { $0.model.vocabularyPath = folder + "/words.txt" }.contains(folder + "/words.txt"))
    let text = message {
      $0.task.name = "rte"
      $0.task.dataPath = folder
    }
    XCTAssertTrue(text.contains(folder + "/train.tsv"), text)
  }

  func testMissingKeysAreNamed() {
    XCTAssertEqual(message { $0.task.name = "rte" }, "task \"rte\" needs the key task.data")
    XCTAssertEqual(
      message {
        $0.task.name = "mine"
        $0.task.trainPath = "a.tsv"
      }, "task \"mine\" needs the key task.dev")
  }

  func testAMetricMustSuitTheTask() {
    XCTAssertEqual(
      message { $0.task.metric = .pearson },
      "task \"synthetic\" predicts classes, which the metric pearson does not score; change task.metric")
  }

  func testASequenceLongerThanThePositionTable() {
    let text = message { $0.model.shape.positionCount = 4 }
    XCTAssertTrue(text.contains("tokens, but the model's position table has 4 rows: set task.max_length to 4"), text)
    XCTAssertEqual(
      TinyTrial.outcome {
        $0.model.shape.positionCount = 4
        $0.task.maximumLength = 4
      }.status, .completed)
  }

  func testAnImpossibleShape() {
    let text = message { $0.model.shape.headCount = 3 }
    XCTAssertTrue(text.contains("num_attention_heads is 3, it must divide hidden_size, which is 16"), text)
  }

  func testPairsNeedASecondTokenType() throws {
    let folder = try temporaryFolder()
    let rows = ["a\tb\tlabel", "the cat\tthe dog\tx", "the dog\tthe cat\ty"]
    let data = try write(rows.joined(separator: "\n") + "\n", "pairs.tsv", in: folder)
    let vocabulary = try write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\ndog\n", "vocab.txt", in: folder)
    func pairs(_ configuration: inout TrialConfiguration) {
      configuration.model.vocabularyPath = vocabulary
      configuration.task.name = "pairs"
      configuration.task.trainPath = data
      configuration.task.devPath = data
      configuration.task.textColumn = "a"
      configuration.task.pairColumn = "b"
      configuration.task.labelColumn = "label"
    }
    XCTAssertEqual(TinyTrial.outcome(pairs).status, .completed)
    let text = message {
      pairs(&$0)
      $0.model.shape.typeCount = 1
    }
    XCTAssertTrue(text.contains("has text pairs, but the model's token type table has 1 row"), text)
  }

  func testAKeptHeadMustFitTheTask() throws {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial()
    _ = TinyTrial.trainer(TrialFolders(weights: folder)).run(trial)
    let path = folder + "/" + trial.identifier
    let names = try text(path + "/config.json")
    XCTAssertTrue(names.contains("id2label"))
    let data = try write("text,label\none,x\ntwo,y\nthree,z\n", "three.csv", in: folder)
    let text = message {
      $0.model.path = path
      $0.model.head = .keep
      $0.task.name = "three"
      $0.task.trainPath = data
      $0.task.devPath = data
      $0.task.textColumn = "text"
      $0.task.labelColumn = "label"
    }
    XCTAssertTrue(text.contains("classifier.weight") && text.contains("3 are expected"), text)
  }

  func testTheClassesOfAKeptHeadAreFoundByName() throws {
    let row = LabeledText(text: "a", target: .classIndex(0))
    let data = TaskData(name: "mine", labelNames: ["no", "yes"], train: [row], dev: [row])
    for (names, place, ordered) in [
      (["NO", "YES"], 0, ["no", "yes"]), (["Yes", "No"], 1, ["yes", "no"]),
      (["LABEL_0", "LABEL_1"], 0, ["no", "yes"]),
    ] {
      let found = try data.ordered(asIn: names, of: "m")
      XCTAssertEqual(found.train[0].target, .classIndex(place), "\(names)")
      XCTAssertEqual(found.dev[0].target, .classIndex(place), "\(names)")
      XCTAssertEqual(found.labelNames, ordered)
      XCTAssertEqual(found.labelNames[found.positiveClass], "yes")
    }
    let three = TaskData(name: "mine", labelNames: ["a", "b", "c"], train: [row], dev: [row])
    XCTAssertEqual(try three.ordered(asIn: ["b", "c", "a"], of: "m").positiveClass, 1, "F1 of three classes has none")
    var counted = data
    counted.labelNames = ["0", "1"]
    XCTAssertEqual(try counted.ordered(asIn: ["negative", "positive"], of: "m"), counted)
    XCTAssertThrowsError(try data.ordered(asIn: ["negative", "positive"], of: "m")) {
      XCTAssertEqual(
        "\($0)",
        "m/config.json: the head to keep calls its classes \"negative\", \"positive\" (id2label), but those of task "
          + "\"mine\" are \"no\", \"yes\"; give both the same names, or set model.head to \"new\"")
    }
  }
}
