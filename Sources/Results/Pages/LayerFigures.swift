// Figures of gradient norms by layer, of one failed and one successful run, from the files that their ranks wrote.

import Architectures
import Figures
import Foundation
import Storage

extension AnalysisFigures {
  /// The most layers that have a line.
  private static let mostLayers = 6

  /// The norms of the first failed and the first successful run that recorded some.
  static func layers(_ source: PageFolder) -> [Figure] {
    let runs = source.recipes.flatMap { recipe in recipe.results.map { (recipe: recipe, run: $0) } }
    let chosen = [true, false].compactMap { isFailed in
      runs.first {
        $0.run.hasFailed == isFailed
          && access(source.folder.keptGradientNorms(ofTrial: $0.run.identifier), F_OK) == 0
      }
    }
    let curves = chosen.map { (choice: $0, norms: norms(source.folder.keptGradientNorms(ofTrial: $0.run.identifier))) }
      .filter { !$0.norms.isEmpty }
    guard !curves.isEmpty else { return [] }
    let all = curves.flatMap { $0.norms.flatMap(\.points) }
    let panels = curves.map { curve in
      Panel(
        (curve.choice.run.hasFailed ? "failed" : "successful")
          + ": \(curve.choice.recipe.name), seed \(curve.choice.run.seed)",
        x: Axis("training step", Scale(covering: all.map(\.x) + [0], room: 0.01)),
        y: .axis(
          Axis("gradient norm before clipping", Scale(.logarithmic, covering: all.map(\.y))), height: 120),
        marks: curve.norms.enumerated().map { index, part in
          .line(part.points, .series(index), dash(index), width: 1.1, name: part.name)
        })
    }
    let ends = curves.map { curve in
      let parts = curve.norms.map { "\($0.name) \(Scale.shortNumber($0.points.last?.y ?? .nan))" }
      return (curve.choice.run.hasFailed ? "Failed run" : "Successful run") + ", norms at the end: "
        + parts.joined(separator: ", ") + "."
    }
    return [
      Figure(
        name: "gradients", title: "Gradient norms by layer", description: ends.joined(separator: " "), panels: panels,
        legend: curves[0].norms.enumerated().map { index, part in
          LegendEntry(part.name, .line(.series(index), dash(index)))
        })
    ]
  }

  private static func dash(_ index: Int) -> Dash {
    let dashes: [Dash] = [.solid, .dashed, .dotted, .mixed]
    return dashes[index % dashes.count]
  }

  /// The norm of all tensors of some layers together, over the steps.
  private static func norms(_ path: String) -> [(name: String, points: [FigurePoint])] {
    var squares: [Int: [Int: Double]] = [:]
    for row in CSVRows.read(path, ["step", "tensor", "norm"]) {
      guard let step = Int(row["step"] ?? ""), let norm = Double(row["norm"] ?? ""),
        let layer = Architecture.layer(ofTensor: row["tensor"] ?? "")
      else { continue }
      squares[layer, default: [:]][step, default: 0] += norm * norm
    }
    let layers = squares.keys.sorted()
    let count = min(mostLayers, layers.count)
    let shown = Set((0..<count).map { layers[$0 * (layers.count - 1) / max(1, count - 1)] }).sorted()
    return shown.map { layer in
      let records = (squares[layer] ?? [:]).sorted { $0.key < $1.key }
      return (
        name: "layer \(layer + 1)",
        points: PageCurve(records.map { FigurePoint(Double($0.key), $0.value.squareRoot()) }).points
      )
    }
  }
}
