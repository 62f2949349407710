// The nonlinearities of encoders, each forward beside its derivative, and one backward pass for all; and the tanh of
// classification heads. The loops are C's (`CElementwise`).

import Architectures
import CElementwise

extension Activation {
  private var kernel: celementwise_activation {
    switch self {
    case .gelu: celementwise_gelu
    case .geluTanh: celementwise_gelu_tanh
    case .relu: celementwise_relu
    case .silu: celementwise_silu
    }
  }

  /// output = activation(values), (rows, columns). `values` enter as x and leave as the activation's derivative, which
  /// shares every costly term with `output` and is all that the backward pass needs.
  package func forward(_ values: Rows, into output: Rows, on team: ThreadTeam = .alone) {
    values.requireShape(of: output)
    let (start, result, kernel) = (values.start, output.start, kernel)
    team.run(.elements(values.elementCount)) { range in
      celementwise_activate(kernel, start + range.lowerBound, result + range.lowerBound, range.count)
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
      celementwise_activation_gradient(
        gradient[range.lowerBound], derivative[range.lowerBound], sums[0], range.count, columns)
    }
  }
}

/// values = tanh(values), (rows, columns), with relative error below 3e-7.
package func tanhForward(_ values: Rows) {
  values.requireDense()
  celementwise_tanh(values.start, values.start, values.elementCount)
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
