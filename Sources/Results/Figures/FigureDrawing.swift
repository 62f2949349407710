// A figure as SVG: where panels, rows, axes and words stand. Sizes are in units of which a column of 84 mm has 318, so that letters
// have 8 points in a paper and are as large as the text around them on a page. What marks look like is in `FigureDrawing+Marks`.

/// What a figure is drawn for.
package enum FigureMedium: Equatable, Sendable {
  /// A page: colours come from its style, and `identifier` tells its title and description from those of other figures.
  case page(identifier: String)
  /// A file for a paper, of a width in millimetres, with its colours written out.
  case paper(millimetres: Double)
}

extension Figure {
  /// The width of a column.
  package static let columnMillimetres = 84.0

  /// The figure as SVG.
  ///
  /// - Parameters:
  ///   - font: Draws words as outlines; nil leaves them to whoever shows the figure.
  ///   - isOnPlate: Whether it has a background, for pages that may be dark and have no style for it.
  package func svg(_ medium: FigureMedium, font: OutlineFont? = nil, isOnPlate: Bool = false) -> Markup {
    var drawing = FigureDrawing(medium, font: font)
    drawing.isOnPlate = isOnPlate
    return drawing.draw(self)
  }
}

/// A figure while it is drawn.
struct FigureDrawing {
  /// The size of letters.
  static let letterSize = 10.5
  /// The width of bold letters over that of others, about.
  private static let boldWidth = 1.08
  /// From one line of words to the next.
  static let lineHeight = 13.0
  /// The width of a page's figures.
  private static let pageWidth = 340.0
  private static let unitsPerMillimetre = 318.0 / 84

  let medium: FigureMedium
  let font: OutlineFont?
  let width: Double
  var markup = Markup()
  /// Whether the figure has a background.
  var isOnPlate = false

  init(_ medium: FigureMedium, font: OutlineFont?) {
    self.medium = medium
    self.font = font
    switch medium {
    case .page: width = Self.pageWidth
    case .paper(let millimetres): width = millimetres * Self.unitsPerMillimetre
    }
  }

  /// The whole figure.
  mutating func draw(_ figure: Figure) -> Markup {
    var top = 2.0
    for (index, panel) in figure.panels.enumerated() {
      if index > 0 { top += 10 }
      top = draw(panel, top: top)
    }
    top = drawLegend(figure.legend, top: top + 4)
    let body = markup
    markup = Markup()
    open(figure, height: top + 2)
    if isOnPlate { markup.empty("rect", [("width", "100%"), ("height", "100%")] + paint("fill", .plate)) }
    markup.add(body)
    markup.close()
    return markup
  }

