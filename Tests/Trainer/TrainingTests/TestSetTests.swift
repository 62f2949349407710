// The test set: scored once with the final weights, known to identifiers only where there is one, and never chosen by.

import Datasets
import Foundation
import Tasks
import Transformer
import Trials
import XCTest

@testable import Training

final class TestSetTests: XCTestCase {
  private var folder = ""
  private var data = ""
  private var other = ""

  override func setUpWithError() throws {
    folder = try temporaryFolder()
    (data, other) = try writeSmallTask(in: folder)
  }

  private func change(_ configuration: inout TrialConfiguration, test: String?) {
    configuration.readSmallTask(in: folder)
    (configuration.task.trainPath, configuration.task.devPath) = (data, data)
    configuration.task.testPath = test
  }

  /// A built-in task has a test set where it is asked for one, by the words of its own language; neither it nor the difficulty of the
  /// evaluation changes what is trained.
  func testABuiltInTaskHasATestSetOfADifficulty() {
    func outcome(dev: TaskDifficulty?, test: TaskDifficulty?) -> Outcome {
      TinyTrial.outcome {
        $0.task.name = "town-entailment"
        $0.task.maximumLength = 64
        $0.task.synthetic.difficulty = .local
        $0.task.synthetic.devDifficulty = dev
        $0.task.synthetic.testDifficulty = test
      }
    }
    let (plain, judged) = (outcome(dev: nil, test: nil), outcome(dev: .distant, test: .diagnostic))
    XCTAssertNil(plain.message)
    XCTAssertNil(plain.test)
    XCTAssertEqual(judged.test?.confusion.flatMap { $0 }.reduce(0, +), 40)
    XCTAssertEqual(plain.trainLossFinal, judged.trainLossFinal)
    XCTAssertNotEqual(plain.evaluations.last?.loss, judged.evaluations.last?.loss)
  }

  /// The dev file as test file scores what the last evaluation scored; another file changes no other number.
  func testItIsScoredOnceWithTheFinalWeights() throws {
    let folders = TrialFolders(predictions: folder + "/dev", testPredictions: folder + "/test")
    func outcome(_ test: String?) -> Outcome {
      TinyTrial.trainer(folders).run(TinyTrial.trial { change(&$0, test: test) }).outcome
    }
    let (without, same) = (outcome(nil), outcome(data))
    XCTAssertNil(without.message)
    XCTAssertNil(without.test)
    XCTAssertNil(without.testPredictionsDigest)
    XCTAssertFalse(without.encodedJSON().contains("test"))
    XCTAssertEqual(same.test, same.evaluations.last)
    XCTAssertEqual(same.testPredictionsDigest, same.predictionsDigest)
    let name = "/\(TinyTrial.trial().identifier).csv"
    XCTAssertEqual(try text(folder + "/test" + name), try text(folder + "/dev" + name))
    let another = outcome(other)
    XCTAssertEqual(another.test?.confusion.flatMap { $0 }.reduce(0, +), 40)
    XCTAssertEqual(try text(folder + "/test" + name).split(separator: "\n").count, 41)
    for var compared in [same, another] {
      (compared.test, compared.testPredictionsDigest) = (nil, nil)
      XCTAssertEqual(compared, without)
    }
  }

  func testADivergedRunHasNoScoreOnIt() {
    let outcome = TinyTrial.outcome {
      change(&$0, test: data)
      $0.optimizer.learningRate = 1e30
    }
    XCTAssertEqual(outcome.status, .diverged)
    XCTAssertEqual(outcome.test?.value.isNaN, true)
    XCTAssertNil(outcome.testPredictionsDigest)
  }

  /// A digest of the data without a test file is what it was; with one it depends on the file's contents.
  func testIdentityKnowsTheFileOnlyWhereThereIsOne() throws {
    func task(_ test: String?) -> TaskSpecification { TinyTrial.configuration { change(&$0, test: test) }.task }
    func digest(_ test: String?) throws -> String { try FileDigests().digest(of: task(test)) }
    XCTAssertEqual(
      try FileDigests().paths(of: TinyTrial.configuration().model, task(other)), [data, data, other])
    let copy = try write(try text(other), "copy.csv", in: folder)
    XCTAssertEqual(try digest(other), try digest(copy))
    XCTAssertEqual(Set([try digest(nil), try digest(data), try digest(other)]).count, 3)
    XCTAssertEqual(
      TinyTrial.configuration { change(&$0, test: nil) }.canonicalText(modelDigest: "m", dataDigest: "d"),
      TinyTrial.configuration { change(&$0, test: other) }.canonicalText(modelDigest: "m", dataDigest: "d"))
  }

