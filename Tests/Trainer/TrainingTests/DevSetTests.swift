// Further sets: scored once with the final weights as the dev set of another trial is, known to identifiers, and never chosen by.

import Datasets
import Foundation
import Tasks
import Trials
import XCTest

@testable import Training

final class DevSetTests: XCTestCase {
  private var folder = ""
  private var data = ""
  private var other = ""

  override func setUpWithError() throws {
    folder = try temporaryFolder()
    (data, other) = try writeSmallTask(in: folder)
  }

  private func change(_ configuration: inout TrialConfiguration, dev: String, _ sets: [DevSetSpecification] = []) {
    configuration.readSmallTask(in: folder)
    (configuration.task.trainPath, configuration.task.devPath) = (data, dev)
    configuration.task.devSets = sets
  }

  /// A file scores as the dev file of a trial with the same weights does, to the last bit and row of its predictions, and changes
  /// no other number.
  func testAFileIsScoredAsTheDevSetOfAnotherTrial() throws {
    let folders = TrialFolders(predictions: folder + "/dev", devSetPredictions: folder + "/sets")
    func outcome(dev: String, _ sets: [DevSetSpecification] = []) -> Outcome {
      TinyTrial.trainer(folders).run(TinyTrial.trial { change(&$0, dev: dev, sets) }).outcome
    }
    let name = TinyTrial.trial().identifier
    let judged = outcome(dev: other)
    let expected = try text("\(folder)/dev/\(name).csv")
    let plain = outcome(dev: data)
    var found = outcome(
      dev: data, [DevSetSpecification("again", path: data), DevSetSpecification("hard", path: other)])
    XCTAssertNil(found.message)
    XCTAssertEqual(found.weightsDigest, judged.weightsDigest)
    XCTAssertEqual(found.devSets.map(\.name), ["again", "hard"])
    XCTAssertEqual(found.devSets.map(\.exampleCount), [24, 40])
    XCTAssertEqual(found.devSets.map(\.evaluation), [plain.evaluations.last, judged.evaluations.last])
    XCTAssertNotEqual(plain.evaluations.last?.loss, judged.evaluations.last?.loss)
    XCTAssertEqual(found.devSets.map(\.predictionsDigest), [plain.predictionsDigest, judged.predictionsDigest])
    XCTAssertEqual(try text("\(folder)/sets/\(name)/hard.csv"), expected)
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/sets"), [name])
    found.devSets = []
    XCTAssertEqual(found, plain)
  }

  /// The examples of a built-in set, written into files, score the same: a reader, a vocabulary and a task of their own.
  func testABuiltInSetIsScoredAsAFileOfItsExamples() throws {
    func builtIn(_ configuration: inout TrialConfiguration) {
      configuration.task.synthetic.difficulty = .local
      configuration.task.devSets = [DevSetSpecification("far", difficulty: .diagnostic, count: 30)]
    }
    let found = TinyTrial.outcome { builtIn(&$0) }
    XCTAssertNil(found.message)
    let task = TinyTrial.configuration { builtIn(&$0) }.task
    let texts = try TaskReader.load(TaskDescription(task, subset: nil))
    func file(_ name: String, _ examples: [LabeledText]) throws -> String {
      let rows = examples.map { example in
        example.target == .classIndex(1) ? "\(example.text),1\n" : "\(example.text),0\n"
      }
      return try write("text,label\n" + rows.joined(), name, in: folder)
    }
    let train = try file("train.csv", texts.train)
    let far = try file("far.csv", try XCTUnwrap(texts.finalSets.first).content)
    let words = try BuiltInLanguage.named("synthetic").vocabulary
    let vocabulary = try write(words.joined(separator: "\n") + "\n", "words.txt", in: folder)
    let expected = TinyTrial.outcome {
      change(&$0, dev: far)
      $0.task.trainPath = train
      $0.model.vocabularyPath = vocabulary
    }
    XCTAssertNil(expected.message)
    XCTAssertEqual(found.weightsDigest, expected.weightsDigest)
    XCTAssertEqual(found.devSets.first?.evaluation, expected.evaluations.last)
    XCTAssertEqual(found.devSets.first?.exampleCount, 30)
    XCTAssertNotEqual(found.devSets.first?.evaluation, found.evaluations.last)
  }

  func testADivergedRunHasNoScoreOnThem() {
    let outcome = TinyTrial.outcome {
      change(&$0, dev: data, [DevSetSpecification("hard", path: other)])
      $0.optimizer.learningRate = 1e30
    }
    XCTAssertEqual(outcome.status, .diverged)
    XCTAssertEqual(outcome.devSets.first?.evaluation.value.isNaN, true)
    XCTAssertEqual(outcome.devSets.first?.exampleCount, 40)
    XCTAssertNil(outcome.devSets.first?.predictionsDigest)
  }

  /// The digest of the data depends on the sets' contents and not on where they lie. Of a task without files every choice of what
  /// its sets are counts.
  func testDigestsKnowTheSets() throws {
    func digest(_ sets: [DevSetSpecification]) throws -> String {
      try FileDigests().digest(of: TinyTrial.configuration { change(&$0, dev: data, sets) }.task)
    }
    let copy = try write(try text(other), "copy.csv", in: folder)
    XCTAssertEqual(
      try digest([DevSetSpecification("a", path: other)]), try digest([DevSetSpecification("b", path: copy)]))
    XCTAssertEqual(
      Set([
        try digest([]), try digest([DevSetSpecification("a", path: other)]),
        try digest([DevSetSpecification("a", path: data)]),
      ]).count, 3)
    let task = TinyTrial.configuration { change(&$0, dev: data, [DevSetSpecification("a", path: other)]) }.task
    XCTAssertEqual(try FileDigests().paths(of: TinyTrial.configuration().model, task), [data, data, other])
    let changes: [(inout TaskSpecification) -> Void] = [
      { _ in }, { $0.synthetic.devDifficulty = .distant }, { $0.synthetic.testDifficulty = .distant },
      { $0.devSets = [DevSetSpecification("a")] }, { $0.devSets = [DevSetSpecification("b")] },
      { $0.devSets = [DevSetSpecification("a", difficulty: .distant)] },
      { $0.devSets = [DevSetSpecification("a", count: 7)] },
    ]
    let digests = try changes.map { change in
      var task = TaskSpecification()
      change(&task)
      return try FileDigests().digest(of: task)
    }
    XCTAssertEqual(Set(digests).count, changes.count)
  }

  /// Each is told by its file, or by its name where the file does not stand for itself.
  func testMistakesInAFile() throws {
    func message(_ rows: String) throws -> String {
      let path = try write(rows, "wrong.csv", in: folder)
      do {
        _ = try CostEstimator().cost(
          of: TinyTrial.configuration { change(&$0, dev: data, [DevSetSpecification("hard", path: path)]) }, seeds: [])
        return "no problem"
      } catch {
        return "\(error)"
      }
    }
    XCTAssertEqual(
      try message("text,label\na,maybe\n"),
      "\(folder)/wrong.csv:2: label \"maybe\" does not occur in \(data), whose labels are no, yes")
    XCTAssertEqual(try message("text,label\n"), "\(folder)/wrong.csv: no rows below the header")
    XCTAssertEqual(
      try message("text,gold\na,no\n"), "\(folder)/wrong.csv:1: no column \"label\"; found \"text\", \"gold\"")
    XCTAssertEqual(try message("text,label\na,no\n"), "no problem")
  }
}
