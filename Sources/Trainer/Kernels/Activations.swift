// The two nonlinearities of the encoder: exact GELU (Hendrycks and Gimpel 2016, the erf form) and tanh.

/// GELU(x) = x P(X <= x) for a standard normal X: (rows, columns) to (rows, columns). `values` enter as x and leave as
/// GELU's derivative P(X <= x) + x density(x), which shares every costly term with `output` and is all the backward pass
/// needs. Absolute error below 1.2e-7 max(1, |x|).
package func geluForward(_ values: Rows, into output: Rows, on team: ThreadTeam = .alone) {
  values.requireShape(of: output)
  team.run(.elements(values.elementCount)) { geluForward(values.start, output: output.start, $0) }
}

private func geluForward(
  _ values: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>, _ range: Range<Int>
) {
  // A loop of its own: a body of this size in a closure would be called, not inlined.
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

/// The gradient of `geluForward`: `gradient`, (rows, columns), enters as the output's and leaves as the input's, whose
/// column sums are added to `biasGradient`, (columns).
package func geluBackward(
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
