// The MPI library the program is linked with, without starting it.

import CMPI

/// The linked MPI library.
package enum MPILibrary {
  /// The library's own version, one line; it needs no initialized MPI.
  package static var version: String {
    let version = text(capacity: Int(MPI_MAX_LIBRARY_VERSION_STRING)) { MPI_Get_library_version($0, $1) }
    return (version ?? "unknown").split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
