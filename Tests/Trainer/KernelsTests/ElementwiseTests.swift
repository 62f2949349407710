// Every level of CElementwise that this processor has against plain Swift with eight lanes (LaneReference.swift), bit for bit: no
// instruction set may change a trial. NaNs are compared as NaNs.

import Architectures
import CElementwise
import CProducts
import SeedStreams
import XCTest

@testable import Kernels

/// Random numbers of every size, with zeros of both signs, infinities and NaNs among them.
private struct HardFloats {
  private var stream: SeedStream

  init(_ site: UInt32) { stream = SeedStream(seed: 18, purpose: .synthesis, site: site) }

  mutating func below(_ bound: Int) -> Int { stream.below(bound) }

  /// `kind` 0 gives normal numbers, 1 numbers of widely different sizes, 2 any bits at all.
  mutating func floats(_ count: Int, kind: Int) -> [Float] {
    (0..<count).map { _ in
      switch kind {
      case 0: Float(stream.normal())
      case 1: Float(stream.normal()) * Float(sign: .plus, exponent: stream.below(60) - 40, significand: 1)
      default: Float(bitPattern: UInt32(truncatingIfNeeded: stream.next()))
      }
    }
  }

  mutating func marks(_ count: Int) -> [UInt8] { (0..<count).map { _ in stream.below(10) == 0 ? 0 : 1 } }
}

private func same(_ a: Float, _ b: Float) -> Bool { a.bitPattern == b.bitPattern || a.isNaN && b.isNaN }

private func assertSame(_ values: [Float], _ expected: [Float], _ what: String, line: UInt = #line) {
  XCTAssertEqual(values.count, expected.count, what, line: line)
  if let index = zip(values, expected).enumerated().first(where: { !same($1.0, $1.1) })?.offset {
    XCTFail("\(what): element \(index) of \(values.count) is \(values[index]), not \(expected[index])", line: line)
  }
}

final class ElementwiseTests: XCTestCase {
  /// Runs a test with each level that this processor has.
  private func atEachLevel(_ body: (_ level: String, _ random: inout HardFloats) -> Void) {
    let level = cproducts_level_in_use()
    defer { XCTAssertTrue(cproducts_use(level)) }
    for candidate in [cproducts_neon, cproducts_avx2, cproducts_avx512] where cproducts_use(candidate) {
      var random = HardFloats(UInt32(candidate.rawValue))
      body(String(cString: cproducts_level_name(candidate)), &random)
    }
  }

  /// Random counts of rows and columns.
  private func forEachShape(
    _ random: inout HardFloats, _ body: (_ random: inout HardFloats, _ kind: Int, _ rows: Int, _ columns: Int) -> Void
  ) {
    for round in 0..<60 {
      body(&random, round % 3, 1 + random.below(11), round % 10 == 9 ? 128 : 1 + random.below(70))
    }
  }

  /// What a function of eight lanes makes of an array.
  private func each(_ values: [Float], _ function: (Lanes) -> Lanes) -> [Float] { LaneRow(values).map(function).values }

  func testFunctions() {
    atEachLevel { level, random in
      for kind in 0..<3 {
        for count in [0, 1, 7, 8, 9, 15, 16, 17, 33, 1000] {
          let values = random.floats(count, kind: kind)
          var (first, second) = ([Float](repeating: 7, count: count), [Float](repeating: 7, count: count))
          celementwise_exponential(values, &first, count)
          assertSame(first, each(values, exponential), "exp, \(level)")
          celementwise_tanh(values, &first, count)
          assertSame(first, each(values, hyperbolicTangent), "tanh, \(level)")
          celementwise_normal(values, &first, &second, count)
          assertSame(first, each(values) { normalDistribution($0).cumulative }, "distribution, \(level)")
          assertSame(second, each(values) { normalDistribution($0).density }, "density, \(level)")
        }
      }
    }
  }

