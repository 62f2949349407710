// What the ranks of an analysis send each other: every job and every answer reads back to the same value, and nothing but what a
// rank writes is read at all.

import CommandLine
import MaskSets
import Trials
import XCTest

@testable import Analyses

final class JobCodingTests: XCTestCase {
  private func readBack<Value: Codable>(_ value: Value) throws -> Value {
    try JobCoding.decoded(Value.self, from: JobCoding.encoded(value), "a value")
  }

  private func text(_ value: some Encodable) throws -> String {
    String(decoding: try JobCoding.encoded(value), as: UTF8.self)
  }

  func testJobsReadBack() throws {
    for job in [PlaneRound.Job.points(0..<20), .points(40..<41), .points(5..<5), .corners] {
      XCTAssertEqual(try readBack(job), job)
    }
    let curve = CurveRound.Job(
      model: "lm/a b", maskSet: "out/\"masks\".jsonl", weights: "out/weights/0f\u{e9}", digest: "",
      arithmetic: .portable, precision: .bfloat16)
    XCTAssertEqual(try readBack(curve), curve)
    let trial = TinyRuns.run("0123456789abcdef", failed: false).trial
    let job = Retraining.Job(trial: trial.encodedJSON())
    XCTAssertEqual(try readBack(job), job)
    XCTAssertEqual(try Trial(json: readBack(job).trial), trial)
  }

  func testTheTextsOfJobs() throws {
    XCTAssertEqual(try text(PlaneRound.Job.points(20..<40)), #"{"points":{"_0":[20,40]}}"#)
    XCTAssertEqual(try text(PlaneRound.Job.corners), #"{"corners":{}}"#)
    XCTAssertEqual(try text(Retraining.Answer(weightsDigest: "0f")), #"{"weightsDigest":"0f"}"#)
    XCTAssertEqual(
      try text([PlaneScore(loss: 0.5, accuracy: nil), PlaneScore(loss: .nan, accuracy: 1)]),
      #"[{"loss":0.5},{"accuracy":1,"loss":"nan"}]"#)
  }

  /// Tables must not depend on which rank computed a number, so every number keeps its bits.
  func testNumbersOfAnswersKeepTheirBits() throws {
    var numbers: [Double] = [
      0, -0.0, 0.1, 1 / 3, .pi, 1e300, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
      .infinity, -.infinity, .nan, 123_456_789_012_345_680, 1e-7, .leastNormalMagnitude.nextDown,
    ]
    var bits: UInt64 = 88_172_645_463_325_252
    while numbers.count < 2000 {
      bits ^= bits << 13
      bits ^= bits >> 7
      bits ^= bits << 17
      let number = Double(bitPattern: bits)
      // Of the bits of a NaN only that they are one is kept.
      if !number.isNaN { numbers.append(number) }
    }
    let scores = numbers.map { PlaneScore(loss: $0, accuracy: -$0) }
    for (score, read) in zip(scores, try readBack(scores)) {
      XCTAssertTrue(Self.isSame(read.loss, score.loss), "\(score.loss)")
      XCTAssertTrue(Self.isSame(try XCTUnwrap(read.accuracy), try XCTUnwrap(score.accuracy)), "\(score.loss)")
    }
    let curve = try readBack(ForgettingCurve(losses: numbers, pretrainedLoss: .nan))
    XCTAssertTrue(zip(curve.losses, numbers).allSatisfy(Self.isSame))
    XCTAssertEqual(curve.losses.count, numbers.count)
    XCTAssertTrue(curve.pretrainedLoss.isNaN)
    XCTAssertNil(try readBack(PlaneScore(loss: 1, accuracy: nil)).accuracy)
  }

  private static func isSame(_ one: Double, _ other: Double) -> Bool {
    one.isNaN ? other.isNaN : one.bitPattern == other.bitPattern
  }

  /// In particular none of them is taken for the job of the corners.
  func testMalformedJobsAreErrors() {
    for text in [
      "", " ", "corners", #""corners""#, #"["corners"]"#, "[]", "{}", "null", "7", #"{"corner":{}}"#,
      #"{"corners":{}} "#, #"{"corners":{},"points":{"_0":[0,1]}}"#, #"{"corners":{"_0":1}}"#, #"{"corners":{}"#,
      #"{"points":{}}"#, #"{"points":[0,20]}"#, #"{"points":{"_0":[3]}}"#, #"{"points":{"_0":[3,1]}}"#,
      #"{"points":{"_0":["0","20"]}}"#, #"{"points":{"_0":[0,1.5]}}"#, #"{"points":{"_0":[0,20,40]}}"#,
      #"{"points":{"_0":[0,20]},"x":1}"#, #"["0","20"]"#, #"["points","0"]"#,
    ] {
      XCTAssertThrowsError(
        try JobCoding.decoded(PlaneRound.Job.self, from: Array(text.utf8), "a job of the round 'x'"), text
      ) {
        XCTAssertEqual(
          "\($0)",
          "expected a job of the round 'x', found '\(text)'; start all ranks from one build of the program")
        XCTAssertEqual(($0 as? Refusal)?.exitCode, .failure)
      }
    }
    XCTAssertThrowsError(try JobCoding.decoded(PlaneRound.Job.self, from: [0xFF, 0x00, 0x7B], "a job"))
  }

  func testMalformedAnswersAreErrors() {
    for text in [
      "", "{}", #"[{"accuracy":1}]"#, #"[{"loss":"0.5"}]"#, #"[{"loss":"NaN"}]"#, #"[{"loss":null}]"#, #"[0.5,1]"#,
      #"[{"loss":0.5,"place":1}]"#, #"[{"loss":0.5}"#,
    ] {
      XCTAssertThrowsError(try PlaneRound.answer(Array(text.utf8)), text) {
        XCTAssertTrue("\($0)".hasPrefix("expected an answer of the round 'pieces of the plane', found '"), "\($0)")
      }
    }
    for text in [
      "[]", #"{"losses":[1,2,3]}"#, #"{"pretrainedLoss":1}"#, #"{"losses":[1,2],"pretrainedLoss":1}"#,
      #"{"losses":[1,"x",3],"pretrainedLoss":1}"#,
    ] {
      XCTAssertThrowsError(try CurveRound.answer(Array(text.utf8)), text)
    }
    XCTAssertThrowsError(try Retraining.answer(Array(#"{"weightsDigest":7}"#.utf8)))
    let long = String(repeating: "x", count: 300)
    XCTAssertThrowsError(try Retraining.answer(Array(long.utf8))) {
      XCTAssertTrue("\($0)".contains("found '\(long.prefix(100))...'; "), "\($0)")
    }
  }
}
