// Leaders that lead one after another on one network.

import FarmScenarios
import XCTest

@testable import Farm

final class RoundTests: XCTestCase {
  func testWhatComesEarlyWaitsAndWhatComesLateIsDropped() throws {
    let ends = InProcessTransport.group(size: 3)
    let transport = RoundTransport(ends[0])
    func send(_ messages: [Message], from rank: Int) throws {
      for message in messages { try ends[rank].send(message.encoded(), to: 0) }
    }
    func heard() throws -> [(Int, Message)] {
      var heard: [(Int, Message)] = []
      while let received = try transport.poll() { heard.append((received.source, try Message(received.bytes))) }
      return heard
    }
    let answer = Message.answer(
      epoch: 1, job: 0, attempt: 1, seconds: 0, content: .finished(result: [1], remark: []))
    try send([.hello(identity: [1]), .farewell, .hello(identity: [11])], from: 1)
    try send([.hello(identity: [2])], from: 2)
    let first = try heard()
    XCTAssertEqual(first.map(\.0), [1, 1, 2])
    XCTAssertEqual(first.map(\.1), [.hello(identity: [1]), .farewell, .hello(identity: [2])])
    transport.beginNextRound()
    // Rank 2 was slow: this is still its first round's.
    try send([answer, .farewell, .hello(identity: [22]), answer], from: 2)
    let second = try heard()
    XCTAssertEqual(second.map(\.0), [1, 2, 2])
    XCTAssertEqual(second.map(\.1), [.hello(identity: [11]), .hello(identity: [22]), answer])
  }

  /// A rank that greets the second leader while the first still waits for another's farewell gets work of the second.
  func testARankThatIsAheadOfAnotherIsAdmitted() throws {
    let ends = InProcessTransport.group(size: 3)
    let transport = RoundTransport(ends[0])
    for (rank, messages) in [
      (1, [Message.hello(identity: []), .farewell, .hello(identity: []), .farewell]),
      (2, [.hello(identity: []), .farewell, .hello(identity: []), .farewell]),
    ] {
      for message in messages { try ends[rank].send(message.encoded(), to: 0) }
    }
    for round in 1...2 {
      let ledger = RecordingLedger()
      _ = try Leader(
        jobs: [Job()], transport: transport, worker: Worker { { _ in Product(result: []) } }, owner: .init(ledger)
      ).run()
      let greeted = ledger.events.compactMap { if case .admitted(let rank) = $0 { rank } else { nil } }
      XCTAssertEqual(Set(greeted), [0, 1, 2], "round \(round)")
      transport.beginNextRound()
    }
  }
}
