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

  /// Runs the forward kernel and returns its buffers and tensors.
  func forward(_ test: Case, hasResidual: Bool = true) -> (NormBuffers, LayerNormTensors) {
    let norm = NormBuffers(
      values: matrix(test.values, columns: test.columns),
      inverseDeviations: vector([Float](repeating: 0, count: rows)), output: .unset(rows, test.columns))
    let tensors = LayerNormTensors(gain: vector(test.gain), shift: vector(test.shift))
    layerNormForward(
      norm, residual: hasResidual ? matrix(test.residual, columns: test.columns) : nil, dropout: test.mask?.mask,
      tensors: tensors, epsilon: Float(Self.epsilon))
    return (norm, tensors)
  }

  /// Zeros for the gradients of gain and shift.
  func zeros(_ columns: Int) -> LayerNormTensors {
    let zeros = [Float](repeating: 0, count: columns)
    return LayerNormTensors(gain: vector(zeros), shift: vector(zeros))
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
          forward(test, hasResidual: hasResidual).0.output.values, expected, roundings: Double(columns) + 10,
          "\(columns) columns")
      }
    }
  }

  /// Two more sums of `columns` terms and ten operations: 2 columns + 40 roundings.
  func testBackwardEqualsCentralDifferences() {
    for columns in [8, 13] {
      for drops in [true, false] {
        let test = Case(rows: rows, columns: columns, drops: drops)
        let (norm, tensors) = forward(test)
        let (gradient, gradients) = (matrix(test.weights, columns: columns), zeros(columns))
        let valueGradient = Rows.unset(rows, columns)
        let biasGradient = vector([Float](repeating: 0, count: columns))
        layerNormBackward(
          gradient, norm, dropout: test.mask?.mask, tensors: tensors, tensorGradients: gradients,
          valueGradient: valueGradient, biasGradient: biasGradient)
        let roundings = 2 * Double(columns) + 40
        let expectedValues = centralDifferences(test.values) { test.objective(values: $0) }
        assertEqual(valueGradient.values, expectedValues, roundings: roundings, "values")
        assertEqual(
          gradient.values, centralDifferences(test.residual) { test.objective(residual: $0) }, roundings: roundings,
          "residual"
        )
        assertEqual(
          gradients.gain.values(columns), centralDifferences(test.gain) { test.objective(gain: $0) },
          roundings: roundings, "gain")
        assertEqual(
          gradients.shift.values(columns), centralDifferences(test.shift) { test.objective(shift: $0) },
          roundings: roundings, "shift")
        let sums = (0..<columns).map { column in
          (0..<rows).reduce(0) { $0 + expectedValues[$1 * columns + column] }
        }
        assertEqual(biasGradient.values(columns), sums, roundings: 2 * roundings, "bias")
      }
    }
  }

  func testBackwardWithoutResidualIsTheSameInputGradient() {
    let test = Case(rows: rows, columns: 13, drops: false, hasResidual: false)
    let (norm, tensors) = forward(test, hasResidual: false)
    let (gradient, gradients) = (matrix(test.weights, columns: 13), zeros(13))
    layerNormBackward(gradient, norm, tensors: tensors, tensorGradients: gradients)
    assertEqual(gradient.values, centralDifferences(test.values) { test.objective(values: $0) }, roundings: 66)
    assertEqual(gradients.gain.values(13), centralDifferences(test.gain) { test.objective(gain: $0) }, roundings: 66)
    assertEqual(gradients.shift.values(13), centralDifferences(test.shift) { test.objective(shift: $0) }, roundings: 66)
  }
}
