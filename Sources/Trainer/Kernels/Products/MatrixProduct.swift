// Matrix products on caller-owned row-major buffers, by OpenBLAS or by our own kernels as the arithmetic says. Everything here
// runs on the calling thread.

import Arithmetics
import COpenBLAS
import CProducts

/// Whether a matrix enters a product as stored or transposed.
package enum Orientation: Sendable {
  /// As stored.
  case plain
  /// Transposed.
  case transposed
}

/// What a product is added to.
package enum ProductStart {
  /// Nothing.
  case zero
  /// What the result's buffer holds.
  case result
  /// One row for every row of the result, (columns), such as a bias.
  case row(UnsafePointer<Float>)

  /// The names that our own products have for it, and the row.
  fileprivate var forOwnProducts: (cproducts_start, UnsafePointer<Float>?) {
    switch self {
    case .zero: (cproducts_from_zero, nil)
    case .result: (cproducts_from_c, nil)
    case .row(let values): (cproducts_from_row, values)
    }
  }
}

extension Arithmetic {
  /// c = start + op(a) op(b): op(a) is (m, k), op(b) is (k, n), c is (m, n). A product that starts from zero may be scaled.
  package func multiply(
    _ a: Rows, _ aOrientation: Orientation = .plain, by b: Rows, _ bOrientation: Orientation = .plain, into c: Rows,
    from start: ProductStart = .zero, scale: Float = 1
  ) {
    switch self {
    case .openblas:
      let isAdded = c.fill(start)
      precondition(scale == 1 || !isAdded, "only a product that starts from zero may be scaled")
      Kernels.multiply(a, aOrientation, by: b, bOrientation, into: c, alpha: scale, beta: isAdded ? 1 : 0)
    case .portable:
      multiplyPortably(a, aOrientation, by: b, bOrientation, into: c, from: start, scale: scale)
    }
  }
}

extension Arithmetic {
  /// c = a b for dense matrices as arrays: b and c have `columns` columns.
  package func multiply(_ a: [Float], by b: [Float], into c: inout [Float], columns: Int) {
    let (m, k) = (c.count / columns, b.count / columns)
    // The product only reads through the views of a and b.
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          multiply(
            Rows(UnsafeMutablePointer(mutating: a), count: m, columns: k),
            by: Rows(UnsafeMutablePointer(mutating: b), count: k, columns: columns),
            into: Rows(c, count: m, columns: columns))
        }
      }
    }
  }
}

extension Rows {
  /// Writes a row that a product starts from into every row, and returns whether the product is to be added to the rows.
  func fill(_ start: ProductStart) -> Bool {
    switch start {
    case .zero: return false
    case .result: return true
    case .row(let values):
      for row in 0..<count { self[row].update(from: values, count: columns) }
      return true
    }
  }
}

/// c = (start + op(a) op(b)) scale, each element one chain of fused multiply-adds in the order of k: the same bits on every
/// processor and for any cut of rows and columns.
private func multiplyPortably(
  _ a: Rows, _ aOrientation: Orientation, by b: Rows, _ bOrientation: Orientation, into c: Rows,
  from start: ProductStart, scale: Float
) {
  let (kind, row) = start.forOwnProducts
  cproducts_multiply(
    a.start, aOrientation == .transposed, a.stride, b.start, bOrientation == .transposed, b.stride, c.start, c.stride,
    c.count, c.columns, productDepth(a, aOrientation, b, bOrientation, c), kind, row, scale)
}

/// c = start + op(a) op(b) with every number of both operands rounded to bfloat16. Both arithmetics make it so, with the same
/// bits on every processor.
func multiplyRounded(
  _ a: Rows, _ aOrientation: Orientation, by b: Rows, _ bOrientation: Orientation, into c: Rows,
  from start: ProductStart
) {
  let (kind, row) = start.forOwnProducts
  cproducts_multiply_bfloat16(
    a.start, aOrientation == .transposed, a.stride, b.start, bOrientation == .transposed, b.stride, c.start, c.stride,
    c.count, c.columns, productDepth(a, aOrientation, b, bOrientation, c), kind, row)
}

/// c = alpha op(a) op(b) + beta c by OpenBLAS: op(a) is (m, k), op(b) is (k, n), c is (m, n).
func multiply(
  _ a: Rows, _ aOrientation: Orientation = .plain, by b: Rows, _ bOrientation: Orientation = .plain, into c: Rows,
  alpha: Float = 1, beta: Float = 0
) {
  cblas_sgemm(
    CblasRowMajor, aOrientation == .plain ? CblasNoTrans : CblasTrans,
    bOrientation == .plain ? CblasNoTrans : CblasTrans, blasint(c.count), blasint(c.columns),
    blasint(productDepth(a, aOrientation, b, bOrientation, c)), alpha, a.start, blasint(a.stride), b.start,
    blasint(b.stride), beta, c.start, blasint(c.stride))
}

/// The k of a product, whose three shapes must agree.
@inline(__always)
func productDepth(_ a: Rows, _ aOrientation: Orientation, _ b: Rows, _ bOrientation: Orientation, _ c: Rows) -> Int {
  let (m, k) = aOrientation == .plain ? (a.count, a.columns) : (a.columns, a.count)
  let (bDepth, n) = bOrientation == .plain ? (b.count, b.columns) : (b.columns, b.count)
  precondition(
    m == c.count && n == c.columns && k == bDepth,
    "(\(m), \(k)) by (\(bDepth), \(n)) does not give (\(c.count), \(c.columns))")
  return k
}

/// Makes OpenBLAS run on the calling thread alone and returns the number of threads it then reports.
@discardableResult
package func useSingleBLASThread() -> Int {
  openblas_set_num_threads(1)
  return Int(openblas_get_num_threads())
}

/// The instructions that our own products are made with; they change no bit.
package enum ProductLevel {
  /// Their name: `avx512`, `avx2`, `neon` or `plain`.
  package static var name: String { String(cString: cproducts_level_name(cproducts_level_in_use())) }

  /// The variable of the environment that names a lower level than the processor's, for tests.
  package static let variable = "SEEDSWEEP_SIMD"

  /// What is wrong with the level that the environment asks for; nil where it is the one in use, or none is asked for.
  package static func problem(of asked: String?) -> String? {
    guard let asked, asked != name else { return nil }
    return
      "\(variable)=\(asked): this processor's products are made with \(name); unset it, or give avx2 or avx512 where the "
      + "processor has them"
  }
}
