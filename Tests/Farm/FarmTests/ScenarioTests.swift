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
      let clock = VirtualClock()
      clock.beginWork()
      let others = ends.dropFirst().map { end in inBackground(clock) { _ = try scenario.run(on: end, clock: clock) } }
      XCTAssertEqual(try scenario.run(on: ends[0], clock: clock), [], "\(scenario) on \(size) ranks")
      clock.endWork()
      for other in others {
        XCTAssertEqual(other.wait(timeout: .now() + 10), .success, "\(scenario): a rank did not leave")
      }
    }
  }
}

/// Runs `body` on a thread of its own, which takes part in the time of `clock`. An error fails the test. The result is
/// signaled at the end.
func inBackground(
  _ clock: any FarmClock = SystemFarmClock(), _ body: @escaping @Sendable () throws -> Void
) -> DispatchSemaphore {
  let done = DispatchSemaphore(value: 0)
  clock.beginWork()
  Thread.detachNewThread {
    do { try body() } catch { XCTFail(String(describing: error)) }
    clock.endWork()
    done.signal()
  }
  return done
}
