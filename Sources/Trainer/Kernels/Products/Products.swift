// Linear layers as Hugging Face stores them, forward and backward beside each other. A product is cut into blocks by its
// sizes alone, so its bits are the same on any number of threads.

import Arithmetics

/// A linear layer's weight and bias, or their gradients.
package struct LinearTensors {
  /// (outputs, inputs).
  package let weight: Rows
  /// (outputs).
  package let bias: UnsafeMutablePointer<Float>
  /// Whether a backward pass computes the gradient of the weight, which it does not where the weight keeps its values.
  package let isWeightTrained: Bool

  /// The two tensors.
  package init(weight: Rows, bias: UnsafeMutablePointer<Float>, isWeightTrained: Bool = true) {
    self.weight = weight
    self.bias = bias
    self.isWeightTrained = isWeightTrained
  }

  /// The layer of a range of the outputs.
  package subscript(outputs range: Range<Int>) -> LinearTensors {
    LinearTensors(weight: weight[rows: range], bias: bias + range.lowerBound, isWeightTrained: isWeightTrained)
  }
}

/// The weight of a model's last layer, which may lack a bias, or their gradients.
package struct OutputTensors {
  /// (outputs, inputs).
  package let weight: Rows
  /// (outputs); nil where the layer has none.
  package let bias: UnsafeMutablePointer<Float>?

  /// The tensors.
  package init(weight: Rows, bias: UnsafeMutablePointer<Float>?) {
    self.weight = weight
    self.bias = bias
  }
}

/// How the products of a model are made: by which arithmetic, how those of linear layers round, and on which threads.
package struct Products {
  /// What makes them where operands are not rounded.
  package let arithmetic: Arithmetic
  /// How those of linear layers round.
  package let precision: ProductPrecision
  /// The threads; they change no bit.
  package let team: ThreadTeam

  /// Products of an arithmetic, those of linear layers at a precision, on the threads of a team.
  package init(
    _ arithmetic: Arithmetic = .ofIdentifiers, _ precision: ProductPrecision = .float32, on team: ThreadTeam = .alone
  ) {
    self.arithmetic = arithmetic
    self.precision = precision
    self.team = team
  }

  /// A product as linear layers make it: c = start + op(a) op(b) at the precision; op(a) is (m, k), op(b) is (k, n), c is
  /// (m, n).
  package func multiply(
    _ a: Rows, _ aOrientation: Orientation = .plain, by b: Rows, _ bOrientation: Orientation = .plain, into c: Rows,
    from start: ProductStart = .zero
  ) {
    switch precision {
    case .float32: arithmetic.multiply(a, aOrientation, by: b, bOrientation, into: c, from: start)
    case .bfloat16: multiplyRounded(a, aOrientation, by: b, bOrientation, into: c, from: start)
    }
  }

  /// output = input weight^T + bias: (rows, inputs) to (rows, outputs).
  package func linearForward(_ input: Rows, _ layer: LinearTensors, into output: Rows) {
    outputForward(input, OutputTensors(weight: layer.weight, bias: layer.bias), into: output)
  }

  /// The same of a last layer.
  package func outputForward(_ input: Rows, _ layer: OutputTensors, into output: Rows) {
    forEachBlock(of: output) { rows, columns in
      multiply(
        input[rows: rows], by: layer.weight[rows: columns], .transposed, into: output[rows: rows][columns: columns],
        from: layer.bias.map { .row($0 + columns.lowerBound) } ?? .zero)
    }
  }

  /// The gradients of `linearForward`, but the bias's: from `gradient`, (rows, outputs), of the output overwrites the
  /// weight's where that is trained, then overwrites or adds to `inputGradient`, (rows, inputs). The bias's is the column sums of `gradient`:
  /// the kernel that wrote `gradient` has added them, or `biasBackward` does.
  package func linearBackward(
    _ gradient: Rows, _ layer: LinearTensors, _ gradients: LinearTensors, input: Rows, into inputGradient: Rows,
    accumulating: Bool = false
  ) {
    if gradients.isWeightTrained { weightBackward(gradient, input: input, into: gradients.weight) }
    inputBackward(gradient, layer.weight, into: inputGradient, accumulating: accumulating)
  }

  /// The gradients of `outputForward`: from `gradient`, (rows, outputs), overwrites the weight's and `inputGradient`, (rows,
  /// inputs), and adds to the bias's.
  package func outputBackward(
    _ gradient: Rows, _ layer: OutputTensors, _ gradients: OutputTensors, input: Rows, into inputGradient: Rows
  ) {
    if let bias = gradients.bias { biasBackward(gradient, into: bias) }
    weightBackward(gradient, input: input, into: gradients.weight)
    inputBackward(gradient, layer.weight, into: inputGradient, accumulating: false)
  }

  private func weightBackward(_ gradient: Rows, input: Rows, into weightGradient: Rows) {
    forEachBlock(of: weightGradient) { rows, columns in
      multiply(
        gradient[columns: rows], .transposed, by: input[columns: columns],
        into: weightGradient[rows: rows][columns: columns])
    }
  }

  private func inputBackward(_ gradient: Rows, _ weight: Rows, into inputGradient: Rows, accumulating: Bool) {
    forEachBlock(of: inputGradient) { rows, columns in
      multiply(
        gradient[rows: rows], by: weight[columns: columns], into: inputGradient[rows: rows][columns: columns],
        from: accumulating ? .result : .zero)
    }
  }

  /// The gradient of a bias: adds the column sums of `gradient`, (rows, outputs), to `biasGradient`, (outputs).
  package func biasBackward(_ gradient: Rows, into biasGradient: UnsafeMutablePointer<Float>) {
    addColumnSums(gradient, to: biasGradient, on: team)
  }

  /// Cuts a product's result, (m, n), into blocks of rows, or of columns where there are few rows, and runs `body` with
  /// the rows and columns of each.
  private func forEachBlock(of result: Rows, _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
    let (m, n) = (result.count, result.columns)
    if m >= 768 || m >= n {
      team.run(.product(m)) { body($0, 0..<n) }
    } else {
      team.run(.product(n)) { body(0..<m, $0) }
    }
  }
}

/// sums += the column sums of `values`, (rows, columns).
package func addColumnSums(
  _ values: Rows, to sums: UnsafeMutablePointer<Float>, on team: ThreadTeam = .alone
) {
  let columns = values.columns
  team.run(.rows(values.count, columns: columns), addingTo: [sums], columns: columns) { range, sums in
    for row in range { add(values[row], to: sums[0], count: columns) }
  }
}
