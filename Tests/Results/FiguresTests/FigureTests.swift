// Scales, paths, escaped texts and whole figures, against numbers that were worked out by hand.

import XCTest

@testable import Figures

final class FigureTests: XCTestCase {
  func testTextsOfOthersCannotBecomeMarkup() {
    var markup = Markup()
    markup.element(
      "td", [("title", "\"><script>")], "</td><img src=x onerror='alert(1)'>&\u{0}\u{1B}\u{FFFE}\u{85}é😀\n")
    XCTAssertEqual(
      markup.text,
      "<td title=\"&quot;&gt;&lt;script&gt;\">&lt;/td&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;"
        + "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}é😀 </td>")
  }

  func testElementsEndInTheOrderInWhichTheyBegan() {
    var markup = Markup()
    markup.open("a")
    markup.open("b")
    markup.empty("c", [("d", "1")])
    markup.close()
    markup.close()
    markup.close()
    XCTAssertEqual(markup.text, "<a><b><c d=\"1\"/></b></a>")
  }

  func testTicksAreRoundAndInside() {
    func labels(_ scale: Scale, _ count: Int) -> [String] { scale.ticks(about: count).map(\.label) }
    XCTAssertEqual(labels(Scale(from: 0, to: 1), 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    XCTAssertEqual(labels(Scale(from: -0.02, to: 1.02), 4), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    XCTAssertEqual(labels(Scale(from: 0, to: 189), 4), ["0", "50", "100", "150"])
    XCTAssertEqual(labels(Scale(from: 0.512, to: 0.537), 4), ["0.515", "0.520", "0.525", "0.530", "0.535"])
    XCTAssertEqual(labels(Scale(from: -3, to: 3), 3), ["-2", "0", "2"])
    XCTAssertEqual(labels(Scale(from: 0, to: 1.95), 3), ["0.0", "0.5", "1.0", "1.5"])
    XCTAssertEqual(
      labels(Scale(.logarithmic, from: 1e-5, to: 10), 4), ["1e-5", "0.0001", "0.001", "0.01", "0.1", "1", "10"])
    XCTAssertEqual(labels(Scale(.logarithmic, from: 0.9, to: 6), 4), ["1", "2", "5"])
  }

  /// Labels have as many digits as tell neighbours apart, also where all numbers begin with the same ones.
  func testTicksOfNarrowRangesAndLargeNumbersDiffer() {
    func labels(_ scale: Scale, _ count: Int) -> [String] { scale.ticks(about: count).map(\.label) }
    XCTAssertEqual(
      labels(Scale(from: 0.912342, to: 0.912349), 4), ["0.912342", "0.912344", "0.912346", "0.912348"])
    XCTAssertEqual(
      labels(Scale(from: 1e6, to: 1.001e6), 4),
      ["1000000", "1000200", "1000400", "1000600", "1000800", "1001000"])
    XCTAssertEqual(
      labels(Scale(from: 999_000, to: 1_001_000), 4), ["999000", "999500", "1000000", "1000500", "1001000"])
    XCTAssertEqual(labels(Scale(from: 5e10, to: 5.0002e10), 2), ["5e+10", "5.0001e+10", "5.0002e+10"])
    // Few digits where those tell them apart.
    XCTAssertEqual(labels(Scale(from: 0, to: 4e6), 4), ["0", "1e+6", "2e+6", "3e+6", "4e+6"])
    XCTAssertEqual(labels(Scale(from: 0, to: 4e-5), 4), ["0", "1e-5", "2e-5", "3e-5", "4e-5"])
  }

  /// Less than a decade may hold none of 1, 2 and 5 times a power of ten, or one; an axis shows other round numbers there.
  func testALogarithmicAxisOfLessThanADecadeHasTicks() {
    func labels(_ scale: Scale) -> [String] { scale.ticks(about: 5).map(\.label) }
    XCTAssertEqual(
      labels(Scale(.logarithmic, from: 0.85, to: 1.18)), ["0.85", "0.90", "0.95", "1.00", "1.05", "1.10", "1.15"])
    XCTAssertEqual(labels(Scale(.logarithmic, from: 2.1, to: 4.9)), ["2.5", "3.0", "3.5", "4.0", "4.5"])
    XCTAssertEqual(labels(Scale(.logarithmic, from: 1, to: 100)), ["1", "3", "10", "30", "100"])
  }

  func testScalesHaveRoomAndPositions() throws {
    let scale = Scale(covering: [2, 4, .nan, .infinity], room: 0.1)
    XCTAssertEqual(scale.low, 1.8, accuracy: 1e-12)
    XCTAssertEqual(scale.high, 4.2, accuracy: 1e-12)
    XCTAssertEqual(try XCTUnwrap(scale.share(of: 3)), 0.5, accuracy: 1e-12)
    XCTAssertNil(scale.share(of: .nan))
    // Where all numbers are equal or there is none, an axis has a width.
    for values in [[0.5, 0.5], [0], []] {
      let scale = Scale(covering: values)
      XCTAssertGreaterThan(scale.high - scale.low, 0.05)
      XCTAssertFalse(scale.ticks(about: 3).isEmpty)
    }
    let logarithmic = Scale(.logarithmic, from: 1, to: 100)
    XCTAssertEqual(try XCTUnwrap(logarithmic.share(of: 10)), 0.5, accuracy: 1e-12)
    XCTAssertNil(logarithmic.share(of: 0))
    XCTAssertEqual(Scale(.logarithmic, covering: [0, -1]).high, 10)
  }

  /// A program may give the largest number there is for the score of a run that diverged.
  func testNumbersOfAnySizeHaveAPosition() throws {
    let most = Double.greatestFiniteMagnitude
    let cases: [(Scale.Kind, [Double])] = [
      (.linear, [0.5, most]), (.linear, [-most, most]), (.logarithmic, [.leastNonzeroMagnitude, most]),
    ]
    for (kind, values) in cases {
      let scale = Scale(kind, covering: values)
      let shares = try values.map { try XCTUnwrap(scale.share(of: $0)) }
      // They stand at the ends, or within the room there, which is a twentyfifth of the range between them at most.
      XCTAssertTrue((0...0.04).contains(shares[0]), "\(kind), \(values): \(shares)")
      XCTAssertTrue((0.96...1).contains(shares[1]), "\(kind), \(values): \(shares)")
      XCTAssertFalse(scale.ticks(about: 4).isEmpty)
    }
    XCTAssertEqual(Scale(from: .nan, to: 1).ticks(about: 4), [])
    XCTAssertEqual(Scale(from: 2, to: 2).ticks(about: 4), [])
    XCTAssertNil(Scale(from: 2, to: 2).share(of: 2))
    let figure = Figure(
      name: "f", title: "f", description: "f",
      panels: [
        Panel(
          x: Axis("x", Scale(from: 0, to: 1e-30)), y: .axis(Axis("y", Scale(from: 0, to: 1)), height: 100),
          marks: [.points([FigurePoint(1, -most)], .dot, .text), .label(FigurePoint(-1, 0), "far")])
      ])
    XCTAssertFalse(figure.svg(.paper(millimetres: 84)).text.contains("nan"))
  }

  func testPathsAreShortAndDoNotDrift() {
    var path = PathData()
    path.move(1, 0.25)
    path.line(1.04, 5)
    path.line(0.96, 5)
    path.line(-3.21, 4.9)
    path.dot(0, 12.34)
    XCTAssertEqual(path.text, "M1 .3l0 4.7l-4.2-.1M0 12.3h.01")
    // A thousand steps that are each rounded end where they should.
    var long = PathData()
    long.move(0, 0)
    for step in 1...1000 { long.line(Double(step) * 0.149, 0) }
    let ends = long.text.split(separator: "l").dropFirst().map { $0.split(separator: " ")[0] }
    XCTAssertEqual(ends.reduce(0) { $0 + (Double("0" + $1) ?? Double($1) ?? .nan) }, 149, accuracy: 1e-9)
  }

  func testWordsAreBrokenAndCut() {
    XCTAssertEqual(Lettering.lines("", width: 100, size: 10), [])
    XCTAssertEqual(Lettering.lines("one two three", width: 50, size: 10), ["one two", "three"])
    XCTAssertEqual(Lettering.lines("one two three four", width: 50, size: 10, most: 2), ["one two", "three f…"])
    let cut = Lettering.fitted(String(repeating: "m", count: 100), to: 60, size: 10)
    XCTAssertTrue(cut.hasSuffix("…"))
    XCTAssertLessThanOrEqual(Lettering.width(of: cut) * 10, 60)
  }

  private func example() -> Figure {
    Figure(
      name: "f", title: "A <title>", description: "2 & 3",
      panels: [
        Panel(
          x: Axis("x", Scale(from: 0, to: 10)), y: .axis(Axis("y", Scale(from: 0, to: 1)), height: 100),
          marks: [
            .line([FigurePoint(0, 0), FigurePoint(10, 1)], .series(0), name: "seed 1"),
            .points([FigurePoint(5, 0.5), FigurePoint(.nan, 1)], .cross, .failed),
          ]),
        Panel(
          x: Axis("rate", Scale(from: 0, to: 1)), y: .rows([FigureRow("a"), FigureRow("b", note: "1/2")], strip: 12),
          marks: [
            .interval(low: 0.1, high: 0.9, middle: 0.5, row: 1, .series(1)),
            .box(Box(lowWhisker: 0, lowQuartile: 0.2, median: 0.4, highQuartile: 0.6, highWhisker: 1), row: 0),
            .points([FigurePoint(0.5, 7)], .dot, .text),
          ]),
      ], legend: [LegendEntry("failed", .point(.cross, .failed)), LegendEntry("a line", .line(.series(0), .dashed))])
  }

  func testAFigureOfAPageTakesItsColoursFromTheStyle() {
    let text = example().svg(.page(identifier: "f1")).text
    XCTAssertTrue(text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 340 "), text)
    XCTAssertTrue(text.contains("role=\"img\" aria-labelledby=\"f1t f1d\""))
    XCTAssertTrue(text.contains("<title id=\"f1t\">A &lt;title&gt;</title><desc id=\"f1d\">2 &amp; 3</desc>"))
    XCTAssertTrue(text.contains("stroke=\"currentColor\" class=\"x\""), "failed runs")
    XCTAssertFalse(text.contains("#"), "a colour that no style can change")
    XCTAssertTrue(text.contains("<title>seed 1</title>"))
    // Left out: a point that is no number and one in a row that there is not.
    XCTAssertFalse(text.contains("nan"))
  }

  /// A panel of lines has the label, the strip and the note beside one another; long words are cut, so that the strip keeps its room.
  func testLinesHaveLabelStripAndNoteSideBySide() {
    let long = String(repeating: "m", count: 100)
    let rows = [
      FigureRow("town", note: "holds", isHeading: true), FigureRow("d0", note: "0.5"), FigureRow(long, note: long),
    ]
    let marks = [1.0, 2].map { Mark.interval(low: 0, high: 1, middle: 0.5, row: $0, .text) }
    let figure = Figure(
      name: "f", title: "f", description: "f",
      panels: [Panel(x: Axis("x", Scale(from: 0, to: 1)), y: .lines(rows), marks: marks)])
    let text = figure.svg(.paper(millimetres: 84)).text
    XCTAssertTrue(text.contains(##"<text x="2" y="14" font-weight="bold" fill="#1a1a1a">town</text>"##), text)
    XCTAssertTrue(text.contains(##"<text x="314" y="14" text-anchor="end" fill="#595959">holds</text>"##), text)
    XCTAssertTrue(text.contains(##"<text x="2" y="27" fill="#1a1a1a">d0</text>"##), text)
    // Words take .32 of the 318 units on either side, so that a strip reaches from 113.8 to 202.2.
    XCTAssertEqual(text.components(separatedBy: "mmm…</text>").count, 3)
    XCTAssertTrue(text.contains(#"d="M113.8 23.5l88.4 0""#), text)
    XCTAssertTrue(text.contains(#"d="M113.8 36.5l88.4 0""#), text)
  }

  func testAFigureOfAPaperIsAsWideAsAColumnAndHasItsColours() throws {
    let text = example().svg(.paper(millimetres: 84)).text
    XCTAssertTrue(text.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "))
    XCTAssertTrue(text.contains("viewBox=\"0 0 318 ") && text.contains("width=\"84mm\""), text)
    XCTAssertTrue(text.contains("#D55E00") && text.contains("#0072B2"))
    XCTAssertFalse(text.contains("class=") || text.contains("currentColor"))
    let wide = example().svg(.paper(millimetres: 174)).text
    XCTAssertTrue(wide.contains("width=\"174mm\"") && wide.contains("font-size=\"10.5\""))
  }

  func testMarksStandWhereTheirNumbersAre() {
    // The plot is 100 high below 19 units of words; its left edge leaves room for the widest number, and 8 are free at the right.
    let frame = Frame(
      left: 20, right: 320, top: 0, bottom: 100, horizontal: Scale(from: 0, to: 10), vertical: Scale(from: 0, to: 1),
      rows: nil)
    XCTAssertEqual(frame.x(5), 170)
    XCTAssertEqual(frame.y(0.25), 75)
    let rows = Frame(
      left: 0, right: 100, top: 0, bottom: 80, horizontal: Scale(from: 0, to: 1), vertical: nil,
      rows: Frame.Rows(middles: [20, 60], gaps: [0], strip: 10))
    XCTAssertEqual(rows.strips.map(\.middle), [60], "grid lines are not drawn through headings")
    XCTAssertEqual(rows.y(1), 60)
    XCTAssertEqual(rows.y(0.75), 57.5)
    XCTAssertNil(rows.y(2))
  }

  func testColoursOfFailedRunsAreNobodyElses() {
    let series = (0..<Ink.seriesCount).map { Ink.series($0).color }
    XCTAssertEqual(Set(series).count, Ink.seriesCount)
    XCTAssertFalse(series.contains(Ink.failed.color))
    XCTAssertEqual(Ink.series(Ink.seriesCount).color, series[0])
    XCTAssertEqual(Ink.heat(0).color, "#00224e")
    XCTAssertEqual(Ink.heat(1).color, "#fee838")
    XCTAssertEqual(Ink.heat(7).color, "#fee838")
  }
}
