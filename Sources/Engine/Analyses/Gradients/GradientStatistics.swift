// Whether a run's gradients vanished (arXiv 2006.04884, section 4.3), from the norms its rank recorded. R alone
// does not tell, because it also falls when the training loss nears zero. So it is judged together with the loss and with the
// ratio of the first and the last layer's norms. Times are shares of the run's length.

import Architectures
import Foundation
import Reports
import Statistics
import Storage
import Tables
import Transformer
import TrialTables
import Trials

/// Which tensors of a layer are measured. The weights are called by their names in BERT, whatever the model's family calls them.
package enum MeasuredTensors: String, CaseIterable, Sendable {
  /// All tensors.
  case all
  /// The weights of the queries.
  case query = "attention.self.query.weight"
  /// The weights of the keys.
  case key = "attention.self.key.weight"
  /// The weights of the values.
  case value = "attention.self.value.weight"
  /// The attention's output projection.
  case attentionOutput = "attention.output.dense.weight"
  /// The feed-forward part's first weight.
  case intermediate = "intermediate.dense.weight"
  /// The feed-forward part's second weight.
  case output = "output.dense.weight"

  /// Whether a tensor of a layer counts.
  func contains(_ role: TensorRole) -> Bool {
    if self == .all { return true }
    guard case .linear(let linear, .weight) = role else { return false }
    switch (self, linear) {
    case (.query, .query), (.key, .key), (.value, .value), (.attentionOutput, .attentionOutput),
      (.intermediate, .intermediate), (.output, .output):
      return true
    default: return false
    }
  }
}

/// The gradient norms of a run by layer.
package struct LayerNorms: Equatable, Sendable {
  /// The recorded steps, ascending.
  package private(set) var steps: [Int] = []
  /// The norm of each trained layer's tensors together at each step, (steps, layers).
  package private(set) var norms: [[Double]] = []

  /// Norms as recorded, (steps, layers).
  package init(steps: [Int], norms: [[Double]]) {
    self.steps = steps
    self.norms = norms
  }

  /// The norms in a trial's file.
  ///
  /// - Throws: `AnalysisError` for a file that is missing or malformed.
  package init(contentsOf path: String, tensors: MeasuredTensors) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw AnalysisError("\(path): cannot be read")
    }
    var reader = CommaReader([UInt8](data), path: path)
    guard data.prefix(while: { $0 != 0x0A }).elementsEqual(GradientNormRow.header.utf8), try reader.next() != nil else {
      throw AnalysisError("\(path): the columns are not \(GradientNormRow.columns.names().joined(separator: ", "))")
    }
    var rows: [(step: Int, tensor: String, norm: Double)] = []
    while let record = try reader.next() {
      let fields = record.fields.map { String(decoding: $0, as: UTF8.self) }
      guard fields.count == 4, let step = Int(fields[1]), let norm = Double(fields[3]) else {
        throw AnalysisError("\(path): the line '\(fields.joined(separator: ","))' is no row of gradient norms")
      }
      rows.append((step, fields[2], norm))
    }
    guard let known = NamedTensors(Set(rows.map(\.tensor))) else {
      throw AnalysisError(
        "\(path): the names of its tensors are those of no family that this program reads: "
          + Architecture.all.map(\.modelType).joined(separator: ", "))
    }
    var squares: [Int: [Int: Double]] = [:]
    for row in rows {
      guard let tensor = known[row.tensor], let layer = tensor.layer, tensors.contains(tensor.role) else { continue }
      squares[row.step, default: [:]][layer, default: 0] += row.norm * row.norm
    }
    guard !squares.isEmpty || rows.isEmpty else {
      throw AnalysisError(
        "\(path): the layers have no \(tensors.rawValue) of their own, as their family keeps queries, keys and values in one; "
          + "take --tensors \(MeasuredTensors.all.rawValue)")
    }
    steps = squares.keys.sorted()
    // A frozen layer has norms of 0 and says nothing of gradients that vanish.
    let trained = Set(squares.values.joined().filter { $0.value != 0 }.map(\.key)).sorted()
    norms = steps.map { step in trained.map { (squares[step]?[$0] ?? 0).squareRoot() } }
  }
}

