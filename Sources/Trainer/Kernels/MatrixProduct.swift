// Matrix products over OpenBLAS on caller-owned row-major buffers. Everything here runs on the calling thread.

import COpenBLAS

/// Whether a matrix enters a product as stored or transposed.
package enum Orientation: Sendable {
  /// As stored.
  case plain
  /// Transposed.
  case transposed
}

/// c = alpha op(a) op(b) + beta c: op(a) is (m, k), op(b) is (k, n), c is (m, n).
package func multiply(
  _ a: Rows, _ aOrientation: Orientation = .plain, by b: Rows, _ bOrientation: Orientation = .plain, into c: Rows,
  alpha: Float = 1, beta: Float = 0
) {
  cblas_sgemm(
    CblasRowMajor, aOrientation == .plain ? CblasNoTrans : CblasTrans,
    bOrientation == .plain ? CblasNoTrans : CblasTrans, blasint(c.count), blasint(c.columns),
    blasint(productDepth(a, aOrientation, b, bOrientation, c)), alpha, a.start, blasint(a.stride), b.start,
    blasint(b.stride), beta, c.start, blasint(c.stride))
}

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
