import JSON5
import StopRules
import Tasks
import XCTest

@testable import Trials

/// SplitMix64, so that the random cases are the same in every run.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

final class OutcomeCodecTests: XCTestCase {
  /// A Double of any finite bit pattern.
  private func anyDouble(_ generator: inout TestGenerator) -> Double {
    while true {
      let number = Double(bitPattern: generator.next())
      if number.isFinite { return number }
    }
  }

  private func anyOutcome(_ generator: inout TestGenerator) -> Outcome {
    func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &generator) ? value : nil }
    var outcome = Outcome(
      status: TrialStatus.allCases.randomElement(using: &generator)!,
      metric: MetricName.allCases.randomElement(using: &generator)!)
    for step in 0..<Int.random(in: 0..<5, using: &generator) {
      outcome.evaluations.append(
        Evaluation(
          step: step, epoch: anyDouble(&generator), value: anyDouble(&generator), valueA: anyDouble(&generator),
          valueB: anyDouble(&generator), loss: anyDouble(&generator), accuracy: maybe(0.5), f1: maybe(0.25),
          matthews: maybe(-0.1), pearson: maybe(0.3), spearman: maybe(1), correctCount: maybe(17),
          confusion: maybe([[1, 2], [3, 4]]) ?? [], isConstant: Bool.random(using: &generator)))
    }
    for step in 0..<Int.random(in: 0..<20, using: &generator) {
      for quantity in ["loss", "learning_rate", "accuracy", "gr\"ad\n"] where Bool.random(using: &generator) {
        outcome.curve.append(
          CurvePoint(step: step, epoch: Double(step) / 7, quantity: quantity, value: anyDouble(&generator)))
      }
    }
    outcome.stepCount = Int.random(in: 0..<10_000, using: &generator)
    outcome.evaluationCount = Int.random(in: 0..<10_000, using: &generator)
    outcome.trainLossFinal = maybe(anyDouble(&generator))
    outcome.trainLossFull = maybe(.infinity)
    outcome.majorityCount = maybe(146)
    outcome.chanceLoss = maybe(0.693)
    outcome.unknownShare = maybe(0.07)
    outcome.distanceFromPretrained = maybe(-0.0)
    outcome.weightsDigest = maybe("abc")
    outcome.predictionsDigest = maybe("def")
    outcome.testPredictionsDigest = maybe("abc")
    outcome.test = maybe(
      Evaluation(
        step: 9, epoch: 3, value: anyDouble(&generator), valueA: 0, valueB: 1, loss: anyDouble(&generator),
        accuracy: 0.5,
        correctCount: 4, confusion: [[1, 2], [3, 4]]))
    for name in ["far", "hard_2"] where Bool.random(using: &generator) {
      outcome.devSets.append(
        DevSetScore(
          name, exampleCount: 40,
          Evaluation(
            step: 9, epoch: 3, value: anyDouble(&generator), valueA: 0, valueB: 1, loss: anyDouble(&generator),
            accuracy: maybe(0.5), confusion: maybe([[1, 2], [3, 4]]) ?? []), predictionsDigest: maybe("abc")))
    }
    outcome.message = maybe("line\nbreak \u{1F600} \u{2028}")
    return outcome
  }

  func testRandomOutcomesReadBackEqualAndOnOneLine() throws {
    var generator = TestGenerator(state: 1)
    for _ in 0..<500 {
      let outcome = anyOutcome(&generator)
      let text = outcome.encodedJSON()
      XCTAssertFalse(text.contains("\n"))
      let back = try Outcome(json: text)
      XCTAssertEqual(back, outcome)
      XCTAssertEqual(back.encodedJSON(), text)
    }
  }

  /// The name of a further set stands in the names of files, so that no message may make it lead elsewhere.
  func testASetOfAnotherNameIsRefused() {
    var outcome = Outcome(status: .completed, metric: .accuracy)
    outcome.devSets = [
      DevSetScore(
        "../far", exampleCount: 1, Evaluation(step: 1, epoch: 1, value: 1, valueA: 1, valueB: 1, loss: 0))
    ]
    XCTAssertThrowsError(try Outcome(json: outcome.encodedJSON())) {
      XCTAssertEqual("\($0)", "dev_sets[0].name: expected a name of 1 to 40 of a-z, 0-9 and _, found \"../far\"")
    }
  }

  func testTheTextIsPinned() {
    var outcome = Outcome(status: .diverged, metric: .matthews)
    outcome.evaluations = [
      Evaluation(
        step: 12, epoch: 1, value: 0.5, valueA: 0.25, valueB: .nan, loss: .infinity, accuracy: 0.75, correctCount: 3,
        confusion: [[1, 0], [1, 2]])
    ]
    outcome.curve = [
      CurvePoint(step: 10, epoch: 0.1, quantity: "loss", value: 0.7),
      CurvePoint(step: 10, epoch: 0.1, quantity: "learning_rate", value: 2e-5),
      CurvePoint(step: 20, epoch: 0.2, quantity: "loss", value: .nan),
      CurvePoint(step: 20, epoch: 0.2, quantity: "learning_rate", value: 1e-5),
    ]
    outcome.stepCount = 12
    outcome.evaluationCount = 4
    XCTAssertEqual(
      outcome.encodedJSON(),
      #"{"status":"diverged","metric":"matthews","step_count":12,"evaluation_count":4,"evaluations":[{"step":12,"#
        + #""epoch":1.0,"value":0.5,"value_a":0.25,"value_b":NaN,"loss":Infinity,"accuracy":0.75,"correct_count":3,"#
        + #""confusion":[[1,0],[1,2]],"constant":false}],"curve":{"quantities":[["loss","learning_rate"]],"#
        + #""rows":[[0,10,0.1,0.7,2e-05],[0,20,0.2,NaN,1e-05]]}}"#)
  }

  func testNaNAndInfinitiesSurvive() throws {
    var outcome = Outcome(status: .diverged, metric: .accuracy)
    outcome.trainLossFinal = .nan
    outcome.trainLossFull = -.infinity
    let back = try Outcome(json: outcome.encodedJSON())
    XCTAssertEqual(back.trainLossFinal?.isNaN, true)
    XCTAssertEqual(back.trainLossFull, -.infinity)
  }

  func testErrorsNameTheField() {
    func message(_ json: String) -> String {
      do {
        _ = try Outcome(json: json)
        return "no error"
      } catch { return "\(error)" }
    }
    let start = #"{"status":"completed","metric":"accuracy","step_count":1,"evaluation_count":2"#
    XCTAssertEqual(message("[]"), "the record: expected an object, found a list")
    XCTAssertEqual(message("{}"), "status: the field is missing")
    XCTAssertEqual(
      message(#"{"status":"done"}"#),
      #"status: expected "completed", "diverged", "crashed", "timeout", "lost", "preempted" or "stopped", found "done""#
    )
    XCTAssertEqual(message(start + "}"), "evaluations: the field is missing")
    XCTAssertEqual(
      message(start + #","evaluations":[{"step":1,"epoch":"x"}]}"#),
      "evaluations[0].epoch: expected a number, found a string")
    XCTAssertEqual(
      message(start + #","evaluations":[],"curve":{"quantities":[["a"]],"rows":[[0,1,1.0,2.0],[1,1,1.0,2.0]]}}"#),
      "curve.rows[1]: the row does not fit the quantities of set 1")
    let bound = "expected an integer from 0 to 2147483647, found an integer"
    XCTAssertEqual(
      message(#"{"status":"completed","metric":"accuracy","step_count":-1}"#), "step_count: \(bound)")
    XCTAssertEqual(
      message(start + #","majority_count":9223372036854775807,"evaluations":[]}"#), "majority_count: \(bound)")
    let evaluation = #"{"step":1,"epoch":1,"value":1,"value_a":1,"value_b":1,"loss":1,"constant":false,"confusion":"#
    XCTAssertEqual(
      message(start + #","evaluations":["# + evaluation + "[[1,2],[3]]}]}"),
      "evaluations[0].confusion: expected as many columns as rows, 2")
    XCTAssertEqual(
      message(start + #","evaluations":["# + evaluation + "[[1,2],[3,4294967296]]}]}"),
      "evaluations[0].confusion: \(bound)")
    XCTAssertEqual(message("{\"status\":"), "outcome:1:11: expected a value, found the end of the text")
  }

  func testTimingReadsBack() throws {
    let timing = TrialTiming(trainingSeconds: 0.1, totalSeconds: 1e9, host: "node01", rank: 3)
    XCTAssertEqual(timing.encodedJSON(), #"{"training_s":0.1,"total_s":1000000000.0,"host":"node01","rank":3}"#)
    XCTAssertEqual(try TrialTiming(json: timing.encodedJSON()), timing)
    var first = timing
    first.startupSeconds = 0.25
    XCTAssertTrue(first.encodedJSON().hasSuffix(#","rank":3,"startup_s":0.25}"#))
    XCTAssertEqual(try TrialTiming(json: first.encodedJSON()), first)
  }

  func testATrialThatPausesReadsBack() throws {
    var trial = Trial(
      identifier: "0123456789abcdef", configurationIdentifier: "c", variant: "v", label: "v",
      configuration: TrialConfiguration(), seeds: TrialSeeds(tied: 1))
    let plain = trial.encodedJSON()
    XCTAssertFalse(plain.contains("pause"))
    trial.pause = PausePoint(step: 25, rule: EarlyRule(.score, .chance, at: .share(0.25)))
    XCTAssertTrue(trial.encodedJSON().contains(#""pause":{"step":25,"rule":"score=baseline@25%"}"#))
    XCTAssertEqual(try Trial(json: trial.encodedJSON()), trial)
    XCTAssertNil(try Trial(json: plain).pause)
    let unknown = trial.encodedJSON().replacingOccurrences(of: "score=baseline", with: "score=best")
    XCTAssertThrowsError(try Trial(json: unknown)) {
      XCTAssertEqual("\($0)", "pause.rule: \(EarlyRule.form), found \"score=best@25%\"")
    }
  }

  /// What a stopped trial leaves: its records up to the step, and nothing that its last step would decide.
  func testAStoppedOutcome() throws {
    func evaluation(_ step: Int) -> Evaluation {
      Evaluation(step: step, epoch: Double(step), value: 0.5, valueA: 0.5, valueB: 0.5, loss: 1)
    }
    var outcome = Outcome(status: .completed, metric: .accuracy)
    outcome.evaluations = [2, 4, 6].map(evaluation)
    outcome.curve = (1...6).map { CurvePoint(step: $0, epoch: 0, quantity: "loss", value: Double($0)) }
    outcome.stepCount = 6
    outcome.trainLossFinal = 1
    outcome.weightsDigest = "w"
    outcome.majorityCount = 3
    let stopped = outcome.stopped(at: 5)
    XCTAssertEqual(stopped.status, .stopped)
    XCTAssertFalse(stopped.status.isResult)
    XCTAssertFalse(stopped.status.isFailedAttempt)
    XCTAssertEqual(stopped.stepCount, 5)
    XCTAssertEqual(stopped.evaluations.map(\.step), [2, 4])
    XCTAssertEqual(stopped.curve.map(\.step), [1, 2, 3, 4, 5])
    XCTAssertEqual([stopped.trainLossFinal], [nil])
    XCTAssertNil(stopped.weightsDigest)
    XCTAssertEqual(stopped.majorityCount, 3)
    XCTAssertEqual(stopped.stopped(at: 5), stopped)
    XCTAssertEqual(try Outcome(json: stopped.encodedJSON()), stopped)
  }

  /// Sizes that a sweep file may not have either.
  func testATrialOfImpossibleSizes() throws {
    var configuration = TrialConfiguration()
    configuration.model.shape.layerCount = 2_000_000_000
    let trial = Trial(
      identifier: "00000000000000a1", configurationIdentifier: "00000000000000c0", variant: "v", label: "v",
      configuration: configuration, seeds: TrialSeeds(tied: 1))
    XCTAssertThrowsError(try Trial(json: trial.encodedJSON())) {
      XCTAssertEqual(
        "\($0)", "configuration.model.config.num_hidden_layers: expected at most 1000 layers, found 2000000000")
    }
  }

  /// What a message calls a trial becomes the name of its files.
  func testATrialIsNotCalledAWayOutOfAFolder() throws {
    var trial = Trial(
      identifier: "00000000000000a1", configurationIdentifier: "00000000000000c0", variant: "../x", label: "/y",
      configuration: TrialConfiguration(), seeds: TrialSeeds(tied: 1))
    XCTAssertEqual(try Trial(json: trial.encodedJSON()), trial)
    for name in ["../../a", "/a", "a/b", ".", "..", "", "a\0", "a b", "\u{E9}", String(repeating: "a", count: 65)] {
      trial.identifier = name
      XCTAssertThrowsError(try Trial(json: trial.encodedJSON()), name) {
        XCTAssertTrue("\($0)".hasPrefix("trial_id: expected 1 to 64 letters, digits, - and _, found \""), "\($0)")
      }
    }
  }
}
