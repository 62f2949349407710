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
  /// Characters in a row, with how the glyph of one follows from its code.
  private struct Segment: Equatable {
    var first: Int
    var last: Int
    /// What is added to the code, or to the glyph of the list.
    var delta: Int
    /// Where the list of glyphs begins; nil for glyphs that follow from the code.
    var list: Int?
  }

  private let data: FontData
  /// In the order of their characters.
  private var segments: [Segment] = []

  /// Reads the table of characters at an offset: the first part for all of Unicode, or else the first for its first plane.
  init(_ data: FontData, at start: Int) throws {
    self.data = data
    var parts: [Int: Int] = [:]
    for index in 0..<(try data.word(start + 2)) {
      let entry = start + 4 + 8 * index
      let (platform, part) = (try data.word(entry), start + (try data.long(entry + 4)))
      guard platform == 0 || platform == 3 else { continue }
      let format = try data.word(part)
      if parts[format] == nil { parts[format] = part }
    }
    if let part = parts[12] {
      try readGroups(part)
    } else if let part = parts[4] {
      try readSegments(part)
    }
  }

  /// The glyph of a character; 0, which is the font's box for what it lacks, where there is none.
  func glyph(of scalar: Unicode.Scalar) -> Int {
    let code = Int(scalar.value)
    var (low, high) = (0, segments.count)
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].last < code { low = middle + 1 } else { high = middle }
    }
    guard low < segments.count, segments[low].first <= code else { return 0 }
    let segment = segments[low]
    guard let list = segment.list else { return (code + segment.delta) & 0xFFFF }
    guard let glyph = try? data.word(list + 2 * (code - segment.first)), glyph > 0 else { return 0 }
    return (glyph + segment.delta) & 0xFFFF
  }

  private mutating func readSegments(_ start: Int) throws {
    let size = try data.word(start + 6)
    for segment in stride(from: 0, to: size, by: 2) {
      let end = try data.word(start + 14 + segment)
      let first = try data.word(start + 16 + size + segment)
      let delta = try data.word(start + 16 + 2 * size + segment)
      let rangeOffset = start + 16 + 3 * size + segment
      let range = try data.word(rangeOffset)
      guard first <= end, first < 0xFFFF else { continue }
      segments.append(
        Segment(first: first, last: min(end, 0xFFFE), delta: delta, list: range > 0 ? rangeOffset + range : nil))
    }
  }

  private mutating func readGroups(_ start: Int) throws {
    for group in 0..<(try data.long(start + 12)) {
      let entry = start + 16 + 12 * group
      let (first, last, glyph) = (try data.long(entry), try data.long(entry + 4), try data.long(entry + 8))
      guard first <= last else { continue }
      segments.append(Segment(first: first, last: last, delta: glyph - first, list: nil))
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
