// The matrix products that a training step makes with whole weight matrices, as shapes and counts. Attention's products,
// one for each sequence and head, are not among them.

import Transformer

/// A product of whole matrices: op(A) of (m, k) times op(B) of (k, n).
struct WholeProduct: Hashable {
  /// What the product is for, which decides how its operands are stored.
  enum Pass: String {
    /// Rows by the weight transposed.
    case forward
    /// The outputs' gradient by the weight.
    case inputGradient = "input gradient"
    /// The outputs' gradient transposed by the rows.
    case weightGradient = "weight gradient"
  }

  let pass: Pass
  let m: Int
  let n: Int
  let k: Int

  /// The operations, two for each multiply-add.
  var flops: Double { 2 * Double(m) * Double(n) * Double(k) }
  /// Its name in the table.
  var title: String { "\(pass.rawValue) \(m)x\(n)x\(k)" }
}

/// The whole products of one training step.
struct ModelProducts {
  /// Each distinct product and how often the step makes it, in the order of their first use.
  private(set) var counted: [(product: WholeProduct, count: Int)] = []

  /// The products of a step over a batch.
  init(_ encoder: EncoderConfiguration, labelCount: Int, tokenCount: Int, sequenceCount: Int) {
    let (hidden, intermediate) = (encoder.hiddenSize, encoder.intermediateSize)
    add(rows: tokenCount, inputs: hidden, outputs: 3 * hidden, encoder.layerCount - 1)
    add(rows: tokenCount, inputs: hidden, outputs: hidden, encoder.layerCount - 1)
    add(rows: tokenCount, inputs: hidden, outputs: intermediate, encoder.layerCount - 1)
    add(rows: tokenCount, inputs: intermediate, outputs: hidden, encoder.layerCount - 1)
    // The last layer: keys and values of all tokens, the rest and the pooler of first tokens only.
    add(rows: tokenCount, inputs: hidden, outputs: 2 * hidden, 1)
    add(rows: sequenceCount, inputs: hidden, outputs: hidden, 3)
    add(rows: sequenceCount, inputs: hidden, outputs: intermediate, 1)
    add(rows: sequenceCount, inputs: intermediate, outputs: hidden, 1)
    add(rows: sequenceCount, inputs: hidden, outputs: labelCount, 1)
  }

  /// Operations of all products.
  var flops: Double { counted.reduce(0) { $0 + Double($1.count) * $1.product.flops } }

  /// Adds the three products of `count` linear layers.
  private mutating func add(rows: Int, inputs: Int, outputs: Int, _ count: Int) {
    add(WholeProduct(pass: .forward, m: rows, n: outputs, k: inputs), count)
    add(WholeProduct(pass: .inputGradient, m: rows, n: inputs, k: outputs), count)
    add(WholeProduct(pass: .weightGradient, m: outputs, n: inputs, k: rows), count)
  }

  private mutating func add(_ product: WholeProduct, _ count: Int) {
    guard count > 0 else { return }
    if let index = counted.firstIndex(where: { $0.product == product }) {
      counted[index].count += count
    } else {
      counted.append((product, count))
    }
  }
}