  func testActivations() {
    atEachLevel { level, random in
      forEachShape(&random) { random, kind, rows, columns in
        let x = random.floats(rows * columns, kind: kind)
        for activation in Activation.allCases {
          let (values, output) = (matrix(x, columns: columns), Rows.unset(rows, columns))
          activation.forward(values, into: output)
          assertSame(output.values, each(x) { activated($0, activation).value }, "\(activation), \(level)")
          assertSame(values.values, each(x) { activated($0, activation).derivative }, "\(activation)', \(level)")
        }
        let (derivative, gradient) = (matrix(x, columns: columns), random.floats(rows * columns, kind: kind))
        let (sums, leaving) = (random.floats(columns, kind: kind), matrix(gradient, columns: columns))
        let bias = vector(sums)
        Activation.backward(leaving, derivative: derivative, biasGradient: bias)
        let products = zip(gradient, x).map { $0 * $1 }
        assertSame(leaving.values, products, "gradient, \(level)")
        assertSame(bias.values(columns), columnSums(products, from: sums), "column sums, \(level)")
      }
    }
  }

  /// Column sums of a matrix, added row by row to what is there.
  private func columnSums(_ values: [Float], from start: [Float]) -> [Float] {
    var sums = start
    for (index, value) in values.enumerated() { sums[index % start.count] += value }
    return sums
  }

  /// Row `row` of a matrix with a stride.
  private func row(_ row: Int, _ values: [Float], _ columns: Int, stride: Int? = nil) -> [Float] {
    let start = row * (stride ?? columns)
    return Array(values[start..<start + columns])
  }

  func testSoftmax() {
    atEachLevel { level, random in
      forEachShape(&random) { random, kind, rows, length in
        let stride = scoreStride(length)
        let (scores, gradients) = (
          random.floats(rows * stride, kind: kind), random.floats(rows * stride, kind: kind)
        )
        for mask in [nil, TestMask(rows * stride)] {
          func scoreRows(_ values: [Float]) -> Rows {
            Rows(vector(values), count: rows, columns: length, stride: stride)
          }
          let (probabilities, dropped, leaving) = (scoreRows(scores), scoreRows(scores), scoreRows(gradients))
          softmaxForward(probabilities, dropout: mask?.mask, firstMark: 0, dropped: dropped)
          let droppedAgain = scoreRows(scores)
          softmaxBackward(
            leaving, probabilities: probabilities, dropout: mask?.mask, firstMark: 0, dropped: droppedAgain)
          assertSame(droppedAgain.values, dropped.values, "dropped again, \(level)")
          let factors = mask?.factors.map { Float($0) } ?? [Float](repeating: 1, count: rows * stride)
          for index in 0..<rows {
            let expected = softmax(row(index, scores, length, stride: stride))
            let own = row(index, factors, length, stride: stride)
            assertSame(row(index, probabilities.values, length, stride: stride), expected, "softmax, \(level)")
            if mask != nil {
              assertSame(row(index, dropped.values, length, stride: stride), masked(expected, own), "dropped, \(level)")
            }
            let entering = row(index, gradients, length, stride: stride)
            assertSame(
              row(index, leaving.values, length, stride: stride),
              softmaxGradient(masked(entering, own), probabilities: expected), "softmax gradient, \(level)")
          }
        }
      }
    }
  }

  /// Values times factors that are 0, the scale or, without dropout, 1.
  private func masked(_ values: [Float], _ factors: [Float]) -> [Float] { zip(values, factors).map { $0 * $1 } }

  func testVocabularyRows() {
    atEachLevel { level, random in
      for count in [1, 8, 13, 100, 1003] {
        for kind in 0..<3 {
          let values = random.floats(count, kind: kind)
          let largest = values.reduce(-Float.infinity) { $1 > $0 ? $1 : $0 }
          XCTAssertEqual(celementwise_largest(values, count), largest, level)
          let powers = LaneRow(values, filler: -.infinity).map { exponential($0 - largest) }
          let lanes = powers.groups.reduce(SIMD8<Double>.zero) { $0 + SIMD8<Double>($1) }
          let sum = celementwise_sum_of_exponentials(values, largest, count)
          XCTAssertTrue(sum == lanes.sum() || sum.isNaN && lanes.sum().isNaN, level)
          var shares = values
          celementwise_exponential_shares(&shares, largest, 0.25, count)
          assertSame(shares, powers.map { $0 * 0.25 }.values, level)
        }
      }
    }
  }

  func testLayerNorm() {
    atEachLevel { level, random in
      forEachShape(&random) { random, kind, rows, columns in
        let test = NormCase(&random, kind: kind, rows: rows, columns: columns)
        for hasResidual in [false, true] {
          for mask in hasResidual ? [nil, TestMask(rows * columns)] : [nil] {
            for keepsSums in [false, true] {
              check(test, hasResidual: hasResidual, mask: mask, keepsSums: keepsSums, level)
            }
          }
        }
      }
    }
  }

