// Matrix products over OpenBLAS on caller-owned row-major buffers. Everything here runs on the calling thread.

import COpenBLAS

/// Whether a matrix enters a product as stored or transposed.
package enum Orientation: Sendable {
  /// As stored.
  case plain
  /// Transposed.
  case transposed
}

/// C = alpha op(A) op(B) + beta C for row-major matrices: op(A) is (m, k), op(B) is (k, n), C is (m, n).
package func multiply(
  _ a: UnsafePointer<Float>, _ aOrientation: Orientation = .plain, stride aStride: Int,
  by b: UnsafePointer<Float>, _ bOrientation: Orientation = .plain, stride bStride: Int,
  into c: UnsafeMutablePointer<Float>, stride cStride: Int,
  m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
) {
  cblas_sgemm(
    CblasRowMajor, aOrientation == .plain ? CblasNoTrans : CblasTrans,
    bOrientation == .plain ? CblasNoTrans : CblasTrans, blasint(m), blasint(n), blasint(k), alpha, a, blasint(aStride),
    b, blasint(bStride), beta, c, blasint(cStride))
}

/// Makes OpenBLAS run on the calling thread alone and answers with the number of threads it then reports.
@discardableResult
package func useSingleBLASThread() -> Int {
  openblas_set_num_threads(1)
  return Int(openblas_get_num_threads())
}