/// Statistics of the gradient norms of a run.
package struct GradientStatistics: Equatable, Sendable {
  /// The share of the run before which gradients count as early: 30 of the paper's 468 steps.
  package static let earlyShare = 30.0 / 468
  /// The share of the run from which they count as late.
  package static let lateShare = 0.75
  /// The ratio at or below which gradients have vanished.
  package static let vanishedRatio = 1e-2
  /// The share of its early median at or below which the first layer's norm has collapsed.
  static let collapseShare = 0.1
  /// The steps over which the onset's running median goes.
  static let onsetWindow = 10
  /// The steps for which that median must stay below `collapseShare`.
  static let onsetLength = 20

  /// The median norm of the first layer early and late in the run.
  package let (earlyNorm, lateNorm): (Double, Double)
  /// R: late over early.
  package var ratio: Double { lateNorm / earlyNorm }
  /// The median, late in the run, of the first layer's norm over the last layer's.
  package let depthRatio: Double
  /// Spearman's correlation of depth and the median late norm over layers: near 1 where lower layers have less; nil for
  /// fewer than three layers.
  package let depthCorrelation: Double?
  /// The first recorded step from which on the first layer's norm stays at a tenth of its early median or below; nil where
  /// the last one does not.
  package let collapseStep: Int?
  /// The first recorded step from which the running median of the first layer's norm is below a tenth of its early median for 20
  /// steps; nil where there is none. A later recovery does not undo it.
  package let onsetStep: Int?

  /// The statistics of a run of `stepCount` steps; nil if no norm was recorded late in the run.
  package init?(_ norms: LayerNorms, stepCount: Int) {
    let length = Double(stepCount)
    // If no record is early, the first one stands for the early ones.
    let early = norms.steps.indices.filter {
      Double(norms.steps[$0]) <= Self.earlyShare * length || $0 == norms.steps.startIndex
    }
    let late = norms.steps.indices.filter { Double(norms.steps[$0]) > Self.lateShare * length }
    guard let layerCount = norms.norms.first?.count, layerCount > 0, !late.isEmpty else { return nil }
    let earlyNorm = Sample.median(early.map { norms.norms[$0][0] })
    self.earlyNorm = earlyNorm
    lateNorm = Sample.median(late.map { norms.norms[$0][0] })
    depthRatio = Sample.median(late.map { norms.norms[$0][0] / norms.norms[$0][layerCount - 1] })
    let medians = (0..<layerCount).map { layer in Sample.median(late.map { norms.norms[$0][layer] }) }
    depthCorrelation =
      layerCount < 3 ? nil : Correlation.spearman(medians.indices.map(Double.init), medians)
    let alive = norms.steps.indices.last { norms.norms[$0][0] > Self.collapseShare * earlyNorm } ?? -1
    collapseStep = alive + 1 < norms.steps.count ? norms.steps[alive + 1] : nil
    onsetStep = Self.onset(norms, threshold: Self.collapseShare * earlyNorm)
  }

  /// The first step from which the median of the norms of the 10 steps up to each is below a threshold for 20 steps.
  private static func onset(_ norms: LayerNorms, threshold: Double) -> Int? {
    let steps = norms.steps
    let isLow = steps.indices.map { index in
      let recent = steps[...index].indices.reversed().prefix { steps[$0] > steps[index] - onsetWindow }
      return Sample.median(recent.map { norms.norms[$0][0] }) < threshold
    }
    return steps.indices.first { first in
      let end = steps[first] + onsetLength
      guard let last = steps.last, last >= end else { return false }
      return steps.indices[first...].prefix { steps[$0] <= end }.allSatisfy { isLow[$0] }
    }.map { steps[$0] }
  }
}
