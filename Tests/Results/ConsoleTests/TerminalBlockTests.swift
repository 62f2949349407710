// What is on the screen while a block is rewritten, and that nothing of it stays: when a window is resized, when something else
// is printed, when a user types, and at the end.

import CommandLine
import XCTest

@testable import Console

final class TerminalBlockTests: XCTestCase {
  private func printer(_ screen: ScreenModel) -> ProgressPrinter {
    ProgressPrinter(terminal: ProgressTerminal(size: { screen.size }, write: { screen.write($0) }), now: 0)
  }

  /// A view of as many rows and as wide as there is room for, with a number that tells redraws apart.
  private func view(_ number: Int) -> (TerminalSize) -> [String] {
    { size in
      [""] + (1...size.rows - 4).map { "\(number).\($0) " + String(repeating: "x", count: size.columns - 12) }
    }
  }

  private func show(_ number: Int, _ printer: inout ProgressPrinter) {
    printer.show(now: Double(number), line: { _ in "line \(number)" }, view: view(number))
  }

  private func expected(_ number: Int, _ size: TerminalSize, after messages: String = "") -> String {
    messages + view(number)(size).joined(separator: "\n")
  }

  func testEveryRedrawReplacesTheLast() {
    for kind in ScreenModel.Kind.allCases {
      let screen = ScreenModel(kind, columns: 80, rows: 24)
      screen.write("$ seedsweep run\n")
      var printer = printer(screen)
      for number in 1...5 {
        show(number, &printer)
        XCTAssertEqual(screen.history, expected(number, screen.size, after: "$ seedsweep run\n"))
        XCTAssertEqual(screen.cursorRow, 1, "the cursor is where the view begins")
      }
      // No redraw is due yet.
      printer.show(now: 5.4, line: { _ in "line" }, view: view(6))
      XCTAssertEqual(screen.history, expected(5, screen.size, after: "$ seedsweep run\n"))
      printer.clear()
      screen.write("done\n")
      XCTAssertEqual(screen.history, "$ seedsweep run\ndone")
    }
  }

  /// At the bottom of a full screen the view scrolls what is above it, once.
  func testAtTheBottomOfTheScreen() {
    let screen = ScreenModel(.breaking, columns: 80, rows: 24)
    let before = (1...40).map { "line \($0)\n" }.joined()
    screen.write(before)
    var printer = printer(screen)
    for number in 1...3 { show(number, &printer) }
    XCTAssertEqual(screen.history, expected(3, screen.size, after: before))
    printer.clear()
    XCTAssertEqual(screen.history + "\n", before)
  }

  func testMessagesStandAboveTheView() {
    let screen = ScreenModel(.breaking, columns: 80, rows: 24)
    var printer = printer(screen)
    var messages = ""
    for number in 1...30 {
      show(number, &printer)
      printer.clear()
      screen.write("message \(number)\n")
      messages += "message \(number)\n"
      show(number + 1, &printer)
    }
    XCTAssertEqual(screen.history, expected(31, screen.size, after: messages))
  }

  private static let sizes = [
    (160, 40), (80, 40), (160, 40), (79, 24), (61, 13), (159, 14), (100, 50), (60, 12), (200, 12), (80, 24),
  ]

  /// Lines that fit into all of these windows leave nothing anywhere, whatever the window was resized to.
  func testResizing() {
    for kind in ScreenModel.Kind.allCases {
      let screen = ScreenModel(kind, columns: 120, rows: 30)
      let before = "$ seedsweep run\ntiny: 5 trials\n"
      screen.write(before)
      var printer = printer(screen)
      for (number, (columns, rows)) in zip(1..., Self.sizes) {
        let view = { (size: TerminalSize) in
          [""] + (1...size.rows - 5).map { "\(number).\($0) " + String(repeating: "x", count: 40) }
        }
        printer.show(now: Double(number) - 0.5, line: { _ in "" }, view: view)
        screen.resize(columns: columns, rows: rows)
        printer.show(now: Double(number), line: { _ in "" }, view: view)
        XCTAssertEqual(
          screen.history, before + view(screen.size).joined(separator: "\n"), "\(kind) \(columns)x\(rows)")
      }
      printer.clear()
      screen.write("done\n")
      XCTAssertEqual(screen.history, before + "done", "\(kind)")
    }
  }

  /// Lines as wide as the window are broken by some terminals when it shrinks. As long as they stay in the window they leave
  /// nothing; a full screen in half of its width has room for a view of a third of its rows.
  func testResizingWithWideLines() {
    for kind in ScreenModel.Kind.allCases {
      let screen = ScreenModel(kind, columns: 160, rows: 30)
      screen.write((1...40).map { "line \($0)\n" }.joined())
      var printer = printer(screen)
      let view = { (size: TerminalSize) in
        [""] + (1...9).map { "\($0) " + String(repeating: "x", count: size.columns - 8) }
      }
      for (number, columns) in zip(1..., [160, 80, 160, 80, 200]) {
        screen.resize(columns: columns, rows: 30)
        printer.show(now: Double(number), line: { _ in "" }, view: view)
        XCTAssertTrue(
          screen.history.hasSuffix("\nline 40\n" + view(screen.size).joined(separator: "\n")), "\(kind) \(columns)")
        XCTAssertEqual(screen.history.count { $0 == "x" }, 9 * (columns - 8), "\(kind) \(columns)")
      }
      printer.clear()
      XCTAssertTrue(screen.text.hasSuffix("\nline 40"), screen.text)
      XCTAssertFalse(screen.history.contains("x"), "\(kind)")
    }
  }

