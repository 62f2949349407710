// What each mark of a figure looks like. Failed runs differ from others in shape and in how their lines are broken, not in colour
// alone.

extension FigureDrawing {
  /// Draws a mark; what has no position on the axes is left out.
  mutating func draw(_ mark: Mark, _ frame: Frame) {
    switch mark {
    case .points(let points, let shape, let ink, let size):
      draw(points.compactMap(frame.position), shape, ink, size: size, opacity: points.count > 1 ? 0.8 : 1)
    case .line(let points, let ink, let dash, let width, let opacity, let name):
      draw(line: points.map(frame.position), lineStyle(ink, width: width, dash: dash, opacity: opacity), name)
    case .band(let low, let high, let ink):
      draw(band: low.compactMap(frame.position), high.compactMap(frame.position), ink)
    case .interval(let low, let high, let middle, let row, let ink):
      drawInterval(low, high, middle, row, ink, frame)
    case .box(let box, let row): draw(box, row, frame)
    case .verticalRule(let value, let ink, let dash): drawRule(frame.x(value), ink, dash, frame)
    case .horizontalRule(let value, let ink, let dash):
      guard let y = frame.y(value), y >= frame.top - 1, y <= frame.bottom + 1 else { return }
      stroke(ink, width: 0.9, dash: dash) {
        $0.move(frame.left, y)
        $0.line(frame.right, y)
      }
    case .cell(let point, let width, let height, let ink): drawCell(point, width, height, ink, frame)
    case .label(let point, let text):
      if let (x, y) = frame.position(point) { drawLabel(text, x, y, frame) }
    }
  }

  /// Points of one shape, as one path.
  private mutating func draw(
    _ positions: [(x: Double, y: Double)], _ shape: Shape, _ ink: Ink, size: Double, opacity: Double
  ) {
    guard !positions.isEmpty else { return }
    var path = PathData()
    for (x, y) in positions { Self.trace(shape, x, y, size, &path) }
    var fade: [(StaticString, String)] = []
    if opacity < 1 { fade = [("opacity", Self.number(opacity))] }
    let style: [(StaticString, String)]
    switch shape {
    case .dot:
      let round: [(StaticString, String)] = [
        ("fill", "none"), ("stroke-linecap", "round"), ("stroke-width", Self.number(2 * size)),
      ]
      style = round + paint("stroke", ink)
    case .cross, .ring: style = lineStyle(ink, width: 1.2, dash: .solid)
    case .triangle, .square: style = paint("fill", ink)
    }
    let start: [(StaticString, String)] = [("d", path.text)]
    markup.empty("path", start + style + fade)
  }

  private static func trace(_ shape: Shape, _ x: Double, _ y: Double, _ size: Double, _ path: inout PathData) {
    switch shape {
    case .dot: path.dot(x, y)
    case .cross:
      path.move(x - size, y - size)
      path.line(x + size, y + size)
      path.move(x - size, y + size)
      path.line(x + size, y - size)
    case .ring, .square:
      path.move(x - size, y - size)
      path.line(x + size, y - size)
      path.line(x + size, y + size)
      path.line(x - size, y + size)
      path.close()
    case .triangle:
      path.move(x - 1.1 * size, y)
      path.line(x + size, y - 1.2 * size)
      path.line(x + size, y + 1.2 * size)
      path.close()
    }
  }

  /// A line, broken where a point has no position.
  private mutating func draw(
    line positions: [(x: Double, y: Double)?], _ style: [(StaticString, String)], _ name: String?
  ) {
    var path = PathData()
    var isDown = false
    for position in positions {
      guard let (x, y) = position else {
        isDown = false
        continue
      }
      if isDown { path.line(x, y) } else { path.move(x, y) }
      isDown = true
    }
    guard !path.isEmpty else { return }
    let attributes: [(StaticString, String)] = [("d", path.text), ("stroke-linejoin", "round")] + style
    guard let name else { return markup.empty("path", attributes) }
    markup.open("path", attributes)
    markup.element("title", name)
    markup.close()
  }

  private mutating func draw(band low: [(x: Double, y: Double)], _ high: [(x: Double, y: Double)], _ ink: Ink) {
    guard let first = low.first else { return }
    var path = PathData()
    path.move(first.x, first.y)
    for (x, y) in low.dropFirst() + high.reversed() { path.line(x, y) }
    path.close()
    let start: [(StaticString, String)] = [("d", path.text), ("fill-opacity", "0.22")]
    markup.empty("path", start + paint("fill", ink))
  }

