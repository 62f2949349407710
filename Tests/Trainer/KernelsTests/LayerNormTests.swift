import XCTest

@testable import Kernels

final class LayerNormTests: XCTestCase {
  static let epsilon = 1e-5
  let rows = 3

  /// Layer norm of residual + factors * values, in Double.
  static func reference(
    _ values: [Double], _ residual: [Double], _ factors: [Double], gain: [Double], shift: [Double]
  ) -> [Double] {
    let columns = gain.count
    var output: [Double] = []
    for row in 0..<values.count / columns {
      let sum = (0..<columns).map {
        residual[row * columns + $0] + factors[row * columns + $0] * values[row * columns + $0]
      }
      let mean = sum.reduce(0, +) / Double(columns)
      let variance = sum.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      output += (0..<columns).map { (sum[$0] - mean) / (variance + epsilon).squareRoot() * gain[$0] + shift[$0] }
    }
    return output
  }

  /// One case: its inputs, its mask, and the weights of the scalar whose gradient is checked.
  struct Case {
    let columns: Int
    let values: [Float]
    let residual: [Float]
    let gain: [Float]
    let shift: [Float]
    let weights: [Float]
    let mask: TestMask?
    var factors: [Double] { mask?.factors ?? [Double](repeating: 1, count: values.count) }

    init(rows: Int, columns: Int, drops: Bool, hasResidual: Bool = true) {
      let count = rows * columns
      self.columns = columns
      values = normals(count, site: 1)
      residual = hasResidual ? normals(count, site: 2) : [Float](repeating: 0, count: count)
      gain = normals(columns, site: 3)
      shift = normals(columns, site: 4)
      weights = normals(count, site: 5)
      mask = drops ? TestMask(count) : nil
    }

    func objective(values: [Double]? = nil, residual: [Double]? = nil, gain: [Double]? = nil, shift: [Double]? = nil)
      -> Double
    {
      dot(
        reference(
          values ?? self.values.map(Double.init), residual ?? self.residual.map(Double.init), factors,
          gain: gain ?? self.gain.map(Double.init), shift: shift ?? self.shift.map(Double.init)), weights)
    }
  }

  /// Runs the forward kernel and answers (normalized rows, inverse deviations, output).
  func forward(_ test: Case, hasResidual: Bool = true) -> ([Float], [Float], [Float]) {
    var (normalized, gain, shift) = (test.values, test.gain, test.shift)
    var deviations = [Float](repeating: 0, count: rows)
    var output = [Float](repeating: 0, count: test.values.count)
    gain.withUnsafeMutableBufferPointer { gain in
      shift.withUnsafeMutableBufferPointer { shift in
        test.residual.withUnsafeBufferPointer { residual in
          layerNormForward(
            &normalized, residual: hasResidual ? residual.baseAddress : nil, dropout: test.mask?.mask,
            tensors: LayerNormTensors(gain: gain.baseAddress!, shift: shift.baseAddress!),
            epsilon: Float(Self.epsilon), inverseDeviations: &deviations, output: &output, rows: rows,
            columns: test.columns)
        }
      }
    }
    return (normalized, deviations, output)
  }

  /// A sum of `columns` terms twice, a square root, a division and four products: columns + 10 roundings.
  func testForwardEqualsTheReference() {
    for columns in [8, 13, 64] {
      for (drops, hasResidual) in [(true, true), (false, true), (false, false)] {
        let test = Case(rows: rows, columns: columns, drops: drops, hasResidual: hasResidual)
        let expected = Self.reference(
          test.values.map(Double.init), test.residual.map(Double.init), test.factors,
          gain: test.gain.map(Double.init), shift: test.shift.map(Double.init))
        assertEqual(
          forward(test, hasResidual: hasResidual).2, expected, roundings: Double(columns) + 10, "\(columns) columns")
      }
    }
  }

  /// Two more sums of `columns` terms and ten operations: 2 columns + 40 roundings.
  func testBackwardEqualsCentralDifferences() {
    for columns in [8, 13] {
      for drops in [true, false] {
        let test = Case(rows: rows, columns: columns, drops: drops)
        let (normalized, deviations, _) = forward(test)
        var gradient = test.weights
        var (gain, shift) = (test.gain, test.shift)
        var gainGradient = [Float](repeating: 0, count: columns)
        var (shiftGradient, biasGradient) = (gainGradient, gainGradient)
        var valueGradient = [Float](repeating: 0, count: rows * columns)
        gain.withUnsafeMutableBufferPointer { gain in
          shift.withUnsafeMutableBufferPointer { shift in
            gainGradient.withUnsafeMutableBufferPointer { gainGradient in
              shiftGradient.withUnsafeMutableBufferPointer { shiftGradient in
                layerNormBackward(
                  &gradient, normalized: normalized, inverseDeviations: deviations, dropout: test.mask?.mask,
                  tensors: LayerNormTensors(gain: gain.baseAddress!, shift: shift.baseAddress!),
                  tensorGradients: LayerNormTensors(gain: gainGradient.baseAddress!, shift: shiftGradient.baseAddress!),
                  valueGradient: &valueGradient, biasGradient: &biasGradient, rows: rows, columns: columns)
              }
            }
          }
        }
        let roundings = 2 * Double(columns) + 40
        let expectedValues = centralDifferences(test.values) { test.objective(values: $0) }
        assertEqual(valueGradient, expectedValues, roundings: roundings, "values")
        assertEqual(
          gradient, centralDifferences(test.residual) { test.objective(residual: $0) }, roundings: roundings, "residual"
        )
        assertEqual(
          gainGradient, centralDifferences(test.gain) { test.objective(gain: $0) }, roundings: roundings, "gain")
        assertEqual(
          shiftGradient, centralDifferences(test.shift) { test.objective(shift: $0) }, roundings: roundings, "shift")
        let sums = (0..<columns).map { column in
          (0..<rows).reduce(0) { $0 + expectedValues[$1 * columns + column] }
        }
        assertEqual(biasGradient, sums, roundings: 2 * roundings, "bias")
      }
    }
  }

  func testBackwardWithoutResidualIsTheSameInputGradient() {
    let test = Case(rows: rows, columns: 13, drops: false, hasResidual: false)
    let (normalized, deviations, _) = forward(test, hasResidual: false)
    var (gradient, gain, shift) = (test.weights, test.gain, test.shift)
    var gainGradient = [Float](repeating: 0, count: 13)
    var shiftGradient = gainGradient
    gain.withUnsafeMutableBufferPointer { gain in
      shift.withUnsafeMutableBufferPointer { shift in
        gainGradient.withUnsafeMutableBufferPointer { gainGradient in
          shiftGradient.withUnsafeMutableBufferPointer { shiftGradient in
            layerNormBackward(
              &gradient, normalized: normalized, inverseDeviations: deviations,
              tensors: LayerNormTensors(gain: gain.baseAddress!, shift: shift.baseAddress!),
              tensorGradients: LayerNormTensors(gain: gainGradient.baseAddress!, shift: shiftGradient.baseAddress!),
              rows: rows, columns: 13)
          }
        }
      }
    }
    assertEqual(gradient, centralDifferences(test.values) { test.objective(values: $0) }, roundings: 66)
    assertEqual(gainGradient, centralDifferences(test.gain) { test.objective(gain: $0) }, roundings: 66)
    assertEqual(shiftGradient, centralDifferences(test.shift) { test.objective(shift: $0) }, roundings: 66)
  }
}
