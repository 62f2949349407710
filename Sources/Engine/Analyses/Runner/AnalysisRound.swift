// One round of jobs that the ranks of an analysis share, as typed values, and how jobs and answers cross the network: as JSON
// that is read back strictly. How jobs are handed out is in `AnalysisFarm`.

import CommandLine
import Farm
import Foundation

/// A round of jobs.
package protocol AnalysisRound: Sendable {
  /// A job for a rank.
  associatedtype Job: Codable & Sendable
  /// The answer to a job.
  associatedtype Answer: Codable & Sendable
  /// What the jobs are called in progress lines.
  static var name: String { get }
  /// Prepares a rank and returns the function that does its jobs. Runs on the rank's job thread, before the first job.
  func worker(rank: Int) throws -> (Job) throws -> Answer
}

extension AnalysisRound {
  /// What a rank's `Worker` performs.
  func execution(rank: Int) throws -> Worker.Execution {
    let perform = try worker(rank: rank)
    return { assignment in
      let job = try JobCoding.decoded(Job.self, from: assignment.payload, "a job of the round '\(Self.name)'")
      return Product(result: try JobCoding.encoded(perform(job)))
    }
  }

  /// The answer that a rank's bytes hold.
  ///
  /// - Throws: a `Refusal` for bytes that are no answer.
  static func answer(_ bytes: [UInt8]) throws -> Answer {
    try JobCoding.decoded(Answer.self, from: bytes, "an answer of the round '\(name)'")
  }
}

/// Jobs and answers as bytes.
enum JobCoding {
  private static let (infinity, minusInfinity, nan) = ("inf", "-inf", "nan")

  /// The one text of a value: keys sorted, every number as the shortest text that reads back to the same bits.
  static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: minusInfinity, nan: nan)
    return Array(try encoder.encode(value))
  }

  /// The value that bytes hold.
  ///
  /// - Throws: a `Refusal` for bytes that `encoded` does not write for any value of the type: not JSON, a missing field, a
  ///   field of another type, or anything that the value does not keep.
  static func decoded<Value: Codable>(_ type: Value.Type, from bytes: [UInt8], _ what: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinity, negativeInfinity: minusInfinity, nan: nan)
    if let value = try? decoder.decode(type, from: Data(bytes)), try encoded(value) == bytes { return value }
    let text = String(decoding: bytes.prefix(100), as: UTF8.self)
    throw Refusal(
      "expected \(what), found '\(text)\(bytes.count > 100 ? "..." : "")'; start all ranks from one build of "
        + "the program", code: .failure)
  }
}
