// What is read of a program's results, and the whole texts of what is said where there are none.

import JSON5
import TestSupport
import Trials
import XCTest

@testable import ExternalPrograms

final class ProgramResultsTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  private func specification(
    file: String? = "all_results.json", final: String = "eval_accuracy", history: String? = nil
  ) -> ProgramSpecification {
    var specification = ProgramSpecification()
    specification.results.file = file
    specification.results.final = final
    specification.results.history = history
    return specification
  }

  private func lines(_ texts: String..., key: String = "eval_accuracy") -> ScoreHistory {
    var history = ScoreHistory(key: key)
    for text in texts { Array(text.utf8).withUnsafeBytes { history.add($0) } }
    history.finish()
    return history
  }

  private func outcome(
    _ specification: ProgramSpecification, _ files: [String: String] = [:], _ history: ScoreHistory? = nil
  ) throws -> Outcome {
    for (name, text) in files { try folder.write(text, to: name) }
    return try ProgramResults(specification: specification, folder: folder.path).outcome(lines: history ?? lines())
  }

  private func problem(
    _ specification: ProgramSpecification, _ files: [String: String] = [:], _ history: ScoreHistory? = nil
  ) -> String {
    do {
      _ = try outcome(specification, files, history)
      return "no problem"
    } catch { return "\(error)".replacingOccurrences(of: folder.path, with: "FOLDER") }
  }

  private func scores(_ outcome: Outcome) -> [String] { outcome.evaluations.map { "\($0.step) \($0.value)" } }

  private func points(_ points: [CurvePoint]) -> [String] { points.map { "\($0.step) \($0.quantity) \($0.value)" } }

  private let state = """
    {"global_step": 20, "max_steps": 20, "best_model_checkpoint": null, "log_history": [
      {"step": 5, "epoch": 0.5, "loss": 0.7, "learning_rate": 1e-05}, {"step": 10, "epoch": 1.0, "eval_loss": 0.6, "eval_accuracy": 0.75},
      {"step": 20, "epoch": 2.0, "eval_loss": 0.65, "eval_accuracy": 0.7}, {"step": 20, "train_runtime": 3.2}]}
    """

  func testAFileOfResults() throws {
    let outcome = try outcome(specification(), ["all_results.json": "{\"eval_accuracy\": 0.7, \"epoch\": 2.0}"])
    XCTAssertEqual(outcome.status, .completed)
    XCTAssertEqual(outcome.metric, .score)
    XCTAssertEqual(scores(outcome), ["0 0.7"])
    XCTAssertEqual(points(outcome.evaluationCurve), ["0 eval_accuracy 0.7"])
  }

  /// A time in milliseconds is no step: a journal could not hold it.
  func testAStepThatIsTooLargeIsNone() throws {
    let printed = lines("{\"step\": 3, \"loss\": 0.5}\n{\"step\": 1764417600000, \"eval_accuracy\": 0.7}\n")
    let state = "{\"global_step\": 1764417600000, \"log_history\": [{\"step\": -1, \"eval_accuracy\": 0.7}]}"
    for (outcome, step) in [
      (try outcome(specification(file: nil), [:], printed), 3),
      (try outcome(specification(file: "trainer_state.json"), ["trainer_state.json": state]), 0),
    ] {
      XCTAssertEqual(scores(outcome), ["\(step) 0.7"])
      XCTAssertEqual(try Outcome(json: outcome.encodedJSON()).encodedJSON(), outcome.encodedJSON())
    }
  }

  func testAStateBesideAFileOfResultsTellsTheCurve() throws {
    let outcome = try outcome(
      specification(), ["all_results.json": "{\"eval_accuracy\": 0.75}", "trainer_state.json": state])
    // No checkpoint was loaded: the score is that of another evaluation of the last weights.
    XCTAssertEqual(scores(outcome), ["10 0.75", "20 0.7", "20 0.75"])
    XCTAssertEqual(outcome.stepCount, 20)
    XCTAssertEqual(points(outcome.curve), ["5 loss 0.7", "5 learning_rate 1e-05"])
    XCTAssertEqual(
      points(outcome.evaluationCurve),
      ["10 loss 0.6", "10 eval_accuracy 0.75", "20 loss 0.65", "20 eval_accuracy 0.7"])
    XCTAssertEqual(outcome.evaluations[1].loss, 0.65)
    XCTAssertEqual(outcome.evaluations[1].epoch, 2)
  }

  func testAStateAlone() throws {
    let outcome = try outcome(specification(file: "trainer_state.json"), ["trainer_state.json": state])
    XCTAssertEqual(scores(outcome), ["10 0.75", "20 0.7"])
  }

  func testLinesOnStandardOutput() throws {
    let history = lines(
      "starting\n{\"step\": 1, \"loss\": 0.7, \"max_steps\": 4}\n{\"step\": 2, \"epo",
      "ch\": 1, \"eval_accuracy\": 0.5}\n",
      "{not json}\n{\"step\": 4, \"eval_accuracy\": 0.9, \"eval_loss\": 0.1, \"note\": \"x\"}")
    XCTAssertEqual(history.stepCount, 4)
    let outcome = try outcome(specification(file: nil), [:], history)
    XCTAssertEqual(scores(outcome), ["2 0.5", "4 0.9"])
    XCTAssertEqual(points(outcome.curve), ["1 loss 0.7"])
    XCTAssertEqual(points(outcome.evaluationCurve), ["2 eval_accuracy 0.5", "4 eval_accuracy 0.9", "4 loss 0.1"])
  }

  func testAFileOfLines() throws {
    let outcome = try outcome(
      specification(file: "m.jsonl", final: "acc"), ["m.jsonl": "{\"step\": 3, \"acc\": 0.25}\n{\"acc\": 0.5}"])
    XCTAssertEqual(scores(outcome), ["3 0.25", "3 0.5"])
    // A byte order mark, as programs on Windows write it.
    let marked = ["m.jsonl": "\u{FEFF}{\"step\": 4, \"acc\": 0.5}\r\n"]
    XCTAssertEqual(scores(try self.outcome(specification(file: "m.jsonl", final: "acc"), marked)), ["4 0.5"])
  }

  /// It belongs to the last step that was told, and in a state to the end.
  func testAScoreWithoutAStep() throws {
    let printed = lines("{\"step\": 3, \"eval_accuracy\": 0.25}\n{\"step\": 9, \"loss\": 1}\n{\"eval_accuracy\": 0.5}")
    XCTAssertEqual(scores(try outcome(specification(file: nil), [:], printed)), ["3 0.25", "9 0.5"])
    let state = "{\"global_step\": 20, \"log_history\": [{\"eval_accuracy\": 0.7}]}"
    XCTAssertEqual(
      scores(try outcome(specification(file: "trainer_state.json"), ["trainer_state.json": state])), ["20 0.7"])
  }

  /// One entry may hold numbers of the training beside those of an evaluation, on standard output and in a state.
  func testTheTrainingLossIsNoDevLoss() throws {
    let entry = #"{"step": 4, "loss": 0.3, "train_accuracy": 0.8, "eval_loss": 0.1, "eval_accuracy": 0.9}"#
    let state = "{\"global_step\": 4, \"log_history\": [\(entry)]}"
    for outcome in [
      try outcome(specification(file: nil), [:], lines(entry)),
      try outcome(specification(file: "trainer_state.json"), ["trainer_state.json": state]),
    ] {
      XCTAssertEqual(points(outcome.curve), ["4 loss 0.3", "4 train_accuracy 0.8"])
      XCTAssertEqual(points(outcome.evaluationCurve), ["4 loss 0.1", "4 eval_accuracy 0.9"])
      XCTAssertEqual(outcome.evaluations[0].loss, 0.1)
    }
    for (key, names) in [("eval_loss", "eval_loss eval_accuracy"), ("loss", "loss eval_loss eval_accuracy")] {
      let outcome = try outcome(specification(file: nil, final: key), [:], lines(entry, key: key))
      let quantities = outcome.evaluationCurve.map(\.quantity).joined(separator: " ")
      XCTAssertEqual(quantities, names, "the score keeps its name")
    }
  }

  func testAScoreAfterOneThatIsNoNumberCounts() throws {
    let printed = lines("{\"eval_accuracy\": \"pending\"}\n{\"step\": 2, \"eval_accuracy\": 0.5}\n")
    XCTAssertEqual(scores(try outcome(specification(file: nil), [:], printed)), ["2 0.5"])
  }

  /// The state of a run of 750 steps that names a best checkpoint, and what its log holds after training.
  private func stateWithBest(_ after: String = "") -> String {
    """
    {"global_step": 750, "best_model_checkpoint": "c", "best_metric": 0.7, "log_history": [
      {"step": 250, "eval_accuracy": 0.7}, {"step": 500, "eval_accuracy": 0.6}, {"step": 750, "train_runtime": 3}\(after)]}
    """
  }

  /// The same rule as for an import: the evaluation after training is one of the best checkpoint if it has that one's score.
  func testBothFilesOfOneRunGiveTheSameScore() throws {
    let training = ["250 0.7", "500 0.6"]
    for (score, expected) in [("0.7", training), ("0.70001", training), ("0.52", training + ["750 0.52"])] {
      let results = "{\"eval_accuracy\": \(score)}"
      let whole = stateWithBest(", {\"step\": 750, \"eval_accuracy\": \(score)}")
      for state in [whole, stateWithBest()] {
        let ofResults = try outcome(specification(), ["all_results.json": results, "trainer_state.json": state])
        XCTAssertEqual(scores(ofResults), expected, score)
        XCTAssertEqual(ofResults.stepCount, 750)
      }
      let ofState = try outcome(specification(file: "trainer_state.json"), ["trainer_state.json": whole])
      XCTAssertEqual(scores(ofState), expected, score)
      XCTAssertEqual(points(ofState.evaluationCurve), expected.map { $0.replacing(" ", with: " eval_accuracy ") })
    }
    // A score that was evaluated after training only.
    let results = "{\"eval_accuracy\": 0.7, \"test_f1\": 0.4}"
    let files = ["all_results.json": results, "trainer_state.json": stateWithBest()]
    XCTAssertEqual(scores(try outcome(specification(final: "test_f1"), files)), ["750 0.4"])
  }

  func testOfTwoEvaluationsOfTheLastStepTheFirstCounts() throws {
    let state = """
      {"global_step": 20, "log_history": [{"step": 20, "eval_accuracy": 0.5}, {"step": 20, "train_runtime": 3},
        {"step": 20, "eval_accuracy": 0.6}]}
      """
    XCTAssertEqual(
      scores(try outcome(specification(file: "trainer_state.json"), ["trainer_state.json": state])), ["20 0.5"])
  }

  func testTheStateBesideResultsInAFolder() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
    let files = ["out/all_results.json": "{\"eval_accuracy\": 0.7}", "out/trainer_state.json": state]
    XCTAssertEqual(scores(try outcome(specification(file: "out/all_results.json"), files)), ["10 0.75", "20 0.7"])
  }

  func testAScoreThatIsNoFiniteNumberDiverged() throws {
    for text in ["NaN", "null", "Infinity", "-Infinity"] {
      let file = "{\"eval_accuracy\": \(text)}"
      XCTAssertEqual(try outcome(specification(), ["all_results.json": file]).status, .diverged, text)
      XCTAssertEqual(try outcome(specification(file: nil), [:], lines(file)).status, .diverged, text)
    }
    let outcome = try outcome(specification(file: nil), [:], lines("{\"eval_accuracy\": NaN}"))
    XCTAssertEqual(try Outcome(json: outcome.encodedJSON()).encodedJSON(), outcome.encodedJSON())
  }

  func testNoScore() throws {
    XCTAssertEqual(
      problem(specification()),
      "it exited with code 0 and left no file all_results.json in its folder FOLDER; program.results.file names the file "
        + "that holds \"eval_accuracy\" when it ends")
    XCTAssertEqual(
      problem(specification(), ["all_results.json": "{\"eval_accuracy\": 0."]),
      "it exited with code 0, but what it left cannot be read: FOLDER/all_results.json:1:19: expected a number, found \"0.\""
    )
    XCTAssertEqual(
      problem(specification(), ["all_results.json": "{\"eval_f1\": 0.5, \"eval_runtime\": 3, \"name\": \"x\"}"]),
      "it exited with code 0, but FOLDER/all_results.json has no \"eval_accuracy\"; it has eval_f1")
    XCTAssertEqual(
      problem(specification(), ["all_results.json": "{\"eval_accuracy\": \"0.5\"}"]),
      "it exited with code 0, but what it left cannot be read: FOLDER/all_results.json: 'eval_accuracy' is \"0.5\", which is no "
        + "number; a score is a number, or NaN or null for a run that diverged")
    XCTAssertEqual(
      problem(specification(file: nil), [:], lines("0.5\n{\"accuracy\": 0.5, \"step\": 3}\n")),
      "it exited with code 0 and gave no score: no line of standard output is a JSON object with \"eval_accuracy\"; it has accuracy"
    )
    XCTAssertEqual(
      problem(specification(file: nil), [:], lines("{\"eval_accuracy\": \"0.5\"}")),
      "it exited with code 0, but \"eval_accuracy\" in standard output is a string; a score is a number, or NaN or null for a "
        + "run that diverged")
    XCTAssertEqual(
      problem(specification(history: "log.jsonl"), ["all_results.json": "{\"eval_accuracy\": 0.5}"]),
      "it exited with code 0 and left no file log.jsonl in its folder FOLDER; program.results.history names it")
  }

  func testMoreNumbersThanAreKeptLoseNoScore() {
    var history = ScoreHistory(key: "acc")
    let line = Array("{\"step\": 1, \"a\": 1, \"b\": 2}\n".utf8)
    for _ in 0..<ScoreHistory.mostNumbers / 2 + 1 { line.withUnsafeBytes { history.add($0) } }
    Array("{\"step\": 2, \"acc\": 0.5}\n".utf8).withUnsafeBytes { history.add($0) }
    XCTAssertTrue(history.isCut)
    XCTAssertEqual(history.numbers.count, ScoreHistory.mostNumbers)
    XCTAssertEqual(history.scores.map(\.value), [0.5])
  }

  func testOfMoreScoresThanAreKeptTheLastOneCounts() {
    var history = ScoreHistory(key: "acc")
    let score = ScoreHistory.Score(step: 1, epoch: .nan, value: 0.25)
    history.set(Array(repeating: score, count: ScoreHistory.mostNumbers - 1), [], step: 1)
    for text in ["{\"acc\": 0.5}\n", "{\"acc\": 0.75}\n"] { Array(text.utf8).withUnsafeBytes { history.add($0) } }
    XCTAssertTrue(history.isCut)
    XCTAssertEqual(history.scores.count, ScoreHistory.mostNumbers)
    XCTAssertEqual(history.scores.suffix(2).map(\.value), [0.25, 0.75])
  }
}
