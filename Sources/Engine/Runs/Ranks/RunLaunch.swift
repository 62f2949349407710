// How a leader was started: alone, by `run --processes`, or by mpirun or srun, and how it reaches its ranks. It starts nothing.

import Farm
import MPITransport

/// How a leader was started.
package struct RunLaunch {
  /// How it reaches its ranks.
  var transport: any Transport
  /// What started it, if `run --processes` did.
  var parent: ParentProcess
  /// The MPI library; nil for a plain run.
  var library: String?
  /// Whether mpirun or srun started it.
  var isLaunched = false

  package init(transport: any Transport, parent: ParentProcess, library: String? = nil, isLaunched: Bool = false) {
    self.transport = transport
    self.parent = parent
    self.library = library
    self.isLaunched = isLaunched
  }
}
