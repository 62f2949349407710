// What OpenBLAS says about itself, and how it is told which kernels to use. They decide the bits of every product, so runs
// record them.

import COpenBLAS
import Glibc

/// The loaded OpenBLAS.
package enum BLASLibrary {
  /// The processor kind whose kernels OpenBLAS chose when it was loaded, such as `Haswell` or `SkylakeX`.
  package static var coreName: String { String(cString: openblas_get_corename()) }

  /// The version and options OpenBLAS was built with.
  package static var configuration: String { String(cString: openblas_get_config()) }

  /// The threads a product may use now.
  package static var threadCount: Int { Int(openblas_get_num_threads()) }

  /// The variable that names the processor kind; OpenBLAS reads it while it is loaded, before any code of ours runs.
  package static let coreVariable = "OPENBLAS_CORETYPE"

  /// Sees to it that OpenBLAS uses the kernels of a processor kind: where it was loaded with others, the process is
  /// replaced by the same program with the same arguments and the variable set. Call it before anything has begun.
  ///
  /// - Throws: `CoreError` where OpenBLAS knows no such kind, `restartFailed` where the system refuses.
  package static func use(core name: String) throws {
    let isAsked = getenv(coreVariable).map { strcasecmp($0, name) == 0 } ?? false
    if isAsked || coreName.lowercased() == name.lowercased() {
      // Kernels that the processor suits, without the variable, are the same as with it.
      guard coreName.lowercased() == name.lowercased() else { throw CoreError.unknownCore(name, chosen: coreName) }
      return
    }
    setenv(coreVariable, name, 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    throw CoreError.restartFailed(String(cString: strerror(errno)))
  }

  /// Makes a first product with OpenBLAS. Where this processor lacks an instruction of the kernels, which OpenBLAS does not check of
  /// those that somebody named, the process ends with one sentence and exit code 2.
  package static func tryKernels(_ product: () -> Void) {
    var trial = sigaction()
    trial.__sigaction_handler.sa_handler = { _ in
      BLASLibrary.impossibleKernels.withUTF8Buffer { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
      _exit(2)
    }
    var before = sigaction()
    sigaction(SIGILL, &trial, &before)
    product()
    sigaction(SIGILL, &before, nil)
  }

  /// What a process says whose processor cannot run the kernels.
  private static let impossibleKernels: StaticString = """
    seedsweep: this processor lacks instructions of the OpenBLAS kernels that --blas-core or OPENBLAS_CORETYPE names; name the \
    kind of an older processor, such as Haswell

    """

  /// Why OpenBLAS cannot be made to use some kernels.
  package enum CoreError: Error, Equatable, CustomStringConvertible {
    /// It knows no such processor kind, and chose another's.
    case unknownCore(String, chosen: String)
    /// The program could not be started again.
    case restartFailed(String)

    /// One sentence with what is allowed.
    package var description: String {
      switch self {
      case .unknownCore(let name, let chosen):
        "OpenBLAS has no kernels for a processor kind '\(name)' and chose those of \(chosen); kinds are Prescott, "
          + "Nehalem, Sandybridge, Haswell, Zen, SkylakeX, Cooperlake and others that its documentation lists"
      case .restartFailed(let reason): "the program could not be started again with other OpenBLAS kernels: \(reason)"
      }
    }
  }
}
