// MPI's error codes as sentences.

import CMPI

/// A call to MPI that did not succeed.
package struct MPIError: Error, Equatable, CustomStringConvertible {
  /// The function that failed.
  package var function: String
  /// Its return code.
  package var code: Int32
  /// MPI's text for the code.
  package var message: String

  /// The error in one sentence.
  package var description: String { "\(function) failed with code \(code): \(message)." }

  /// Throws unless the code is `MPI_SUCCESS`.
  static func check(_ function: String, _ code: Int32) throws {
    if code == MPI_SUCCESS { return }
    let message = text(capacity: Int(MPI_MAX_ERROR_STRING)) { MPI_Error_string(code, $0, $1) }
    throw MPIError(function: function, code: code, message: message ?? "no description")
  }
}

/// What an MPI function writes into a buffer of `capacity` bytes; nil if it fails.
func text(
  capacity: Int, _ fill: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32
) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity + 1) { buffer in
    guard let base = buffer.baseAddress else { return nil }
    buffer.initialize(repeating: 0)
    var length: Int32 = 0
    guard fill(base, &length) == MPI_SUCCESS else { return nil }
    return String(decoding: buffer.prefix(Int(length)).prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
