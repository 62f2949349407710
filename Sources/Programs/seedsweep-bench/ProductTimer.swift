// Times single matrix products through Kernels, on buffers of its own that stay warm.

import Kernels

/// Makes products and times them.
final class ProductTimer {
  private let products: Products
  private let leastSeconds: Double
  private var (a, b, c) = ([Float](), [Float](), [Float]())

  /// A timer that makes products for `leastSeconds` each.
  init(_ products: Products, leastSeconds: Double) {
    self.products = products
    self.leastSeconds = leastSeconds
  }

  /// The seconds of one product: the mean over calls until the least seconds have passed, after one that is not timed.
  func seconds(_ product: WholeProduct) -> Double {
    grow(&a, to: product.m * product.k, 0.5)
    grow(&b, to: product.k * product.n, 0.25)
    grow(&c, to: product.m * product.n, 0)
    make(product)
    var callCount = 0
    var elapsed = 0.0
    while callCount == 0 || elapsed < leastSeconds {
      elapsed += measuredSeconds { make(product) }
      callCount += 1
    }
    return elapsed / Double(callCount)
  }

  /// The operations a second, in billions, of all products of a step one after another: the mean that weighs each by the
  /// time the step spends in it.
  func gigaflops(_ products: ModelProducts) -> Double {
    products.flops / products.counted.reduce(0) { $0 + Double($1.count) * seconds($1.product) } * 1e-9
  }

  /// Makes one product as the linear layers do.
  private func make(_ product: WholeProduct) {
    let (m, n, k) = (product.m, product.n, product.k)
    let (isForward, isWeight) = (product.pass == .forward, product.pass == .weightGradient)
    withRows(&a, isWeight ? (k, m) : (m, k)) { a in
      withRows(&b, isForward ? (n, k) : (k, n)) { b in
        withRows(&c, (m, n)) { c in
          products.multiply(
            a, isWeight ? .transposed : .plain, by: b, isForward ? .transposed : .plain, into: c,
            from: isForward ? .result : .zero)
        }
      }
    }
  }

  /// Lends the beginning of a buffer as a matrix of (rows, columns).
  private func withRows(_ buffer: inout [Float], _ shape: (rows: Int, columns: Int), _ body: (Rows) -> Void) {
    buffer.withUnsafeMutableBufferPointer { body(Rows($0.baseAddress!, count: shape.rows, columns: shape.columns)) }
  }

  private func grow(_ buffer: inout [Float], to count: Int, _ value: Float) {
    if buffer.count < count { buffer = [Float](repeating: value, count: count) }
  }
}
