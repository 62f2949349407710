// A figure as a value: panels below each other, each with axes and marks, and a text that says the same in words. It knows no
// trial and no table; `FigureDrawing` turns it into SVG.

/// A point of a figure, in the numbers of its axes. In a panel of rows `y` is the row's index and what is added to it, from -0.5
/// at the upper end of the row's strip to 0.5 at its lower end.
package struct FigurePoint: Equatable, Sendable {
  package var x: Double
  package var y: Double

  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// How a line is broken.
package enum Dash: Equatable, Sendable {
  case solid, dashed, dotted, mixed
}

/// The shape of points.
package enum Shape: Equatable, Sendable {
  case dot, ring, cross, triangle, square
}

/// Something drawn in a panel.
package enum Mark: Equatable, Sendable {
  /// Points of one shape.
  case points([FigurePoint], Shape, Ink, size: Double = 2)
  /// A line through points, with a name that a pointer shows.
  case line([FigurePoint], Ink, Dash = .solid, width: Double = 1, opacity: Double = 1, name: String? = nil)
  /// The area between two lines over the same `x`.
  case band(low: [FigurePoint], high: [FigurePoint], Ink)
  /// A range on a row, with the number that it is about.
  case interval(low: Double, high: Double, middle: Double, row: Double, Ink)
  /// Quartiles, median and whiskers on a row.
  case box(Box, row: Double)
  /// A line across the panel at a number of the x axis.
  case verticalRule(Double, Ink, Dash)
  /// A line across the panel at a number of the y axis.
  case horizontalRule(Double, Ink, Dash)
  /// A filled rectangle around a point.
  case cell(FigurePoint, width: Double, height: Double, Ink)
  /// Words on a plate beside a point.
  case label(FigurePoint, String)
}

/// The numbers of a box over scores.
package struct Box: Equatable, Sendable {
  package var lowWhisker: Double
  package var lowQuartile: Double
  package var median: Double
  package var highQuartile: Double
  package var highWhisker: Double

  package init(
    lowWhisker: Double, lowQuartile: Double, median: Double, highQuartile: Double, highWhisker: Double
  ) {
    self.lowWhisker = lowWhisker
    self.lowQuartile = lowQuartile
    self.median = median
    self.highQuartile = highQuartile
    self.highWhisker = highWhisker
  }
}

/// An axis.
package struct Axis: Equatable, Sendable {
  /// What its numbers are.
  package var title: String
  /// Its range.
  package var scale: Scale

  package init(_ title: String, _ scale: Scale) {
    self.title = title
    self.scale = scale
  }
}

/// A row of a panel: words, and a strip for marks below them or beside them.
package struct FigureRow: Equatable, Sendable {
  /// What the strip is about.
  package var label: String
  /// What stands at the right end of the label's line.
  package var note: String
  /// Whether it is a heading without a strip.
  package var isHeading: Bool

  package init(_ label: String, note: String = "", isHeading: Bool = false) {
    self.label = label
    self.note = note
    self.isHeading = isHeading
  }
}

/// What runs down a panel.
package enum Vertical: Equatable, Sendable {
  /// Numbers, and the height of the plot.
  case axis(Axis, height: Double)
  /// Rows, each a line of words above a strip of that height.
  case rows([FigureRow], strip: Double)
  /// Rows of one line: the label, the strip and the note beside one another.
  case lines([FigureRow])
}

/// Marks over two axes.
package struct Panel: Equatable, Sendable {
  /// What stands above it; nothing where the figure's title says it.
  package var title: String
  package var horizontal: Axis
  package var vertical: Vertical
  package var marks: [Mark]

  package init(_ title: String = "", x: Axis, y: Vertical, marks: [Mark]) {
    self.title = title
    horizontal = x
    vertical = y
    self.marks = marks
  }
}

/// What a mark means.
package struct LegendEntry: Equatable, Sendable {
  /// The mark beside the words.
  package enum Sample: Equatable, Sendable {
    case point(Shape, Ink)
    case line(Ink, Dash)
    case band(Ink)
    case box
  }

  package var label: String
  package var sample: Sample

  package init(_ label: String, _ sample: Sample) {
    self.label = label
    self.sample = sample
  }
}

/// A figure.
package struct Figure: Equatable, Sendable {
  /// The name of its file, without an ending.
  package var name: String
  /// What it shows, in a few words.
  package var title: String
  /// What it shows, in words and numbers, for readers who do not see it.
  package var description: String
  /// What a reader should know of how it was drawn; nothing for what can be seen.
  package var note: String
  package var panels: [Panel]
  package var legend: [LegendEntry]

  package init(
    name: String, title: String, description: String, note: String = "", panels: [Panel], legend: [LegendEntry] = []
  ) {
    self.name = name
    self.title = title
    self.description = description
    self.note = note
    self.panels = panels
    self.legend = legend
  }
}
