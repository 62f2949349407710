// What things are drawn in, by their part in a figure: the page decides on colours by style, so that a dark screen and paper have
// their own; a file for a paper has them written out. Colours are Okabe and Ito's, which colour-blind readers tell apart, and
// nothing is told by colour alone.

/// What a mark is drawn in.
package enum Ink: Equatable, Sendable {
  /// Words, and what must be seen best.
  case text
  /// Words and lines beside the main thing.
  case faint
  /// Lines that lead the eye.
  case grid
  /// One of the things that are compared, counted from 0.
  case series(Int)
  /// What failed.
  case failed
  /// A place on a surface of colours, which are the same everywhere.
  case corner
  /// The plate below words on such a surface.
  case plate
  /// A number between 0 and 1 as a colour, dark to bright.
  case heat(Double)

  /// The colours of the things that are compared. Failed runs have one of their own, and the orange that is near it comes late.
  private static let seriesColors = ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]

  /// The number of colours before they begin again.
  package static let seriesCount = seriesColors.count

  /// The class that the style of a page knows; nil for a colour that is the same everywhere.
  var styleClass: String? {
    switch self {
    case .text: "t"
    case .faint: "f"
    case .grid: "g"
    case .series(let index): "s\(index % Self.seriesCount)"
    case .failed: "x"
    case .heat, .corner, .plate: nil
    }
  }

  /// The colour on white paper.
  var color: String {
    switch self {
    case .text: "#1a1a1a"
    case .faint: "#595959"
    case .grid: "#dedede"
    case .series(let index): Self.seriesColors[index % Self.seriesCount]
    case .failed: "#D55E00"
    case .corner: "#000000"
    case .plate: "#ffffff"
    case .heat(let share): Self.heat(share)
    }
  }

  /// Dark blue over grey to yellow, of rising brightness, as the map cividis has them.
  private static func heat(_ share: Double) -> String {
    let stops: [(Double, Double, Double)] = [
      (0, 34, 78), (53, 69, 108), (102, 105, 112), (148, 142, 119), (200, 184, 102), (254, 232, 56),
    ]
    let scaled = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(scaled), stops.count - 2)
    let (first, second, part) = (stops[index], stops[index + 1], scaled - Double(index))
    func mixed(_ low: Double, _ high: Double) -> String {
      let hexadecimal = String(Int((low + (high - low) * part).rounded()), radix: 16)
      return hexadecimal.count < 2 ? "0" + hexadecimal : hexadecimal
    }
    return "#" + mixed(first.0, second.0) + mixed(first.1, second.1) + mixed(first.2, second.2)
  }
}
