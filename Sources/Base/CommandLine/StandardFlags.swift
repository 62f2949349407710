// Flags that several programs share, so that they are called and limited the same everywhere.

import Arithmetics

extension Flag where Value == Arithmetic? {
  /// What computes, for commands that train or score without a sweep; `unset` says what computes without the flag.
  package static func arithmetic(unset: String) -> Flag {
    Flag(
      "--arithmetic", "NAME", "what computes: portable, the same bits on every processor, or openblas", .choice,
      unset: unset)
  }
}

extension Flag where Value == String? {
  /// Which of OpenBLAS's kernels compute, for every command whose bits or speed they decide.
  package static let blasCore = Flag(
    "--blas-core", "NAME", "use OpenBLAS's kernels for this kind of processor, such as Haswell", .text,
    unset: "this processor's")
}

extension ValueReader where Value == Int {
  /// The threads of a process: far more than a machine has cores would only take its memory.
  package static let threads = count(atMost: 1024)
  /// The processes to start on one machine.
  package static let processes = count(atMost: 1024)
}

extension Flag where Value == Int? {
  /// How many processes a command uses on this machine.
  package static func processes(_ help: String) -> Flag {
    Flag("--processes", "N", help, .processes, unset: "all cores")
  }
}
