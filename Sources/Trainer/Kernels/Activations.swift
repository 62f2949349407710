// The two nonlinearities of the encoder: exact GELU (Hendrycks and Gimpel 2016, the erf form) and tanh.

/// GELU(x) = x P(X <= x) for a standard normal X. `values`, (count), enter as x and leave as GELU's derivative
/// P(X <= x) + x density(x), which shares every costly term with `output` and is all the backward pass needs.
/// Absolute error below 1.2e-7 max(1, |x|).
package func geluForward(
  _ values: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int, on team: ThreadTeam = .alone
) {
  team.run(.elements(count)) { geluForward(values, output: output, $0) }
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
  _ gradient: UnsafeMutablePointer<Float>, derivative: UnsafePointer<Float>,
  biasGradient: UnsafeMutablePointer<Float>, rows: Int, columns: Int, on team: ThreadTeam = .alone
) {
  team.run(.rows(rows, columns: columns), addingTo: [biasGradient], columns: columns) { range, sums in
    let sum = sums[0]
    for row in range {
      let rowGradient = gradient + row &* columns
      let rowDerivative = derivative + row &* columns
      forEachGroup(of: columns) { index, lanes in
        let value = rowGradient.lanes(index, lanes) * rowDerivative.lanes(index, lanes)
        rowGradient.store(value, index, lanes)
        sum.store(sum.lanes(index, lanes) + value, index, lanes)
      }
    }
  }
}

/// values = tanh(values), (count), with relative error below 3e-7.
package func tanhForward(_ values: UnsafeMutablePointer<Float>, count: Int) {
  forEachGroup(of: count) { index, lanes in
    values.store(hyperbolicTangent(values.lanes(index, lanes)), index, lanes)
  }
}

/// The gradient of `tanhForward`: `gradient`, (count), enters as the output's and leaves as the input's.
package func tanhBackward(
  _ gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>, count: Int
) {
  forEachGroup(of: count) { index, lanes in
    let value = output.lanes(index, lanes)
    gradient.store(gradient.lanes(index, lanes) * (1 - value * value), index, lanes)
  }
}
