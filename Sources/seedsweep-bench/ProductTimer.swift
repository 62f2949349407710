// Times single matrix products through Kernels, on buffers of its own that stay warm.

import Kernels

/// Makes products and times them.
final class ProductTimer {
  private var (a, b, c) = ([Float](), [Float](), [Float]())

  /// The seconds of one product: the mean over calls until `leastSeconds` have passed, after one that is not timed.
  func seconds(_ product: WholeProduct, leastSeconds: Double) -> Double {
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
  func gigaflops(_ products: ModelProducts, leastSeconds: Double) -> Double {
    let total = products.counted.reduce(0) {
      $0 + Double($1.count) * seconds($1.product, leastSeconds: leastSeconds)
    }
    return products.flops / total * 1e-9
  }

  /// Makes one product as the linear layers do.
  private func make(_ product: WholeProduct) {
    let (m, n, k) = (product.m, product.n, product.k)
    switch product.pass {
    case .forward:
      multiply(a, stride: k, by: b, .transposed, stride: k, into: &c, stride: n, m: m, n: n, k: k, beta: 1)
    case .inputGradient: multiply(a, stride: k, by: b, stride: n, into: &c, stride: n, m: m, n: n, k: k)
    case .weightGradient: multiply(a, .transposed, stride: m, by: b, stride: n, into: &c, stride: n, m: m, n: n, k: k)
    }
  }

  private func grow(_ buffer: inout [Float], to count: Int, _ value: Float) {
    if buffer.count < count { buffer = [Float](repeating: value, count: count) }
  }
}