  private mutating func drawInterval(
    _ low: Double, _ high: Double, _ middle: Double, _ row: Double, _ ink: Ink, _ frame: Frame
  ) {
    guard let y = frame.y(row), let left = frame.x(low), let right = frame.x(high) else { return }
    stroke(ink, width: 2.2) {
      $0.move(left, y)
      $0.line(right, y)
    }
    stroke(ink, width: 1.2) {
      for end in [left, right] {
        $0.move(end, y - 3.5)
        $0.line(end, y + 3.5)
      }
    }
    if let x = frame.x(middle) { draw([(x, y)], .dot, ink, size: 3.8, opacity: 1) }
  }

  private mutating func draw(_ box: Box, _ row: Double, _ frame: Frame) {
    guard let rows = frame.rows, let y = frame.y(row), let left = frame.x(box.lowQuartile),
      let right = frame.x(box.highQuartile), let median = frame.x(box.median), let low = frame.x(box.lowWhisker),
      let high = frame.x(box.highWhisker)
    else { return }
    let half = rows.strip * 0.42
    stroke(.faint, width: 0.8) {
      $0.move(left, y - half)
      $0.line(right, y - half)
      $0.line(right, y + half)
      $0.line(left, y + half)
      $0.close()
      for (end, edge) in [(low, left), (high, right)] {
        $0.move(end, y)
        $0.line(edge, y)
        $0.move(end, y - half / 2)
        $0.line(end, y + half / 2)
      }
    }
    // Beyond the box, so that it shows where it is a quartile as well.
    stroke(.text, width: 1.6) {
      $0.move(median, y - half - 1.5)
      $0.line(median, y + half + 1.5)
    }
  }

  private mutating func drawRule(_ x: Double?, _ ink: Ink, _ dash: Dash, _ frame: Frame) {
    guard let x, x >= frame.left - 1, x <= frame.right + 1 else { return }
    stroke(ink, width: 0.9, dash: dash) {
      guard frame.rows != nil else {
        $0.move(x, frame.top)
        $0.line(x, frame.bottom)
        return
      }
      for (middle, strip) in frame.strips {
        $0.move(x, middle - strip / 2)
        $0.line(x, middle + strip / 2)
      }
    }
  }

  private mutating func drawCell(
    _ point: FigurePoint, _ width: Double, _ height: Double, _ ink: Ink, _ frame: Frame
  ) {
    guard let left = frame.x(point.x - width / 2), let right = frame.x(point.x + width / 2),
      let one = frame.y(point.y + height / 2), let other = frame.y(point.y - height / 2)
    else { return }
    let (top, bottom) = (min(one, other), max(one, other))
    markup.empty(
      "rect",
      [
        ("x", Self.number(left)), ("y", Self.number(top)), ("width", Self.number(right - left + 0.3)),
        ("height", Self.number(bottom - top + 0.3)), ("shape-rendering", "crispEdges"),
      ] + paint("fill", ink))
  }

  /// Words beside a point, on the side where they have room.
  private mutating func drawLabel(_ text: String, _ x: Double, _ y: Double, _ frame: Frame) {
    let width = Lettering.width(of: text) * Self.letterSize
    let left = x + 8 + width > frame.right ? x - 8 - width : x + 8
    markup.empty(
      "rect",
      [
        ("x", Self.number(left - 2)), ("y", Self.number(y - 7)), ("width", Self.number(width + 4)), ("height", "14"),
        ("fill-opacity", "0.8"),
      ] + paint("fill", .plate))
    words(text, x: left, y: y + 3.6, ink: .corner)
  }

  /// The mark of a legend, 18 units wide.
  mutating func draw(_ sample: LegendEntry.Sample, x: Double, y: Double) {
    switch sample {
    case .point(let shape, let ink): draw([(x + 9, y)], shape, ink, size: 2.8, opacity: 1)
    case .line(let ink, let dash):
      stroke(ink, width: 1.5, dash: dash) {
        $0.move(x, y)
        $0.line(x + 18, y)
      }
    case .band(let ink): draw(band: [(x, y + 4), (x + 18, y + 4)], [(x, y - 4), (x + 18, y - 4)], ink)
    case .box:
      stroke(.faint, width: 0.8) {
        $0.move(x + 2, y - 4)
        $0.line(x + 16, y - 4)
        $0.line(x + 16, y + 4)
        $0.line(x + 2, y + 4)
        $0.close()
      }
      stroke(.text, width: 1.6) {
        $0.move(x + 10, y - 5)
        $0.line(x + 10, y + 5)
      }
    }
  }
}