  private struct NormCase {
    let rows: Int
    let columns: Int
    let values, residual, gain, shift, gradients, sumGradients, columnStart: [Float]

    init(_ random: inout HardFloats, kind: Int, rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
      values = random.floats(rows * columns, kind: kind)
      residual = random.floats(rows * columns, kind: kind)
      gain = random.floats(columns, kind: kind)
      shift = random.floats(columns, kind: kind)
      gradients = random.floats(rows * columns, kind: kind)
      sumGradients = random.floats(rows * columns, kind: kind)
      columnStart = random.floats(columns, kind: kind)
    }
  }

  private func check(_ test: NormCase, hasResidual: Bool, mask: TestMask?, keepsSums: Bool, _ level: String) {
    let (rows, columns, epsilon) = (test.rows, test.columns, Float(1e-12))
    let what = "\(rows) rows of \(columns), residual \(hasResidual), sums \(keepsSums), \(level)"
    func new(_ values: [Float]) -> Rows { matrix(values, columns: columns) }
    // Forward.
    let norm = NormBuffers(
      values: new(test.values), inverseDeviations: vector([Float](repeating: 7, count: rows)),
      output: .unset(rows, columns))
    let tensors = LayerNormTensors(gain: vector(test.gain), shift: vector(test.shift))
    let sums = keepsSums ? Rows.unset(rows, columns) : nil
    layerNormForward(
      norm, residual: hasResidual ? new(test.residual) : nil, dropout: mask?.mask, sums: sums, tensors: tensors,
      epsilon: epsilon)
    let factors = mask?.factors.map { Float($0) }
    let entering: [Float] = test.values.indices.map { index in
      if !hasResidual { return test.values[index] }
      guard let factors else { return test.residual[index] + test.values[index] }
      return test.residual[index].addingProduct(test.values[index], factors[index])
    }
    if let sums { assertSame(sums.values, entering, "sums, \(what)") }
    let reference = (0..<rows).map { normalized(row($0, entering, columns), epsilon: epsilon) }
    let rowsKept = reference.flatMap(\.row)
    assertSame(norm.values.values, rowsKept, "normalized, \(what)")
    assertSame(norm.inverseDeviations.values(rows), reference.map(\.inverseDeviation), "deviations, \(what)")
    assertSame(
      norm.output.values,
      rowsKept.indices.map { test.shift[$0 % columns].addingProduct(rowsKept[$0], test.gain[$0 % columns]) },
      "output, \(what)")
    // Backward.
    let (gradient, sumGradient) = (new(test.gradients), keepsSums ? new(test.sumGradients) : nil)
    let starts = (0..<3).map { _ in vector(test.columnStart) }
    let (valueGradient, tensorGradients) = (
      Rows.unset(rows, columns), LayerNormTensors(gain: starts[0], shift: starts[1])
    )
    if hasResidual {
      layerNormBackward(
        gradient, sumGradient: sumGradient, norm, dropout: mask?.mask, tensors: tensors,
        tensorGradients: tensorGradients, valueGradient: valueGradient, biasGradient: starts[2])
    } else {
      layerNormBackward(
        gradient, sumGradient: sumGradient, norm, tensors: tensors, tensorGradients: tensorGradients)
    }
    let own = (0..<rows).flatMap {
      normGradient(
        row($0, test.gradients, columns), gain: test.gain, normalized: reference[$0].row,
        inverseDeviation: reference[$0].inverseDeviation)
    }
    assertSame(gradient.values, own, "gradient, \(what)")
    let all = keepsSums ? zip(test.sumGradients, own).map { $0 + $1 } : own
    if let sumGradient { assertSame(sumGradient.values, all, "sum's gradient, \(what)") }
    var gains = test.columnStart
    for index in rowsKept.indices { gains[index % columns].addProduct(test.gradients[index], rowsKept[index]) }
    assertSame(starts[0].values(columns), gains, "gain, \(what)")
    assertSame(starts[1].values(columns), columnSums(test.gradients, from: test.columnStart), "shift, \(what)")
    guard hasResidual else { return }
    let dropped = factors.map { masked(all, $0) } ?? all
    assertSame(valueGradient.values, dropped, "values, \(what)")
    assertSame(starts[2].values(columns), columnSums(dropped, from: test.columnStart), "bias, \(what)")
  }

