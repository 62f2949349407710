// Kept models scored: by the class that the task calls positive, wherever the head has it, and by true labels.

import Foundation
import Tasks
import Trials
import XCTest

@testable import Training

final class EvaluatorTests: XCTestCase {
  private var folder = ""
  private var data = ""
  private var few = ""

  override func setUpWithError() throws {
    folder = try temporaryFolder()
    data = try writeSmallTask(in: folder).data
    // One text, which a model takes for one class: F1 of "yes" is 0 or 4/5, that of "no" is 1/2 or 0.
    few = try write("text,label\nthe girl,yes\nthe girl,yes\nthe girl,no\n", "few.csv", in: folder)
  }

  private func change(_ configuration: inout TrialConfiguration) {
    configuration.readSmallTask(in: folder)
    (configuration.task.trainPath, configuration.task.devPath, configuration.task.testPath) = (data, few, few)
    configuration.task.metric = .f1
    configuration.training.maximumSteps = 2
  }

  /// The folder that a trial leaves.
  private func model(of trial: Trial) -> String {
    _ = TinyTrial.trainer(TrialFolders(weights: folder + "/w")).run(trial)
    return folder + "/w/" + trial.identifier
  }

  /// A model folder whose head lists "yes" first, although the task lists "no" first.
  private func reversedModel() throws -> String {
    let model = model(of: TinyTrial.trial { change(&$0) })
    let (old, ids) = (#"{"0": "no", "1": "yes"}"#, #"{"no": 0, "yes": 1}"#)
    let config = try text(model + "/config.json")
    XCTAssertTrue(config.contains(old) && config.contains(ids), config)
    _ = try write(
      config.replacingOccurrences(of: old, with: #"{"0": "yes", "1": "no"}"#)
        .replacingOccurrences(of: ids, with: #"{"yes": 0, "no": 1}"#), "config.json", in: model)
    return model
  }

  /// Checks F1 of "yes", and that the counts are in the order of the task.
  private func checkPositiveIsYes(_ evaluation: Evaluation?, line: UInt = #line) throws {
    let evaluation = try XCTUnwrap(evaluation, line: line)
    let (allNo, allYes) = ([[1, 0], [2, 0]], [[0, 1], [0, 2]])
    XCTAssertTrue([allNo, allYes].contains(evaluation.confusion), "\(evaluation.confusion)", line: line)
    let expected = evaluation.confusion == allYes ? 0.8 : 0
    XCTAssertEqual([evaluation.value, evaluation.f1], [expected, expected], line: line)
  }

  func testAKeptHeadInAnotherOrderIsScoredByTheTasksPositiveClass() throws {
    let model = try reversedModel()
    let outcome = TinyTrial.outcome {
      change(&$0)
      $0.model.path = model
      $0.model.head = .keep
    }
    XCTAssertNil(outcome.message)
    try checkPositiveIsYes(outcome.evaluations.last)
    try checkPositiveIsYes(outcome.test)
    var task = TinyTrial.trial { change(&$0) }.configuration.task
    try checkPositiveIsYes(Evaluator.evaluate(modelPath: model, task: task, split: .dev).evaluation)
    // A file alone has no order of its classes, and the head's holds: "no" is the second one.
    task.trainPath = nil
    let alone = try Evaluator.evaluate(modelPath: model, task: task, split: .dev).evaluation
    XCTAssertTrue([[[2, 0], [1, 0]], [[0, 2], [0, 1]]].contains(alone.confusion), "\(alone.confusion)")
    XCTAssertEqual(alone.value, alone.confusion[0][1] == 2 ? 0.5 : 0)
  }

  /// Wrong and shuffled labels are for training; a score on the training texts is against the true ones.
  func testTrainingTextsAreScoredByTheirTrueLabels() throws {
    let trial = TinyTrial.trial()
    let model = model(of: trial)
    var task = trial.configuration.task
    let clean = try Evaluator.evaluate(modelPath: model, task: task, split: .train)
    task.labelNoise = 0.5
    XCTAssertEqual(try Evaluator.evaluate(modelPath: model, task: task, split: .train), clean)
    task.labelShuffleSeed = 3
    XCTAssertEqual(try Evaluator.evaluate(modelPath: model, task: task, split: .train), clean)
  }
}
