// The outlines of a TrueType font, for figures whose words must look alike wherever they are opened and need no font there. Reads
// the tables that this needs and no others: no kerning, no ligatures, no hinting, and no fonts with PostScript outlines.

/// Why a file is no font whose outlines can be drawn.
package struct FontError: Error, Equatable, CustomStringConvertible {
  /// The whole message.
  package let description: String
}

/// A TrueType font, read for its outlines.
package struct OutlineFont: Equatable, Sendable {
  private let data: FontData
  private let tables: [String: Range<Int>]
  private let unitsPerEm: Double
  private let hasLongOffsets: Bool
  private let glyphCount: Int
  private let metricCount: Int
  private let characters: CharacterMap

  /// A font from the bytes of a .ttf file; `name` is what errors call it.
  ///
  /// - Throws: `FontError` for a file that is no TrueType font.
  package init(_ bytes: [UInt8], name: String) throws {
    data = FontData(bytes, name: name)
    guard bytes.count > 12, [0x0001_0000, 0x7472_7565].contains(try data.long(0)) else {
      throw FontError(
        description:
          "\(name) is no TrueType font; --outlines takes a .ttf file such as DejaVuSans.ttf, and no .otf with "
          + "PostScript outlines")
    }
    var tables: [String: Range<Int>] = [:]
    for index in 0..<(try data.word(4)) {
      let entry = 12 + 16 * index
      let tag = String(decoding: try data.slice(entry, 4), as: UTF8.self)
      let (start, length) = (try data.long(entry + 8), try data.long(entry + 12))
      guard start + length <= bytes.count else { throw data.damaged }
      tables[tag] = start..<start + length
    }
    self.tables = tables
    func start(_ tag: String) throws -> Int {
      guard let table = tables[tag] else { throw FontError(description: "\(name): the font has no table '\(tag)'") }
      return table.lowerBound
    }
    unitsPerEm = Double(max(1, try data.word(start("head") + 18)))
    hasLongOffsets = try data.word(start("head") + 50) == 1
    glyphCount = try data.word(start("maxp") + 4)
    metricCount = max(1, try data.word(start("hhea") + 34))
    for tag in ["loca", "glyf", "hmtx"] { _ = try start(tag) }
    characters = try CharacterMap(data, at: start("cmap"))
  }

  /// The width of a text at a font size of 1.
  package func width(of text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + advance(characters.glyph(of: $1)) } / unitsPerEm
  }

  /// The outlines of a text whose letters stand on `y`, as the `d` of a path. What the font lacks is its box for that.
  package func path(of text: String, x: Double, y: Double, size: Double) -> String {
    let scale = size / unitsPerEm
    var (path, pen) = ("", x)
    for scalar in text.unicodeScalars {
      let glyph = characters.glyph(of: scalar)
      var partCount = 0
      for contour in (try? contours(of: glyph, depth: 0, &partCount)) ?? [] {
        path += contour.path { point in (pen + point.x * scale, y - point.y * scale) }
      }
      pen += advance(glyph) * scale
    }
    return path
  }

  private func advance(_ glyph: Int) -> Double {
    guard let table = tables["hmtx"] else { return 0 }
    return Double((try? data.word(table.lowerBound + 4 * min(glyph, metricCount - 1))) ?? 0)
  }

  /// The bytes of a glyph in the table of glyphs; nil for one without outlines, such as a space.
  private func range(of glyph: Int) throws -> Range<Int>? {
    guard glyph < glyphCount, let offsets = tables["loca"], let glyphs = tables["glyf"] else { return nil }
    func offset(_ index: Int) throws -> Int {
      hasLongOffsets
        ? try data.long(offsets.lowerBound + 4 * index) : 2 * (try data.word(offsets.lowerBound + 2 * index))
    }
    let (start, end) = (glyphs.lowerBound + (try offset(glyph)), glyphs.lowerBound + (try offset(glyph + 1)))
    return start < end && end <= glyphs.upperBound ? start..<end : nil
  }

  /// The most glyphs that one is put together of, those of its parts counted too: a damaged glyph may be a part of itself.
  private static let mostParts = 100

  private func contours(of glyph: Int, depth: Int, _ partCount: inout Int) throws -> [FontContour] {
    partCount += 1
    guard partCount <= Self.mostParts, depth < 6, let range = try range(of: glyph) else { return [] }
    let count = try data.signedWord(range.lowerBound)
    return count >= 0
      ? try simpleContours(at: range.lowerBound + 10, count: count)
      : try composedContours(at: range.lowerBound + 10, depth: depth, &partCount)
  }

  private func simpleContours(at start: Int, count: Int) throws -> [FontContour] {
    let ends = try (0..<count).map { try data.word(start + 2 * $0) }
    let pointCount = (ends.last ?? -1) + 1
    var position = start + 2 * count
    position += 2 + (try data.word(position))
    var flags: [UInt8] = []
    while flags.count < pointCount {
      let flag = try data.byte(position)
      position += 1
      var repeats = 1
      if flag & 8 != 0 {
        repeats += Int(try data.byte(position))
        position += 1
      }
      flags += repeatElement(flag, count: repeats)
    }
    func coordinates(isShort: UInt8, isSame: UInt8) throws -> [Double] {
      var value = 0
      return try flags.prefix(pointCount).map { flag in
        if flag & isShort != 0 {
          value += (flag & isSame != 0 ? 1 : -1) * Int(try data.byte(position))
          position += 1
        } else if flag & isSame == 0 {
          value += try data.signedWord(position)
          position += 2
        }
        return Double(value)
      }
    }
    let xs = try coordinates(isShort: 2, isSame: 16)
    let ys = try coordinates(isShort: 4, isSame: 32)
    var first = 0
    return ends.map { end in
      defer { first = max(first, end + 1) }
      guard end >= first, end < pointCount else { return FontContour(points: []) }
      return FontContour(
        points: (first...end).map { FontContour.Point(x: xs[$0], y: ys[$0], isOnCurve: flags[$0] & 1 != 0) })
    }
  }

  /// The outlines of a glyph that is put together of others, such as a letter with an accent.
  private func composedContours(at start: Int, depth: Int, _ partCount: inout Int) throws -> [FontContour] {
    var (position, result, flags) = (start, [FontContour](), 0x20)
    while flags & 0x20 != 0, partCount < Self.mostParts {
      flags = try data.word(position)
      let glyph = try data.word(position + 2)
      position += 4
      var (dx, dy) = (0.0, 0.0)
      let isXY = flags & 2 != 0
      if flags & 1 != 0 {
        if isXY { (dx, dy) = (Double(try data.signedWord(position)), Double(try data.signedWord(position + 2))) }
        position += 4
      } else {
        if isXY {
          dx = Double(Int8(bitPattern: try data.byte(position)))
          dy = Double(Int8(bitPattern: try data.byte(position + 1)))
        }
        position += 2
      }
      var (xx, xy, yx, yy) = (1.0, 0.0, 0.0, 1.0)
      func fraction(_ index: Int) throws -> Double { Double(try data.signedWord(position + 2 * index)) / 16384 }
      if flags & 8 != 0 {
        xx = try fraction(0)
        yy = xx
        position += 2
      } else if flags & 0x40 != 0 {
        (xx, yy) = (try fraction(0), try fraction(1))
        position += 4
      } else if flags & 0x80 != 0 {
        (xx, xy, yx, yy) = (try fraction(0), try fraction(1), try fraction(2), try fraction(3))
        position += 8
      }
      result += try contours(of: glyph, depth: depth + 1, &partCount).map { contour in
        FontContour(
          points: contour.points.map {
            FontContour.Point(x: xx * $0.x + yx * $0.y + dx, y: xy * $0.x + yy * $0.y + dy, isOnCurve: $0.isOnCurve)
          })
      }
    }
    return result
  }
}
