// The optimizer of a trial: an update rule over flat arenas of weights and gradients. It owns the rule's moments and the
// count of updates; it neither clips nor schedules, it is told a rate and a scale.
// Scalar factors are computed in Double and rounded once; every element is updated on its own, so no bit depends on
// how the arena is cut. Rows of embedding tables that a batch does not reach are updated when somebody is about to read
// them (`catchUp`, `settle`), by the same operations in the same order.

import Kernels
import Transformer
import Trials
import UpdateRules

/// An update rule over a parameter arena.
package final class Optimizer {
  /// A stretch of the arena that is updated alike.
  struct Span {
    var range: Range<Int>
    var decays: Bool
    /// Elements of a row where rows are updated on their own; nil where every update touches the whole span.
    var rowSize: Int?
    /// Whether updates change it.
    var isTrained = true
    /// The power of the layer decay that its learning rate is multiplied by.
    var depth = 0

    /// Whether every update touches the whole of it.
    var isWhole: Bool { isTrained && rowSize == nil }
  }

  /// The rule and its constants.
  package private(set) var specification: OptimizerSpecification
  private var rule: any UpdateRule.Type { specification.algorithm.rule }
  /// Completed updates.
  package private(set) var updateCount = 0

  let spans: [Span]
  /// The spans without rows, in pieces that threads update at the same time.
  private let pieces: [(span: Int, range: Range<Int>)]
  private let team: ThreadTeam
  /// What weights decay towards, as long as the arena; nil for zero.
  private var anchor: UnsafeMutableBufferPointer<Float>?
  /// What the rows of each span of rows have missed; nil for the other spans.
  private var ledgers: [RowLedger?]
  /// How far the moments of a span's elements lie behind the elements' own indices, for each span.
  private let momentShifts: [Int]
  /// The gradients of a row that no batch reached.
  private let zeros: UnsafeMutableBufferPointer<Float>
  private let arena: Arena
  /// The elements of the parameter arena.
  private let count: Int
  /// How far the same element of the next moment lies behind.
  private let momentStride: Int
  /// The rule's moments, each as long as all trained spans.
  package let moments: [UnsafeMutableBufferPointer<Float>]

  /// An optimizer with moments at zero, decaying the tensors whose layout says so and leaving those alone that are not trained.
  package convenience init(
    _ specification: OptimizerSpecification, layout: ParameterLayout, trained: TrainedTensors? = nil,
    team: ThreadTeam = .alone
  ) {
    self.init(
      specification,
      spans: layout.tensors.enumerated().map { index, tensor in
        Span(
          range: tensor.range, decays: tensor.decays, rowSize: tensor.isTable ? tensor.shape[1] : nil,
          isTrained: trained?[index] ?? true,
          depth: tensor.group.depth(ofLayers: layout.configuration.layerCount))
      }, count: layout.count, team: team)
  }

  init(_ specification: OptimizerSpecification, spans: [Span], count: Int, team: ThreadTeam = .alone) {
    precondition(spans.allSatisfy { $0.range.lowerBound >= 0 && $0.range.upperBound <= count })
    self.specification = specification
    self.spans = spans
    self.team = team
    pieces = spans.enumerated().filter(\.element.isWhole).flatMap { index, span in
      stride(from: span.range.lowerBound, to: span.range.upperBound, by: Self.pieceSize).map {
        (index, $0..<min($0 + Self.pieceSize, span.range.upperBound))
      }
    }
    ledgers = Self.freshLedgers(spans)
    zeros = .allocate(capacity: max(1, spans.compactMap(\.rowSize).max() ?? 0))
    zeros.initialize(repeating: 0)
    self.count = count
    let (shifts, trainedCount) = Self.momentShifts(spans)
    momentShifts = shifts
    let momentStride = (trainedCount + 15) / 16 * 16  // every moment starts at a multiple of 64 bytes
    let momentCount = specification.algorithm.rule.momentCount
    arena = Arena(floatCount: max(1, momentCount * momentStride))
    self.momentStride = momentStride
    moments = (0..<momentCount).map { [arena] in
      UnsafeMutableBufferPointer(rebasing: arena.floats[$0 * momentStride..<$0 * momentStride + trainedCount])
    }
  }

  /// Where the moments of each span lie beside each other, and the numbers of one moment.
  private static func momentShifts(_ spans: [Span]) -> (shifts: [Int], count: Int) {
    var start = 0
    let shifts = spans.map { span in
      defer { start += span.isTrained ? span.range.count : 0 }
      return span.range.lowerBound - start
    }
    return (shifts, start)
  }

  deinit { zeros.deallocate() }

  /// Forgets every update and takes up a specification of as many moments, as if newly made. Weights decay towards the numbers of `anchor`,
  /// which must live until the next restart; towards zero without one.
  package func restart(_ specification: OptimizerSpecification, anchor: UnsafeMutableBufferPointer<Float>? = nil) {
    precondition(anchor == nil || anchor?.count == count, "the anchor must be as long as the arena")
    precondition(specification.algorithm.rule.momentCount == moments.count, "another number of moments")
    self.specification = specification
    self.anchor = anchor
    guard updateCount > 0 else { return }
    for moment in moments { moment.update(repeating: 0) }
    ledgers = Self.freshLedgers(spans)
    updateCount = 0
  }

  /// Counts on from `updates` updates that every row has had, with the moments as they stand in memory.
  package func resume(after updates: Int) {
    updateCount = updates
    ledgers = Self.freshLedgers(spans)
    for (index, ledger) in ledgers.enumerated() {
      ledger?.setReached { row in
        range(ofRow: row, spans[index]).contains { element in
          moments.contains { $0[element - momentShifts[index]] != 0 }
        }
      }
    }
  }

  /// Elements of a piece: some tens of microseconds.
  private static let pieceSize = 1 << 16

  private static func freshLedgers(_ spans: [Span]) -> [RowLedger?] {
    spans.map { span in
      span.isTrained ? span.rowSize.map { RowLedger(rowCount: span.range.count / $0) } : nil
    }
  }

  /// Makes one update of `parameters` at `learningRate`, with each gradient multiplied by its tensor's scale first.
  ///
  /// - Parameters:
  ///   - parameters: the weights, as long as the layout; the rows that the gradients touch must have caught up.
  ///   - gradients: the gradients as the backward pass left them; they are only read.
  ///   - learningRate: the scheduled rate of this update.
  ///   - scaling: what clipping decided.
  package func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, gradients: GradientArena, learningRate: Double,
    scaling: GradientScaling
  ) {
    update(
      parameters, gradients: gradients.values, touched: gradients.touched, learningRate: learningRate,
      scaling: scaling)
  }

  func update(
    _ parameters: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    touched: [TouchedRows] = [], learningRate: Double, scaling: GradientScaling
  ) {
    precondition(parameters.count == count && gradients.count == count)
    updateCount += 1
    let rule = rule
    let constants = UpdateConstants(specification)
    let factors = spans.indices.map { index in
      rule.factors(
        constants,
        UpdateRequest(
          learningRate: learningRate * Adam.power(specification.layerDecay, spans[index].depth), update: updateCount,
          decays: spans[index].decays, gradientScale: scaling.factor(ofTensor: index)))
    }
    func update(_ range: Range<Int>, ofSpan span: Int) {
      let own = gradients.baseAddress! + range.lowerBound
      rule.update(stretch(range, ofSpan: span, of: parameters, gradients: own), factors[span])
    }
    team.run(pieces.count) { piece, _ in update(pieces[piece].range, ofSpan: pieces[piece].span) }
    for (index, ledger) in ledgers.enumerated() {
      guard let ledger else { continue }
      let reached = touched.first { $0.tensorIndex == index }?.rows ?? []
      team.run(reached.count) { next, _ in update(range(ofRow: reached[next], spans[index]), ofSpan: index) }
      ledger.record(factors[index], updated: reached)
    }
  }

  /// Brings the rows that a batch is about to read up to the present update.
  package func catchUp(_ parameters: UnsafeMutableBufferPointer<Float>, _ touched: [TouchedRows]) {
    for table in touched {
      guard let ledger = ledgers[table.tensorIndex] else { continue }
      team.run(table.rows.count) { index, _ in
        catchUp(parameters, row: table.rows[index], ofSpan: table.tensorIndex, ledger)
      }
      for row in table.rows { ledger.setCurrent(row) }
    }
  }

  /// Brings every row up to the present update: before weights are read otherwise than by the next batch.
  package func settle(_ parameters: UnsafeMutableBufferPointer<Float>) {
    for (span, ledger) in ledgers.enumerated() {
      guard let ledger, ledger.isBehind else { continue }
      let rowsAtOnce = 64
      team.run((ledger.rowCount + rowsAtOnce - 1) / rowsAtOnce) { block, _ in
        let start = block * rowsAtOnce
        for row in start..<min(start + rowsAtOnce, ledger.rowCount) {
          catchUp(parameters, row: row, ofSpan: span, ledger)
        }
      }
      ledger.forgetHistory()
    }
  }

  private func catchUp(
    _ parameters: UnsafeMutableBufferPointer<Float>, row: Int, ofSpan span: Int, _ ledger: RowLedger
  ) {
    let stretch = stretch(
      range(ofRow: row, spans[span]), ofSpan: span, of: parameters, gradients: zeros.baseAddress!)
    let rule = rule
    let hasMoments = ledger.hasMoments(row)
    // One row stays in the first cache however many updates it has missed.
    ledger.forEachMissed(row) { factors in
      if hasMoments { rule.update(stretch, factors) } else { stretch.decay(factors) }
    }
  }

  private func range(ofRow row: Int, _ span: Span) -> Range<Int> {
    let size = span.rowSize ?? span.range.count
    let start = span.range.lowerBound + row * size
    return start..<start + size
  }

  private func stretch(
    _ range: Range<Int>, ofSpan span: Int, of parameters: UnsafeMutableBufferPointer<Float>,
    gradients: UnsafeMutablePointer<Float>
  ) -> UpdateStretch {
    let start = range.lowerBound
    return UpdateStretch(
      count: range.count, weights: parameters.baseAddress! + start, gradients: UnsafePointer(gradients),
      moments: arena.floats.baseAddress! + start - momentShifts[span], momentStride: momentStride,
      anchor: anchor.map { UnsafePointer($0.baseAddress! + start) })
  }
}

extension ParameterLayout.Group {
  /// The layers between a tensor and the head, counted so that the top layer has 1: the power of the layer decay. A shared layer
  /// counts as one.
  fileprivate func depth(ofLayers layerCount: Int) -> Int {
    switch self {
    case .head, .pooler: 0
    case .sharedLayer: 1
    case .layer(let layer): layerCount - layer
    case .embeddings: layerCount + 1
    }
  }
}

extension UpdateConstants {
  init(_ specification: OptimizerSpecification) {
    self.init(
      biasCorrection: specification.biasCorrection, beta1: specification.beta1, beta2: specification.beta2,
      epsilon: specification.epsilon, weightDecay: specification.weightDecay)
  }
}
