// The nonlinearities of encoders, each forward beside its derivative, and one backward pass for all; and the tanh of
// classification heads.

import Architectures

extension Activation {
  /// output = activation(values), (rows, columns). `values` enter as x and leave as the activation's derivative, which
  /// shares every costly term with `output` and is all that the backward pass needs.
  package func forward(_ values: Rows, into output: Rows, on team: ThreadTeam = .alone) {
    values.requireShape(of: output)
    let (start, result) = (values.start, output.start)
    // A loop of its own for each: a function of this size in a closure would be called, not inlined.
    team.run(.elements(values.elementCount)) { range in
      switch self {
      case .gelu: geluForward(start, output: result, range)
      case .geluTanh: geluTanhForward(start, output: result, range)
      case .relu: reluForward(start, output: result, range)
      case .silu: siluForward(start, output: result, range)
      }
    }
  }

  /// The gradient of `forward`: `gradient`, (rows, columns), enters as the output's and leaves as the input's, whose
  /// column sums are added to `biasGradient`, (columns). `derivative` is what `forward` left, (rows, columns).
  package static func backward(
    _ gradient: Rows, derivative: Rows, biasGradient: UnsafeMutablePointer<Float>, on team: ThreadTeam = .alone
  ) {
    gradient.requireShape(of: derivative)
    let columns = gradient.columns
    team.run(.rows(gradient.count, columns: columns), addingTo: [biasGradient], columns: columns) { range, sums in
      let sum = sums[0]
      for row in range {
        let (rowGradient, rowDerivative) = (gradient[row], derivative[row])
        forEachGroup(of: columns) { index, lanes in
          let value = rowGradient.lanes(index, lanes) * rowDerivative.lanes(index, lanes)
          rowGradient.store(value, index, lanes)
          sum.store(sum.lanes(index, lanes) + value, index, lanes)
        }
      }
    }
  }
}

private func geluForward(
  _ values: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>, _ range: Range<Int>
) {
  var index = range.lowerBound
  while index < range.upperBound {
    let lanes = min(8, range.upperBound &- index)
    let x = values.lanes(index, lanes)
    let (cumulative, density) = normalDistribution(x)
    output.store(x * cumulative, index, lanes)
    values.store(cumulative.addingProduct(x, density), index, lanes)
    index &+= 8
  }
}

private func geluTanhForward(
  _ values: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>, _ range: Range<Int>
) {
  let slope: Float = 0.797_884_56  // sqrt(2 / pi)
  let cubic: Float = 0.044_715
  var index = range.lowerBound
  while index < range.upperBound {
    let lanes = min(8, range.upperBound &- index)
    let x = values.lanes(index, lanes)
    let square = x * x
    let tanh = hyperbolicTangent(x * slope * (1 + square * cubic))
    let inner = slope * (1 + square * (3 * cubic))
    output.store(0.5 * x * (1 + tanh), index, lanes)
    values.store(0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner, index, lanes)
    index &+= 8
  }
}

private func reluForward(
  _ values: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>, _ range: Range<Int>
) {
  var index = range.lowerBound
  while index < range.upperBound {
    let lanes = min(8, range.upperBound &- index)
    let x = values.lanes(index, lanes)
    // NaN is not below zero, so it stays.
    output.store(x.replacing(with: 0, where: x .< 0), index, lanes)
    values.store(Lanes(repeating: 1).replacing(with: 0, where: x .<= 0), index, lanes)
    index &+= 8
  }
}

private func siluForward(
  _ values: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>, _ range: Range<Int>
) {
  var index = range.lowerBound
  while index < range.upperBound {
    let lanes = min(8, range.upperBound &- index)
    let x = values.lanes(index, lanes)
    let share = 1 / (1 + exponential(-x))
    output.store(x * share, index, lanes)
    values.store(share * (1 + x * (1 - share)), index, lanes)
    index &+= 8
  }
}

/// values = tanh(values), (rows, columns), with relative error below 3e-7.
package func tanhForward(_ values: Rows) {
  values.requireDense()
  let start = values.start
  forEachGroup(of: values.elementCount) { index, lanes in
    start.store(hyperbolicTangent(start.lanes(index, lanes)), index, lanes)
  }
}

/// The gradient of `tanhForward`: `gradient`, (rows, columns), enters as the output's and leaves as the input's.
package func tanhBackward(_ gradient: Rows, output: Rows) {
  gradient.requireShape(of: output)
  let (gradient, output, count) = (gradient.start, output.start, gradient.elementCount)
  forEachGroup(of: count) { index, lanes in
    let value = output.lanes(index, lanes)
    gradient.store(gradient.lanes(index, lanes) * (1 - value * value), index, lanes)
  }
}
