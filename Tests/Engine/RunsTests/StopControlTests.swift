// Every reason to stop a run early, with signals and time that the tests make.

import Farm
import Files
import MPITransport
import Storage
import Trials
import XCTest

@testable import Runs

final class StopControlTests: XCTestCase {
  private func control(_ change: (inout RunOptions) -> Void = { _ in }, wallTime: WallTime? = nil) -> StopControl {
    var options = RunOptions()
    change(&options)
    return StopControl(options, StopSignals(drain: DrainFlag()), wallTime: wallTime, graceSeconds: 5)
  }

  private func state(pause: Double = 0) -> FarmState {
    FarmState(finishedCount: 0, exhaustedCount: 0, waitingCount: 1, longestPause: pause)
  }

  func testARunWithoutLimitsGoesOn() {
    let control = control()
    XCTAssertNil(control.signalToObey(state(), now: 1e6))
    XCTAssertNil(control.watchWallTime(state(), now: 1e6, trialSeconds: 1e6))
    control.noteFailures(1000, of: 1000)
    XCTAssertNil(control.reason)
    XCTAssertFalse(control.drain.isRaised || control.hold.isRaised)
  }

  /// A run of 400 s from 100 s on: the last 10 s are for tables, the 10 s before them too short for a trial's first checkpoint.
  func testNothingStartsNearTheEndAndEverythingStopsBeforeIt() {
    let wallTime = WallTime(limit: 400, environment: [:], now: 100, date: 0)
    let control = control(wallTime: wallTime)
    XCTAssertNil(control.watchWallTime(state(), now: 479, trialSeconds: 1000))
    XCTAssertFalse(control.hold.isRaised)
    XCTAssertEqual(
      control.watchWallTime(state(), now: 481, trialSeconds: 0), "The time is nearly over: no trial starts any more.")
    XCTAssertTrue(control.hold.isRaised)
    XCTAssertNil(control.watchWallTime(state(), now: 482, trialSeconds: 0), "it is said once")
    XCTAssertFalse(control.drain.isRaised)
    _ = control.watchWallTime(state(), now: 490, trialSeconds: 0)
    XCTAssertTrue(control.drain.isRaised)
    XCTAssertNil(control.reason, "time that is over is no failure")
  }

  /// Without checkpoints a trial starts only if it can end.
  func testWithoutCheckpointsATrialMustFitTheTime() {
    let wallTime = WallTime(limit: 400, environment: [:], now: 0, date: 0)
    let control = control({ $0.checkpointSeconds = 0 }, wallTime: wallTime)
    XCTAssertNil(control.watchWallTime(state(), now: 290, trialSeconds: 100))
    XCTAssertNotNil(control.watchWallTime(state(), now: 291, trialSeconds: 100))
    XCTAssertTrue(control.hold.isRaised)
  }

  /// Long pauses between steps leave more time for keeping.
  func testLongPausesLeaveMoreTime() throws {
    let wallTime = try XCTUnwrap(WallTime(limit: 400, environment: [:], now: 0, date: 0))
    XCTAssertEqual(wallTime.secondsLeft(now: 100, longestPause: 0), 290)
    XCTAssertEqual(wallTime.secondsLeft(now: 100, longestPause: 5), 280)
    XCTAssertEqual(wallTime.secondsLeft(now: 100, longestPause: 1000), 200)
  }

  func testTheNearerEndCounts() throws {
    let slurm = ["SLURM_JOB_END_TIME": "1500"]
    XCTAssertEqual(WallTime(limit: nil, environment: slurm, now: 7, date: 1000)?.end, 507)
    XCTAssertEqual(WallTime(limit: 60, environment: slurm, now: 7, date: 1000)?.end, 67)
    XCTAssertEqual(WallTime(limit: 600, environment: slurm, now: 7, date: 1000)?.end, 507)
    XCTAssertNil(WallTime(limit: nil, environment: [:], now: 7, date: 1000))
  }

  func testTooManyFailuresStopTheRun() {
    let counted = control { $0.failureLimit = FailureLimit("2") }
    counted.noteFailures(2, of: 100)
    XCTAssertNil(counted.reason)
    counted.noteFailures(3, of: 100)
    XCTAssertEqual(counted.reason, "3 trials without a result, and --max-failures is 2")
    XCTAssertTrue(counted.drain.isRaised)
    counted.noteFailures(4, of: 100)
    XCTAssertEqual(counted.reason, "3 trials without a result, and --max-failures is 2", "the first reason stays")
    let shared = control { $0.failureLimit = FailureLimit("5%") }
    shared.noteFailures(1, of: 20)
    XCTAssertNil(shared.reason)
    shared.noteFailures(2, of: 20)
    XCTAssertEqual(shared.reason, "2 trials without a result, and --max-failures is 5%")
  }

  func testAFullDiskStopsTheRun() {
    let control = control()
    XCTAssertNil(control.fullDisk)
    for sentence in ["the first", "the second"] { control.note(fullDisk: sentence) }
    XCTAssertEqual(control.fullDisk?.description, "the first")
    XCTAssertTrue(control.drain.isRaised)
    XCTAssertNil(control.reason, "no trial is at fault")
  }

  /// A disk that one machine has to itself keeps no other machine from training.
  func testWhichFullDisksStopARun() {
    var options = RunOptions()
    options.output = "/data/out"
    let leader = LeaseHolder.current(launchedByParent: false)
    var distant = leader
    distant.machine.host = "node99"
    let nodes = (near: Node(leader: leader.encoded), far: Node(leader: distant.encoded))
    let program = TrialCrash(description: "python3 exited with code 1; its output ends with: No space left on device")
    let here = FileError(operation: "write to", path: "/tmp/node/weights", code: ENOSPC)
    let shared = FileError(operation: "write to", path: "/data/out/weights/a", code: EDQUOT)
    for error in [program, here, shared] as [any Error] {
      XCTAssertTrue(TrialExecution.isOfFullDisk(error, nil, options), "\(error)")
      XCTAssertTrue(TrialExecution.isOfFullDisk(error, nodes.near, options), "\(error)")
    }
    XCTAssertFalse(TrialExecution.isOfFullDisk(program, nodes.far, options))
    XCTAssertFalse(TrialExecution.isOfFullDisk(here, nodes.far, options))
    XCTAssertTrue(TrialExecution.isOfFullDisk(shared, nodes.far, options))
    XCTAssertFalse(TrialExecution.isOfFullDisk(TrialCrash(description: "no such module"), nil, options))
    XCTAssertFalse(TrialExecution.isOfFullDisk(Interruption(), nil, options))
  }

  func testLimitsOfFailuresAreRead() {
    XCTAssertEqual(FailureLimit("0"), .count(0))
    XCTAssertEqual(FailureLimit("2.5%"), .percent(2.5))
    for text in ["", "-1", "101%", "1.5", "%", "three"] { XCTAssertNil(FailureLimit(text), text) }
  }

  func testTheGraceThatLaunchersLeave() {
    let mpirun = ["OMPI_COMM_WORLD_SIZE": "2"]
    XCTAssertEqual(StopSignals.graceSeconds([:], launched: false), 5)
    XCTAssertEqual(StopSignals.graceSeconds([:], launched: true), 5)
    XCTAssertEqual(StopSignals.graceSeconds(mpirun, launched: true), 0.6)
    let patient = mpirun.merging(["OMPI_MCA_odls_base_sigkill_timeout": "10"]) { $1 }
    XCTAssertEqual(StopSignals.graceSeconds(patient, launched: true), 9.5)
  }
}
