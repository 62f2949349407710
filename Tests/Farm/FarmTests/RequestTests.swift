// A job that asks the leader's directory while it runs, on the leader's own rank and on another.

import FarmScenarios
import Foundation
import Synchronization
import XCTest

@testable import Farm

final class RequestTests: XCTestCase {
  private struct NoAnswer: Error, Equatable {}

  /// Responds with the question, the job and the rank, until it is to throw.
  private final class AnsweringDirectory: RankDirectory {
    var isBroken = false

    func admit(rank: Int, identity: [UInt8]) {}
    func host(ofRank rank: Int) -> String { "" }
    func isGone(rank: Int) -> Bool { false }

    func response(to request: [UInt8], of handOut: HandOut) throws -> [UInt8] {
      if isBroken { throw NoAnswer() }
      return request + [UInt8(handOut.job), UInt8(handOut.rank)]
    }
  }

  /// A worker whose jobs ask twice and give both answers.
  private func asking() -> Worker {
    Worker {
      { assignment in
        Product(result: try assignment.ask([7]) + assignment.ask([]))
      }
    }
  }

  private func serve(_ worker: Worker, on transport: InProcessTransport) -> DispatchSemaphore {
    let hasLeft = DispatchSemaphore(value: 0)
    Thread {
      _ = try? worker.serve(on: transport)
      hasLeft.signal()
    }.start()
    return hasLeft
  }

  func testEveryJobGetsTheAnswersToItsOwnQuestions() throws {
    let transports = InProcessTransport.group(size: 2)
    let hasLeft = serve(asking(), on: transports[1])
    let journal = RecordingLedger()
    let leader = Leader(
      jobs: Array(repeating: Job(), count: 40), transport: transports[0], worker: asking(),
      owner: .init(journal: journal, directory: AnsweringDirectory()))
    XCTAssertEqual(try leader.run().finishedCount, 40)
    XCTAssertEqual(hasLeft.wait(timeout: .now() + 10), .success)
    var results: [Int: [UInt8]] = [:]
    for answer in journal.answers {
      if case .finished(let result, _) = answer.content { results[answer.handOut.job] = result }
    }
    var ranks: Set<UInt8> = []
    for job in 0..<40 {
      let result = try XCTUnwrap(results[job])
      let rank = try XCTUnwrap(result.last)
      XCTAssertEqual(result, [7, UInt8(job), rank, UInt8(job), rank])
      ranks.insert(rank)
    }
    XCTAssertEqual(ranks, [0, 1])
  }

  /// A rank that waits for an answer leaves when it is told to.
  func testARankThatWaitsForAnAnswerLeaves() throws {
    let transports = InProcessTransport.group(size: 2)
    let hasLeft = serve(asking(), on: transports[1])
    let journal = RecordingLedger()
    let directory = AnsweringDirectory()
    directory.isBroken = true
    let leader = Leader(
      jobs: [Job(), Job()], transport: transports[0], worker: asking(),
      owner: .init(journal: journal, directory: directory))
    XCTAssertThrowsError(try leader.run()) { XCTAssertEqual($0 as? NoAnswer, NoAnswer()) }
    XCTAssertEqual(hasLeft.wait(timeout: .now() + 10), .success)
    XCTAssertEqual(journal.answers, [])
  }
}