  func testMarks() {
    atEachLevel { level, random in
      for (first, count) in [(0, 8), (0, 16), (1 << 32 - 3, 24), (.max - 15, 16)] as [(UInt64, Int)] {
        let stream = SeedStream(seed: first, purpose: .dropout, site: 7, step: 0xFFFF_FFFF)
        var generator = celementwise_stream(key: (stream.key[0], stream.key[1]), site: stream.site, step: stream.step)
        var marks = [UInt8](repeating: 9, count: 8 * count + 1)
        celementwise_draw(&generator, first, count, 20_000, &marks)
        let expected = (0..<count).flatMap { block in
          let words = stream.block(at: first + UInt64(block))
          return (0..<4).flatMap { [words[$0] & 0xFFFF, words[$0] >> 16] }.map { UInt8($0 < 20_000 ? 0 : 1) }
        }
        XCTAssertEqual(marks, expected + [9], level)
        let values = random.floats(8 * count - 3, kind: 2)
        var output = values
        celementwise_drop(values, marks, 1.1, &output, values.count)
        assertSame(output, zip(values, marks).map { $0 * (Float($1) * 1.1) }, level)
      }
    }
  }

  func testUpdates() {
    atEachLevel { level, random in
      for rule in [celementwise_hf, celementwise_google, celementwise_torch] {
        for count in [1, 8, 15, 16, 40, 77] {
          for hasTarget in [false, true] {
            checkUpdate(rule, count: count, hasTarget: hasTarget, &random, level)
          }
        }
      }
    }
  }

  private func checkUpdate(
    _ rule: celementwise_rule, count: Int, hasTarget: Bool, _ random: inout HardFloats, _ level: String
  ) {
    var f = celementwise_factors(
      gradient_scale: 0.7, beta1: 0.9, one_minus_beta1: 0.1, beta2: 0.999, one_minus_beta2: 0.001, epsilon: 1e-6,
      step_size: 3e-3, root_scale: 1.5, decay: 1e-4)
    let weights = random.floats(count, kind: 1)
    let gradients = random.floats(count, kind: 1)
    let first = random.floats(count, kind: 1)
    let second = random.floats(count, kind: 1).map(\.magnitude)
    let target = random.floats(count, kind: 1)
    var (newWeights, newFirst, newSecond) = (weights, first, second)
    celementwise_update(
      rule, &f, &newWeights, gradients, &newFirst, &newSecond, hasTarget ? vector(target) : nil, count)
    var expected: (weights: [Float], first: [Float], second: [Float]) = ([], [], [])
    for index in 0..<count {
      let gradient = gradients[index] * f.gradient_scale
      let moment = f.beta1 * first[index] + f.one_minus_beta1 * gradient
      let square = f.beta2 * second[index] + f.one_minus_beta2 * (gradient * gradient)
      let (weight, root, goal) = (weights[index], square.squareRoot(), hasTarget ? target[index] : 0)
      let updated: Float
      switch rule {
      case celementwise_hf:
        let stepped = weight - f.step_size * (moment / (root + f.epsilon))
        updated = stepped - f.decay * (stepped - goal)
      case celementwise_google:
        updated = weight - (f.step_size * (moment / (root + f.epsilon)) + f.decay * (weight - goal))
      default:
        let decayed = weight - f.decay * (weight - goal)
        updated = decayed - f.step_size * (moment / (root * f.root_scale + f.epsilon))
      }
      expected.weights.append(updated)
      expected.first.append(moment)
      expected.second.append(square)
    }
    assertSame(newWeights, expected.weights, "weights, rule \(rule.rawValue), \(level)")
    assertSame(newFirst, expected.first, "first moment, \(level)")
    assertSame(newSecond, expected.second, "second moment, \(level)")
  }

  func testSumOfSquares() {
    atEachLevel { level, random in
      for count in [0, 1, 15, 16, 100, 4096, 4097, 9000] {
        for kind in 0..<3 {
          let values = random.floats(count, kind: kind)
          let (sum, expected) = (celementwise_sum_of_squares(values, count), squares(values))
          XCTAssertTrue(sum == expected || sum.isNaN && expected.isNaN, "\(count), \(level)")
        }
      }
    }
  }
}