  /// What was broken and scrolled out of the window cannot be taken back, but what is seen below is the view alone.
  func testResizingBeyondTheWindow() {
    for kind in ScreenModel.Kind.allCases {
      let screen = ScreenModel(kind, columns: 120, rows: 30)
      var printer = printer(screen)
      show(0, &printer)
      for (number, (columns, rows)) in zip(1..., Self.sizes) {
        screen.resize(columns: columns, rows: rows)
        show(number, &printer)
        let own = view(number)(screen.size).dropFirst()
        let lines = screen.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        XCTAssertEqual(Array(lines.suffix(own.count)), Array(own), "\(kind) \(columns)x\(rows)")
      }
      printer.clear()
      XCTAssertFalse(screen.history.contains("\(Self.sizes.count).1"), "\(kind): \(screen.history)")
    }
  }

  /// A window that becomes small gets the line, cut where it does not fit, and one that grows gets the view again.
  func testSmallWindowsHaveALine() {
    for kind in ScreenModel.Kind.allCases {
      let screen = ScreenModel(kind, columns: 80, rows: 24)
      screen.write((1...5).map { "line \($0)\n" }.joined())
      var printer = printer(screen)
      let text = "9 of 50 trials done, 3 at chance, at steps 1 to 9 of 189, about 4 min left"
      func show(_ number: Int) {
        printer.show(now: Double(number), line: { "\($0 ?? 0): " + text }, view: view(number))
      }
      show(1)
      for (number, (columns, rows, shown)) in zip(
        2...,
        [
          (80, 11, "79: " + text), (59, 24, "58: 9 of 50 trials done, 3 at chance, at steps 1 to 9 o..."),
          (40, 8, "39: 9 of 50 trials done, 3 at chance..."), (200, 8, "199: " + text),
        ])
      {
        screen.resize(columns: columns, rows: rows)
        show(number)
        XCTAssertTrue(screen.text.hasSuffix("line 5\n" + shown), "\(kind) \(screen.text)")
      }
      screen.resize(columns: 80, rows: 24)
      show(9)
      XCTAssertTrue(screen.history.hasSuffix("line 5\n" + expected(9, screen.size)), screen.history)
      printer.clear()
      XCTAssertTrue(screen.history.hasSuffix("line 5"), screen.history)
    }
  }

  /// What a user types goes to the line of the cursor, which the view leaves empty.
  func testTypedLinesLeaveNothing() {
    let screen = ScreenModel(.breaking, columns: 80, rows: 24)
    var printer = printer(screen)
    show(1, &printer)
    screen.write("\n")
    show(2, &printer)
    XCTAssertEqual(screen.text, "\n" + expected(2, screen.size))
    printer.clear()
    XCTAssertEqual(screen.text, "")
  }

  /// A terminal that does not say how large it is gets what every terminal got before there was a view.
  func testUnknownSize() {
    var sent = ""
    var printer = ProgressPrinter(terminal: ProgressTerminal(size: { nil }, write: { sent += $0 }), now: 0)
    printer.show(now: 1, line: { "\($0 ?? 0)" }, view: { _ in ["no"] })
    printer.show(now: 1.5, line: { "\($0 ?? 0) again" }, view: { _ in ["no"] })
    printer.clear()
    printer.clear()
    XCTAssertEqual(sent, "\r\u{1B}[K0\r\u{1B}[K0 again\r\u{1B}[K")
  }

  /// A file or a pipe gets a line a minute, the first a minute after the start.
  func testNoTerminal() {
    var lines: [String] = []
    var printer = ProgressPrinter(terminal: nil, now: 10, print: { lines.append($0) })
    for second in 10...200 {
      printer.show(now: Double(second), line: { "\($0 ?? 0) at \(second)" }, view: { _ in ["no"] })
    }
    printer.clear()
    XCTAssertEqual(lines, ["0 at 70", "0 at 130", "0 at 190"])
    lines = []
    printer = ProgressPrinter(terminal: nil, now: 10, isPrompt: true, print: { lines.append($0) })
    for second in 10...75 { printer.show(now: Double(second), line: { _ in "at \(second)" }) }
    XCTAssertEqual(lines, ["at 10", "at 70"])
  }

  func testWhichTerminalsAreCapable() {
    for environment in [[:], ["TERM": ""], ["TERM": "dumb"]] as [[String: String]] {
      XCTAssertNil(ProgressTerminal(path: nil, environment: environment).size())
    }
    XCTAssertNil(ProgressTerminal(path: "", environment: ["TERM": "xterm"]).size(), "no terminal has this path")
  }

  /// The size is asked of the terminal each time.
  func testSizeOfATerminal() throws {
    var (leader, follower) = (Int32(0), Int32(0))
    var size = winsize(ws_row: 33, ws_col: 101, ws_xpixel: 0, ws_ypixel: 0)
    XCTAssertEqual(openpty(&leader, &follower, nil, nil, &size), 0)
    defer { for descriptor in [leader, follower] { close(descriptor) } }
    XCTAssertEqual(TerminalSize(descriptor: follower), TerminalSize(columns: 101, rows: 33))
    let path = String(cString: ttyname(follower))
    let terminal = ProgressTerminal(path: path, environment: ["TERM": "xterm-256color"])
    XCTAssertEqual(terminal.size(), TerminalSize(columns: 101, rows: 33))
    size.ws_col = 40
    XCTAssertEqual(ioctl(leader, UInt(TIOCSWINSZ), &size), 0)
    XCTAssertEqual(terminal.size(), TerminalSize(columns: 40, rows: 33))
    size.ws_col = 0
    XCTAssertEqual(ioctl(leader, UInt(TIOCSWINSZ), &size), 0)
    XCTAssertNil(terminal.size(), "a terminal that does not know its size")
    XCTAssertNil(TerminalSize(path: "/dev/null"))
  }
}
