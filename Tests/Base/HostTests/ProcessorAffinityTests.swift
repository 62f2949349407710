// The processors that this process may use, and the warning about too many threads.

import XCTest

@testable import Host

final class ProcessorAffinityTests: XCTestCase {
  func testAffinity() throws {
    XCTAssertEqual(ProcessorAffinity.processors(inList: "\t0-3,8,10-11\n"), [0, 1, 2, 3, 8, 10, 11])
    for wrong in ["", "a", "3-1", "1-2-3", "1,,x"] { XCTAssertNil(ProcessorAffinity.processors(inList: wrong), wrong) }
    let here = ProcessorAffinity.current()
    XCTAssertEqual(here.processors.count, ProcessInfo.processInfo.activeProcessorCount)
    XCTAssert((1...here.processors.count).contains(here.coreCount))
    XCTAssertNil(ProcessorAffinity(processors: [0, 1], coreCount: 2).warning(threadCount: 2))
    XCTAssertEqual(
      ProcessorAffinity(processors: [0], coreCount: 1).warning(threadCount: 2),
      "2 threads share 1 core: this process may use no more. Start with `mpirun --map-by slot:PE=2 --bind-to core`, or "
        + "with `--bind-to none`.")
  }
}
