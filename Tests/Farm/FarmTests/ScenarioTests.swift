// Every scenario on ranks that are threads of this process; MPITransportTests runs the same ones under mpirun.

import Farm
import FarmScenarios
import Foundation
import XCTest

final class ScenarioTests: XCTestCase {
  func testEveryScenarioOnOneRank() throws { try runAll(size: 1) }

  func testEveryScenarioOnTwoRanks() throws { try runAll(size: 2) }

  func testEveryScenarioOnThreeRanks() throws { try runAll(size: 3) }

  private func runAll(size: Int) throws {
    for scenario in Scenario.allCases {
      let ends = InProcessTransport.group(size: size)
      let others = ends.dropFirst().map { end in inBackground { _ = try scenario.run(on: end) } }
      XCTAssertEqual(try scenario.run(on: ends[0]), [], "\(scenario) on \(size) ranks")
      for other in others {
        XCTAssertEqual(other.wait(timeout: .now() + 10), .success, "\(scenario): a rank did not leave")
      }
    }
  }
}

/// Runs something on a thread of its own, where an error fails the test, and returns what can be waited for.
func inBackground(_ body: @escaping @Sendable () throws -> Void) -> DispatchSemaphore {
  let done = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    do { try body() } catch { XCTFail(String(describing: error)) }
    done.signal()
  }
  return done
}
