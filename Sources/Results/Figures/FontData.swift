// The bytes of a font file, read at offsets that the file itself gives: each reading is checked. It also holds what a font is
// read into: the glyph of each character, and outlines.

/// The bytes of a font.
struct FontData: Equatable, Sendable {
  private let bytes: [UInt8]
  private let name: String

  init(_ bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  /// The error of an offset that leads out of the file.
  var damaged: FontError { FontError(description: "\(name): the font file is damaged or cut off") }

  func byte(_ offset: Int) throws -> UInt8 {
    guard bytes.indices.contains(offset) else { throw damaged }
    return bytes[offset]
  }

  func word(_ offset: Int) throws -> Int { Int(try byte(offset)) << 8 | Int(try byte(offset + 1)) }

  func signedWord(_ offset: Int) throws -> Int { Int(Int16(truncatingIfNeeded: try word(offset))) }

  func long(_ offset: Int) throws -> Int { try word(offset) << 16 | (try word(offset + 2)) }

  func slice(_ offset: Int, _ count: Int) throws -> ArraySlice<UInt8> {
    guard offset >= 0, offset + count <= bytes.count else { throw damaged }
    return bytes[offset..<offset + count]
  }
}

/// Which glyph stands for a character.
struct CharacterMap: Equatable, Sendable {
  private var glyphs: [UInt32: Int] = [:]

  /// Reads the table of characters at an offset: the part for Unicode that has the most of them.
  init(_ data: FontData, at start: Int) throws {
    for index in 0..<(try data.word(start + 2)) {
      let entry = start + 4 + 8 * index
      let (platform, part) = (try data.word(entry), start + (try data.long(entry + 4)))
      guard platform == 0 || platform == 3 else { continue }
      switch try data.word(part) {
      case 4: try readSegments(data, part)
      case 12: try readGroups(data, part)
      default: break
      }
    }
  }

  /// The glyph of a character; 0, which is the font's box for what it lacks, where there is none.
  func glyph(of scalar: Unicode.Scalar) -> Int { glyphs[scalar.value] ?? 0 }

  private mutating func readSegments(_ data: FontData, _ start: Int) throws {
    let size = try data.word(start + 6)
    for segment in stride(from: 0, to: size, by: 2) {
      let end = try data.word(start + 14 + segment)
      let first = try data.word(start + 16 + size + segment)
      let delta = try data.word(start + 16 + 2 * size + segment)
      let rangeOffset = start + 16 + 3 * size + segment
      let range = try data.word(rangeOffset)
      guard first <= end, first < 0xFFFF else { continue }
      for code in first...min(end, 0xFFFE) {
        var glyph = code
        if range > 0 {
          glyph = try data.word(rangeOffset + range + 2 * (code - first))
          if glyph == 0 { continue }
        }
        glyphs[UInt32(code)] = (glyph + delta) & 0xFFFF
      }
    }
  }

  private mutating func readGroups(_ data: FontData, _ start: Int) throws {
    for group in 0..<min(try data.long(start + 12), 100_000) {
      let entry = start + 16 + 12 * group
      let (first, last, glyph) = (try data.long(entry), try data.long(entry + 4), try data.long(entry + 8))
      guard first <= last, last <= 0x10FFFF, last - first < 70_000 else { continue }
      for code in first...last { glyphs[UInt32(code)] = glyph + code - first }
    }
  }
}

/// A closed line of a letter: points on it, and between them those that bend it.
struct FontContour: Equatable, Sendable {
  struct Point: Equatable, Sendable {
    var x: Double
    var y: Double
    var isOnCurve: Bool
  }

  var points: [Point]

  /// The line as part of a path, its points moved to where `position` says.
  func path(_ position: (Point) -> (x: Double, y: Double)) -> String {
    guard points.count > 1 else { return "" }
    func text(_ point: Point) -> String {
      let (x, y) = position(point)
      return "\(FigureDrawing.number(x)) \(FigureDrawing.number(y))"
    }
    func middle(_ one: Point, _ other: Point) -> Point {
      Point(x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, isOnCurve: true)
    }
    // It begins on the line: with such a point, or half way between two that bend it.
    let begin = points.firstIndex(where: \.isOnCurve)
    let rotated =
      begin.map { Array(points[$0...] + points[..<$0]) } ?? [middle(points[points.count - 1], points[0])] + points
    var path = "M" + text(rotated[0])
    var bend: Point?
    for point in rotated.dropFirst() + [rotated[0]] {
      switch (bend, point.isOnCurve) {
      case (nil, true): path += "L" + text(point)
      case (nil, false): bend = point
      case (let control?, true):
        path += "Q" + text(control) + " " + text(point)
        bend = nil
      case (let control?, false):
        path += "Q" + text(control) + " " + text(middle(control, point))
        bend = point
      }
    }
    return path + "Z"
  }
}
