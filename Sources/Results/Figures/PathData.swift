// The `d` of an SVG path in few bytes: tenths of a unit, and differences to the point before, which do not add up rounding errors.

/// A path that is being written.
struct PathData {
  private(set) var bytes: [UInt8] = []
  private var last = (x: 0, y: 0)

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var isEmpty: Bool { bytes.isEmpty }

  /// Begins a part of the path.
  mutating func move(_ x: Double, _ y: Double) {
    last = (Self.tenths(x), Self.tenths(y))
    bytes.append(UInt8(ascii: "M"))
    append(last.x, isFirst: true)
    append(last.y, isFirst: false)
  }

  /// A straight line from where the path is.
  mutating func line(_ x: Double, _ y: Double) {
    let next = (x: Self.tenths(x), y: Self.tenths(y))
    guard next != last else { return }
    bytes.append(UInt8(ascii: "l"))
    append(next.x - last.x, isFirst: true)
    append(next.y - last.y, isFirst: false)
    last = next
  }

  /// A dot: a line of no length, whose round ends are seen.
  mutating func dot(_ x: Double, _ y: Double) {
    move(x, y)
    bytes.append(contentsOf: "h.01".utf8)
  }

  /// Ends a part where it began.
  mutating func close() { bytes.append(UInt8(ascii: "z")) }

  private static func tenths(_ value: Double) -> Int { Int((value * 10).rounded()) }

  /// Appends a number of tenths, after a space where nothing else divides it from the number before.
  private mutating func append(_ tenths: Int, isFirst: Bool) {
    if tenths < 0 { bytes.append(UInt8(ascii: "-")) } else if !isFirst { bytes.append(UInt8(ascii: " ")) }
    let magnitude = tenths.magnitude
    if magnitude >= 10 || magnitude == 0 { bytes.append(contentsOf: String(magnitude / 10).utf8) }
    if magnitude % 10 > 0 {
      bytes.append(UInt8(ascii: "."))
      bytes.append(UInt8(ascii: "0") + UInt8(magnitude % 10))
    }
  }
}