  /// Its forward pass is part of what a trial costs, and its errors are told by its name.
  func testCostsAndMistakes() throws {
    func cost(_ test: String?) throws -> Double {
      try CostEstimator().cost(of: TinyTrial.configuration { change(&$0, test: test) }, seeds: []).flopsTotal
    }
    // The dev set is the same file and is evaluated twice: without these and the test set, the rest is left over.
    let length = 2 + 5
    let pass = CostEstimate.forwardFlops(
      EncoderConfiguration(TinyTrial.configuration().model.shape, vocabularySize: 12), labelCount: 2,
      lengths: LengthSummary([Int](repeating: length, count: 24)))
    XCTAssertEqual(try cost(data) - cost(nil), pass, accuracy: pass * 1e-9)
    let wrong = try write("text,label\na,maybe\n", "wrong.csv", in: folder)
    XCTAssertThrowsError(try cost(wrong)) {
      XCTAssertEqual(
        "\($0)", "\(wrong):2: label \"maybe\" does not occur in \(data), whose labels are no, yes")
    }
    let empty = try write("text,label\n", "empty.csv", in: folder)
    XCTAssertThrowsError(try cost(empty)) { XCTAssertTrue("\($0)".contains("empty"), "\($0)") }
  }

  /// A model folder is scored on a file of one's own without training data: by the head's names, or by their order.
  func testEvaluationOfAFileOfOnesOwn() throws {
    let folders = TrialFolders(predictions: folder + "/dev", weights: folder + "/w")
    let trial = TinyTrial.trial { change(&$0, test: nil) }
    let outcome = TinyTrial.trainer(folders).run(trial).outcome
    let model = folder + "/w/" + trial.identifier
    var task = trial.configuration.task
    task.trainPath = nil
    func confusion(_ task: TaskSpecification, _ split: Evaluator.Split = .dev) throws -> [[Int]]? {
      try Evaluator.evaluate(modelPath: model, task: task, split: split).evaluation.confusion
    }
    XCTAssertEqual(try confusion(task), outcome.evaluations.last?.confusion)
    task.testPath = task.devPath
    task.devPath = nil
    XCTAssertEqual(try confusion(task, .test), outcome.evaluations.last?.confusion)
    // One class alone, in other capitals, is found by its name.
    task.testPath = try write("text,label\nthe girl,YES\n", "one.csv", in: folder)
    XCTAssertEqual(try confusion(task, .test)?[0], [0, 0])
    // A head that only counts its classes: numbers are classes, names are taken in their order, one of two is an error.
    let config = try text(model + "/config.json")
    for names in [#"{"0": "LABEL_0", "1": "LABEL_1"}"#, #"{"0": "0", "1": "1"}"#] {
      let start = try XCTUnwrap(config.range(of: "\"id2label\": {")).lowerBound
      let end = try XCTUnwrap(config[start...].firstIndex(of: "}"))
      let counted = config[..<start] + "\"id2label\": \(names)" + config[config.index(after: end)...]
      let labels = try XCTUnwrap(counted.range(of: "\"label2id\": {")).lowerBound
      let labelsEnd = try XCTUnwrap(counted[labels...].firstIndex(of: "}"))
      let ids = names.contains("LABEL") ? #"{"LABEL_0": 0, "LABEL_1": 1}"# : #"{"0": 0, "1": 1}"#
      _ = try write(
        String(counted[..<labels]) + "\"label2id\": \(ids)" + String(counted[counted.index(after: labelsEnd)...]),
        "config.json", in: model)
      task.testPath = data
      XCTAssertEqual(try confusion(task, .test), outcome.evaluations.last?.confusion, names)
      task.testPath = try write("text,label\nthe girl,1\n", "number.csv", in: folder)
      XCTAssertEqual(try confusion(task, .test)?[0], [0, 0], names)
      task.testPath = folder + "/one.csv"
      XCTAssertThrowsError(try confusion(task, .test)) {
        XCTAssertTrue("\($0)".contains("/one.csv: its labels are \"YES\", but the classes"), "\($0)")
      }
      task.testPath = try write("text,label\nthe girl,Yes\nthe girl,No\n", "capitals.csv", in: folder)
      XCTAssertEqual(try confusion(task, .test)?.map { $0.reduce(0, +) }, [1, 1], names)
      task.testPath = try write("text,label\nthe girl,Yes\nthe girl,no\n", "mixed.csv", in: folder)
      XCTAssertThrowsError(try confusion(task, .test)) {
        XCTAssertTrue(
          "\($0)".contains("/mixed.csv: its labels \"Yes\", \"no\" have another order in small letters"), "\($0)")
      }
    }
    // The head is called 0 and 1 now: 0 is that class, and then 2 is none.
    task.testPath = try write("text,label\nthe girl,0\nthe boy,2\n", "two.csv", in: folder)
    XCTAssertThrowsError(try confusion(task, .test)) {
      XCTAssertTrue("\($0)".contains("/two.csv: its labels are \"0\", \"2\", but the classes"), "\($0)")
    }
  }
}
