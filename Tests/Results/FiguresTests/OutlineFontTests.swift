// Outlines of a font that is put together here: its tables byte by byte, as the OpenType specification has them.

import XCTest

@testable import Figures

final class OutlineFontTests: XCTestCase {
  private func word(_ value: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }
  private func long(_ value: Int) -> [UInt8] { word(value >> 16) + word(value) }

  /// A font of 1000 units with three glyphs: nothing, a triangle of straight lines for A, and for B that triangle moved by 500,
  /// with the widths 400, 600 and 700.
  private func font() -> [UInt8] {
    let triangle =
      word(1) + word(0) + word(0) + word(100) + word(200)  // one contour, its bounds
      + word(2) + word(0)  // the last point, no instructions
      + [0x37, 0x37, 0x17]  // on the line, short differences: to the right and up, but the last down
      + [0, 100, 0] + [0, 200, 200]
    let padded = triangle + Array(repeating: 0, count: (4 - triangle.count % 4) % 4)
    let moved = word(-1) + word(0) + word(0) + word(0) + word(0) + word(3) + word(1) + word(500) + word(0)
    let second = moved + Array(repeating: 0, count: (4 - moved.count % 4) % 4)
    var head = Array<UInt8>(repeating: 0, count: 54)
    head.replaceSubrange(18..<20, with: word(1000))
    var hhea = Array<UInt8>(repeating: 0, count: 36)
    hhea.replaceSubrange(34..<36, with: word(3))
    let cmap =
      word(0) + word(1) + word(3) + word(1) + long(12)
      + word(4) + word(32) + word(0) + word(4) + word(0) + word(0) + word(0)
      + word(0x42) + word(0xFFFF) + word(0) + word(0x41) + word(0xFFFF) + word(1 - 0x41) + word(1) + word(0) + word(0)
    let loca = word(0) + word(0) + word(padded.count / 2) + word((padded.count + second.count) / 2)
    let tables: [(String, [UInt8])] = [
      ("cmap", cmap), ("glyf", padded + second), ("head", head), ("hhea", hhea),
      ("hmtx", word(400) + word(0) + word(600) + word(0) + word(700) + word(0)), ("loca", loca),
      ("maxp", long(0x10000) + word(3)),
    ]
    var directory = long(0x10000) + word(tables.count) + word(0) + word(0) + word(0)
    var (content, offset) = ([UInt8](), 12 + 16 * tables.count)
    for (tag, bytes) in tables {
      directory += Array(tag.utf8) + long(0) + long(offset + content.count) + long(bytes.count)
      content += bytes
    }
    offset += content.count
    return directory + content
  }

  func testOutlinesAndWidths() throws {
    let font = try OutlineFont(font(), name: "f.ttf")
    XCTAssertEqual(font.width(of: "AB?"), 1.7)
    // A at 10 units: from the line's start up to the right and down again. SVG's y runs down.
    XCTAssertEqual(font.path(of: "A", x: 1, y: 20, size: 10), "M1 20L2 18L2 20L1 20Z")
    XCTAssertEqual(font.path(of: "?B", x: 0, y: 0, size: 10), "M9 0L10 -2L10 0L9 0Z")
  }

  func testPointsBesideTheLineBendIt() {
    let contour = FontContour(points: [
      .init(x: 0, y: 0, isOnCurve: true), .init(x: 10, y: 0, isOnCurve: false), .init(x: 10, y: 10, isOnCurve: false),
    ])
    XCTAssertEqual(contour.path { ($0.x, $0.y) }, "M0 0Q10 0 10 5Q10 10 0 0Z")
    let round = FontContour(points: [(0, 0), (2, 0), (2, 2), (0, 2)].map { .init(x: $0, y: $1, isOnCurve: false) })
    XCTAssertEqual(round.path { ($0.x, $0.y) }, "M0 1Q0 0 1 0Q2 0 2 1Q2 2 1 2Q0 2 0 1Z")
  }

  /// However a file is cut or changed, it is refused or drawn in some way.
  func testDamagedFontsEndNoProgram() throws {
    let whole = font()
    var refusedCount = 0
    for count in 0..<whole.count {
      do {
        let font = try OutlineFont(Array(whole.prefix(count)), name: "f.ttf")
        _ = font.path(of: "AB", x: 0, y: 0, size: 10)
      } catch is FontError { refusedCount += 1 }
    }
    XCTAssertGreaterThan(refusedCount, whole.count / 2)
    for index in whole.indices {
      for value: UInt8 in [0, 1, 0x7F, 0xFF] {
        var bytes = whole
        bytes[index] = value
        if let font = try? OutlineFont(bytes, name: "f.ttf") { _ = font.path(of: "AB?", x: 0, y: 0, size: 10) }
      }
    }
    XCTAssertThrowsError(try OutlineFont(Array("OTTO".utf8) + Array(repeating: 0, count: 50), name: "f.otf")) { error in
      XCTAssertEqual(
        "\(error)",
        "f.otf is no TrueType font; --outlines takes a .ttf file such as DejaVuSans.ttf, and no .otf with PostScript outlines"
      )
    }
  }
}
