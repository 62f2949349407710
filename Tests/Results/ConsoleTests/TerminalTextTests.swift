// What a terminal would obey becomes visible, and columns are counted as the Unicode standard's East Asian Width has them.

import XCTest

@testable import Console

final class TerminalTextTests: XCTestCase {
  func testWhatATerminalWouldObeyIsShown() {
    for (text, shown) in [
      ("bias correction", "bias correction"), ("a\u{1B}[31mb", "a\\u001b[31mb"), ("a\nb\tc\r", "a\\nb\\tc\\r"),
      ("a\u{202E}b", "a\\u202eb"), ("a\u{2028}b\u{FEFF}", "a\\u2028b\\ufeff"), ("\u{9B}2J", "\\u009b2J"),
      ("übung", "übung"), ("学習率", "学習率"), ("👩\u{200D}🔬", "👩\u{200D}🔬"), ("a\u{E0041}", "a\\ue0041"),
    ] {
      XCTAssertEqual(TerminalText.cleaned(text), shown)
    }
  }

  /// The widths are those of Python's unicodedata.east_asian_width (W and F are 2) and combining (0).
  func testWidths() {
    for (text, width) in [
      ("", 0), ("default", 7), ("übung", 5), ("u\u{308}bung", 5), ("学習率", 6), ("ﾊﾝｶｸ", 4), ("ＡＢ", 4), ("한국어", 6),
      ("😀", 2), ("λ=0.1", 5), ("→", 1), ("𠀀", 2),
    ] {
      XCTAssertEqual(TerminalText.width(text), width, text)
    }
    XCTAssertGreaterThanOrEqual(TerminalText.width("👩\u{200D}🔬"), 2, "no terminal takes more columns than are counted")
  }

  func testCutAndFitted() {
    XCTAssertEqual(TerminalText.cut("no bias correction", to: 18), "no bias correction")
    XCTAssertEqual(TerminalText.cut("no bias correction", to: 17), "no bias correc...")
    XCTAssertEqual(TerminalText.cut("no bias correction", to: 5), "no bi")
    XCTAssertEqual(TerminalText.cut("学習率学習率", to: 10), "学習率...", "half a character is none")
    XCTAssertEqual(TerminalText.fitted("学習率学習率", to: 10), "学習率... ")
    XCTAssertEqual(TerminalText.fitted("0.5", to: 6, onRight: false), "   0.5")
    for width in 0...20 {
      XCTAssertEqual(TerminalText.width(TerminalText.fitted("学習率 of Übungen", to: width)), width)
    }
  }
}