  private mutating func open(_ figure: Figure, height: Double) {
    let box = "0 0 \(Self.number(width)) \(Self.number(height))"
    switch medium {
    case .page(let identifier):
      markup.open(
        "svg",
        [
          ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", box), ("role", "img"),
          ("aria-labelledby", "\(identifier)t \(identifier)d"),
        ])
      markup.element("title", [("id", identifier + "t")], figure.title)
      markup.element("desc", [("id", identifier + "d")], figure.description)
    case .paper(let millimetres):
      markup.literal("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
      markup.open(
        "svg",
        [
          ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", box), ("width", "\(Self.number(millimetres))mm"),
          ("height", "\(Self.number(height / Self.unitsPerMillimetre))mm"), ("role", "img"),
          ("font-family", "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"),
          ("font-size", Self.number(Self.letterSize)),
        ])
      markup.element("title", figure.title)
      markup.element("desc", figure.description)
    }
    markup.newLine()
  }

  // MARK: - Panels

  private mutating func draw(_ panel: Panel, top: Double) -> Double {
    var top = top
    for line in Lettering.lines(panel.title, width: width - 4, size: Self.letterSize * Self.boldWidth) {
      words(line, x: 2, y: top + 10, ink: .text, isBold: true)
      top += Self.lineHeight
    }
    switch panel.vertical {
    case .axis(let axis, let height): return draw(panel, axis, height: height, top: top)
    case .rows(let rows, let strip): return draw(panel, rows, strip: strip, top: top)
    case .lines(let rows): return draw(panel, rows, top: top)
    }
  }

  /// A panel with numbers along both sides.
  private mutating func draw(_ panel: Panel, _ axis: Axis, height: Double, top: Double) -> Double {
    words(axis.title, x: 2, y: top + 10, ink: .faint)
    let ticks = axis.scale.ticks(about: max(2, Int(height / 26)))
    let widest = ticks.map { Lettering.width(of: $0.label) }.max() ?? 0
    let frame = Frame(
      left: max(14, widest * Self.letterSize + 6), right: width - 8, top: top + 19, bottom: top + 19 + height,
      horizontal: panel.horizontal.scale, vertical: axis.scale, rows: nil)
    for tick in ticks {
      guard let y = frame.y(tick.value) else { continue }
      stroke(.grid, width: 0.6) {
        $0.move(frame.left, y)
        $0.line(frame.right, y)
      }
      words(tick.label, x: frame.left - 4, y: y + 3.6, anchor: .end, ink: .faint)
    }
    let bottom = drawHorizontal(panel.horizontal, frame)
    for mark in panel.marks { draw(mark, frame) }
    return bottom
  }

  /// A panel of rows, each a line of words above a strip.
  private mutating func draw(_ panel: Panel, _ rows: [FigureRow], strip: Double, top: Double) -> Double {
    var (middles, gaps): ([Double], Set<Int>) = ([], [])
    var y = top + 2
    for row in rows {
      let noteWidth = Lettering.width(of: row.note) * Self.letterSize
      let size = Self.letterSize * (row.isHeading ? Self.boldWidth : 1)
      let lines = Lettering.lines(row.label, width: width - noteWidth - 14, size: size)
      if !row.note.isEmpty { words(row.note, x: width - 4, y: y + 10, anchor: .end, ink: .faint) }
      for line in lines {
        words(line, x: 2, y: y + 10, ink: .text, isBold: row.isHeading)
        y += Self.lineHeight
      }
      y += 2
      if row.isHeading { gaps.insert(middles.count) }
      middles.append(y + strip / 2)
      y += row.isHeading ? 2 : strip + 6
    }
    let frame = Frame(
      left: 8, right: width - 8, top: top, bottom: y + 1, horizontal: panel.horizontal.scale, vertical: nil,
      rows: Frame.Rows(middles: middles, gaps: gaps, strip: strip))
    let bottom = drawHorizontal(panel.horizontal, frame)
    for mark in panel.marks { draw(mark, frame) }
    return bottom
  }

  /// The largest share of the width that labels have in a panel of lines; notes have as much, and strips the rest.
  private static let mostForWords = 0.32

  /// A panel of rows of one line: the label, the strip and the note beside one another.
  private mutating func draw(_ panel: Panel, _ rows: [FigureRow], top: Double) -> Double {
    let most = Self.mostForWords * width
    func room(for words: (FigureRow) -> String) -> Double {
      let widths = rows.filter { !$0.isHeading }.map { Lettering.width(of: words($0)) * Self.letterSize }
      return min(widths.max() ?? 0, most)
    }
    let (labelRoom, noteRoom) = (room { $0.label }, room { $0.note })
    var (middles, gaps): ([Double], Set<Int>) = ([], [])
    var y = top + 2
    for row in rows {
      let note = Lettering.fitted(row.note, to: most, size: Self.letterSize)
      let noteWidth = Lettering.width(of: note) * Self.letterSize
      let size = Self.letterSize * (row.isHeading ? Self.boldWidth : 1)
      let label = Lettering.fitted(
        row.label, to: row.isHeading ? width - noteWidth - 14 : labelRoom, size: size)
      words(label, x: 2, y: y + 10, ink: .text, isBold: row.isHeading)
      if !note.isEmpty { words(note, x: width - 4, y: y + 10, anchor: .end, ink: .faint) }
      if row.isHeading { gaps.insert(middles.count) }
      middles.append(y + Self.lineHeight / 2)
      y += Self.lineHeight
    }
    let frame = Frame(
      left: labelRoom + 12, right: width - noteRoom - 14, top: top, bottom: y + 1,
      horizontal: panel.horizontal.scale, vertical: nil,
      rows: Frame.Rows(middles: middles, gaps: gaps, strip: Self.lineHeight))
    let bottom = drawHorizontal(panel.horizontal, frame)
    for mark in panel.marks { draw(mark, frame) }
    return bottom
  }

  /// The axis below a panel; returns where what is below it begins.
  private mutating func drawHorizontal(_ axis: Axis, _ frame: Frame) -> Double {
    let ticks = axis.scale.ticks(about: max(2, Int((frame.right - frame.left) / 58)))
    var end = -Double.infinity
    for tick in ticks {
      guard let x = frame.x(tick.value) else { continue }
      if frame.rows == nil {
        stroke(.faint, width: 0.7) {
          $0.move(x, frame.bottom)
          $0.line(x, frame.bottom + 3)
        }
      } else {
        for (middle, strip) in frame.strips {
          stroke(.grid, width: 0.6) {
            $0.move(x, middle - strip / 2)
            $0.line(x, middle + strip / 2)
          }
        }
      }
      // A label that would run into its neighbour, or over the edge, is moved or left out.
      let half = Lettering.width(of: tick.label) * Self.letterSize / 2
      let middle = min(max(x, half + 1), width - half - 1)
      guard middle - half > end + 3 else { continue }
      words(tick.label, x: middle, y: frame.bottom + 13, anchor: .middle, ink: .faint)
      end = middle + half
    }
    stroke(.faint, width: 0.8) {
      $0.move(frame.left, frame.bottom)
      $0.line(frame.right, frame.bottom)
    }
    var y = frame.bottom + 13
    for line in Lettering.lines(axis.title, width: min(width - 8, frame.right), size: Self.letterSize) {
      y += Self.lineHeight
      words(line, x: frame.right, y: y, anchor: .end, ink: .faint)
    }
    return y + 5
  }

  // MARK: - Legend

  /// The legend in as many lines as it needs; returns where it ends.
  private mutating func drawLegend(_ entries: [LegendEntry], top: Double) -> Double {
    guard !entries.isEmpty else { return top - 2 }
    var (x, y) = (2.0, top + 10)
    for entry in entries {
      let label = Lettering.fitted(entry.label, to: width - 32, size: Self.letterSize)
      let needed = 24 + Lettering.width(of: label) * Self.letterSize
      if x > 2, x + needed > width - 2 {
        x = 2
        y += Self.lineHeight + 1
      }
      draw(entry.sample, x: x, y: y - 3.6)
      words(label, x: x + 23, y: y, ink: .text)
      x += needed + 10
    }
    return y + 4
  }

  // MARK: - Words and lines

  enum Anchor: String { case start, middle, end }

  /// Words on a line whose letters stand on `y`.
  mutating func words(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, ink: Ink, isBold: Bool = false
  ) {
    if let font { return outlines(text, font, x: x, y: y, anchor: anchor, ink: ink) }
    var attributes: [(StaticString, String)] = [("x", Self.number(x)), ("y", Self.number(y))]
    if anchor != .start { attributes.append(("text-anchor", anchor.rawValue)) }
    if isBold { attributes.append(("font-weight", "bold")) }
    markup.element("text", attributes + paint("fill", ink), text)
  }

  private mutating func outlines(
    _ text: String, _ font: OutlineFont, x: Double, y: Double, anchor: Anchor, ink: Ink
  ) {
    let width = font.width(of: text) * Self.letterSize
    let start =
      switch anchor {
      case .start: x
      case .middle: x - width / 2
      case .end: x - width
      }
    let path = font.path(of: text, x: start, y: y, size: Self.letterSize)
    if !path.isEmpty { markup.empty("path", [("d", path)] + paint("fill", ink)) }
  }

  /// A line along what `trace` draws.
  mutating func stroke(
    _ ink: Ink, width: Double, dash: Dash = .solid, opacity: Double = 1, _ trace: (inout PathData) -> Void
  ) {
    var path = PathData()
    trace(&path)
    let attributes: [(StaticString, String)] =
      [("d", path.text)] + lineStyle(ink, width: width, dash: dash, opacity: opacity)
    markup.empty("path", attributes)
  }

  /// What a line looks like.
  func lineStyle(_ ink: Ink, width: Double, dash: Dash, opacity: Double = 1) -> [(StaticString, String)] {
    var attributes: [(StaticString, String)] = [("fill", "none"), ("stroke-width", Self.number(width))]
    switch dash {
    case .solid: break
    case .dashed: attributes.append(("stroke-dasharray", "4 2"))
    case .dotted: attributes.append(("stroke-dasharray", "1.2 2.2"))
    case .mixed: attributes.append(("stroke-dasharray", "6 2 1.2 2"))
    }
    if opacity < 1 { attributes.append(("stroke-opacity", Self.number(opacity))) }
    return attributes + paint("stroke", ink)
  }

  /// The colour of `property`: by class on a page, written out in a file.
  func paint(_ property: StaticString, _ ink: Ink) -> [(StaticString, String)] {
    if case .page = medium, let name = ink.styleClass { return [(property, "currentColor"), ("class", name)] }
    return [(property, ink.color)]
  }

  /// A number of units as SVG has it.
  static func number(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}

/// Where a panel's numbers stand.
struct Frame {
  /// The strips of a panel of rows.
  struct Rows {
    var middles: [Double]
    /// The indices of headings, which have no strip.
    var gaps: Set<Int>
    var strip: Double
  }

  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  let horizontal: Scale
  let vertical: Scale?
  let rows: Rows?

  /// Where a number of the x axis stands; nil for one without a position.
  func x(_ value: Double) -> Double? { horizontal.share(of: value).map { left + $0 * (right - left) } }

  /// Where a number of the y axis stands, or a row with what is added to its index.
  func y(_ value: Double) -> Double? {
    guard let rows else { return vertical?.share(of: value).map { bottom - $0 * (bottom - top) } }
    let index = Int(value.rounded())
    guard rows.middles.indices.contains(index) else { return nil }
    return rows.middles[index] + (value - Double(index)) * rows.strip
  }

  func position(_ point: FigurePoint) -> (x: Double, y: Double)? {
    guard let x = x(point.x), let y = y(point.y) else { return nil }
    return (x, y)
  }

  /// The middle and the height of each strip.
  var strips: [(middle: Double, height: Double)] {
    guard let rows else { return [] }
    return rows.middles.indices.filter { !rows.gaps.contains($0) }.map { (rows.middles[$0], rows.strip) }
  }
}
