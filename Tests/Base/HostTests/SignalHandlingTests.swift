import Glibc
import Host
import XCTest

final class SignalHandlingTests: XCTestCase {
  func testWhetherASignalIsIgnored() {
    let before = signal(SIGWINCH, SIG_IGN)
    defer { signal(SIGWINCH, before) }
    XCTAssertTrue(SignalHandling.isIgnored(SignalHandling.action(of: SIGWINCH)))
    signal(SIGWINCH, SIG_DFL)
    XCTAssertFalse(SignalHandling.isIgnored(SignalHandling.action(of: SIGWINCH)))
    signal(SIGWINCH) { _ in }
    XCTAssertFalse(SignalHandling.isIgnored(SignalHandling.action(of: SIGWINCH)))
  }
}
